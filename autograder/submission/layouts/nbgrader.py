"""nbgrader: ``submitted/<student>/<assignment>/``, from the folder of the course or from there.

``timestamp.txt`` beside the notebook says when nbgrader collected it: in the zone that it names,
else in the course's, else in UTC, as nbgrader reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from autograder.course import Assignment
from autograder.names import shown
from autograder.submission.kinds import kind
from autograder.submission.layouts.interface import HandIn, Layout
from autograder.submission.model import Unreadable
from autograder.submission.times import collected
from autograder.submission.tree import File, Tree

_SUBMITTED = "submitted"
# nbgrader's own folders beside it.
_STEPS = {_SUBMITTED, "source", "release", "autograded", "feedback", "downloaded"}


class Nbgrader(Layout):
    name = "nbgrader"
    about = "nbgrader's submitted/"

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        files = [file.name for file in tree.top_files
                 if kind(file.name) in ("notebook", "archive")]
        if tree.name == _SUBMITTED and _SUBMITTED not in tree.top_folders:
            return files if tree.top_folders else None
        if _SUBMITTED not in tree.top_folders:
            return None
        return files + [name for name in tree.top_folders if name not in _STEPS]

    def encloses(self, tree: Tree, parts: Sequence[str]) -> bool:
        return tree.name == _SUBMITTED

    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        is_course = _SUBMITTED in tree.top_folders
        submitted = tree.below(_SUBMITTED) if is_course else tree
        found = [_of(student, below, assignment) for student, below in submitted.apart().items()]
        found += [HandIn(file.name, (file,)) for file in submitted.top_files
                  if file.refused is not None]  # a link in a folder's place
        return [replace(hand_in, place=f"{_SUBMITTED}/{hand_in.owner}" if is_course
                        else hand_in.owner) for hand_in in found]


def _of(student: str, tree: Tree, assignment: Assignment) -> HandIn:
    """A student's; who has no folder of the assignment may have the files without one."""
    own = tree.below(assignment.name)
    hand_in = HandIn(student, own.files or tuple(tree.top_files))
    for file in own.top_files:
        if file.name == "timestamp.txt":
            return _with_time(hand_in, file, assignment.zone)
    return hand_in


def _with_time(hand_in: HandIn, file: File, zone: tzinfo | None) -> HandIn:
    try:
        content = file.load(1_000)
    except Unreadable as error:
        return replace(hand_in, note=f"when it was handed in is not known: {error}")
    found = collected(content, zone)
    if found is None:
        text = shown(content.decode("utf-8", "replace").strip(), 60)
        return replace(hand_in, note="when it was handed in is not known: timestamp.txt says "
                                     f"{text!r}; write it like 2026-10-12 21:30:05 +0200")
    return replace(hand_in, submitted_at=found.time, is_placed=found.is_placed)
