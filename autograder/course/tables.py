"""grader.toml as tables: typed models of all that it may say."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from autograder.course import people
from autograder.course.dates import in_zone, zone_named
from autograder.rules import CALL, OPERATOR, SHIPPED, Rule

Tier = Literal["namespaces", "landlock", "none"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""Sandbox tiers, strongest first."""

RuleName = Annotated[str, Field(min_length=1, max_length=100)]
"""What a question can forbid: one of ``autograder.rules.SHIPPED``, or of the course's own."""

RepairFeedback = Literal["line", "code", False]
"""What a student is told of a repair: the line and what to look at, the new code too, nothing."""

LanguageCode = Literal["en", "zh"]
"""The languages of what students read."""

Policy = Literal["latest", "best"]
"""Which of a student's submissions counts: the one handed in last, or the one with most points."""

LayoutName = Literal["folder", "canvas", "moodle", "gradescope", "nbgrader", "otter", "git"]
"""How a class's hand-ins lie, as people say it."""

_SQLITE_URL = re.compile(r"sqlite(?:\+\w+)?:///(?P<file>[^?]+)(?:\?(?P<query>.*))?", re.DOTALL)

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float):  # pydantic would take it for seconds since 1970
        raise PydanticCustomError("datetime_type", "a number is no time")
    return value


DueDate = Annotated[AwareDatetime, BeforeValidator(_no_number)]


