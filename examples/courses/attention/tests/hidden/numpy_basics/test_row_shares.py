"""row_shares(X): each row divided by its sum."""

import numpy as np
import pytest

pytestmark = pytest.mark.question("row_shares")


@pytest.mark.visibility("visible")
def test_whole_numbers(check):
    """Two rows of three whole numbers."""
    check.row_shares(np.array([[1.0, 2.0, 5.0], [2.0, 2.0, 4.0]]))


@pytest.mark.weight(3)
def test_any_numbers(check, draw):
    """Any numbers, more rows than columns, in both precisions."""
    check.row_shares(draw.array(7, 3) ** 2 + 1)
    check.row_shares(draw.array(4, 5, dtype="float32") ** 2 + 1)


def test_views_and_repeated_calls(check, draw):
    """Views of other arrays, two calls in a row."""
    two = [(draw.array(6, 10)[::2, ::2].T ** 2 + 1,) for _ in range(2)]
    check.row_shares.in_turn(*two, where="the first answer, after a second call")


@pytest.mark.proves("No Python loop")
def test_no_loops(check, draw):
    """No loop of Python runs over the rows."""
    check.row_shares.without_pixel_loops(
        [draw.array(3, 4) ** 2 + 1], [draw.array(300, 4) ** 2 + 1])


@pytest.mark.proves("a row that adds up to 0")
def test_rows_of_nothing_are_refused(student, refuses, draw):
    """A row that adds up to 0 raises an error."""
    X = draw.array(3, 2) ** 2 + 1
    student.row_shares(X)  # it has to answer something
    X[draw.number(0, 2)] = [1, -1]
    refuses.row_shares(X)
