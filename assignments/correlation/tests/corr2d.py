from otter.test_files import test_case

OK_FORMAT = False

name = 'corr2d'
points = 4.0


@test_case(name="examples")
def test_examples(K, X, corr2d, refuses, tall, torch, whole, wide):
    X = torch.arange(9.0).reshape(3, 3)
    K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    assert torch.equal(corr2d(X, K), torch.tensor([[19.0, 25.0], [37.0, 43.0]]))

    whole = corr2d(X.long(), K.long())
    assert whole.dtype == torch.int64
    assert whole.tolist() == [[19, 25], [37, 43]]

    wide = torch.tensor([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 4.0], [5.0, 0.0, 6.0, 0.0]])
    tall = torch.tensor([[1.0], [-1.0]])
    assert corr2d(wide, tall).tolist() == [[1.0, -3.0, 2.0, -4.0], [-5.0, 3.0, -6.0, 4.0]]

    assert refuses(corr2d, torch.ones(3, 3), torch.ones(4, 2)), "a 4×2 kernel in a 3×3 image?"
    assert refuses(corr2d, torch.ones(3, 3), torch.ones(0, 2)), "a kernel without any weight?"
    assert refuses(corr2d, torch.ones(2, 3, 3), torch.ones(2, 2)), "an image of three dimensions?"
