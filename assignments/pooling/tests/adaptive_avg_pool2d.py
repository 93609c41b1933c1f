from otter.test_files import test_case

OK_FORMAT = False

name = 'adaptive_avg_pool2d'
points = 4.0


@test_case(name="examples")
def test_examples(X, adaptive_avg_pool2d, five_to_three, line, refuses, three_to_five, torch):
    X = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert adaptive_avg_pool2d(X, 2).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]

    line = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0])
    five_to_three = adaptive_avg_pool2d(line.reshape(1, 1, 1, 5), (1, 3)).flatten()
    assert torch.allclose(five_to_three, torch.tensor([1.5, 14 / 3, 12.0]))
    five_to_three = adaptive_avg_pool2d(line.reshape(1, 1, 5, 1), (3, 1)).flatten()
    assert torch.allclose(five_to_three, torch.tensor([1.5, 14 / 3, 12.0])), "the other way round"
    three_to_five = adaptive_avg_pool2d(line[:3].reshape(1, 1, 1, 3), (1, 5)).flatten()
    assert three_to_five.tolist() == [1.0, 1.5, 2.0, 3.0, 4.0]
    assert adaptive_avg_pool2d(torch.ones(2, 3, 7, 9), (4, 2)).shape == (2, 3, 4, 2)
    assert refuses(adaptive_avg_pool2d, X, (0, 2))
