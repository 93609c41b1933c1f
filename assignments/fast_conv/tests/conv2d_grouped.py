from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_grouped'
points = 5.0


@test_case(name="examples")
def test_examples(W, X, conv2d_grouped, conv2d_loops, images, kernels, refuses, torch):
    X = torch.arange(18.0).reshape(1, 2, 3, 3)
    W = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]], [[[1.0, 0.0], [0.0, -1.0]]]])
    assert conv2d_grouped(X, W, None, 1, 0, 2).tolist() == [[[[19, 25], [37, 43]],
                                                            [[-4, -4], [-4, -4]]]]
    assert conv2d_grouped(torch.randn(2, 3, 5, 5), torch.randn(6, 1, 3, 3), None, 1, 1, 3).shape == (
        2, 6, 5, 5)

    images, kernels = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 3, 2)
    assert torch.allclose(conv2d_grouped(images, kernels, None, (2, 3), (1, 0)),
                          conv2d_loops(images, kernels, None, (2, 3), (1, 0)), atol=1e-4)
    assert refuses(conv2d_grouped, torch.randn(1, 4, 5, 5), torch.randn(5, 2, 3, 3), None, 1, 0, 2)
