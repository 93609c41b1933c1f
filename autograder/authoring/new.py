"""A new assignment that already works: one question, to be replaced by real ones."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course, CourseError, load

_TABLE = '''
[assignments.{name}]
title = "{title}"

[[assignments.{name}.questions]]
name = "box_blur"
title = "Box blur"
points = 3
'''

_FILES = {
    "solutions/{name}/reference.py": '''\
"""Trusted implementations of the {name} assignment."""

import torch.nn.functional as F

from autograder.suite import sums_of_products


@sums_of_products
def box_blur(X, k):
    """Mean over each k×k window of X (H, W) -> (H-k+1, W-k+1)."""
    if k < 1 or k > min(X.shape):
        raise ValueError("the window does not fit")
    return F.avg_pool2d(X[None, None], k, stride=1)[0, 0]
''',
    "solutions/{name}/misconceptions.py": '''\
"""Wrong ideas about {name}, as students would write them."""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("sum-instead-of-mean", "You add the window up; a blur is its mean.")
def box_blur(X, k):
    if k < 1 or k > min(X.shape):
        raise ValueError("the window does not fit")
    return X.unfold(0, k, 1).unfold(1, k, 1).sum((2, 3))


@wrong("oversized-window-accepted", "A window that does not fit has no answer: raise an error.")
def box_blur(X, k):
    if k > min(X.shape):
        return X[:0, :0]
    return X.unfold(0, k, 1).unfold(1, k, 1).mean((2, 3))
''',
    "solutions/{name}/alternatives.py": '''\
"""Right solutions of {name} unlike the model solution."""

import torch

from autograder.suite import Alternatives

right = Alternatives(__file__)


@right("loops")
def box_blur(X, k):
    if k < 1 or k > min(X.shape):
        raise ValueError("the window does not fit")
    rows = range(X.shape[0] - k + 1)
    columns = range(X.shape[1] - k + 1)
    return torch.stack([
        torch.stack([X[i : i + k, j : j + k].mean() for j in columns]) for i in rows
    ])
''',
    "solutions/{name}/notebook.py": '''\
# %% [markdown]
# # {title}
#
# What is this about, and why? Explain it here, with worked numbers.

# %%
import torch

# %% [markdown]
# ## Box blur (3 points)
#
# Every pixel of the answer is the mean of a $k\\times k$ window.


# %%
def box_blur(X, k):
    """Mean over each k×k window.

    Arguments:
        X: image, floating-point tensor of shape (H, W).
        k: height and width of the window, an int.
    Returns:
        Tensor of shape (H - k + 1, W - k + 1).

    Also graded:
        * Refused: a window that does not fit into X. Raise ValueError.
    """
    ### BEGIN SOLUTION
    if k < 1 or k > min(X.shape):
        raise ValueError("the window does not fit")
    return X.unfold(0, k, 1).unfold(1, k, 1).mean((2, 3))
    ### END SOLUTION


# %%
assert torch.equal(box_blur(torch.ones(3, 4), 2), torch.ones(2, 3))
''',
    "tests/hidden/{name}/test_box_blur.py": '''\
"""box_blur(X, k): the mean over each k×k window of X (H, W)."""

import pytest
import torch

pytestmark = pytest.mark.question("box_blur")


@pytest.mark.visibility("visible")
def test_small_numbers(check):
    """The image 0, 1, …, 8 and a 2×2 window."""
    check.box_blur(torch.arange(9.0).reshape(3, 3), 2)


@pytest.mark.weight(3)
def test_rectangular_images(check, draw):
    """Height and width are handled separately."""
    check.box_blur(draw.normal(7, 10), 3)
    check.box_blur(draw.normal(6, 4), 2)


def test_views_and_repeated_calls(check, draw):
    """Views of other tensors, two calls in a row, double precision."""
    two = [(draw.view(7, 9), 3) for _ in range(2)]
    check.box_blur.in_turn(*two, where="the first answer, after a second call")
    check.box_blur(draw.normal(6, 5, dtype=torch.float64), 2)


def test_oversized_window_is_refused(student, refuses, draw):
    """A window that does not fit into the image raises an error."""
    student.box_blur(draw.normal(3, 4), 3)
    refuses.box_blur(draw.normal(3, 4), 4)
''',
}


def create(course: Course, file: Path, name: str) -> list[Path]:
    """Write an assignment called ``name`` and its table; the files written.

    Raises:
        CourseError: the name is no identifier or is taken, or a file is there already; nothing
            has been written then.
    """
    if not name.isidentifier():
        raise CourseError(file, [f"{name!r} cannot name an assignment; use letters, digits and _"])
    if name in course.assignments:
        raise CourseError(file, [f"assignments.{name}: is there already"])
    files = {course.root / path.format(name=name): text for path, text in _FILES.items()}
    there = [path for path in files if path.exists()]
    if there:
        raise CourseError(file, [f"{path} is there already; move it away" for path in there])
    values = {"name": name, "title": name.replace("_", " ").capitalize()}
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, values), encoding="utf-8")
    with file.open("a", encoding="utf-8") as table:
        table.write(_filled(_TABLE, values))
    load(file)
    return list(files)


def _filled(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text
