from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_true'
points = 2.0


@test_case(name="examples")
def test_examples(K, X, conv2d_true, dot, torch):
    X = torch.arange(9.0).reshape(3, 3)
    K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    assert torch.equal(conv2d_true(X, K), torch.tensor([[5.0, 11.0], [23.0, 29.0]]))
    assert K.tolist() == [[0.0, 1.0], [2.0, 3.0]], "the caller's kernel has changed"

    dot = torch.zeros(3, 3)
    dot[1, 1] = 1
    assert torch.equal(conv2d_true(dot, K), K), "a single bright dot is answered by the kernel itself"
