"""softmax(X): along the last axis."""

import math

import pytest
import torch

pytestmark = pytest.mark.question("softmax")


@pytest.mark.visibility("visible")
def test_three_scores(check):
    """The scores 0, 1 and 2, and twice the same."""
    check.softmax(torch.tensor([[0.0, 1.0, 2.0], [3.0, 3.0, 3.0]]))


@pytest.mark.weight(3)
def test_any_scores(check, draw):
    """Any scores, with axes before the last."""
    check.softmax(draw.normal(4, 6))
    check.softmax(draw.normal(2, 3, 5))


@pytest.mark.weight(2)
@pytest.mark.proves("Scores may be large")
def test_large_scores(check, draw):
    """Scores around 1000 and -1000."""
    check.softmax(draw.normal(3, 5) + 1000)
    check.softmax(draw.normal(3, 5) - 1000)


def test_views_and_repeated_calls(check, draw):
    """Views of other tensors, two calls in a row, double precision."""
    two = [(draw.view(4, 5),) for _ in range(2)]
    check.softmax.in_turn(*two, where="the first answer, after a second call")
    check.softmax(draw.normal(3, 4, dtype=torch.float64))


@pytest.mark.proves("Single ones may be")
def test_single_scores_of_minus_infinity(check, draw):
    """A score of -inf gets the weight 0."""
    X = draw.normal(3, 4)
    X[0, draw.number(0, 3)] = -math.inf
    check.softmax(X)


@pytest.mark.proves("a row of nothing but")
def test_nothing_to_choose_is_refused(student, refuses, draw):
    """A row of nothing but -inf raises an error."""
    X = draw.normal(3, 4)
    student.softmax(X)  # it has to answer something
    X[draw.number(0, 2)] = -math.inf
    refuses.softmax(X)
