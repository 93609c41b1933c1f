import pytest
from autograder.suite import sentence
pytestmark = pytest.mark.question('notes')
LINES = 'ABCDEFGHIJKLMNOPQRS'

@pytest.mark.visibility('visible')
@pytest.mark.weight(0.5)
def test_every_line_has_a_verdict(student, expect):
    """Every line from A to S has one of the three verdicts."""
    given = student.verdicts()
    expect.that(isinstance(given, dict) and sorted(map(str, given)) == list(LINES) and all((verdict in ('right', 'wrong', 'convention') for verdict in given.values())), sentence('There are 19 lines and three verdicts.'))
