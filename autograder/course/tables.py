"""grader.toml as tables: typed models of all that it may say of the course."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PrivateAttr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from autograder.course import people
from autograder.course.assignment import Assignment, Attempts, RuleTable
from autograder.course.dates import in_zone, zone_named
from autograder.course.door import DoorTable
from autograder.course.fields import (
    DueDate,
    Identifier,
    LanguageCode,
    Policy,
    RepairFeedback,
    RuleName,
    Share,
    Table,
    Tier,
    TimeZone,
    hint,
)

_SQLITE_URL = re.compile(r"sqlite(?:\+\w+)?:///(?P<file>[^?]+)(?:\?(?P<query>.*))?", re.DOTALL)


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
    predictions: bool = Field(
        False, description="keep what notebooks predict by `predict(...)`, and show on the class's "
        "page how often each answer was given, without names; of what is graded from then on")
    answers: dict[LanguageCode, dict[str, list[Annotated[str, Field(min_length=1)]]]] = Field(
        {}, description="language -> what may be predicted, as the notebook's code says it -> "
        'words of that language that mean the same: `left = ["左", "左边"]`')


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
    attempts: Attempts = Field(
        Attempts(), description="how often one may hand in an assignment through the door")
    door: DoorTable = Field(
        DoorTable(), description="whose word the door takes for who somebody is, and who is told "
        "of what")
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

    def attempts_at(self, assignment: str) -> Attempts:
        """How often one may hand in an assignment through the door."""
        return self.assignments[assignment].attempts or self.attempts

    @property
    def store_file(self) -> Path | None:
        """The store's file; None when the store is no SQLite database, or one in memory."""
        match = _SQLITE_URL.fullmatch(self.store.url)
        if match is None or match["file"] == ":memory:" or "uri=" in (match["query"] or ""):
            return None
        return self.root / match["file"]

    def solutions(self, assignment: str) -> Path:
        return self.root / "solutions" / assignment

    def variants(
        self, assignment: str, kind: Literal["misconceptions", "alternatives"]
    ) -> list[Path]:
        """Where wrong, or other right, implementations of an assignment stand: ``<kind>.py``, or
        one file for each question in the folder ``<kind>/``, in the order of the questions; none of
        these has to be there."""
        solutions = self.solutions(assignment)
        questions = self.assignments[assignment].questions
        files = [solutions / f"{kind}.py",
                 *(solutions / kind / f"{each.name}.py" for each in questions)]
        return [file for file in files if file.exists()]

    def suite(self, assignment: str) -> Path:
        return self.root / "tests" / "hidden" / assignment

    def handout(self, assignment: str) -> Path:
        """The notebook that students are given, in English."""
        return self.root / "assignments" / assignment / f"{assignment}.ipynb"

    def handouts(self, assignment: str) -> tuple[Path, ...]:
        """The notebook that students are given, in every language; each need not be there."""
        english = self.handout(assignment)
        return (english, *(english.with_suffix(f".{code}.ipynb") for code in get_args(LanguageCode)
                           if code != "en"))

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