def _zone(name: str) -> str:
    if zone_named(name) is None:
        raise PydanticCustomError(
            "timezone", "no zone of the time-zone database; write for example Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]


class Table(BaseModel):
    """Base of every table in grader.toml: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Limits(Table):
    """What one submission may use. Seconds are wall-clock seconds."""

    load_seconds: float = Field(60, gt=0, description="all cells of the notebook together")
    cell_seconds: float = Field(10, gt=0, description="one cell; it is skipped when it overruns")
    call_seconds: float = Field(4, gt=0, description="one call of a graded function")
    submission_seconds: float = Field(180, gt=0, description="everything; the rest times out")
    memory_mb: int = Field(1024, ge=64, description="memory beyond torch's own")
    scratch_mb: int = Field(16, ge=1, description="files the notebook may write")
    output_kb: int = Field(64, ge=1, description="printed text that is kept for staff")
    answer_mb: int = Field(64, ge=1, description="largest answer of one call")


class SandboxPolicy(Table):
    """How well workers have to be confined."""

    require: Tier = Field("landlock", description="least tier that may grade")


class StoreTable(Table):
    """Where results are kept."""

    url: str = Field("sqlite:///results/grades.db", description="SQLAlchemy database URL")
    keep_years: float | None = Field(
        None, gt=0, description="how long what is kept of a person may stay; `autograder person` "
        "lists what is older")

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if "://" not in url:
            raise PydanticCustomError(
                "url", "not a database URL; write for example sqlite:///results/grades.db"
            )
        return url


class HandInsTable(Table):
    """Whether the files that were handed in are kept."""

    keep: bool = Field(
        True, description="keep every file that is graded, compressed, beside the store")


class PeopleTable(Table):
    """Who is in the course."""

    file: str = Field("people.csv", description="table of the course's people, beside grader.toml; "
                      "`autograder people import` fills it")
    anonymous: bool = Field(False, description="show staff pseudonyms in the place of ids and "
                            "names, on pages and in tables")


class FeedbackTable(Table):
    """What is looked for beyond verdicts."""

    repair: RepairFeedback = Field(
        "line", description="the smallest change that makes wrong code right: students are told "
        "its line and what to look at there (`line`), or see the change (`code`); `false`: none is "
        "looked for")


class LatePolicy(Table):
    """Points taken off for lateness: ``per_day`` for each day begun, at most ``cap``.

    A day ends when clocks in the course's ``timezone`` show the time of the due date again; in a
    course without one, after 24 hours."""

    grace_minutes: int = Field(0, ge=0, description="lateness that is forgiven")
    per_day: Share = Field(0, description="share of the earned score taken for each day begun")
    cap: Share = Field(1, description="largest share that lateness can take")
    bank: int = Field(0, ge=0, description="slip days of each student in the whole course: late "
                      "days that cost nothing, spent where they bring most points")
    at_most: int | None = Field(
        None, ge=1, description="slip days that one assignment can take; none: as many as are left")


Device = Literal["cpu", "cuda"]
DEVICES: tuple[Device, ...] = get_args(Device)
"""What a function can be timed on."""

Size = Annotated[int, Field(ge=1, le=1 << 20)]


class Problem(Table):
    """Arguments that a function is timed on: float32 tensors of these shapes, then numbers."""

    tensors: list[list[Size]] = Field(
        min_length=1, description="shapes of the float32 tensors that come first")
    numbers: list[int | list[int]] = Field(
        [], description="whole numbers that follow; a list stands for a tuple")


class Timed(Table):
    """What is timed against the staff's solution, and what a ratio of times is worth."""

    of: Identifier = Field(description="the graded function that is timed")
    device: Device = Field(
        "cpu", description="what it is timed on: the machine's cores, or its GPU")
    threads: int = Field(1, ge=1, le=64, description="cores the function may use")
    problems: list[Problem] = Field(
        min_length=1, description="what it is called on; each is worth as much as the others")
    tiers: list[tuple[Annotated[float, Field(gt=0)], Share]] = Field(
        [(1.25, 1.0), (1.75, 0.9), (3.0, 0.7), (6.0, 0.4), (10.0, 0.2)], min_length=1,
        description="largest ratio of the student's time to the staff's, share of the points",
    )

    @field_validator("tiers")
    @classmethod
    def _fall(cls, tiers: list[tuple[float, float]]) -> list[tuple[float, float]]:
        limits, shares = [limit for limit, _ in tiers], [share for _, share in tiers]
        if limits != sorted(set(limits)) or shares != sorted(shares, reverse=True):
            raise PydanticCustomError(
                "tiers", "ratios must rise and shares fall; write for example "
                "[[1.25, 1.0], [3.0, 0.5]]")
        return tiers


class RubricItem(Table):
    """One line of what a free text is marked by."""

    text: str = Field(description="what earns the points")
    points: Decimal = Field(gt=0, description="how many it earns")


def _path_inside(path: str) -> str:
    parts = path.split("/")
    if "\\" in path or not all(parts) or {".", ".."} & {*parts} \
            or parts[0] in ("checks", "tests", "requirements.txt") or path.endswith(".ipynb"):
        raise PydanticCustomError(
            "file", "names no file below solutions/<name>/ that students can be given; write for "
            "example data/rivers.csv, not checks/, tests/ or a notebook")
    return path


GivenFile = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_path_inside)]
Package = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]

Kind = Literal["code", "text", "tests"]
"""What answers a question: code that is examined, a text that somebody marks, or tests of a
function that are put to right and to wrong implementations of it."""


class RuleTable(Table):
    """What a rule of the course's own forbids. In a pattern ``*`` stands for anything; one that
    begins with ``!`` takes out what the others mean."""

    operators: list[Annotated[str, Field(pattern=OPERATOR)]] = Field(
        [], description="patterns of torch's operators, such as `softmax*` or `aten::*softmax*`: "
        "nothing may call them, by whatever way")
    calls: list[Annotated[str, Field(pattern=CALL)]] = Field(
        [], description="functions of packages, such as `numpy.linalg.*` or `builtins.sorted`: the "
        "student's code may not call them")
    autograd: bool = Field(False, description="no gradient may be found by autograd")
    loops: bool = Field(False, description="lines of Python are counted, for "
                        "`check.f.without_pixel_loops`")

    @property
    def rule(self) -> Rule:
        return Rule(tuple(self.operators), tuple(self.calls), self.autograd, self.loops)

    @model_validator(mode="after")
    def _forbids_something(self) -> RuleTable:
        if self.rule == Rule():
            raise PydanticCustomError(
                "rule", "it forbids nothing; give it operators, calls, autograd or loops, as in "
                "operators = [\"softmax*\"]")
        return self


