"""Audits hidden suites: grades what must pass and what must fail, and says where a suite is wrong.

Everything goes through the real sandbox: the model solution (all points), the untouched stubs
(none), right but unusual solutions (all, or what is promised), and every misconception, which
must cost points on its own question and on no question that does not build on it. Then the
verdicts on all of these must not depend on the secret, nor on the company or order of checks. And
what any function can get wrong (see ``mutants``) must fail on every question, and so must what
breaks a promise of a docstring (see ``promises``).
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

import nbformat
from nbformat import v4

from autograder.authoring import build
from autograder.authoring.breakings import broken
from autograder.authoring.mutants import mutants
from autograder.course import Assignment, Course, FeedbackTable, Question, Tier
from autograder.gradebook import QuestionGrade, question_grade
from autograder.judge import Judge
from autograder.judge.examiner import Examiner
from autograder.judge.implementation import Local
from autograder.judge.scoring import Outcome
from autograder.judge.staff import Misconception, Variant
from autograder.report.words import cell_error
from autograder.result import Result, Status, Visibility
from autograder.submission import Submission, divided, needed, read


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
class Audit:
    """What an audit of one assignment found. Empty ``breaches``: the suite is sound."""

    assignment: str
    breaches: list[str] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    alternatives: dict[str, float] = field(default_factory=dict)  # id -> share of the points
    alike: list[tuple[str, str]] = field(default_factory=list)  # no check tells them apart
    secrets: int = 0
    undiagnosed: list[str] = field(default_factory=list)  # misconceptions feedback cannot name
    fixed: list[str] = field(default_factory=list)  # hidden checks of code that draw nothing
    skipped: list[str] = field(default_factory=list)  # checks taken out, and why
    mutants: int = 0  # generic ones that were made


def audit(
    course: Course, name: str, *, secrets: int = 20, tier: Tier | None = None
) -> Audit:
    """Audit one assignment.

    Args:
        secrets: how many secrets the verdicts are compared over.

    Raises:
        JudgeError, BuildError: the suite, a reference or the master is broken.
    """
    found = Audit(name, secrets=secrets)
    with contextlib.redirect_stdout(io.StringIO()):  # what references print is for the checks
        _audit(found, course, name, secrets, tier)
    return found


def _audit(found: Audit, course: Course, name: str, secrets: int, tier: Tier | None) -> None:
    only_verdicts = course.model_copy(update={"feedback": FeedbackTable(repair=False)})
    with Judge(only_verdicts, name, secret=_secret(0), tier=tier) as judge:
        solution = build.solution_notebook(course, name)
        stubs = build.build(course, name).files[f"{name}.ipynb"]
        solved = judge.grade(_submission(name, "solution", solution))
        unsound = _audit_solution(found, solved)
        stub = judge.grade(_submission(name, "stubs", stubs))
        if (score := sum(each.score for each in _grades(judge.assignment, stub))) != 0:
            found.breaches.append(f"the untouched stubs score {score:g}, not 0")
        for alternative in judge.examiner.staff.alternatives:
            question = _own(judge.assignment, _grade_variant(judge, solution, solved, alternative),
                            alternative)
            share = question.score / question.max_score
            found.alternatives[f"{question.name}/{alternative.id}"] = share
            if share < alternative.at_least:
                found.breaches.append(f"{_lost(question)}, though {alternative.id} is right")
        for misconception in judge.examiner.staff.misconceptions:
            _audit_misconception(found, judge, solution, solved, misconception, unsound)
        _audit_kills(found, judge.examiner)
        _audit_mutants(found, judge.examiner)
        found.breaches += [f"{question}: {wrong}" for question, wrong in broken(
            judge.examiner, course.solutions(name) / "notebook.py")]
        found.fixed = [
            f"{question.name}.{check.id}" for question in judge.examiner.assignment.questions
            if not judge.examiner.staff.variables.issuperset(question.names)
            for check in judge.examiner.suite.checks[question.name]
            if check.visibility is Visibility.HIDDEN and not judge.examiner.draws(question, check)]
        found.skipped = [f"{question}.{check.id} ({check.reason})"
                         for question, checks in judge.examiner.suite.skipped.items()
                         for check in checks]
        _audit_independence(found, judge, _submission(name, "solution", solution), unsound)
        _audit_secrets(found, judge.examiner, secrets)


def audit_all(
    course: Course, names: Sequence[str], *, secrets: int = 20
) -> Iterator[Audit]:
    """Audit several assignments, as many at a time as there are cores; in the order of names."""
    with ProcessPoolExecutor(
        min(os.cpu_count() or 1, len(names)), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        yield from pool.map(partial(audit, course, secrets=secrets), names)


def _secret(number: int) -> bytes:
    return f"audit-{number}".encode()


def _submission(assignment: str, student: str, notebook: bytes) -> Submission:
    return Submission(student=student, assignment=assignment,
                      files={f"{assignment}.ipynb": notebook}, submitted_at=None)


def with_variant(solution: bytes, variant: Variant) -> bytes:
    """The solution notebook with ``variant`` defined after everything else."""
    notebook = nbformat.reads(solution.decode(), as_version=4)
    notebook.cells.append(v4.new_code_cell(variant.program))
    return str(nbformat.writes(notebook)).encode()


def _grade_variant(judge: Judge, solution: bytes, solved: Result, variant: Variant) -> Result:
    """Of tests that students write, and of all else, what the variant is none of is not graded
    again: neither sees the other."""
    about_tests = _owner(judge.assignment, variant).kind == "tests"
    known = [each for each in solved.questions
             if (judge.assignment.question(each.name).kind == "tests") != about_tests]
    notebook = with_variant(solution, variant)
    return judge.grade(_submission(judge.assignment.name, variant.id, notebook),
                       solved.model_copy(update={"questions": known}))


def _owner(assignment: Assignment, variant: Variant) -> Question:
    owner = assignment.owner(variant.name)
    assert owner is not None, "staff.load has checked it"
    return owner


def _own(assignment: Assignment, result: Result, variant: Variant) -> QuestionGrade:
    owner = _owner(assignment, variant)
    return next(each for each in _grades(assignment, result) if each.name == owner.name)


def _grades(assignment: Assignment, result: Result) -> list[QuestionGrade]:
    return [question_grade(question, assignment.question(question.name), assignment)
            for question in result.questions]


def _audit_solution(found: Audit, result: Result) -> set[str]:
    """The questions that the model solution fails: what else fails them tells nothing."""
    unsound = set()
    for question in result.questions:
        failed = [f"{check.id} ({check.fault})" if check.fault else check.id
                  for check in question.checks if check.status is not Status.PASSED]
        if failed:
            unsound.add(question.name)
            found.breaches.append(f"{question.name}: the model solution does not pass "
                                  f"{', '.join(failed)}")
    if not result.is_graded and not unsound:
        found.breaches.append(f"the model solution is {result.status}: {result.message}")
    return unsound


def _audit_misconception(
    found: Audit, judge: Judge, solution: bytes, solved: Result, misconception: Misconception,
    unsound: set[str],
) -> None:
    result = _grade_variant(judge, solution, solved, misconception)
    if not result.questions:
        found.breaches.append(f"{misconception.id}: {result.status}: {result.message}")
        return
    own = _own(judge.assignment, result, misconception)
    found.kills.append(Kill(
        misconception.id, own.name, own.score, own.max_score,
        {check.id: check.status for check in own.result.checks},
        tuple(diagnosis.id for diagnosis in own.result.diagnosis),
    ))
    if own.score >= own.max_score:
        found.breaches.append(f"{own.name}: nothing kills {misconception.id}")
    if _owner(judge.assignment, misconception).is_examined \
            and misconception.id not in found.kills[-1].diagnosed \
            and own.result.status is not Status.FORBIDDEN:
        found.undiagnosed.append(misconception.id)
    affected = _built_on(judge.assignment, own.name) | unsound
    for question in _grades(judge.assignment, result):
        if question.name not in affected and question.score < question.max_score:
            found.breaches.append(f"{_lost(question)} by {misconception.id}, a misconception "
                                  f"about {own.name}, on which it does not build")


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


def _audit_kills(found: Audit, examiner: Examiner) -> None:
    for question, checks in examiner.suite.checks.items():
        kills = [kill for kill in found.kills if kill.question == question]
        killing = {check for kill in kills for check in kill.failed}
        for check in checks:
            if check.id not in killing:
                found.breaches.append(f"{question}: {check.id} kills no misconception")
        found.alike += [(one.id, other.id) for one, other in combinations(kills, 2)
                        if one.id in other.diagnosed and other.id in one.diagnosed]


def _audit_mutants(found: Audit, examiner: Examiner) -> None:
    """Trusted code, too."""
    for mutant in mutants(examiner):
        found.mutants += 1
        if not mutant.killed:
            found.breaches.append(f"{mutant.question}: nothing kills a {mutant.name} that "
                                  f"{mutant.fault}")


def _audit_independence(
    found: Audit, judge: Judge, submission: Submission, unsound: set[str]
) -> None:
    """Every cell of the solution runs, those that grading does not need too. It passes every check
    alone, in a fresh worker, and all in random order."""
    notebook = judge.surrounded(divided(read(submission)))
    sessions = judge.sessions(notebook)
    student = sessions.deciding()
    for error in student.load.errors:
        found.breaches.append(f"the model solution fails: {cell_error(error)}")
    pairs = [(question, check) for question in judge.examiner.assignment.questions
             if question.name not in unsound
             for check in judge.examiner.suite.checks[question.name]]
    random.Random(0).shuffle(pairs)
    for way in ("in random order", "alone"):
        for question, check in pairs:
            if way == "alone":
                sessions.close()
                sessions = judge.sessions(needed(notebook, judge.assignment.names))
                student = sessions.deciding()
            outcome = judge.examiner.check(student, question, check)
            if outcome.status is not Status.PASSED:
                found.breaches.append(f"{question.name}: {check.id} is {outcome.status} for the "
                                      f"model solution when run {way}: {outcome.internal or ''}")
        pairs.reverse()  # what comes last here comes first alone
    sessions.close()


def _audit_secrets(found: Audit, examiner: Examiner, secrets: int) -> None:
    """Every variant gets the same verdicts whatever inputs are drawn. Trusted code: it runs here,
    without the boundary, which does not change what a check sees."""
    variants: Sequence[Variant] = (
        *examiner.staff.misconceptions, *examiner.staff.alternatives
    )
    flaky: set[str] = set()
    for variant in (None, *variants):
        verdicts: dict[str, list[Outcome]] = {}
        for number in range(secrets):
            for name, outcome in _verdicts(examiner.with_key(_secret(number)), variant):
                verdicts.setdefault(name, []).append(outcome)
        flaky |= {f"{name} for {variant.id if variant else 'the reference'}: {_differing(outcomes)}"
                  for name, outcomes in verdicts.items()
                  if len({outcome.status for outcome in outcomes}) > 1}
    found.breaches += [f"flaky: {name}" for name in sorted(flaky)]


def _differing(outcomes: Sequence[Outcome]) -> str:
    """Which verdicts there are under how many secrets, and the suite's own exception."""
    counts = Counter(outcome.status for outcome in outcomes)
    said = ", ".join(f"{status} under {count}" for status, count in sorted(counts.items()))
    fault = next(filter(None, (outcome.internal for outcome in outcomes)), None)
    return f"{said} of {len(outcomes)} secrets" + (f" ({fault})" if fault else "")


def _verdicts(examiner: Examiner, variant: Variant | None) -> Iterator[tuple[str, Outcome]]:
    names = examiner.assignment.names
    values = {name: getattr(examiner.staff.reference, name) for name in names}
    questions = examiner.assignment.questions
    if variant is not None:
        values[variant.name] = variant.implementation
        questions = [q for q in questions if variant.name in q.names]
    local = Local(values)
    for question in questions:
        for outcome in examiner.question(local, question):
            yield f"{question.name}.{outcome.check.id}", outcome
