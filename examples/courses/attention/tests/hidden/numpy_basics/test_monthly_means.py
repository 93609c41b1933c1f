"""monthly_means(path): the mean temperature of each month in a file."""

import pytest

from autograder.suite import sentence

pytestmark = pytest.mark.question("monthly_means")


@pytest.mark.visibility("visible")
def test_months_are_keys(student, expect):
    """The months of weather.csv are keys, and their temperatures are plausible."""
    expect.holds(lambda means: sorted(means) == list(range(1, 13)) and all(
        -10 < mean < 30 for mean in means.values()), student.monthly_means("weather.csv"),
        message=sentence("Each of the months 1 to 12 has a mean between -10 and 30 °C."))


@pytest.mark.weight(2)
def test_all_means(check):
    """The mean of each month in weather.csv."""
    check.monthly_means("weather.csv")


def test_another_file(check):
    """A file with other months."""
    check.monthly_means("station.csv")
