"""Feedback packed as platforms take it back: the student's page, and their notebook with feedback.

How a platform knows whose a file is, it wrote itself into the names of its download; so what was
handed in has to be at hand as it was downloaded, and its names come back letter by letter.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

import nbformat

from autograder.course import Assignment, LayoutName
from autograder.course.packing import Files
from autograder.exchange import nbgrader
from autograder.exchange.bounded import alone
from autograder.exchange.feedback import TOO_MUCH, grade_of, why_none, with_feedback
from autograder.exchange.format import ExchangeError, Exported
from autograder.exchange.opening import Opener, opener
from autograder.gradebook import Grade
from autograder.names import shown, student_id
from autograder.report.page_names import page_names
from autograder.report.pages import student_page
from autograder.store import Store
from autograder.submission import Submission, Unreadable, beneath
from autograder.submission.kinds import kind
from autograder.submission.layouts import canvas, moodle
from autograder.whole_files import whole_file, write_whole

TellCount = Callable[[int], None]
_UNPACKED = (1980, 1, 1, 0, 0, 0)  # without a time: the same zip from the same feedback


@dataclass(frozen=True)
class Returned:
    """What one student gets back. ``folder`` is a name on a disk that is nobody else's."""

    submission: Submission
    folder: str
    page: bytes
    notebook: bytes | None  # None where there was none that could be written into

    @property
    def named(self) -> Files:
        """Both, by names that say the assignment."""
        stem = self.submission.assignment
        both = {f"{stem}.html": self.page}
        return both if self.notebook is None else {**both, f"{stem}.ipynb": self.notebook}


@dataclass(frozen=True)
class Pack:
    """How a platform takes feedback back."""

    name: str
    layout: LayoutName | None  # that what was handed in has to lie in
    is_zip: bool
    place: Callable[[Returned], Files]
    """Raises ExchangeError where the platform could not tell whose it is, or what."""


def give_back(how: Pack, submissions: Sequence[Submission], grades: Sequence[Grade],
              assignment: Assignment, path: Path, store: Store, *, output: str,
              by: str | None = None, progress: TellCount = lambda done: None) -> Exported:
    """``pack``, with a line in the log. Where a platform gave the names, a team's hand-in has one
    place, which is its uploader's.

    Args:
        output: where it goes, for the log.
        by: who has it written; None for the account that runs this process.
    """
    if how.layout:
        submissions = [each for each in submissions if each.handed_in_by in (None, each.student)]
        grades = [each for each in grades
                  if each.result.submission.handed_in_by in (None, each.student)]
    packed = pack(how, submissions, grades, assignment, path, progress)
    store.events.add("feedback", f"{assignment.name} · {how.name} · {output}", by=by,
                     after=f"{len(packed.written)} of {len(submissions)} students")
    return packed


def pack(how: Pack, submissions: Sequence[Submission], grades: Iterable[Grade],
         assignment: Assignment, path: Path, progress: TellCount = lambda done: None) -> Exported:
    """Write the feedback of everybody who has a grade to the zip, or into the folder, ``path``.
    Who has a grade and handed nothing in there is reported, too.

    Args:
        progress: told before each of ``submissions`` how many are done.

    Raises:
        ExchangeError: it cannot be written there.
    """
    folders = page_names(each.student for each in submissions)
    known = {grade.student: grade for grade in grades}
    written: dict[str, str] = {}
    strangers = known.keys() - {each.student for each in submissions}
    notes = [f"{student}: no feedback, for nothing of theirs lies there"
             for student in sorted(strangers)]
    with opener() as open_, (_zipped if how.is_zip else _laid)(path) as put:
        for done, submission in enumerate(submissions):
            progress(done)
            grade = grade_of(submission, known)
            if grade is None:
                notes.append(why_none(submission))
                continue
            files: Files = {}
            with alone(submission.student, "no feedback", notes):
                returned = _returned(submission, folders[submission.student], grade, assignment,
                                     open_)
                if submission.files and returned.notebook is None:
                    notes.append(f"{submission.student}: only the page, for {TOO_MUCH}")
                try:
                    files = how.place(returned)
                except ExchangeError as error:
                    notes.append(f"{submission.student}: no feedback, for {error}")
            for name, content in files.items():
                put(name, content)
                written.setdefault(submission.student, shown(name))
    return Exported(written, notes)


