from otter.test_files import test_case

OK_FORMAT = False

name = 'conv2d'
points = 5.0


@test_case(name="examples")
def test_examples(X, answer, batch, conv2d, image, kernels, ones, refuses, torch):
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    ones = torch.ones(1, 1, 3, 3)
    assert conv2d(image, ones, None, 2, 1).tolist() == [[[[10.0, 24.0], [51.0, 90.0]]]]
    assert conv2d(image, ones, torch.tensor([0.5])).tolist() == [[[[45.5, 54.5], [81.5, 90.5]]]]
    assert conv2d(torch.ones(1, 1, 8, 8), ones, stride=2, padding=1).shape == (1, 1, 4, 4)

    # Two images, two channels in, three out; height and width go separate ways.
    batch = torch.stack([X, 10 * X])
    answer = conv2d(batch, kernels, torch.tensor([0.0, 1.0, 2.0]), stride=(1, 2), padding=(1, 0))
    assert answer.shape == (2, 3, 4, 1)
    assert answer[0, :, :, 0].tolist() == [
        [14.0, 56.0, 104.0, 30.0], [19.0, 77.0, 149.0, 59.0], [24.0, 98.0, 194.0, 88.0]]
    assert answer[1, 1, :, 0].tolist() == [181.0, 761.0, 1481.0, 581.0]

    assert conv2d(batch[:0], kernels, padding=1).shape == (0, 3, 4, 4)
    assert refuses(conv2d, batch, kernels, torch.ones(1)), "one bias is not enough for three channels"
    assert refuses(conv2d, batch, kernels, None, 0), "a stride of 0"
    assert refuses(conv2d, batch, kernels, None, 1, -1), "a negative padding"
