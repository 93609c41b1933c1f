"""A real nbgrader course: what was handed in there is graded here, and goes back into it.

Scores go into its gradebook by nbgrader's own API, graded notebooks into ``autograded/``, and
nbgrader itself renders ``feedback/``, by an exporter of ours that leaves nothing live in it. What
people entered there, scores, extra credit and comments, is never touched, but for marks of texts
that were changed here since (``nbgrader_marks``). ``nbgrader_config.py`` is run, as nbgrader's own
commands do.
"""

from __future__ import annotations

import glob
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import nbformat
from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course import Course
from autograder.exchange import nbgrader, nbgrader_marks, notebook_page
from autograder.exchange.bounded import alone
from autograder.exchange.feedback import TOO_MUCH
from autograder.exchange.format import ExchangeError
from autograder.exchange.nbgrader_marks import UNANSWERED, MarkedCell
from autograder.exchange.opening import Opener
from autograder.gradebook import NOTHING, Decisions, Grade, QuestionGrade
from autograder.submission import Unreadable, beneath
from autograder.whole_files import write_whole

if TYPE_CHECKING:
    from autograder.store import Store
    from autograder.submission import Submission

R = TypeVar("R")
_BUSY_SECONDS = 30  # that SQLite waits for others, unless the course's db_url says
_ATTEMPTS = 3  # where two would wait for each other for ever, SQLite lets one fail at once
_log = logging.getLogger(__name__)  # what nbgrader reports on the way is for nobody
_log.addHandler(logging.NullHandler())
_log.propagate = False


class NbgraderCourse:
    """The folder of an nbgrader course.

    Raises:
        ExchangeError: it is none, or its configuration cannot be used.
    """

    def __init__(self, root: Path, course: Course) -> None:
        self._course = course
        self._submitted = root / "submitted"
        if not self._submitted.is_dir():
            raise ExchangeError(f"{root}: has no folder submitted; name the folder of an nbgrader "
                                "course, and run `nbgrader collect` there before")
        self._directory = _directory(root.resolve())

    def assignments(self) -> list[str]:
        """Those of our assignments that somebody handed in there."""
        return [name for name in self._course.assignments
                if any(self._submitted.glob(f"*/{name}/"))]

    def open(self, assignment: str, open_: Opener) -> NbgraderAssignment:
        """Make the gradebook know the assignment, with the notebook that students received.

        Args:
            open_: opens what a student handed in.

        Raises:
            ExchangeError: there is no such notebook, the gradebook has grades of another version
                of it, or its database refuses.
        """
        file = self._course.handout(assignment)
        if not file.is_file():
            raise ExchangeError(f"{file}: no such file; run `autograder build {assignment}`, and "
                                "hand out what it writes")
        master = nbformat.read(file, as_version=nbformat.current_nbformat)
        return NbgraderAssignment(self._course, self._directory, assignment, master,
                                  open_)


