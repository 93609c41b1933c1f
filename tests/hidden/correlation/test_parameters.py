"""How many parameters fully connected, locally connected and convolutional layers have:
sizes of images and kernels as pairs or ints, no bias, one channel, stride 1, no padding."""

import pytest

pytestmark = pytest.mark.question("parameters")


@pytest.mark.visibility("visible")
def test_a_million_pixels(check):
    """A million pixels and a hundred hidden units: 10⁸ weights."""
    check.fully_connected_parameters(10**6, 100)


@pytest.mark.weight(2)
def test_fully_connected(check, draw):
    """Every output has a weight for every input."""
    for _ in range(4):
        check.fully_connected_parameters(draw.number(50, 90), draw.number(2, 40))
    ins, outs = 2 * draw.number(10**4, 10**5) + 1, 2 * draw.number(500, 900) + 1
    check.fully_connected_parameters(ins, outs)  # more than single precision holds


@pytest.mark.weight(1.5)
def test_locally_connected(check, draw):
    """Every output position has a window of weights of its own."""
    for _ in range(4):
        check.locally_connected_parameters(
            (draw.number(8, 20), draw.number(21, 40)), (draw.number(1, 3), draw.number(4, 6))
        )


@pytest.mark.weight(1.5)
def test_convolution(check, draw):
    """One window of weights, shared by all positions."""
    for _ in range(4):
        check.convolution_parameters((draw.number(1, 4), draw.number(5, 9)))


def test_ints_are_squares(check, draw):
    """One number means a square, for images and for kernels."""
    check.convolution_parameters(draw.number(2, 9))
    check.locally_connected_parameters(draw.number(10, 20), draw.number(2, 5))
    size = draw.number(10, 20), draw.number(21, 30)
    check.locally_connected_parameters(size, draw.number(6, 9))


@pytest.mark.weight(0.5)
@pytest.mark.proves("is an int")
def test_counts_are_ints(check, draw):
    """Numbers of weights are ints: not floats, and not tensors."""
    check.fully_connected_parameters(draw.number(2, 9), draw.number(2, 9))
    check.locally_connected_parameters((9, 10), (draw.number(2, 4), 3))
    check.convolution_parameters((draw.number(2, 9), 2))


@pytest.mark.weight(0.5)
@pytest.mark.proves("taller or wider")
def test_oversized_window_is_refused(student, refuses, draw):
    """A window taller or wider than the image raises an error."""
    height, width = draw.number(3, 9), draw.number(10, 20)
    student.locally_connected_parameters((height, width), (height, width))
    refuses.locally_connected_parameters((height, width), (height + draw.number(2, 4), 2))
    refuses.locally_connected_parameters((height, width), (2, width + draw.number(2, 4)))