class Question(Table):
    """The graded unit: a name, points, and what the student must define. Or, with
    ``performance``, how fast a function of another question is. Or, of ``kind`` ``text``, what
    somebody marks."""

    name: Identifier = Field(description="its name, and the name to define unless `defines` is set")
    title: str = Field(description="what people read in its place")
    concept: str = Field("", description="the idea in a sentence or two, for hints; never code")
    points: Decimal = Field(gt=0, description="what it is worth")
    kind: Kind = Field("code", description="code is examined by a suite; a text, which stands in "
                       "a Markdown cell, is marked by a person; tests are put to implementations "
                       "of the function `of`, and earn the share of wrong ones that they find")
    of: Identifier | None = Field(
        None, description="the graded function that tests are about, which they are called with")
    rubric: list[RubricItem] = Field([], description="what a text is marked by")
    defines: list[Identifier] = Field(
        [], description="names to define, where it is not the question's own name")
    uses: list[Identifier] = Field([], description="graded functions this one builds on")
    forbid: list[RuleName] = Field(
        [], description="what a solution may not call or do, by the names of rules: "
        + ", ".join(f"`{name}`" for name in SHIPPED) + ", and those in `[rules]`")
    bonus: bool = Field(False, description="its points come on top of the total")
    performance: Timed | None = Field(
        None, description="time a function of another question, in the place of a suite")
    _rules: dict[str, RuleTable] = PrivateAttr(default_factory=dict)  # of the course's own

    @property
    def denied(self) -> tuple[Rule, ...]:
        """What ``forbid`` means."""
        return tuple(self._rules[name].rule if name in self._rules else SHIPPED[name]
                     for name in self.forbid)

    @property
    def names(self) -> list[str]:
        """The functions and classes the student must define for this question."""
        return [] if self.performance or self.kind == "text" else self.defines or [self.name]

    @property
    def is_examined(self) -> bool:
        """Whether a suite decides it: it is neither timed, nor marked by a person, nor are tests
        asked for."""
        return self.performance is None and self.kind == "code"


