"""Visible checks, put to the functions of a running session."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Assignment, LanguageCode
from autograder.gradebook import grade
from autograder.judge.check_run import PUBLIC, drawing_key
from autograder.judge.exam import Panel, examine
from autograder.judge.examiner import Examiner
from autograder.jupyter import place, surroundings
from autograder.jupyter.finding import found_for
from autograder.jupyter.live import Live, LiveSessions
from autograder.jupyter.session import Session
from autograder.jupyter.text import as_text
from autograder.result import Environment, Result, status_of
from autograder.selfcheck import SelfCheck, folder
from autograder.selfcheck.alone import first_things_first, narrowed, unconnected
from autograder.submission import Submission

_LONGEST_OUTPUT = 20_000  # characters of what the student's code printed


@dataclass(frozen=True)
class KernelAnswer:
    """How the visible checks came out. Notebooks and terminals show it."""

    found: SelfCheck
    printed: str  # by the student's code meanwhile
    spoken: LanguageCode | None = None  # None: the course's language

    @property
    def passed(self) -> bool:
        return self.found.passed

    @property
    def result(self) -> Result:
        return self.found.grade.result

    def __repr__(self) -> str:
        from autograder.report.checking import checked

        return as_text(checked(self.result, self.found.assignment, self._language()))

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from autograder.report.notebook import answer

        return {"text/plain": repr(self), "text/html": answer(
            self.found.grade, self.found.assignment, self._language(), self.printed)}

    def _language(self) -> Any:
        from autograder.report.translations import language

        assignment = self.found.assignment
        return language(self.spoken or assignment.language, assignment)


def checked(
    session: Session, asked: Sequence[str] = (), *, given: Mapping[str, Any] | None = None,
    checks: Path | None = None, spoken: LanguageCode | None = None,
) -> KernelAnswer:
    """Put the visible checks of some questions, or of all, to the session's functions.

    Args:
        asked: names of questions or of graded functions.
        given: functions and classes that take their names' place.
        checks: the folder of the checks; None is to look for it.

    Raises:
        SubmissionError: there are no such checks. The text says what to do.
        CourseError, JudgeError: they are damaged, or another version's.
    """
    started = time.monotonic()
    found = found_for(session.folder, asked, session.names.keys(), checks)
    with surroundings.unchanged(session.names), surroundings.settled() as settings, \
            surroundings.recursion_bounded(), surroundings.quiet() as printed:
        course, recording = folder.opened(found)
        [whole] = course.assignments.values()
        assignment = _of(whole, asked)
        course = unconnected(course, assignment)
        questions = course.assignment(assignment.name).examined
        examiner = Examiner(questions, recording.suite, recording.staff,
                            drawing_key(PUBLIC, assignment.name))
        live = Live({**session.names, **(given or {})}, questions.names, settings,
                    session.cell_of, [*session.notebook.errors, *session.stopped])
        results = examine(
            Panel(examiner, examiner, recording.misconceived(examiner)),
            LiveSessions(live, session.notebook), {}, {each.name for each in questions.questions})
        recording.suite.close()
    result = Result(
        assignment=assignment.name, student="you", status=status_of(results),
        submission=Submission("you", assignment.name, {}, None).record,
        environment=Environment.here(sandbox="none", suite="", fingerprint=""),
        questions=results, seconds=round(time.monotonic() - started, 3))
    result = result.model_copy(update={"questions": [
        first_things_first(each, result, assignment) for each in results]})
    return KernelAnswer(SelfCheck(assignment, grade(course, result)),
                  printed.getvalue()[-_LONGEST_OUTPUT:],
                  spoken or place.spoken(session.names))


def _of(assignment: Assignment, asked: Sequence[str]) -> Assignment:
    """The questions that are asked for, and all that they build on."""
    wanted: set[str] = set()
    for name in asked:
        owner = assignment.owner(name)
        part = narrowed(assignment, owner.name if owner else name)
        wanted.update(question.name for question in part.questions)
    if not asked:
        return assignment
    return assignment.model_copy(update={"questions": [
        each for each in assignment.questions if each.name in wanted]})
