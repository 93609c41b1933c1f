import pytest
from autograder.suite import sentence
pytestmark = pytest.mark.question('monthly_means')

@pytest.mark.visibility('visible')
def test_months_are_keys(student, expect):
    """The months of weather.csv are keys, and their temperatures are plausible."""
    expect.holds(lambda means: sorted(means) == list(range(1, 13)) and all((-10 < mean < 30 for mean in means.values())), student.monthly_means('weather.csv'), message=sentence('Each of the months 1 to 12 has a mean between -10 and 30 °C.'))
