from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_fast'
points = 3.0


@test_case(name="examples")
def test_examples(K, X, bias, conv2d_fast, conv2d_loops, images, kernels, ones, padding, refuses, square, stride, torch):
    X = torch.arange(9.0).reshape(1, 1, 3, 3)
    K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    assert conv2d_fast(X, K).tolist() == [[[[19, 25], [37, 43]]]]
    assert conv2d_fast(X, K, torch.tensor([0.5])).tolist() == [[[[19.5, 25.5], [37.5, 43.5]]]]

    square = torch.arange(16.0).reshape(1, 1, 4, 4)
    ones = torch.ones(1, 1, 3, 3)
    assert conv2d_fast(square, ones, torch.tensor([0.5]), 2, 1).tolist() == [[[[10.5, 24.5],
                                                                             [51.5, 90.5]]]]

    images, kernels, bias = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 3, 2), torch.randn(4)
    for stride, padding in ((1, 0), ((2, 3), (1, 0)), ((1, 2), (2, 1))):
        assert torch.allclose(conv2d_fast(images, kernels, bias, stride, padding),
                              conv2d_loops(images, kernels, bias, stride, padding), atol=1e-4)
    assert refuses(conv2d_fast, images, torch.randn(4, 1, 3, 2))
