from otter.test_files import test_case

OK_FORMAT = False

name = 'pool2d_full'
points = 6.0


@test_case(name="examples")
def test_examples(X, counted, left_out, pool2d_full, refuses, torch, two):
    X = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert pool2d_full(X, 3).tolist() == [[[[10.0]]]]
    assert pool2d_full(X, 3, padding=1, stride=2).tolist() == [[[[5.0, 7.0], [13.0, 15.0]]]]

    two = torch.cat((X, X + 1), dim=1)
    assert pool2d_full(two, 3, padding=1, stride=2).tolist() == [
        [[[5.0, 7.0], [13.0, 15.0]], [[6.0, 8.0], [14.0, 16.0]]]]

    counted = pool2d_full(X, 3, 2, 1, "avg")[0, 0]
    assert torch.allclose(counted, torch.tensor([[10.0, 24.0], [51.0, 90.0]]) / 9)
    left_out = pool2d_full(X, 3, 2, 1, "avg", count_include_pad=False)[0, 0]
    assert torch.allclose(left_out, torch.tensor([[2.5, 4.0], [8.5, 10.0]]))

    assert pool2d_full(-1 - X, (2, 3), (2, 3), (1, 1)).tolist() == [
        [[[-1.0, -3.0], [-5.0, -7.0], [-13.0, -15.0]]]]
    assert pool2d_full(torch.ones(2, 3, 10, 9), (2, 3)).shape == (2, 3, 5, 3)
    assert pool2d_full(torch.ones(0, 3, 4, 4), 2).shape == (0, 3, 2, 2)

    assert refuses(pool2d_full, X, (7, 2), None, (1, 1)), "7 rows in 4 + 2 rows?"
    assert refuses(pool2d_full, X, 2, None, -1), "padding adds rows, it removes none"
    assert refuses(pool2d_full, X, 2, 0), "a window that does not move"
