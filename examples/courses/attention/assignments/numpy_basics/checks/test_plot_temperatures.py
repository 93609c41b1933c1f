import pytest
pytestmark = pytest.mark.question('plot_temperatures')

@pytest.mark.visibility('visible')
def test_three_months(check):
    """Three months."""
    check.plot_temperatures.draws([1, 2, 3], [0.5, 2.0, 6.5])
