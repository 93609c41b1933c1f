from otter.test_files import test_case

OK_FORMAT = False

name = 'pad2d'
points = 3.0


@test_case(name="examples")
def test_examples(X, impossible, pad2d, refuses, torch, whole):
    X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert torch.equal(pad2d(X, (1, 0, 0, 2)), torch.tensor(
        [[0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 0.0, 0.0], [4.0, 5.0, 6.0, 0.0, 0.0]]))
    assert pad2d(X, (1, 2, 3, 4)).shape == (5, 10)
    assert pad2d(torch.ones(2, 3, 4, 5), (1, 2, 3, 4)).shape == (2, 3, 7, 12)

    whole = pad2d(X.long()[None], (0, 1, 2, 1), "reflect")
    assert whole.dtype == torch.int64
    assert whole.tolist() == [[[3, 2, 1, 2, 3, 2], [6, 5, 4, 5, 6, 5], [3, 2, 1, 2, 3, 2]]]

    for impossible in (((-1, 0, 0, 0),), ((1, 1, 1, 1), "mirror"), ((2, 0, 0, 0), "reflect")):
        assert refuses(pad2d, X[None], *impossible), f"pad2d(X, {impossible}) makes no sense"
