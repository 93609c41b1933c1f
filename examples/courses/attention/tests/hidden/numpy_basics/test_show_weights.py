"""show_weights(words, weights): what it prints."""

import pytest

pytestmark = pytest.mark.question("show_weights")


@pytest.mark.visibility("visible")
def test_two_words(check):
    """Two words."""
    check.show_weights.prints(["a", "rose"], [0.75, 0.25])


@pytest.mark.weight(2)
def test_any_weights(check, draw):
    """Four words, with weights of many digits."""
    check.show_weights.prints(["all", "you", "need", "is"],
                              [draw.number(1, 999) / 997 for _ in range(4)])
