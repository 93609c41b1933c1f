"""The steps of an audit of one assignment. They do not depend on each other, so that processes can
share them, each with an auditor and a judge of its own.

There are two kinds of judges. What students get, solved and untouched, is graded as theirs is. A
variant is graded by a judge for which no question builds on another: of it, only its own question
counts, and those that should have nothing to do with it.
"""

from __future__ import annotations

import ast
import contextlib
import io
import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Self

import nbformat
from nbformat import v4

from autograder.authoring import build
from autograder.authoring.breakings import broken
from autograder.authoring.mutants import mutants
from autograder.course import Assignment, Course, FeedbackTable, Question, Tier
from autograder.gradebook import QuestionGrade, question_grade
from autograder.judge import Judge
from autograder.judge.implementation import Local
from autograder.judge.staff import Variant
from autograder.report.words import cell_error
from autograder.result import Result, Status, Visibility
from autograder.submission import Notebook, Submission, divided, needed, read

_PATIENCE = 5
"""Times the seconds that students have: nothing is wrong because much else is at work."""


class Stage(StrEnum):
    """What a step does; the words that are told of it meanwhile."""

    NOTEBOOKS = "model solution and stubs"
    ALTERNATIVE = "right but unusual"
    MISCONCEPTION = "misconception"
    MUTANTS = "generic mutants"
    PROMISES = "promises broken"
    TOGETHER = "checks in random order"
    ALONE = "each check alone"
    SECRET = "verdicts under secret"


@dataclass(frozen=True)
class Step:
    """A piece of an audit that needs none of the others."""

    stage: Stage
    question: str = ""  # none: it is about all of them
    of: str = ""  # the id of a variant, or the number of a secret

    def __str__(self) -> str:
        return f"{self.question}: {self.stage} {self.of}".removeprefix(": ").rstrip()


@dataclass(frozen=True)
class Kill:
    """What one misconception cost, by check of its own question."""

    id: str
    question: str
    score: float
    max_score: float
    statuses: dict[str, Status]
    diagnosed: tuple[str, ...]

    @property
    def failed(self) -> set[str]:
        return {check for check, status in self.statuses.items() if status is not Status.PASSED}


@dataclass
class StepResult:
    """What one step found."""

    breaches: list[str] = field(default_factory=list)
    checks: dict[str, list[str]] = field(default_factory=dict)  # by question of code
    kills: list[Kill] = field(default_factory=list)
    alternatives: dict[str, float] = field(default_factory=dict)
    undiagnosed: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    mutants: int = 0
    verdicts: list[tuple[str, Status, str | None]] = field(default_factory=list)
    """Of a check for an implementation: its name, and the suite's own exception."""


