from otter.test_files import test_case

OK_FORMAT = False

name = 'im2col'
points = 2.0


@test_case(name="examples")
def test_examples(F, X, im2col, random, refuses, torch, two_channels):
    X = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert im2col(X, 2).tolist() == [[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
    assert im2col(X, 2, 2).tolist() == [[[0], [1], [3], [4]]], "only one window starts at a multiple of 2"
    assert im2col(X, (1, 3), 1, (0, 1)).shape == (1, 3, 9)

    two_channels = torch.stack([X[0, 0], X[0, 0] + 100])[None]
    assert im2col(two_channels, 2)[0, :, 0].tolist() == [0, 1, 3, 4, 100, 101, 103, 104]

    random = torch.randn(2, 3, 7, 10)
    assert torch.equal(im2col(random, (3, 2), (2, 3), (1, 0)),
                       F.unfold(random, (3, 2), stride=(2, 3), padding=(1, 0)))
    assert im2col(X.long(), 2).dtype == torch.int64
    assert refuses(im2col, X, 4)
