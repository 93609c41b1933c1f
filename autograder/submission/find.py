"""Finds what students handed in, in whatever layout an instructor has it.

Whose things are is read from the names at the top alone (``tops``, ``layouts``); which of a
student's files is graded, from all of them (``choosing``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import overload

from autograder.course import Assignment, LayoutName
from autograder.names import canonical, counted, shown, student_id
from autograder.submission import archive, layouts, tree
from autograder.submission.candidates import Candidates
from autograder.submission.choosing import beside, chosen, passed_over
from autograder.submission.kinds import is_beside, kind, stem
from autograder.submission.layouts import HandIn, Layout
from autograder.submission.misplaced import misplaced
from autograder.submission.model import Submission, SubmissionError, Unreadable
from autograder.submission.notebook import MAX_NOTEBOOK
from autograder.submission.shelf import Shelf
from autograder.submission.tops import Top, tops, twice
from autograder.submission.tree import File
from autograder.submission.within import only

_MOST = 10  # names that are listed of what was guessed


@dataclass(frozen=True)
class Found(Sequence[Submission]):
    """Every student's hand-in, sorted by student."""

    submissions: tuple[Submission, ...]
    layouts: tuple[str, ...] = ()  # what each path was taken for, a line each
    notes: tuple[str, ...] = ()  # for staff, who have to do something; a line each

    @overload
    def __getitem__(self, index: int) -> Submission: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Submission]: ...
    def __getitem__(self, index: int | slice) -> Submission | Sequence[Submission]:
        return self.submissions[index]

    def __len__(self) -> int:
        return len(self.submissions)


def find(paths: Sequence[Path], assignment: Assignment, layout: LayoutName | None = None,
         times: Mapping[str, datetime] | None = None) -> Found:
    """Every student's hand-in at ``paths``. A bad file is a submission with a ``problem``.

    Args:
        layout: how they lie; without it, what all names at the top agree on.
        times: student, as ``names.canonical`` spells them -> when it was handed in, where the
            layout does not say.

    Raises:
        FileNotFoundError: a path does not exist.
        SubmissionError: nothing handed in lies there; it cannot be told whose is whose, or two
            things are one student's.
    """
    found_tops = tops(paths, assignment, layout)
    notes = [f"{top}: names that are written neither in ASCII nor in UTF-8, and may read wrong: "
             f"{len(top.tree.unsure)}, the first {shown(top.tree.unsure[0])}; unpack it, "
             "and name the folder"
             for top in found_tops if top.tree.unsure]
    hand_ins: dict[str, HandIn] = {}
    said = []
    for top in found_tops:
        taken_for, found = _hand_ins(top, assignment, layout)
        said.append(f"{top}: {counted(len(found), 'hand-in')}, layout {taken_for.name} "
                    f"({taken_for.about})" + "".join(f"; {each}" for each in _guessed(
                        top, taken_for, found, assignment)))
        for hand_in in found:
            before = hand_ins.setdefault(canonical(hand_in.owner), hand_in)
            if before is not hand_in:
                raise twice(student_id(hand_in.owner), before.place, hand_in.place)
    if not hand_ins:
        places = ", ".join(str(path) for path in paths) or "no path"
        raise SubmissionError(
            f"{places}: nothing was handed in here; name notebooks (.ipynb, .py), zips of them, "
            "or a folder that holds them or a folder for each student")
    shelf = Shelf()
    submissions = []
    for hand_in in hand_ins.values():
        student = student_id(hand_in.owner)
        submission, note = _submission(
            student, hand_in, Candidates(hand_in.files, assignment))
        if submission.submitted_at is None and times is not None:
            submission = replace(submission, submitted_at=times.get(canonical(student)))
        if submission.problem is not None:
            submission = replace(submission, unread=shelf.put(_as_it_came(hand_in.files)))
        submissions.append(replace(submission, files=shelf.put(submission.files),
                                   beside=shelf.put(submission.beside)))
        notes += [f"{student}: {each}" for each in (hand_in.note, note) if each]
    submissions.sort(key=lambda submission: submission.student)
    return Found(tuple(submissions), tuple(said), tuple(sorted(notes)))


def of_student(folder: Path, student: str, assignment: Assignment) -> Submission:
    """What one student handed in, when everything in ``folder`` is theirs: a checkout, say.

    The notebook called like the assignment is taken, in whatever folder; without one, the one
    that defines most of the graded names. Its path in ``folder`` is the submission's source.
    """
    came = Candidates(tree.from_folder(folder).files, assignment)
    submission, _ = _submission(student_id(student), HandIn(student, came.files, str(folder)),
                                came)
    with contextlib.suppress(Unreadable):
        submission = replace(submission, source="/".join(chosen(came)[0].parts))
    return submission


