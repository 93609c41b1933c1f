"""The result record: the verdicts on one submission.

It is the schema (``autograder/result/v3``) that every other wing speaks: the judge makes
results, the store keeps them, the gradebook says what they are worth. No points stand in it.
``docs/formats.md`` explains it field by field; ``json_schema()`` is generated from the models
below.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import metadata
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from autograder import __version__


class Record(BaseModel):
    """Base of every model here: frozen, and strict about its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(Record):
    """A sentence somebody may read: an English template and the values that go into it.

    Kept apart so that a report can look ``text`` up in a catalogue of another language
    and fill in the same values afterwards.
    """

    text: str
    values: dict[str, str | int | float] = {}

    def __str__(self) -> str:
        return self.text.format(**self.values)


def sentence(text: str, **values: str | int | float) -> Sentence:
    """A student-facing sentence. ``text`` is its message id in the translation catalogues."""
    return Sentence(text=text, values=values)


UNWRITTEN = sentence("Not implemented yet.")


class Status(StrEnum):
    """The verdict on one check, and, summed up, on one question."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # the student's code raised
    TIMEOUT = "timeout"
    CRASHED = "crashed"  # the worker was killed: memory, a signal, an early exit
    MISSING = "missing"  # the name is not defined
    FORBIDDEN = "forbidden"  # used what the question forbids
    DEFERRED = "deferred"  # not timed yet, or not to be timed here: counts for nothing yet
    INTERNAL = "internal"  # our fault: never scored, always graded again

    @property
    def is_undecided(self) -> bool:
        """Whether nobody knows yet what it is worth."""
        return self in (Status.DEFERRED, Status.INTERNAL)


class SubmissionStatus(StrEnum):
    GRADED = "graded"
    UNREADABLE = "unreadable"
    INTERNAL = "internal"


class Visibility(StrEnum):
    """How much of a check a student may see."""

    VISIBLE = "visible"  # title, inputs, outputs, messages
    HIDDEN = "hidden"  # title and outcome
    SILENT = "silent"  # nothing: staff only


class MismatchKind(StrEnum):
    """In what respect an answer differs from the reference's."""

    TYPE = "type"
    SHAPE = "shape"
    DTYPE = "dtype"
    DEVICE = "device"
    VALUES = "values"
    KEYS = "keys"  # of a dict, or members of a set
    TEXT = "text"  # a line of what is printed
    NAN = "nan"
    GRADIENT = "gradient"
    MUTATED = "mutated"  # the function changed its input
    ACCEPTED = "accepted"  # bad arguments were not refused
    OTHER = "other"  # an assertion of the suite


class Array(Record):
    """A tensor, or an array of NumPy, as people may look at it; ``values`` is flat, row-major, None
    when too large."""

    library: Literal["torch", "numpy"] = "torch"
    shape: list[int]
    dtype: str
    values: list[float | int | bool | None] | None = None  # None inside: not a finite number


Shown: TypeAlias = Array | str
"""An argument or answer as shown to people: a tensor's numbers, or any other value's text."""


class Part(Record):
    """A part of an answer, or of what the call left behind."""

    name: str = Field("", description="what the suite or a module calls it; empty: the answer")
    argument: int | None = Field(None, description="this argument of the call, from 1")
    gradient: bool = Field(False, description="its gradient")
    index: tuple[int | str, ...] = Field(
        (), description="of the element in it, outermost first: its place from 0, or its key as "
        "Python writes it")

    def at(self, index: int | str) -> Part:
        """The element of it at ``index``."""
        return self.model_copy(update={"index": (*self.index, index)})


