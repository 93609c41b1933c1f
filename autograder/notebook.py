"""What students import, in a notebook or anywhere else: visible checks, what they predict, and a
look into a window::

    from autograder.notebook import check, observe, predict, window

    check(corr2d)
    predict("shape", (2, 2))  # in one cell
    observe("shape", corr2d(X, K).shape)  # in the next
    window(X, K, yours=corr2d(X, K))
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograder.jupyter import place
from autograder.jupyter.predicting import observe, predict

if TYPE_CHECKING:
    from autograder.jupyter.checking import KernelAnswer
    from autograder.report.window import Window

__all__ = ["check", "observe", "predict", "window"]


def check(
    *questions: Any, checks: str | os.PathLike[str] | None = None,
    language: Literal["en", "zh"] | None = None,
) -> KernelAnswer:
    """Run the visible checks of your functions as they are now: as the last line of a cell, its
    answer is shown below. ``.passed`` says whether all is right.

    Args:
        questions: functions or classes themselves, or names of these or of questions; none: all.
        checks: the folder ``checks/`` of the assignment; None is to look for it beside the
            notebook, and above it.
        language: what to answer in; None is the course's own.

    Raises:
        SubmissionError: there are no such checks. The text says what to do.
        CourseError, JudgeError: the checks are damaged, or another version's.
    """
    from autograder.jupyter.checking import checked
    from autograder.jupyter.session import current

    given = {each.__name__: each for each in questions if not isinstance(each, str)}
    names = [each if isinstance(each, str) else each.__name__ for each in questions]
    return checked(current(), names, given=given, spoken=language,
                   checks=None if checks is None else Path(checks))


def window(
    X: Any, K: Any, *, padding: int | tuple[int, int] = 0, stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1, yours: Any = None,
    language: Literal["en", "zh"] | None = None,
) -> Window:
    """Look at a convolution, place by place: window times kernel is products, and their sum. As the
    last line of a cell it is shown below, and the arrow keys move the window.

    Args:
        X: image (H, W) or (C, H, W): a tensor, an array or lists.
        K: kernel (kh, kw), (C, kh, kw), or (O, C, kh, kw) for O maps. It is not flipped.
        padding: zeros on each side, an int or (rows, columns).
        stride, dilation: an int or (down, across).
        yours: your own output. What differs by more than rounding is marked.
        language: what to say it in; None is the notebook's, if its name says so, or that of the
            course whose checks lie beside it, or above, and English where there are none.

    Raises:
        CourseError: those checks are damaged.
        ValueError: the window has no place in the image, X and K do not fit, or there is more to
            look at than somebody can: 400 numbers of an image, a kernel or an output.
    """
    from autograder.jupyter.finding import spoken_near
    from autograder.jupyter.session import current
    from autograder.report.translations import language as spoken
    from autograder.report.window import window as opened

    session = current()
    return opened(X, K, padding=padding, stride=stride, dilation=dilation, yours=yours,
                  language=spoken(language or place.spoken(session.names)
                                  or spoken_near(session.folder)))
