from otter.test_files import test_case

OK_FORMAT = False

name = 'col2im'
points = 2.0


@test_case(name="examples")
def test_examples(col2im, im2col, images, refuses, torch):
    assert col2im(torch.ones(1, 4, 4), 3, 2).tolist() == [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]

    # Windows side by side: every pixel is copied once, and comes back once.
    images = torch.randn(2, 3, 4, 6)
    assert torch.equal(col2im(im2col(images, (2, 3), (2, 3)), (4, 6), (2, 3), (2, 3)), images)

    # Pixels that no window sees, and padding.
    assert col2im(torch.ones(1, 1, 4), (4, 4), 1, 2).tolist() == [[[[1, 0, 1, 0], [0, 0, 0, 0]] * 2]]
    assert col2im(torch.ones(1, 4, 4), (2, 2), 2, 2, 1).tolist() == [[[[1, 1], [1, 1]]]]
    assert refuses(col2im, torch.ones(1, 4, 5), 3, 2)