class Mismatch(Record):
    """How one answer differs from the reference's. Fields that do not apply are None."""

    kind: MismatchKind
    expected_type: str | None = None
    actual_type: str | None = None
    expected_shape: list[int] | None = None
    actual_shape: list[int] | None = None
    expected_dtype: str | None = None
    actual_dtype: str | None = None
    first_wrong: list[int] | None = Field(None, description="index of the first wrong element")
    wrong_count: int | None = None
    total_count: int | None = None
    largest_error: float | None = Field(None, description="largest |actual − expected|")
    missing: list[str] | None = Field(
        None, description="keys or members that are not there, as Python writes them; the first "
        "few")
    extra: list[str] | None = Field(None, description="those that should not be there")
    line: int | None = Field(None, description="first line of a text that differs, from 1")
    expected_line: str | None = Field(None, description="null: the text has ended before it")
    actual_line: str | None = None
    where: Part | None = Field(
        None, description="the part that differs; null: the whole answer")


class Evidence(Record):
    """What was asked and answered in the call that decided a check."""

    function: str
    arguments: list[Shown] = []
    keywords: dict[str, Shown] = Field({}, description="arguments that were given by name")
    expected: Shown | None = None
    actual: Shown | None = None


class Account(Record):
    """How one check went in one session, in detail. A passed check has none."""

    status: Status
    message: Sentence | None = None
    raised: str | None = Field(
        None, description="nearest built-in type of the exception that the student's code raised")
    line: int | None = Field(None, description="line in the student's own cell, 1-based")
    cell: int | None = Field(None, description="the student's own cell, 0-based")
    text: str | None = Field(None, description="the exception's type and what it says")
    source: str | None = Field(None, description="the line itself")
    advice: Sentence | None = Field(None, description="what is to be done about it")
    mismatch: Mismatch | None = None
    evidence: Evidence | None = None
    follows: str | None = Field(
        None, description="id of the check whose failure leads to this one")

    @property
    def said(self) -> str | None:
        """What the exception says; nothing of code that says itself that it is not written yet."""
        return None if self.message == UNWRITTEN else self.text


class CheckResult(Record):
    """One check (one pytest test of the suite) on one submission.

    What the deciding session saw has met secret inputs, and is for staff. What the explaining
    session saw is for the student, too. Which session takes which checks says docs/security.md.
    """

    id: str = Field(description="test function's name, unique in its question")
    title: str
    status: Status
    weight: Fraction = Field(Fraction(1), description="its part in the question's points")
    earned: Fraction = Field(Fraction(0), description="share of its points that it earned, 0 to 1")
    visibility: Visibility = Visibility.HIDDEN
    explained: Account | None = Field(
        None, description="how it failed in the explaining session; null: it passed there, or was "
                          "not put")
    decided: Account | None = Field(
        None, description="for staff: how it failed in the deciding session")
    fault: str | None = Field(
        None, description="for staff: where in the suite which exception made it internal")

    @property
    def account(self) -> Account | None:
        """Of the session that decided its status."""
        return self.explained if self.visibility is Visibility.VISIBLE else self.decided


class SkippedCheck(Record):
    """A check that its author takes out for everybody by ``pytest.mark.skip``. It is not run."""

    id: str
    title: str
    reason: str


class Diagnosis(Record):
    """A misconception whose answers equal the student's on the failing checks it explains.

    Several of a question that explain the same checks cannot be told apart; those that explain
    different ones are several mistakes.
    """

    id: str
    message: Sentence
    checks: list[str] = Field([], description="ids of the checks whose failure it explains")


class Wire(Record):
    """An element of the image that met a weight of the kernel in one output."""

    pixel: list[int]
    weight: list[int]


class Wiring(Record):
    """Which pixels met which weights in the first wrong output of a visible check."""

    function: str
    image: list[int] = Field(description="shape")
    kernel: list[int] = Field(description="shape")
    output: list[int] = Field(description="index")
    given: list[Wire]
    expected: list[Wire]


