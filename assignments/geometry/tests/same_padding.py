from otter.test_files import test_case

OK_FORMAT = False

name = 'same_padding'
points = 3.0


@test_case(name="examples")
def test_examples(F, image, kernel, padded, same_padding, torch, warnings):
    assert tuple(same_padding(3)) == (1, 1)
    assert tuple(same_padding(5)) == (2, 2)
    assert tuple(same_padding(2)) == (0, 1)
    assert tuple(same_padding(4)) == (1, 2)
    assert tuple(same_padding(3, dilation=2)) == (2, 2)
    assert tuple(same_padding(2, dilation=2)) == (1, 1)

    # torch pads as you do. (For even kernels it warns that it has to copy the image: no concern of ours.)
    image, kernel = torch.arange(6.0).reshape(1, 1, 6), torch.tensor([[[1.0, 10.0, 100.0, 1000.0]]])
    padded = F.pad(image, tuple(same_padding(4)))
    with warnings.catch_warnings(action="ignore"):
        assert torch.equal(F.conv1d(padded, kernel), F.conv1d(image, kernel, padding="same"))
