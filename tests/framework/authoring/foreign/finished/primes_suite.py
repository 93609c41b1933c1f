"""What the audit asks for beyond the imported tests: answers that stay."""

import pytest

pytestmark = pytest.mark.question("primes_up_to")


def test_answers_stay(check, draw):
    """Two calls in a row."""
    check.primes_up_to.in_turn([draw.number(10, 20)], [draw.number(21, 30)],
                               where="the first answer, after a second call")
