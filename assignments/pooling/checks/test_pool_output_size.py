import pytest
pytestmark = pytest.mark.question('pool_output_size')

@pytest.mark.visibility('visible')
def test_five_pixels(check):
    """Windows of 2 side by side on 5 pixels: 2, or 3 when rounded up."""
    check.pool_output_size(5, 2, 2)
    check.pool_output_size(5, 2, 2, 0, True)
