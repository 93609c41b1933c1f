"""How the hand-ins of a class lie: said by ``--layout``, or found from the names at the top.

What is below the top was chosen by students, and never tells a layout.
"""

from __future__ import annotations

from autograder.course import Assignment, LayoutName
from autograder.submission.layouts.canvas import Canvas
from autograder.submission.layouts.folder import Folder
from autograder.submission.layouts.git import Git
from autograder.submission.layouts.gradescope import Gradescope
from autograder.submission.layouts.interface import HandIn, Layout, listed
from autograder.submission.layouts.moodle import Moodle
from autograder.submission.layouts.nbgrader import Nbgrader
from autograder.submission.layouts.otter import Otter
from autograder.submission.layouts.unread import looks_like
from autograder.submission.model import SubmissionError
from autograder.submission.tree import Tree

_FOLDER = Folder()
_PLATFORMS: tuple[Layout, ...] = (Moodle(), Canvas(), Gradescope(), Nbgrader(), Otter(), Git())
BY_NAME = {layout.name: layout for layout in (_FOLDER, *_PLATFORMS)}

__all__ = ["HandIn", "Layout", "found", "listed", "platform", "said"]


def platform(tree: Tree, assignment: Assignment) -> Layout | None:
    """The platform that all names at the top are of."""
    return next((layout for layout in _PLATFORMS if layout.strangers(tree, assignment) == []), None)


def found(tree: Tree, assignment: Assignment) -> Layout:
    """The layout by the names at the top; a plain folder where none of them is a platform's.

    Raises:
        SubmissionError: some names are a platform's, and others are not; or they are those of one
            that is not read.
    """
    layout = platform(tree, assignment)
    if layout is not None:
        return layout
    for layout in _PLATFORMS:
        strange = layout.strangers(tree, assignment)
        if strange and layout.is_telling:
            raise SubmissionError(
                f"looks like {layout.about}, but {listed(strange)} does not belong there; move "
                f"away what is no hand-in, or say what it is: --layout {layout.name} leaves that "
                "out, --layout folder takes each name for a student's")
    if (about := looks_like(tree)) is not None:
        raise SubmissionError(
            f"looks like {about}, whose names are not read here; give each student a file or a "
            "folder called as the course calls them, or say --layout folder, which takes each "
            "whole name for a student's")
    return _FOLDER


def said(name: LayoutName, tree: Tree, assignment: Assignment) -> Layout:
    """The layout of that name.

    Raises:
        SubmissionError: no name at the top is of it.
    """
    layout = BY_NAME[name]
    if layout.strangers(tree, assignment) is None:
        raise SubmissionError(f"holds nothing of {layout.about}; leave --layout out, or name "
                              "another")
    return layout
