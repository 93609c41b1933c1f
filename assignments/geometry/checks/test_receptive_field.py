import pytest
pytestmark = pytest.mark.question('receptive_field')

@pytest.mark.visibility('visible')
def test_two_small_layers(check):
    """Two layers with 2×2 kernels see 3×3 pixels."""
    check.receptive_field([(2, 1), (2, 1)])
