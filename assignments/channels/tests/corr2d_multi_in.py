from otter.test_files import test_case

OK_FORMAT = False

name = 'corr2d_multi_in'
points = 3.0


@test_case(name="examples")
def test_examples(K, X, column, corr2d_multi_in, flags, refuses, torch, whole):
    X = torch.arange(9.0).reshape(3, 3)
    K = torch.arange(4.0).reshape(2, 2)
    X, K = torch.stack([X, X + 1]), torch.stack([K, K + 1])
    assert torch.equal(corr2d_multi_in(X, K), torch.tensor([[56.0, 72.0], [104.0, 120.0]]))

    whole = corr2d_multi_in(X.long(), K.long())
    assert whole.dtype == torch.int64
    assert whole.tolist() == [[56, 72], [104, 120]]

    # Three channels of 2×4 pixels, and a kernel of one column: first minus second, and twice the third.
    flags = torch.tensor([[[1.0, 1, 0, 0], [1, 1, 0, 0]],
                          [[0.0, 1, 1, 0], [0, 1, 1, 0]],
                          [[0.0, 0, 0, 1], [0, 0, 0, 2]]])
    column = torch.tensor([[[1.0], [0.0]], [[-1.0], [0.0]], [[0.0], [2.0]]])
    assert corr2d_multi_in(flags, column).tolist() == [[1.0, 0.0, -1.0, 4.0]]

    assert refuses(corr2d_multi_in, torch.ones(3, 4, 4), torch.ones(2, 2, 2)), "zip drops a channel"
    assert refuses(corr2d_multi_in, torch.ones(3, 4, 4), torch.ones(1, 2, 2)), "one channel stretched"