class NbgraderAssignment:
    """One assignment of an nbgrader course. ``notes`` are for staff, a line each."""

    def __init__(self, course: Course, directory: Any, name: str,
                 master: nbformat.NotebookNode, open_: Opener) -> None:
        self._course, self._directory, self.name = course, directory, name
        self._assignment = course.assignment(name)
        self._master = master
        self._open = open_
        self._submissions: dict[str, Submission] = {}
        self._decisions: Decisions = NOTHING
        self._id_of: Callable[[str], str] = str  # what our course calls a student of nbgrader's
        self.notes: list[str] = []
        self._patiently(self._register)

    def submissions(self) -> list[Submission]:
        """What was handed in for it. Who has no folder for it handed nothing in.

        Raises:
            ExchangeError: nobody has.
        """
        from autograder import submission

        submitted = self._folder("submitted", ".").parent
        folders = {folder.name for folder in submitted.iterdir()
                   if (folder / self.name).is_dir()}
        if not folders:
            raise ExchangeError(f"{submitted}: nobody handed in {self.name}; "
                                f"run `nbgrader collect {self.name}`")
        found = submission.find([submitted], self._assignment, "nbgrader")
        due, granted = self._patiently(self._dates)
        self._submissions = {
            each.student: replace(each, due=self._due(due, granted.get(each.student), each.student))
            for each in found if each.student in folders}
        self.notes += found.notes
        self.notes += [f"{name!r}: not graded, for files cannot safely be called like this student"
                       for name in sorted(folders - set(self._submissions))]
        return list(self._submissions.values())

    def course(self) -> Course:
        """The course, with nbgrader's due date for everybody. That is grader.toml's, or its own
        where grader.toml has none."""
        due, _ = self._patiently(self._dates)
        if due is None:
            return self._course
        assignment = self._assignment.model_copy(update={"due": due})
        return self._course.model_copy(update={
            "assignments": {**self._course.assignments, self.name: assignment}})

    def _due(
        self, due: datetime | None, granted: datetime | None, student: str
    ) -> datetime | None:
        """The deadline by nbgrader, where that is not grader.toml's; of two extensions the later
        counts."""
        known = self._course.due(self.name, student)
        if granted is not None and known is not None:
            return granted if granted > known else None
        return granted or (due if known is None else None)

    def take_marks(self, store: Store, id_of: Callable[[str], str]) -> None:
        """Let what people entered in formgrader for questions in free text count as their marks, of
        those whom our course calls so."""
        self._id_of = id_of
        cells = self._patiently(self._marked)
        self.notes += nbgrader_marks.take(store, self._assignment, cells)
        self._decisions = store.decisions()

    def record(self, grade: Grade, fresh: bool) -> None:
        """Put a grade into the course. One without a score leaves everything as it was, and so does
        one whose notebook cannot be opened, of which ``notes`` tell.

        Raises:
            ExchangeError: the database stays locked or refuses, or nbgrader cannot render
                the feedback.
        """
        if grade.is_graded:
            with alone(grade.student, "not recorded", self.notes):
                self._record(grade, fresh)

    def _record(self, grade: Grade, fresh: bool) -> None:
        opened = self._open(self._submissions[grade.student].files)
        if opened is None:
            self.notes.append(f"{grade.student}: not recorded, for {TOO_MUCH}")
            return
        notebook = nbgrader.autograded(opened, self._master, grade, self._assignment)
        folder = self._folder(self._directory.autograded_directory, grade.student)
        before = self._answers_in(folder)
        self._patiently(lambda: self._enter(
            grade, nbgrader.unasked(notebook, self._assignment), before))
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder / f"{self.name}.ipynb", nbformat.writes(notebook))
        for name in nbgrader.BESIDE:
            with suppress(Unreadable):
                beside = beneath.read(self._folder("submitted", ".").parent,
                                      (grade.student, self.name, name), nbgrader.LARGEST_BESIDE)
                self._write(folder / name, beside.decode("utf-8", "replace"))
        feedback = self._folder(self._directory.feedback_directory, grade.student)
        if fresh or not (feedback / f"{self.name}.html").exists():
            self._patiently(lambda: self._render_feedback(grade.student))

    # The gradebook --------------------------------------------------------------------------

    def _gradebook(self) -> Any:
        from nbgrader.api import Gradebook

        return Gradebook(self._directory.db_url, self._directory.course_id)

    def _register(self) -> None:
        from nbgrader.preprocessors import SaveCells

        # To make a new gradebook, nbgrader calls a command that was installed beside us.
        with _path_to_ours(), self._gradebook() as gradebook:
            due = {"duedate": self._assignment.due} if self._assignment.due else {}
            gradebook.update_or_create_assignment(self.name, **due)
        try:
            SaveCells(log=_log).preprocess(self._master.copy(), {"nbgrader": {
                "notebook": self.name, "assignment": self.name,
                "db_url": self._directory.db_url}})
        except RuntimeError as error:
            raise ExchangeError(
                f"nbgrader's gradebook has grades of another version of {self.name} ({error}); "
                f"keep a copy of it, and run `nbgrader db assignment remove {self.name} --force`"
            ) from None

    def _dates(self) -> tuple[datetime | None, dict[str, datetime]]:
        """When it is due, and student -> when with the extension that nbgrader granted."""
        with self._gradebook() as gradebook:
            assignment = gradebook.find_assignment(self.name)
            if assignment.duedate is None:
                return None, {}
            due = assignment.duedate.replace(tzinfo=UTC)
            return due, {each.student.id: due + each.extension
                         for each in assignment.submissions if each.extension}

    def _marked(self) -> list[MarkedCell]:
        """The answers of everybody whom the gradebook knows."""
        texts = {each.name: each for each in self._assignment.questions if each.kind == "text"}
        if not texts:
            return []
        with self._gradebook() as gradebook:
            return [MarkedCell.of(self._id_of(submission.student.id), texts[grade.name], grade,
                                  comment)
                    for submission in gradebook.assignment_submissions(self.name)
                    for notebook in submission.notebooks
                    for grade, comment in _cells(notebook).values() if grade.name in texts]

    def _enter(self, grade: Grade, answers: Mapping[str, str],
               before: Mapping[str, str]) -> None:
        """Enter scores beside what people entered, in one transaction.

        What a person has to look at is marked: an answer in free text that is new, and a score
        that a person gave in place of one that has changed since.
        """
        time = grade.result.submission.submitted_at
        unanswered = nbgrader.unasked(self._master, self._assignment)
        with self._gradebook() as gradebook:
            gradebook.update_or_create_student(grade.student)
            gradebook.update_or_create_submission(
                self.name, grade.student, **({"timestamp": time} if time else {}))
            notebook = gradebook.find_submission_notebook(
                self.name, self.name, grade.student)
            cells = _cells(notebook)
            for question in grade.questions:
                cell, comment = cells[question.name]
                if question.kind == "text":
                    self._enter_mark(grade.student, question, cell, comment)
                elif not question.result.status.is_undecided:
                    _enter(cell, question.score, cell.auto_score != question.score)
            for grade_id, text in answers.items():
                cell, comment = cells[grade_id]
                silent = text == unanswered[grade_id]
                _enter(cell, 0.0 if silent else None, text != before.get(grade_id))
                comment.auto_comment = UNANSWERED if silent else None
            notebook.late_submission_penalty = grade.penalty or None
            gradebook.db.commit()

    def _enter_mark(self, student: str, question: QuestionGrade, cell: Any, comment: Any) -> None:
        marked = MarkedCell.of(student, self._assignment.question(question.name), cell, comment)
        mark = self._decisions.mark(self.name, self._id_of(student), question.name)
        nbgrader_marks.enter(cell, comment, marked, mark, question.result.text)

    def _patiently(self, work: Callable[[], R]) -> R:
        """What ``work`` returns, tried again while somebody else has the database."""
        from nbgrader.api import InvalidEntry
        from nbgrader.converters.base import NbGraderException

        tornado = logging.getLogger("tornado.application")  # nbgrader's, for its tracebacks
        were, tornado.disabled = tornado.disabled, True
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    with warnings.catch_warnings(action="ignore", category=SAWarning):
                        return work()
                except (SQLAlchemyError, InvalidEntry, NbGraderException) as error:
                    if attempt == _ATTEMPTS or not _is_locked(error):
                        raise ExchangeError(self._explained(error)) from None
            raise AssertionError("the last attempt returns or raises")
        finally:
            tornado.disabled = were

    def _explained(self, error: Exception) -> str:
        where = make_url(self._directory.db_url).set(query={}).render_as_string()
        if _is_locked(error):
            return (f"{where}: nbgrader's gradebook stays locked by another program; close it (a "
                    "formgrader that hangs, or another run), and run the same command again: "
                    "what is graded is kept")
        said = next(iter(str(error).splitlines()), type(error).__name__)
        return f"{where}: nbgrader's gradebook cannot be used: {said}"

    # Files ----------------------------------------------------------------------------------

    def _folder(self, step: str, student: str) -> Path:
        return Path(self._directory.format_path(step, student, self.name))

    def _write(self, path: Path, text: str) -> None:
        """Write a file for those who may read nbgrader's own."""
        write_whole(path, text)
        path.chmod(0o664 if self._directory.groupshared else 0o444)

    def _answers_in(self, folder: Path) -> dict[str, str]:
        """The free text that was graded before; nothing where none was."""
        try:
            notebook = nbformat.read(folder / f"{self.name}.ipynb",
                                     as_version=nbformat.current_nbformat)
            return nbgrader.unasked(notebook, self._assignment)
        except (OSError, ValueError, LookupError, TypeError, nbformat.ValidationError):
            return {}

    def _render_feedback(self, student: str) -> None:
        from nbgrader.converters import GenerateFeedback
        from nbgrader.utils import temp_attrs

        with temp_attrs(self._directory, assignment_id=self.name,
                        student_id=glob.escape(student)):
            converter = GenerateFeedback(coursedir=self._directory, log=_log,
                                         config=self._directory.config)
            converter.exporter_class = notebook_page.exporter()
            converter.force = True
            converter.start()


