from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_fft'
points = 6.0


@test_case(name="examples")
def test_examples(K, X, bias, conv2d_fft, conv2d_loops, images, kernels, padding, refuses, torch):
    X = torch.arange(9.0).reshape(1, 1, 3, 3)
    K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    assert torch.allclose(conv2d_fft(X, K), torch.tensor([[[[19.0, 25.0], [37.0, 43.0]]]]), atol=1e-4)

    images, kernels, bias = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 5, 2), torch.randn(4)
    for padding in (0, 1, (0, 3)):
        assert torch.allclose(conv2d_fft(images, kernels, bias, padding),
                              conv2d_loops(images, kernels, bias, 1, padding), atol=1e-4)
    assert conv2d_fft(images.double(), kernels.double()).dtype == torch.float64
    assert refuses(conv2d_fft, X, torch.ones(1, 1, 4, 2))