class Auditor:
    """Takes the steps of one assignment's audit. Use it as a context manager, or ``close`` it."""

    def __init__(self, course: Course, name: str, *, tier: Tier | None = None) -> None:
        """Raises JudgeError or BuildError where the suite, a reference or the master is broken."""
        self._name = name
        self._tier = tier
        self._course = _patient(course, name)
        self._assignment = self._course.assignment(name).judged
        self._solution = build.solution_notebook(course, name)
        self._judge = Judge(_unlinked(self._course, name), name, secret=_secret(0), tier=tier)
        self._examiner = self._judge.examiner
        staff = self._examiner.staff
        self._variants: dict[tuple[Stage, str], Variant] = {
            **{(Stage.ALTERNATIVE, each.id): each for each in staff.alternatives},
            **{(Stage.MISCONCEPTION, each.id): each for each in staff.misconceptions}}

    def steps(self, secrets: int, only: Collection[str] = ()) -> list[Step]:
        """All steps, or those of some questions."""
        asked = [each.name for each in self._assignment.questions if not only or each.name in only]
        coded = [name for name in asked if name in self._examiner.suite.checks]
        variants = [Step(stage, owner, id) for (stage, id), variant in self._variants.items()
                    if (owner := self._owner(variant).name) in asked]
        return [
            Step(Stage.NOTEBOOKS), *variants,
            *(Step(stage, name) for stage in (Stage.MUTANTS, Stage.PROMISES) for name in coded),
            Step(Stage.TOGETHER), *(Step(Stage.ALONE, name) for name in coded),
            *(Step(Stage.SECRET, name, str(number)) for name in coded
              for number in range(secrets) if secrets > 1)]

    def take(self, step: Step) -> StepResult:
        """What references print meanwhile is for the checks."""
        found = StepResult()
        question = self._assignment.question(step.question) if step.question else None
        with contextlib.redirect_stdout(io.StringIO()):
            match step.stage, question:
                case Stage.NOTEBOOKS, _:
                    self._notebooks(found)
                case Stage.TOGETHER, _:
                    self._together(found)
                case Stage.ALTERNATIVE, Question():
                    self._alternative(found, step)
                case Stage.MISCONCEPTION, Question():
                    self._misconception(found, step)
                case Stage.MUTANTS, Question():
                    self._mutants(found, question)
                case Stage.PROMISES, Question():
                    found.breaches += [f"{question.name}: {wrong}" for wrong in broken(
                        self._examiner, question, self._course.solutions(self._name) / "notebook.py"
                    )]
                case Stage.ALONE, Question():
                    self._alone(found, question)
                case Stage.SECRET, Question():
                    found.verdicts += self._verdicts(question, int(step.of))
        return found

    def close(self) -> None:
        self._judge.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    # ------------------------------------------------------------ through the sandbox

    @cached_property
    def _solved(self) -> Result:
        return self._judge.grade(_submission(self._name, "solution", self._solution))

    @cached_property
    def _unsound(self) -> frozenset[str]:
        """The questions that the model solution fails: what else fails them tells nothing."""
        return frozenset(question.name for question in self._solved.questions
                         if any(check.status is not Status.PASSED for check in question.checks))

    def _notebooks(self, found: StepResult) -> None:
        stubs = build.build(self._course, self._name).files[f"{self._name}.ipynb"]
        with Judge(self._course, self._name, secret=_secret(0), tier=self._tier) as judge:
            solved, stub = (judge.grade(_submission(self._name, *each)) for each in (
                ("solution", self._solution), ("stubs", stubs)))
        _audit_solution(found, solved)
        if (score := sum(each.score for each in self._grades(stub))) != 0:
            found.breaches.append(f"the untouched stubs score {score:g}, not 0")
        suite = self._examiner.suite
        found.checks = {name: [check.id for check in checks]
                        for name, checks in suite.checks.items()}
        found.skipped = [f"{question}.{check.id} ({check.reason})"
                         for question, checks in suite.skipped.items() for check in checks]

    def _alternative(self, found: StepResult, step: Step) -> None:
        [alternative] = (each for each in self._examiner.staff.alternatives if each.id == step.of)
        question = self._own(self._graded(alternative, {step.question}), step.question)
        share = question.score / question.max_score
        found.alternatives[f"{question.name}/{alternative.id}"] = share
        if share < alternative.at_least:
            found.breaches.append(f"{_lost(question)}, though {alternative.id} is right")

    def _misconception(self, found: StepResult, step: Step) -> None:
        [wrong] = (each for each in self._examiner.staff.misconceptions if each.id == step.of)
        strangers = self._touched(wrong) - _built_on(self._assignment, step.question) \
            - self._unsound
        result = self._graded(wrong, {step.question, *strangers})
        if not result.questions:
            found.breaches.append(f"{wrong.id}: {result.status}: {result.message}")
            return
        own = self._own(result, step.question)
        found.kills.append(Kill(
            wrong.id, own.name, own.score, own.max_score,
            {check.id: check.status for check in own.result.checks},
            tuple(diagnosis.id for diagnosis in own.result.diagnosis)))
        if own.score >= own.max_score:
            found.breaches.append(f"{own.name}: nothing kills {wrong.id}")
        if self._assignment.question(own.name).is_examined \
                and wrong.id not in found.kills[-1].diagnosed \
                and own.result.status is not Status.FORBIDDEN:
            found.undiagnosed.append(wrong.id)
        for question in self._grades(result):
            if question.name in strangers and question.score < question.max_score:
                found.breaches.append(f"{_lost(question)} by {wrong.id}, a misconception "
                                      f"about {own.name}, on which it does not build")

    def _graded(self, variant: Variant, stale: Collection[str]) -> Result:
        """The solution with a variant in it; all but the ``stale`` questions are as before."""
        known = [each for each in self._solved.questions if each.name not in stale]
        notebook = _notebook(self._needed, variant)
        return self._judge.grade(_submission(self._name, variant.id, notebook),
                                 self._solved.model_copy(update={"questions": known}))

    @cached_property
    def _needed(self) -> Notebook:
        """What grading needs of the solution. A variant stands behind this alone: a helper of its
        can have a name that some exploration binds, which would then have to run."""
        return needed(self._divided(self._solution), self._assignment.names)

    def _touched(self, variant: Variant) -> set[str]:
        """The questions for which a notebook with the variant has other statements run. Of tests
        that students write, and of all else, neither sees the other."""
        kind = self._owner(variant).kind
        notebook = self._divided(_notebook(self._needed, variant))
        found = set()
        for question in self._assignment.questions:
            before = self._statements[question.name]
            bound = {name for name, _ in before}
            if question.kind == kind and any(
                    name is None or name in bound
                    for name, _ in _statements(notebook, question) - before):
                found.add(question.name)
        return found

    @cached_property
    def _statements(self) -> dict[str, set[tuple[str | None, str]]]:
        """What of the solution each question needs."""
        solution = self._divided(_notebook(self._needed))
        return {question.name: _statements(solution, question)
                for question in self._assignment.questions}

    def _divided(self, notebook: bytes) -> Notebook:
        return divided(self._judge.surrounded(read(_submission(self._name, "solution", notebook))))

    def _together(self, found: StepResult) -> None:
        """Every cell of the solution runs, those that grading does not need too. It passes all
        checks in random order, and in the opposite one."""
        sessions = self._judge.sessions(self._divided(self._solution))
        with contextlib.closing(sessions):
            sessions.secrets_come()
            student = sessions.deciding()
            for error in student.load.errors:
                found.breaches.append(f"the model solution fails: {cell_error(error)}")
            pairs = [(question, check) for question in self._examiner.assignment.questions
                     if question.name not in self._unsound
                     for check in self._examiner.suite.checks[question.name]]
            random.Random(0).shuffle(pairs)
            for question, check in [*pairs, *reversed(pairs)]:
                outcome = self._examiner.check(student, question, check)
                if outcome.status is not Status.PASSED:
                    found.breaches.append(
                        f"{question.name}: {check.id} is {outcome.status} for the model solution "
                        f"when run in random order: {outcome.internal or ''}")

    def _alone(self, found: StepResult, question: Question) -> None:
        """The solution passes every check in a worker that has met no other."""
        if question.name in self._unsound:
            return
        for check in self._examiner.suite.checks[question.name]:
            with contextlib.closing(self._judge.sessions(self._needed)) as sessions:
                sessions.secrets_come()
                outcome = self._examiner.check(sessions.deciding(), question, check)
            if outcome.status is not Status.PASSED:
                found.breaches.append(f"{question.name}: {check.id} is {outcome.status} for the "
                                      f"model solution when run alone: {outcome.internal or ''}")

    # ------------------------------------------------------------ trusted code, in this process

    def _mutants(self, found: StepResult, question: Question) -> None:
        for mutant in mutants(self._examiner, question):
            found.mutants += 1
            if not mutant.killed:
                found.breaches.append(f"{question.name}: nothing kills a version of "
                                      f"{mutant.name} that {mutant.fault}")
        if not self._examiner.staff.variables.issuperset(question.names):
            found.fixed = [f"{question.name}.{check.id}"
                           for check in self._examiner.suite.checks[question.name]
                           if check.visibility is Visibility.HIDDEN
                           and not self._examiner.draws(question, check)]

    def _verdicts(
        self, question: Question, number: int
    ) -> Iterator[tuple[str, Status, str | None]]:
        """On the reference and every variant, of inputs drawn with one secret. The boundary, which
        is not crossed here, does not change what a check sees."""
        examiner = self._examiner.with_key(_secret(number))
        right = {name: getattr(examiner.staff.reference, name)
                 for name in examiner.assignment.names}
        for said, changed in [("the reference", {}), *(
                (each.id, {each.name: each.implementation}) for each in self._variants.values()
                if each.name in question.names)]:
            for outcome in examiner.question(Local(right | changed), question):
                yield (f"{question.name}.{outcome.check.id} for {said}", outcome.status,
                       outcome.internal)

    # ------------------------------------------------------------ what belongs to what

    def _owner(self, variant: Variant) -> Question:
        owner = self._assignment.owner(variant.name)
        assert owner is not None, "staff.load has checked it"
        return owner

    def _own(self, result: Result, question: str) -> QuestionGrade:
        return next(each for each in self._grades(result) if each.name == question)

    def _grades(self, result: Result) -> list[QuestionGrade]:
        return [question_grade(question, self._assignment.question(question.name),
                               self._assignment) for question in result.questions]


