from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_winograd'
points = 6.0


@test_case(name="examples")
def test_examples(X, bias, conv2d_loops, conv2d_winograd, height, images, kernels, refuses, torch, width):
    X = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert conv2d_winograd(X, torch.ones(1, 1, 3, 3)).tolist() == [[[[45, 54], [81, 90]]]]

    for height, width in ((4, 4), (7, 8), (6, 9), (5, 5), (3, 3)):
        images, kernels, bias = torch.randn(2, 3, height, width), torch.randn(4, 3, 3, 3), torch.randn(4)
        assert torch.allclose(conv2d_winograd(images, kernels, bias),
                              conv2d_loops(images, kernels, bias), atol=1e-4), (height, width)
    assert conv2d_winograd(torch.randn(1, 2, 5, 6), torch.randn(3, 2, 3, 3), None, 1).shape == (1, 3, 5, 6)
    assert refuses(conv2d_winograd, X, torch.ones(1, 1, 2, 2))