class Assignment(Table):
    """One notebook a student hands in."""

    title: str = Field(description="what people read in the place of its name")
    due: DueDate | None = Field(None, description="when it has to be handed in: with its "
                                "offset, or as clocks in the course's `timezone` show it")
    follow_through: Share = Field(0.75, description="share that a run on corrected helpers earns")
    cells: Literal["needed", "all"] = Field(
        "needed", description="which cells are run: those that graded names depend on, or all"
    )
    limits: Limits = Field(Limits(), description="what one submission may use")
    files: list[GivenFile] = Field(
        [], description="files of solutions/<name>/ that students are given beside the notebook, "
        "and that notebooks find there when they are graded")
    needs: list[Package] = Field(
        [], description="packages that notebooks need beyond torch, NumPy and matplotlib; "
        "`autograder doctor` says which are not there")
    stand_ins: bool = Field(
        True, description="whether packages that a grade never needs, and `needs` does not name, "
        "are stood in for: `autograder doctor` lists them")
    questions: list[Question] = Field(min_length=1, description="in the order of the notebook")
    _name: str = PrivateAttr("")
    _language: LanguageCode = PrivateAttr("en")
    _translations: Path | None = PrivateAttr(None)
    _handout: Path | None = PrivateAttr(None)
    _zone: tzinfo | None = PrivateAttr(None)

    @property
    def name(self) -> str:
        return self._name

    @property
    def language(self) -> LanguageCode:
        """The language in which a student's page opens: the course's."""
        return self._language

    @property
    def translations(self) -> Path | None:
        """The folder that may hold ``<language>.po``; None where no file describes the course."""
        return self._translations

    @property
    def handout(self) -> Path | None:
        """The notebook that students were given, which need not be there; None where no file
        describes the course."""
        return self._handout

    @property
    def zone(self) -> tzinfo | None:
        """The course's zone, for times that are written without one."""
        return self._zone

    def translated_by(self, folder: Path) -> Assignment:
        """This assignment, with its catalogues in ``folder``."""
        assignment = self.model_copy()
        assignment._translations = folder
        return assignment

    @property
    def points(self) -> Decimal:
        """Points without the bonus questions'."""
        return sum((q.points for q in self.questions if not q.bonus), Decimal(0))

    @property
    def names(self) -> list[str]:
        """Every name this assignment grades."""
        return [name for question in self.questions for name in question.names]

    @property
    def examined(self) -> Assignment:
        """This assignment with the questions only that a suite examines."""
        return self.model_copy(update={
            "questions": [question for question in self.questions if question.is_examined]})

    @property
    def judged(self) -> Assignment:
        """This assignment with the questions that a judge decides: by a suite, or by what tests
        find."""
        return self.model_copy(update={
            "questions": [question for question in self.questions
                          if question.is_examined or question.kind == "tests"]})

    def question(self, name: str) -> Question:
        """The question called ``name``; KeyError with a suggestion when there is none."""
        known = {question.name: question for question in self.questions}
        try:
            return known[name]
        except KeyError:
            raise KeyError(f"no question {name!r} in {self.name}{hint(name, list(known))}; "
                           f"there are: {', '.join(known)}") from None

    def owner(self, name: str) -> Question | None:
        """The question that grades ``name``."""
        return next((q for q in self.questions if name in q.names), None)

    @model_validator(mode="after")
    def _consistent(self) -> Assignment:
        questions = [question.name for question in self.questions]
        for kind, names in (("question", questions), ("graded name", self.names)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise PydanticCustomError(
                    "twice", "{kind} {names} stands twice; give each its own name",
                    {"kind": kind, "names": ", ".join(twice)},
                )
        for question in self.questions:
            for used in question.uses:
                if used not in self.names:
                    raise PydanticCustomError(
                        "uses", "question {name} uses {used}, which no question defines{hint}",
                        {"name": question.name, "used": used, "hint": hint(used, self.names)},
                    )
            timed = question.performance
            if timed is not None and timed.of not in self.names:
                raise PydanticCustomError(
                    "of", "question {name} times {of}, which no question defines{hint}",
                    {"name": question.name, "of": timed.of, "hint": hint(timed.of, self.names)},
                )
            if timed is not None and (question.defines or question.uses or question.forbid):
                raise PydanticCustomError(
                    "timed", "question {name} is timed: what it defines, uses and forbids is said "
                    "where {of} is examined", {"name": question.name, "of": timed.of},
                )
            if question.kind == "text" and (timed or question.defines or question.uses
                                            or question.forbid):
                raise PydanticCustomError(
                    "text", "question {name} is a text: it defines, uses, forbids and times "
                    "nothing", {"name": question.name})
            if (question.kind == "tests") != (question.of is not None) or (
                    question.kind == "tests" and (timed or question.uses or question.forbid
                                                  or len(question.names) != 1)):
                raise PydanticCustomError(
                    "tests", "question {name}: tests name by `of` the function that they are "
                    "about, and define one function; they use, forbid and time nothing, and no "
                    "other kind has an `of`", {"name": question.name})
            if question.of is not None and not any(
                    question.of in each.names and each.is_examined for each in self.questions):
                raise PydanticCustomError(
                    "of", "question {name} tests {of}, which no question of kind code defines"
                    "{hint}", {"name": question.name, "of": question.of,
                               "hint": hint(question.of, self.examined.names)})
            lines = [" ".join(item.text.casefold().split()) for item in question.rubric]
            if len(set(lines)) < len(lines):
                raise PydanticCustomError(
                    "rubric", "question {name} has a line twice in its rubric; say them in "
                    "different words", {"name": question.name})
            if question.rubric and question.kind != "text":
                raise PydanticCustomError(
                    "rubric", "question {name} has a rubric and is no text; write "
                    "kind = \"text\", or take the rubric away", {"name": question.name})
            worth = sum((item.points for item in question.rubric), Decimal(0))
            if question.rubric and worth != question.points:
                raise PydanticCustomError(
                    "rubric", "question {name} has {points} points, and its rubric {worth}; "
                    "make them equal", {"name": question.name, "points": str(question.points),
                                        "worth": str(worth)})
        return self


Curve = Annotated[
    list[tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]],
    Field(min_length=2)]


