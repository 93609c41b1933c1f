"""A plugin of otter-grader that lets our engine grade, inside ``otter run`` or its container.

otter would run the notebook and its tests in one process, whose Python looks for modules among what
the student handed in, unpickle the student's log, and believe the results. Before any of that this
plugin has graded the submission, confined, and left nothing but an empty notebook in its place;
afterwards it puts our scores where otter's would have been. The course lies in the autograder's
zip, beside otter's own files.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4
from otter.plugins import AbstractOtterPlugin
from otter.test_files import GradingResults, TestFile
from otter.test_files.abstract_test import TestCase, TestCaseResult

from autograder.course import packing
from autograder.exchange import gradescope
from autograder.exchange.otter import FOLDER as TESTS
from autograder.gradebook import Grade, QuestionGrade, for_student, grade
from autograder.grading import one
from autograder.report.prose import Prose
from autograder.result import Status
from autograder.submission import find

COURSE = "course"  # the folder in the zip


class GradingPlugin(AbstractOtterPlugin):  # type: ignore[misc]  # otter is not annotated
    """Grades before otter does."""

    def before_grading(self, config: Any) -> None:
        """Grade the submission, and take all that was handed in out of otter's hands."""
        path = Path(self.submission_path)
        course, secret = packing.opened(path.parents[1] / "source" / COURSE)
        [assignment] = course.assignments.values()
        [submission] = find([path], assignment)
        circumstances = gradescope.circumstances(self.submission_metadata)
        submission = circumstances.applied(course, submission)
        self._assignment = assignment
        result = one.grade(course, submission, secret=secret)
        self._grade = grade(course, result)
        _clear(path.parent)
        path.write_text("" if path.suffix == ".py" else nbformat.writes(v4.new_notebook()))

    def after_grading(self, results: GradingResults) -> None:
        """Put our results in the place of what otter found in an empty notebook."""
        seen, prose = for_student(self._grade), Prose(self._assignment)
        results.results = {each.name: each for each in _files(seen, prose)}
        if said := prose.about_the_whole(seen):
            results.set_output("\n".join(said))


def _clear(folder: Path) -> None:
    """Remove everything but the tests, which otter has put there itself."""
    for path in folder.iterdir():
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif path.name != TESTS:
            shutil.rmtree(path)


class GradedQuestion(TestFile):  # type: ignore[misc]
    """A question that is graded already."""

    def __init__(self, name: str, score: float, possible: float,
                 outcomes: list[TestCaseResult]) -> None:
        super().__init__(name, "", [each.test_case for each in outcomes], all_or_nothing=False)
        self.test_case_results = outcomes
        self._possible = possible
        self.update_score(score)

    @property
    def possible(self) -> float:
        return self._possible

    @classmethod
    def from_file(cls, path: str) -> GradedQuestion:
        raise NotImplementedError("it is graded, and in no file")

    @classmethod
    def from_metadata(cls, s: Any, path: str) -> GradedQuestion:
        raise NotImplementedError("it is graded, and in no notebook")

    def run(self, global_environment: dict[str, Any]) -> None:
        """There is nothing left to run."""


def _files(grade: Grade, prose: Prose) -> list[GradedQuestion]:
    """One for each question. Lateness is one of its own, for otter adds up."""
    if not grade.is_graded:
        return []
    files = [_graded(question, prose) for question in grade.questions]
    if grade.penalty:
        files.append(GradedQuestion("late", -grade.penalty, 0.0, []))
    return files


def _graded(question: QuestionGrade, prose: Prose) -> GradedQuestion:
    titles = prose.titles(question)
    outcomes = [_outcome(prose.text(check.title),
                         [prose.verdict(check), *prose.explain(check, titles)],
                         check.status is Status.PASSED) for check in question.result.checks]
    about, title = prose.about(question), prose.text(question.title)
    if about or not outcomes:
        outcomes.insert(0, _outcome(title, about, question.result.status is Status.PASSED))
    if question.result.status.is_undecided:
        waits = question.kind == "text"  # which is nothing that a test failed
        return GradedQuestion(question.name, 0.0, 0.0, [_outcome(title, [prose.pending], waits)])
    # Bonus adds to the score only, here as everywhere.
    possible = 0.0 if question.bonus else question.max_score
    return GradedQuestion(question.name, question.score, possible, outcomes)


def _outcome(title: str, lines: list[str], passed: bool) -> TestCaseResult:
    case = TestCase(name=title, body="", hidden=False, points=0.0,
                    success_message=None, failure_message=None)
    return TestCaseResult(test_case=case, message="\n".join(lines), passed=passed)