@contextmanager
def _path_to_ours() -> Iterator[None]:
    """PATH begins with our interpreter's folder. (nbgrader's own ``setenv`` leaves none behind.)"""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _cells(notebook: Any) -> dict[str, tuple[Any, Any]]:
    """A student's cells with points: grade_id -> nbgrader's rows of its grade and its comment."""
    comments = {comment.name: comment for comment in notebook.comments}
    return {grade.name: (grade, comments[grade.name]) for grade in notebook.grades}


def _enter(grade: Any, auto_score: float | None, changed: bool) -> None:
    grade.auto_score = auto_score
    if grade.manual_score is None:
        grade.needs_manual_grade = auto_score is None
    elif changed:
        grade.needs_manual_grade = True


def _is_locked(error: BaseException) -> bool:
    """Whether another program's use of the database is behind it."""
    while True:
        if "database is locked" in str(error):
            return True
        if error.__context__ is None:
            return False
        error = error.__context__


def _directory(root: Path) -> Any:
    """nbgrader's own notion of the course, its configuration read."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import Config, PyFileConfigLoader

    file = root / "nbgrader_config.py"
    config = Config()
    if file.exists():
        try:
            config = PyFileConfigLoader(file.name, path=str(root)).load_config()
        except Exception as error:  # it is a program, and may raise anything
            raise ExchangeError(f"{file}: {type(error).__name__}: {error}; "
                                "try `nbgrader db assignment list` there") from None
    config.CourseDirectory.root = str(root)
    directory = CourseDirectory(config=config, log=_log)
    if Path(directory.format_path(directory.submitted_directory, "s", "a")) \
            != root / "submitted" / "s" / "a":
        raise ExchangeError(f"{file}: keeps submissions elsewhere than in "
                            "submitted/<student>/<assignment>; this arrangement is not supported")
    url = make_url(directory.db_url)
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(root / (url.database or "")))
        if "timeout" not in url.query:
            url = url.update_query_dict({"timeout": str(_BUSY_SECONDS)})
    directory.db_url = url.render_as_string(hide_password=False)
    return directory