class GradebookTable(Table):
    """What the assignments' grades make together: ``autograder gradebook``."""

    weights: dict[Identifier, Annotated[float, Field(ge=0)]] = Field(
        {}, description="assignment -> its part in the whole, and none for one that is not "
        "named; without any, each has the part that its points have")
    drop_lowest: int = Field(0, ge=0, description="assignments left out, those with the lowest "
                             "shares of their points first")
    curve: str | None = Field(None, description="name of the curve in `curves` that the total "
                              "goes through; none: the total as it is")
    curves: dict[str, Curve] = Field(
        {}, description="name -> points of a curve, `[total in percent, what counts in percent]`, "
        "joined by straight lines")

    @model_validator(mode="after")
    def _curves_rise(self) -> GradebookTable:
        for name, curve in self.curves.items():
            before, after = zip(*curve, strict=True)
            if list(before) != sorted(set(before)) or list(after) != sorted(after):
                raise PydanticCustomError(
                    "curve", "curve {name} must rise in both numbers; write for example "
                    "[[0, 0], [50, 60], [100, 100]]", {"name": name})
        if self.curve is not None and self.curve not in self.curves:
            raise PydanticCustomError(
                "curve", "there is no curve {name} in [gradebook.curves]{hint}; write there for "
                "example {name} = [[0, 0], [50, 60], [100, 100]]",
                {"name": self.curve, "hint": hint(self.curve, list(self.curves))})
        return self