def of_files(files: Mapping[str, bytes], student: str, assignment: Assignment,
             at: datetime) -> Submission:
    """What a student handed in at a time, file by file; an archive among them is looked into."""
    found = tuple(tree.from_bytes(name, content) for name, content in files.items())
    submission, _ = _submission(student_id(student), HandIn(student, found, student),
                                Candidates(found, assignment))
    return replace(submission, submitted_at=at,
                   unread={} if submission.problem is None else files)


def _submission(student: str, hand_in: HandIn, came: Candidates) -> tuple[Submission, str]:
    """The submission, and what staff should know of the choice of its file."""
    submission = Submission(
        student=student, assignment=came.assignment.name, files={},
        submitted_at=hand_in.submitted_at, source=shown(hand_in.place, 500),
        called=hand_in.called, is_called_late=hand_in.is_late, kind=hand_in.kind)
    try:
        file, note = chosen(came)
        content = file.load(MAX_NOTEBOOK)
        modules = beside(file, content, came)
        said = (misplaced(file.name, content, modules, came.assignment),
                passed_over(file, content, modules, came))
    except Unreadable as error:
        return replace(submission, problem=error.reason), ""
    suffix = ".py" if kind(file.name) == "script" else ".ipynb"
    return replace(submission, files={student_id(stem(file.name)) + suffix: content},
                   beside=modules, said=tuple(each for each in said if each),
                   called=file.called or submission.called), note


def _as_it_came(files: Sequence[File]) -> dict[str, bytes]:
    """What of a hand-in that cannot be graded can be read all the same, for whoever disputes that:
    no more of it than a notebook may have."""
    came: dict[str, bytes] = {}
    left = MAX_NOTEBOOK
    for file in files[:archive.MAX_MEMBERS]:
        name = "/".join(file.parts)
        left -= len(name)
        with contextlib.suppress(Unreadable):
            came[name] = file.load(max(left, 0))
            left -= len(came[name])
    return came


def _guessed(top: Top, layout: Layout, found: Sequence[HandIn], assignment: Assignment
             ) -> Iterator[str]:
    """What else was taken for something: which names for Chinese, which times for those of the
    course's zone, and what for no hand-in."""
    if top.tree.guessed:
        yield ("names read as GBK, as Chinese Windows packs them: "
               f"{layouts.listed(top.tree.guessed)}")
    if zoneless := [hand_in.owner for hand_in in found if hand_in.is_placed]:
        yield (f"times without a zone read in {assignment.zone}: "
               f"{layouts.listed(sorted(zoneless), _MOST)}")
    if not top.named and (left := _left_out(top, layout, found, assignment)):
        yield f"left out: {layouts.listed(left, _MOST)}"


def _left_out(top: Top, layout: Layout, found: Sequence[HandIn], assignment: Assignment
              ) -> list[str]:
    """Names at the top that give nobody a row."""
    if layout.name != "folder":
        return layout.strangers(top.tree, assignment) or []
    taken = {hand_in.place for hand_in in found}
    owners = {hand_in.owner for hand_in in found}
    return [
        *(name for name in top.tree.top_folders if top.place(name) not in taken),
        *(file.name for file in top.tree.top_files
          if top.place(file.name) not in taken and stem(file.name) not in owners
          and not is_beside(file.name))]


def _hand_ins(top: Top, assignment: Assignment, layout: LayoutName | None
              ) -> tuple[Layout, list[HandIn]]:
    try:
        chosen = layouts.said(layout, top.tree, assignment) if layout \
            else layouts.found(top.tree, assignment)
        found = chosen.hand_ins(top.tree, assignment)  # what is wrong with an export, all know
    except SubmissionError as error:
        raise SubmissionError(f"{top}: {error}") from None
    if not found and isinstance(top.places, Path):
        raise SubmissionError(
            f"{top}: no notebook and no student's folder lies here; name the folder that "
            "holds what was handed in")
    if top.named:
        places = {parts[0] for parts in top.named}
        found = [hand_in for hand_in in chosen.hand_ins(only(top.tree, top.named), assignment)
                 if hand_in.place in places]
    if top.is_archive:
        found = [hand_in if (reason := archive.too_much(hand_in.files)) is None else
                 replace(hand_in, files=(tree.refused((hand_in.place,), reason),))
                 for hand_in in found]
    return chosen, [replace(hand_in, place=top.place(hand_in.place), called=hand_in.place,
                            kind=chosen.whose) for hand_in in found]
