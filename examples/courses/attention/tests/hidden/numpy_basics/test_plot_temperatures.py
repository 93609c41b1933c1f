"""plot_temperatures(months, temperatures): what it draws."""

import pytest

pytestmark = pytest.mark.question("plot_temperatures")


@pytest.mark.visibility("visible")
def test_three_months(check):
    """Three months."""
    check.plot_temperatures.draws([1, 2, 3], [0.5, 2.0, 6.5])


def test_a_year(check, draw):
    """Twelve months."""
    check.plot_temperatures.draws(
        list(range(1, 13)), [draw.number(-50, 300) / 10 for _ in range(12)])
