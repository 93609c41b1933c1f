from otter.test_files import test_case

OK_FORMAT = False

name = 'learn_kernel'
points = 4.0


@test_case(name="examples")
def test_examples(edges, kernel, learn_kernel, losses, stripe, torch, turned, value):
    stripe = torch.ones(6, 8)
    stripe[:, 2:6] = 0
    edges = torch.zeros(6, 7)
    edges[:, 1] = 1
    edges[:, 5] = -1

    kernel, losses = learn_kernel(stripe, edges, (1, 2))
    assert kernel.shape == (1, 2)
    assert (kernel - torch.tensor([[1.0, -1.0]])).abs().max() < 0.1
    assert len(losses) == 10 and all(type(value) is float for value in losses)
    assert losses[-1] < losses[0]

    turned, _ = learn_kernel(stripe, -edges, (1, 2))
    assert (turned - torch.tensor([[-1.0, 1.0]])).abs().max() < 0.1
