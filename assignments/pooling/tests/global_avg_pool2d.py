from otter.test_files import test_case

OK_FORMAT = False

name = 'global_avg_pool2d'
points = 2.0


@test_case(name="examples")
def test_examples(X, global_avg_pool2d, torch):
    X = torch.arange(8.0).reshape(1, 2, 2, 2)
    assert global_avg_pool2d(X).tolist() == [[1.5, 5.5]]
    assert global_avg_pool2d(X.reshape(2, 1, 1, 4)).tolist() == [[1.5], [5.5]]
    assert global_avg_pool2d(torch.ones(5, 3, 1, 7)).shape == (5, 3)