class RepairKind(StrEnum):
    """What somebody has to look at whose code a small change makes right."""

    AXIS = "axis"  # which axis, or which part of a size
    NUMBER = "number"
    NAME = "name"  # another one is meant
    ORDER = "order"  # two things stand in each other's place
    STEP = "step"  # one too many
    TWIN = "twin"  # another operation of its family is meant
    OPERATOR = "operator"
    WINDOW = "window"  # where a slice begins and ends
    LOOP = "loop"  # what it runs over
    PLACE = "place"  # in the wrong block
    SUM = "sum"  # added to what is there, or in its place
    INPLACE = "inplace"  # changes what others still need
    UNKEPT = "unkept"  # a result that nobody keeps
    UNUSED = "unused"  # something given that is used nowhere
    RETURN = "return"  # missing
    IMPORT = "import"  # missing
    SUPER = "super"  # ``super().__init__()`` is missing, or comes too late
    TENSOR = "tensor"  # with a dtype and a device of its own
    PARAMETER = "parameter"  # a plain tensor in the place of an nn.Parameter
    DEFAULT = "default"  # a parameter without one
    NUMPY = "numpy"  # arrays, where tensors are given
    PAIR = "pair"  # one number in the place of two


class Repair(Record):
    """The smallest change found of the student's own code with which the question's checks come out
    right: a proof of what is wrong. It was found, and holds, on inputs that everybody may know."""

    kind: RepairKind
    function: str = Field(description="the student's function or class that it changes")
    cell: int | None = Field(
        description="the student's own cell, 0-based; null for a script's lines")
    line: int = Field(description="line in that cell, or in the script, 1-based")
    code: str | None = Field(
        None, description="the difference, where the course shows it to students")
    difference: str = Field("", description="for staff: the change, as a unified diff")


class Performance(Record):
    """The student's time over the staff solution's, as the judge clocked it."""

    ratio: float | None = None
    interval: tuple[float, float] | None = None
    pairs: int = 0
    disturbed: int = Field(0, description="pairs left out, because something else took their time")
    tier: str | None = Field(
        None, description="share of the question's points that its time earned: '90%'; it has "
        "nothing to do with tiers of the sandbox")
    device: str = "cpu"
    transfer: Literal["timed", "shared"] | None = Field(
        None, description="of a GPU: 'timed' where its times include copies of the numbers to the "
        "device and back, the staff's as well; 'shared' where numbers are there beforehand")
    suspicion: str = Field("", description="for staff: why a person should read the code")


class Measurement(Record):
    """A number that the judge found of a question on secret inputs, and held against steps, each of
    which is a check. Whole percents are all that is kept: whatever is told of it says no more."""

    what: Sentence = Field(description="what it is of: 'unseen images that are read'")
    percent: int = Field(ge=0, le=100)


class QuestionResult(Record):
    """The verdict on one question, summed up, and those on its checks."""

    name: str
    status: Status
    corrected: Fraction | None = Field(
        None, description="share of the points that a run on corrected helpers earned, 0 to 1"
    )
    suite: str = Field("", description="digest of all that decided the question's verdicts")
    message: Sentence | None = None
    diagnosis: list[Diagnosis] = []
    wiring: Wiring | None = Field(None, description="where no diagnosis fits, and one can be had")
    repair: Repair | None = Field(None, description="where no diagnosis fits, and one was found")
    unexplained: str | None = Field(
        None, description="for staff: which exception of ours cost an explanation")
    checks: list[CheckResult] = []
    skipped: list[SkippedCheck] = Field(
        [], description="for staff: checks that count for nothing from the start")
    performance: Performance | None = None
    measured: Measurement | None = Field(
        None, description="where checks of the question hold a number against steps; null: none "
                          "could be found")
    text: str | None = Field(
        None, description="what was written for a question in free text; empty: nothing beyond "
                          "what was handed out; null: no cell answers it")

    @property
    def earned(self) -> Fraction:
        """The share of the points that the student's own functions earned, 0 to 1."""
        return earned_share(self.status, [(check.weight, check.earned) for check in self.checks])