def _returned(submission: Submission, folder: str, grade: Grade, assignment: Assignment,
              open_: Opener) -> Returned:
    opened = open_(submission.files) if submission.files else None
    notebook = None if opened is None else nbformat.writes(
        with_feedback(opened, grade, assignment)).encode()
    return Returned(submission, folder, student_page(grade, assignment).encode(), notebook)


# Where it goes --------------------------------------------------------------------------------

Put = Callable[[str, bytes], None]


@contextmanager
def _zipped(path: Path) -> Iterator[Put]:
    """Puts into a zip, which is there once it is whole, and readable by its owner only."""
    if path.is_dir():
        raise ExchangeError(f"{path}: a folder; name the zip to write, for example back.zip")
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        yield lambda name, content: _add(archive, name, content)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _UNPACKED), content, zipfile.ZIP_DEFLATED)


@contextmanager
def _laid(path: Path) -> Iterator[Put]:
    """Puts into a folder, each file whole. The names are ours."""

    def put(name: str, content: bytes) -> None:
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content)

    yield put


# How platforms tell whose it is ---------------------------------------------------------------

def _for_canvas(returned: Returned) -> Files:
    """Canvas reads the user's id and the upload's out of the name, and shows what comes back under
    the name that the upload had: so it has to be of the same kind."""
    called = _written(returned.submission.called)
    upload = canvas.upload(called)
    if upload is None:
        raise ExchangeError("nothing was uploaded for which Canvas takes a file back")
    content = {"notebook": returned.notebook, "archive": _archived(returned.named),
               "other": returned.page if PurePath(upload).suffix.lower() == ".html" else None,
               }.get(kind(upload) or "other")
    if content is None:
        raise ExchangeError(f"Canvas would show it as {shown(upload)!r}, which is no notebook, zip "
                            "or page; give it back as a folder for people")
    return {called: content}


def _archived(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            _add(archive, name, content)
    return packed.getvalue()


def _for_moodle(returned: Returned) -> Files:
    """Moodle reads the participant's number out of the name of the folder."""
    folder = moodle.folder(_written(returned.submission.called))
    if folder is None:
        raise ExchangeError(f"Moodle would not know whose {shown(returned.submission.called)!r} "
                            "is; give it back as a folder for people")
    return {f"{folder}/{name}": content for name, content in returned.named.items()}


def _for_nbgrader(returned: Returned) -> Files:
    """``nbgrader release_feedback`` finds a hand-in by the time and the secret that lie beside."""
    submission = returned.submission
    student = PurePath(submission.called).name
    if student_id(student) != student:
        raise ExchangeError(f"{shown(student)!r} cannot safely name a folder")
    folder = f"feedback/{student}/{submission.assignment}"
    name = next(iter(submission.files), f"{submission.assignment}.ipynb")
    files = {f"{folder}/{PurePath(name).stem}.html": returned.page}
    try:
        for beside in nbgrader.BESIDE:
            files[f"{folder}/{beside}"] = beneath.read(
                Path(submission.source), (submission.assignment, beside), nbgrader.LARGEST_BESIDE)
    except Unreadable:
        raise ExchangeError(f"no {beside} lies beside it, without which nbgrader releases nothing; "
                            "give it back as a folder for people") from None
    return files


def _for_people(returned: Returned) -> Files:
    return {f"{returned.folder}/{name}": content for name, content in returned.named.items()}


def _written(called: str) -> str:
    """A name that a zip can hold."""
    try:
        called.encode()
    except UnicodeEncodeError:
        raise ExchangeError(f"its name {shown(called)!r} is not UTF-8; name the zip as it was "
                            "downloaded, instead of a folder") from None
    return called


PACKS: Mapping[str, Pack] = {each.name: each for each in (
    Pack("canvas", "canvas", True, _for_canvas), Pack("moodle", "moodle", True, _for_moodle),
    Pack("nbgrader", "nbgrader", False, _for_nbgrader), Pack("folder", None, False, _for_people))}
"""By the name that the verb ``feedback`` takes."""
