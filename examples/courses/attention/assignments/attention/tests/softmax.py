from otter.test_files import test_case

OK_FORMAT = False

name = 'softmax'
points = 4.0


@test_case(name="examples")
def test_examples(softmax, torch):
    assert torch.allclose(softmax(torch.tensor([0.0, 0.0])), torch.tensor([0.5, 0.5]))
    assert torch.allclose(softmax(torch.tensor([999.0, 1000.0])).sum(), torch.tensor(1.0))
