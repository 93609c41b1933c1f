import pytest
pytestmark = pytest.mark.question('pixel_uses')

@pytest.mark.visibility('visible')
def test_sides_of_two_and_three(check):
    """Two and three pixels of padding, shared between both sides."""
    check.per_side(2)
    check.per_side(3)

@pytest.mark.visibility('visible')
def test_uses_of_seven_pixels(check):
    """Seven pixels and a window of three, without padding."""
    check.pixel_uses(7, 3)