class Course(Table):
    """Everything grader.toml describes."""

    name: str = Field(description="what the course is called")
    language: LanguageCode = Field(
        "en", description="language in which students' pages open; each page can be switched")
    counts: Policy = Field("latest", description="which of a student's submissions counts")
    timezone: TimeZone | None = Field(
        None, description="zone of dates without an offset, of times that say none, and of late "
        "days, as the time-zone database calls it: Europe/Berlin")
    secret_file: str | None = Field(
        None, description="file that holds the secret, where it does not lie beside the store"
    )
    store: StoreTable = Field(StoreTable(), description="where results are kept")
    sandbox: SandboxPolicy = Field(SandboxPolicy(), description="how well workers are confined")
    people: PeopleTable = Field(PeopleTable(), description="who is in the course")
    handins: HandInsTable = Field(
        HandInsTable(), description="whether the files that were handed in are kept")
    gradebook: GradebookTable = Field(
        GradebookTable(), description="what the assignments' grades make together")
    rules: dict[RuleName, RuleTable] = Field(
        {}, description="name of a rule -> what it forbids, where a question names it in `forbid`")
    feedback: FeedbackTable = Field(
        FeedbackTable(), description="what is looked for beyond verdicts")
    late: LatePolicy = Field(LatePolicy(), description="what lateness costs")
    extensions: dict[str, dict[str, DueDate]] = Field(
        {}, description="student -> assignment -> a later due date; letter case, Unicode's forms "
        "and stray spaces of names count for nothing"
    )
    leaderboard: dict[str, Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        {}, description="student who wants to be on leaderboards -> the name to show there"
    )
    assignments: dict[Identifier, Assignment] = Field(
        min_length=1, description="name of an assignment -> its table")
    _root: Path = PrivateAttr(Path())

    @property
    def root(self) -> Path:
        """The directory of grader.toml, to which every path in it is relative."""
        return self._root

    def assignment(self, name: str) -> Assignment:
        """The assignment called ``name``; KeyError with a suggestion when there is none."""
        try:
            return self.assignments[name]
        except KeyError:
            known = list(self.assignments)
            raise KeyError(
                f"no assignment {name!r} in grader.toml{hint(name, known)}; "
                f"there are: {', '.join(known)}"
            ) from None

    @property
    def store_file(self) -> Path | None:
        """The store's file; None when the store is no SQLite database, or one in memory."""
        match = _SQLITE_URL.fullmatch(self.store.url)
        if match is None or match["file"] == ":memory:" or "uri=" in (match["query"] or ""):
            return None
        return self.root / match["file"]

    def solutions(self, assignment: str) -> Path:
        return self.root / "solutions" / assignment

    def misconceptions(self, assignment: str) -> list[Path]:
        """Where an assignment's misconceptions stand: ``misconceptions.py``, or one file for each
        question in the folder ``misconceptions/``, in the order of the questions; none of these has
        to be there."""
        solutions = self.solutions(assignment)
        questions = self.assignments[assignment].questions
        files = [solutions / "misconceptions.py",
                 *(solutions / "misconceptions" / f"{each.name}.py" for each in questions)]
        return [file for file in files if file.exists()]

    def suite(self, assignment: str) -> Path:
        return self.root / "tests" / "hidden" / assignment

    def handout(self, assignment: str) -> Path:
        """The notebook that students are given."""
        return self.root / "assignments" / assignment / f"{assignment}.ipynb"

    @property
    def zone(self) -> tzinfo | None:
        """The zone that the course says it is in."""
        return zone_named(self.timezone)

    def due(self, assignment: str, student: str) -> datetime | None:
        """When ``student`` has to hand in ``assignment``. An extension only gives more time."""
        everybodys = self.assignments[assignment].due
        own = (people.entry(self.extensions, student) or {}).get(assignment)
        return own if own and (everybodys is None or own > everybodys) else everybodys

    @model_validator(mode="before")
    @classmethod
    def _dates_without_an_offset(cls, document: Any) -> Any:
        if isinstance(document, dict) and (zone := zone_named(document.get("timezone"))):
            return in_zone(document, zone)
        return document

    @model_validator(mode="after")
    def _rules_of_its_questions(self) -> Course:
        """A course that is made of another's assignments has the rules that these need."""
        for assignment in self.assignments.values():
            for question in assignment.questions:
                for name, rule in question._rules.items():
                    self.rules.setdefault(name, rule)
        return self

    @model_validator(mode="after")
    def _each_student_once(self) -> Course:
        for key, table in (("extensions", self.extensions), ("leaderboard", self.leaderboard)):
            if (two := people.alike(table)) is not None:
                raise PydanticCustomError(
                    "alike", "{key}.{one} and {key}.{other} are one student; keep one of them",
                    {"key": key, "one": two[0], "other": two[1]})
        return self

    @model_validator(mode="after")
    def _weights_name_assignments(self) -> Course:
        for name in self.gradebook.weights:
            if name not in self.assignments:
                raise PydanticCustomError(
                    "weights", "gradebook.weights names the assignment {name}, which is not in "
                    "this course{hint}", {"name": name, "hint": hint(name, list(self.assignments))})
        return self

    @model_validator(mode="after")
    def _extensions_name_assignments(self) -> Course:
        for student, dates in self.extensions.items():
            for assignment in dates:
                if assignment not in self.assignments:
                    raise PydanticCustomError(
                        "extension",
                        "extensions.{student} names the assignment {assignment}, "
                        "which is not in this course{hint}",
                        {"student": student, "assignment": assignment,
                         "hint": hint(assignment, list(self.assignments))},
                    )
        return self


def hint(word: str, known: list[str]) -> str:
    """The end of a sentence about an unknown ``word``; empty where none of ``known`` is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
