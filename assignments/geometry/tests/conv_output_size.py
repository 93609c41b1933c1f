from otter.test_files import test_case

OK_FORMAT = False

name = 'conv_output_size'
points = 3.0


@test_case(name="examples")
def test_examples(conv_output_size, impossible, refuses):
    assert conv_output_size(8, 3) == 6
    assert conv_output_size(8, 3, padding=1) == 8
    assert (conv_output_size(8, 5, padding=2), conv_output_size(8, 3, padding=1)) == (8, 8)
    assert conv_output_size(8, 3, padding=1, stride=2) == 4
    assert (conv_output_size(8, 3, 0, 3), conv_output_size(8, 5, 1, 4)) == (2, 2)
    assert conv_output_size(8, 3, dilation=2) == 4
    assert conv_output_size(5, 3, dilation=2) == 1, "a window that just fits has one place"
    assert isinstance(conv_output_size(8, 3, 1, 2), int)

    for impossible in ((3, 4), (4, 3, 0, 1, 2), (8, 3, -1), (8, 3, 0, 1, 0)):
        assert refuses(conv_output_size, *impossible), f"conv_output_size{impossible} has no answer"
