"""vocabulary(words): the number of each word, by when it comes first."""

import pytest

pytestmark = pytest.mark.question("vocabulary")


def drawn(draw, count, kinds):
    return [f"word{draw.number(0, kinds)}" for _ in range(count)]


@pytest.mark.visibility("visible")
def test_a_sentence(check):
    """A rose is a rose."""
    check.vocabulary(["a", "rose", "is", "a", "rose"])


@pytest.mark.weight(2)
def test_any_words(check, draw):
    """Twelve words, some of them again; twice, with others."""
    check.vocabulary.in_turn([drawn(draw, 12, 6)], [drawn(draw, 12, 6)],
                             where="the first answer, after a second call")


def test_no_words(check, draw):
    """An empty list, and one word, again and again."""
    check.vocabulary([])
    check.vocabulary(drawn(draw, 1, 99) * draw.number(2, 5))
