"""p95: the 95th percentile of the temperatures in a file."""

import pytest

pytestmark = pytest.mark.question("p95")


def test_it_is_right(check):
    """The 95th percentile of all temperatures."""
    check.p95.value()
