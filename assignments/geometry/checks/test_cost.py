import pytest
pytestmark = pytest.mark.question('cost')

@pytest.mark.visibility('visible')
def test_eight_filters(check):
    """Eight 5×5 filters on three channels have 608 parameters."""
    check.parameter_count(3, 8, 5)

@pytest.mark.visibility('visible')
def test_macs_of_sixty_four_filters(check):
    """Sixty-four 5×5 filters on three channels, and an output of 128×128."""
    check.macs(3, 64, 5, 128)