def earned_share(status: Status, checks: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """The share of a question's points that its checks earn together, 0 to 1: nothing where there
    are none, and nothing with what the question forbids.

    Args:
        status: the question's.
        checks: of each its weight, and the share of its own points that it earned.
    """
    if status is Status.FORBIDDEN or not checks:
        return Fraction(0)
    return sum((weight * earned for weight, earned in checks), Fraction(0)) \
        / sum(weight for weight, _ in checks)


def status_of(questions: Iterable[QuestionResult]) -> SubmissionStatus:
    """The status of a submission that was examined: a fault of ours in one question is one of the
    whole, which is graded again."""
    is_ours = any(question.status is Status.INTERNAL for question in questions)
    return SubmissionStatus.INTERNAL if is_ours else SubmissionStatus.GRADED


class CellError(Record):
    """A statement that did not run to its end, or a cell that is no Python. The other statements
    still count. Cells run before the first input, so that students may read all of this."""

    cell: int | None = Field(
        description="index among the notebook's code cells, 0-based; null for a script's lines")
    type: str = Field(description="exception type; of what was stopped, 'Timeout' or 'Crashed'")
    stopped: Literal["timeout", "crashed"] | None = Field(
        None, description="how the judge stopped it; null: it raised, whatever that is called, or "
                          "is no Python")
    line: int | None = Field(None, description="line in that cell, or in the script, 1-based")
    message: str = Field("", description="what the exception says")
    reason: Sentence | None = Field(
        None, description="why it was not run, or what is to be done about it")


class Load(Record):
    """What happened when the notebook's cells were run."""

    cells: int = 0
    left_out: int = Field(0, description="cells that no graded name depends on; they were not run")
    errors: list[CellError] = []
    seconds: float = 0.0
    output: str = Field("", description="end of what the notebook printed; for staff")


class Suspicion(Record):
    """What a notebook names that gets at the process it runs in. It costs nothing by itself."""

    name: str
    cell: int | None = Field(
        description="index among the notebook's code cells, 0-based; null: it is in a module")
    line: int = Field(description="line in that cell, or module, 1-based")
    module: str = Field("", description="the file of a module that was handed in beside it")


class Prediction(Record):
    """What a notebook says that it expected, by ``predict``. It is worth nothing."""

    name: str
    answer: str = Field(description="as it is counted: brackets and letter case alike")


class SubmissionRecord(Record):
    digest: str = Field(description="sha256 over the names and contents handed in")
    files: dict[str, str] = Field({}, description="file name -> sha256")
    submitted_at: datetime | None = None
    due: datetime | None = Field(
        None, description="a deadline that came with the submission; null: grader.toml's counts")
    team: str | None = Field(None, description="the team that it was handed in for")
    handed_in_by: str | None = Field(
        None, description="id of the member of the team who did; null: its files are the team's")
    said: list[Sentence] = Field(
        [], description="what student and staff should know of it: which of several files was "
        "graded; that it looks like another assignment's, or has nothing of what is graded")


class Environment(Record):
    autograder: str
    python: str
    torch: str
    platform: str
    sandbox: str = Field(
        description="tier: namespaces, landlock or none; unknown where no worker answered")
    suite: str = Field(description="digest of all that decided the verdicts")
    seed: str = Field(description="fingerprint of the course's secret, never the secret")

    @classmethod
    def here(cls, *, sandbox: str, suite: str, fingerprint: str) -> Environment:
        """That of this process, which need not have imported torch.

        Args:
            fingerprint: of the course's secret; ``seed`` is what records call it.
        """
        return cls(
            autograder=__version__, python=platform.python_version(), torch=torch_version(),
            platform=f"{sys.platform}-{platform.machine()}", sandbox=sandbox, suite=suite,
            seed=fingerprint)


@cache
def torch_version() -> str:
    """Of the torch that judges import; it is not imported here."""
    return metadata.version("torch")


class Result(Record):
    """The verdicts on one submission. They count only with ``status`` ``graded``."""

    schema_: Literal["autograder/result/v3"] = Field("autograder/result/v3", alias="schema")
    assignment: str
    student: str
    status: SubmissionStatus
    message: Sentence | None = Field(None, description="why, when status is not graded")
    submission: SubmissionRecord
    environment: Environment
    questions: list[QuestionResult] = []
    load: Load = Load()
    suspicions: list[Suspicion] = Field([], description="for staff: why to read the code")
    predictions: list[Prediction] = Field(
        [], description="where the course keeps them: see `[feedback] predictions`")
    seconds: float = 0.0

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True,
        serialize_by_alias=True,
    )

    @property
    def is_graded(self) -> bool:
        return self.status is SubmissionStatus.GRADED

    @property
    def is_erased(self) -> bool:
        """Whether its person was erased: it is nobody's, and counts in statistics alone."""
        return not self.submission.digest

    def question(self, name: str) -> QuestionResult | None:
        """The verdict on the question of that name; None where there is none."""
        return next((question for question in self.questions if question.name == name), None)


