from otter.test_files import test_case

OK_FORMAT = False

name = 'pool2d'
points = 2.0


@test_case(name="examples")
def test_examples(X, dark, pool2d, refuses, torch):
    X = torch.arange(9.0).reshape(3, 3)
    assert pool2d(X, (2, 2)).tolist() == [[4.0, 5.0], [7.0, 8.0]]
    assert pool2d(X, (2, 2), "avg").tolist() == [[2.0, 3.0], [5.0, 6.0]]

    dark = torch.tensor([[-5.0, -2.0, -7.0], [-4.0, -6.0, -3.0]])
    assert pool2d(dark, (2, 2)).tolist() == [[-2.0, -2.0]]
    assert pool2d(dark, (1, 3)).tolist() == [[-2.0], [-3.0]]
    assert pool2d(X.long(), 2).dtype == torch.int64

    assert refuses(pool2d, X, (4, 2)), "a 4×2 window does not fit into a 3×3 image"
    assert refuses(pool2d, X, (2, 2), "median"), "there is no such mode"
