from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_dilated'
points = 4.0


@test_case(name="examples")
def test_examples(K, X, conv2d_dilated, conv2d_loops, refuses, torch):
    X = torch.arange(25.0).reshape(1, 1, 5, 5)
    K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    assert conv2d_dilated(X, K, None, 1, 0, 2).tolist() == [[[
        [58, 64, 70], [88, 94, 100], [118, 124, 130]]]]
    assert torch.equal(conv2d_dilated(X, K), conv2d_loops(X, K))
    assert conv2d_dilated(X, K, None, 1, 0, (4, 1)).shape == (1, 1, 1, 4)
    assert refuses(conv2d_dilated, X, K, None, 1, 0, 5)
    assert refuses(conv2d_dilated, X, K, None, 1, 0, 0)