def for_student(result: Result) -> Result:
    """The part of a result its student may see: every report made for students starts here.

    It is made anew of what is listed here, so that what is added to a record stays with staff
    until it is listed. Of the deciding session, which met secret inputs, only outcomes and earned
    shares are: which of the checks that are not silent passed, what is forbidden, and a number
    that is measured, in whole percents. All text and every other number is of the explaining
    session, or of the time before the first input. What the notebook printed is left out: it is in
    the notebook.
    """
    load = result.load
    return Result(
        assignment=result.assignment, student=result.student, status=result.status,
        message=None if result.status is SubmissionStatus.INTERNAL else result.message,
        submission=result.submission, environment=result.environment,
        questions=[_question_for_student(question) for question in result.questions],
        load=Load(cells=load.cells, left_out=load.left_out, errors=load.errors),
        predictions=result.predictions,
    )


def _question_for_student(question: QuestionResult) -> QuestionResult:
    checks = [_check_for_student(check) for check in question.checks
              if check.visibility is not Visibility.SILENT]
    known = {check.id for check in checks}
    timed, fix = question.performance, question.repair
    return QuestionResult(
        name=question.name, status=_status_for_student(question.status, checks),
        corrected=question.corrected, suite=question.suite, message=question.message,
        diagnosis=[Diagnosis(id=one.id, message=one.message,
                             checks=[id for id in one.checks if id in known])
                   for one in question.diagnosis],
        wiring=question.wiring, repair=fix and Repair(
            kind=fix.kind, function=fix.function, cell=fix.cell, line=fix.line, code=fix.code),
        checks=checks,
        performance=timed and Performance(
            ratio=timed.ratio, interval=timed.interval, pairs=timed.pairs,
            disturbed=timed.disturbed, tier=timed.tier, device=timed.device,
            transfer=timed.transfer),
        measured=question.measured, text=question.text,
    )


def _check_for_student(check: CheckResult) -> CheckResult:
    """Why a check failed is said where the explaining session shows it; else only that it did. Of a
    name that is missing it is known before the first input."""
    status = check.status
    if status not in (Status.PASSED, Status.MISSING) and not status.is_undecided:
        status = check.explained.status if check.explained else Status.FAILED
    return CheckResult(
        id=check.id, title=check.title, status=status, weight=check.weight, earned=check.earned,
        visibility=check.visibility, explained=check.explained)


def _status_for_student(status: Status, checks: Sequence[CheckResult]) -> Status:
    """A question's status: one for all its checks only where these are seen to have it. Of a name
    that is missing it is known before the first input."""
    if status in (Status.PASSED, Status.FORBIDDEN, Status.MISSING) or status.is_undecided:
        return status
    seen = {check.status for check in checks}
    return seen.pop() if len(seen) == 1 and Status.PASSED not in seen else Status.FAILED


def json_schema() -> dict[str, Any]:
    """JSON Schema of the result record."""
    return Result.model_json_schema(by_alias=True)
