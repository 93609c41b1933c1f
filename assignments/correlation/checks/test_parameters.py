import pytest
pytestmark = pytest.mark.question('parameters')

@pytest.mark.visibility('visible')
def test_a_million_pixels(check):
    """A million pixels and a hundred hidden units: 10⁸ weights."""
    check.fully_connected_parameters(10 ** 6, 100)
