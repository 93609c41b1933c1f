from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_backward'
points = 6.0


@test_case(name="examples")
def test_examples(K, X, conv2d_backward, grad, of_bias, of_image, of_kernel, refuses, torch):
    X = torch.arange(9.0).reshape(1, 1, 3, 3)
    K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    grad = torch.tensor([[[[1.0, -1.0], [0.0, 2.0]]]])
    of_image, of_kernel, of_bias = conv2d_backward(grad, X, K)
    assert of_image.tolist() == [[[[0, 1, -1], [2, 1, -1], [0, 4, 6]]]]
    assert of_kernel.tolist() == [[[[7, 9], [13, 15]]]]
    assert of_bias.tolist() == [2]

    of_image, of_kernel, of_bias = conv2d_backward(torch.ones(1, 1, 4, 4), X, K, 1, 1)
    assert of_image.shape == X.shape, "the padding has no gradient to give"
    assert of_image.unique().tolist() == [6], "here every pixel meets every weight: 0 + 1 + 2 + 3"
    assert of_kernel.unique().tolist() == [36], "and every weight meets every pixel: 0 + 1 + … + 8"
    assert of_bias.tolist() == [16]
    assert refuses(conv2d_backward, torch.ones(1, 1, 3, 3), X, K)