def _notebook(solution: Notebook, *variants: Variant) -> bytes:
    """A notebook of these cells, with variants defined after everything else."""
    sources = [*(cell.source.lstrip("\n") for cell in solution.cells),
               *(variant.program for variant in variants)]
    return str(nbformat.writes(v4.new_notebook(cells=[
        v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)
    ]))).encode()


def _statements(notebook: Notebook, question: Question) -> set[tuple[str | None, str]]:
    """Those that a question needs; of what is imported, with the name that it has then: another
    name is nothing to who does not know it."""
    found: set[tuple[str | None, str]] = set()
    for cell in needed(notebook, question.names).cells:
        for node in ast.parse(cell.source.lstrip("\n")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                origin = node.module if isinstance(node, ast.ImportFrom) else ""
                found |= {(each.asname or each.name, f"{origin}.{each.name}")
                          for each in node.names}
            else:
                found.add((None, ast.unparse(node)))
    return found


def _patient(course: Course, name: str) -> Course:
    """With more time for everything, and nothing explained but by the catalogue."""
    limits = course.assignment(name).limits
    longer = limits.model_copy(update={
        key: _PATIENCE * value for key, value in limits if key.endswith("_seconds")})
    return _with(course.model_copy(update={"feedback": FeedbackTable(repair=False)}), name,
                 lambda table: table.model_copy(update={"limits": longer}))


def _unlinked(course: Course, name: str) -> Course:
    """The course in which no question builds on another."""
    return _with(course, name, lambda table: table.model_copy(update={"questions": [
        question.model_copy(update={"uses": []}) for question in table.questions]}))


def _with(course: Course, name: str, change: Callable[[Assignment], Assignment]) -> Course:
    return course.model_copy(update={
        "assignments": course.assignments | {name: change(course.assignment(name))}})


def _secret(number: int) -> bytes:
    return f"audit-{number}".encode()


def _submission(assignment: str, student: str, notebook: bytes) -> Submission:
    return Submission(student=student, assignment=assignment,
                      files={f"{assignment}.ipynb": notebook}, submitted_at=None)


def _audit_solution(found: StepResult, result: Result) -> None:
    for question in result.questions:
        failed = [f"{check.id} ({check.fault})" if check.fault else check.id
                  for check in question.checks if check.status is not Status.PASSED]
        if failed:
            found.breaches.append(f"{question.name}: the model solution does not pass "
                                  f"{', '.join(failed)}")
    if not result.is_graded and not found.breaches:
        found.breaches.append(f"the model solution is {result.status}: {result.message}")


def _lost(question: QuestionGrade) -> str:
    failed = [check.id for check in question.checks if check.score < check.max_score]
    return (f"{question.name}: only {question.score:g} of {question.max_score:g} "
            f"(fails {', '.join(failed)})")


def _built_on(assignment: Assignment, name: str) -> set[str]:
    """The question ``name`` and every question that builds on it, however indirectly."""
    found = {name}
    while True:
        more = {
            question.name for question in assignment.questions
            if any((owner := assignment.owner(used)) and owner.name in found
                   for used in question.uses)
        }
        if more <= found:
            return found
        found |= more
