import pytest
pytestmark = pytest.mark.question('conv_output_size')

@pytest.mark.visibility('visible')
def test_eight_pixels(check):
    """Eight pixels: padding that keeps the size, and strides that reduce it."""
    check.conv_output_size(8, 3, 1)
    check.conv_output_size(8, 5, 2)
    check.conv_output_size(8, 3, 1, 2)
    check.conv_output_size(8, 3, 0, 3)
    check.conv_output_size(8, 5, 1, 4)
