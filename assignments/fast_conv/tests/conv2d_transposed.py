from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d_transposed'
points = 6.0


@test_case(name="examples")
def test_examples(K, X, conv2d_transposed, refuses, torch):
    X = torch.arange(4.0).reshape(1, 1, 2, 2)
    K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    assert conv2d_transposed(X, K).tolist() == [[[[0, 0, 1], [0, 4, 6], [4, 12, 9]]]]
    assert conv2d_transposed(X, K, None, 2).tolist() == [[[
        [0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]]]]
    assert conv2d_transposed(X, K, None, 1, 1).tolist() == [[[[4]]]]
    assert conv2d_transposed(torch.randn(2, 3, 4, 5), torch.randn(3, 4, 2, 3), None, (3, 1)).shape == (
        2, 4, 11, 7)
    assert refuses(conv2d_transposed, X, K, None, 1, 2)
