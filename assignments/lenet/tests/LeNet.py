from otter.test_files import test_case

OK_FORMAT = False

name = 'LeNet'
points = 4.0


@test_case(name="examples")
def test_examples(expected, nested, nn, shape_trace, small, torch):
    small = nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 3))
    expected = [("Conv2d", (2, 4, 4, 6)), ("ReLU", (2, 4, 4, 6)), ("AvgPool2d", (2, 4, 2, 3)),
                ("Flatten", (2, 24)), ("Linear", (2, 3))]
    assert shape_trace(small, torch.ones(2, 1, 4, 6)) == expected
    assert shape_trace(small, torch.ones(2, 1, 4, 6)) == expected, "the second trace is another one"

    nested = nn.Sequential(nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(6, 5))), small[1])
    assert shape_trace(nested, torch.ones(2, 3, 2)) == [
        ("Flatten", (2, 6)), ("Linear", (2, 5)), ("ReLU", (2, 5))]
