"""The tables of one assignment: its limits, and the questions that it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from autograder.course.fields import DueDate, Identifier, LanguageCode, RuleName, Share, Table, hint
from autograder.rules import CALL, OPERATOR, SHIPPED, Rule


class Limits(Table):
    """What one submission may use. Seconds are wall-clock seconds."""

    load_seconds: float = Field(60, gt=0, description="all cells of the notebook together")
    cell_seconds: float = Field(10, gt=0, description="one cell; it is skipped when it overruns")
    call_seconds: float = Field(4, gt=0, description="one call of a graded function")
    submission_seconds: float = Field(180, gt=0, description="everything; the rest times out")
    memory_mb: int = Field(1024, ge=64, description="memory beyond torch's own")
    device_memory_mb: int = Field(
        8192, ge=64, description="memory on a GPU beyond CUDA's own, where one is timed on")
    scratch_mb: int = Field(16, ge=1, description="files the notebook may write")
    output_kb: int = Field(64, ge=1, description="printed text that is kept for staff")
    answer_mb: int = Field(64, ge=1, description="largest answer of one call")


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


class Pace(Table):
    """How often something may be handed in."""

    hours: float = Field(gt=0, le=24 * 366, description="in so many hours")
    allowed: int = Field(ge=1, description="so many hand-ins")


class Attempts(Table):
    """How often one person, or one team, may hand in through the door: in `[course]`, or in an
    assignment, whose own takes its place. What the grader's own fault ended costs nothing."""

    max: int | None = Field(None, ge=1, description="hand-ins in all; none: as many as one likes")
    per: Pace | None = Field(None, description="hand-ins in some hours, `{ hours = 24, allowed = "
                             "3 }`; none: no limit")


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

QuestionKind = Literal["code", "text", "tests"]
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
    kind: QuestionKind = Field(
        "code", description="code is examined by a suite; a text, which stands in "
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

    @model_validator(mode="after")
    def _timed(self) -> Question:
        timed = self.performance
        if timed is not None and (self.defines or self.uses or self.forbid):
            raise PydanticCustomError(
                "timed", "question {name} is timed: what it defines, uses and forbids is said "
                "where {of} is examined", {"name": self.name, "of": timed.of},
            )
        return self

    @model_validator(mode="after")
    def _text(self) -> Question:
        if self.kind == "text" and (self.performance or self.defines or self.uses or self.forbid):
            raise PydanticCustomError(
                "text", "question {name} is a text: it defines, uses, forbids and times "
                "nothing", {"name": self.name})
        return self

    @model_validator(mode="after")
    def _tests(self) -> Question:
        is_tests = self.kind == "tests"
        if is_tests != (self.of is not None) or (
                is_tests and (self.performance or self.uses or self.forbid
                              or len(self.names) != 1)):
            raise PydanticCustomError(
                "tests", "question {name}: tests name by `of` the function that they are "
                "about, and define one function; they use, forbid and time nothing, and no "
                "other kind has an `of`", {"name": self.name})
        return self

    @model_validator(mode="after")
    def _marked(self) -> Question:
        lines = [" ".join(item.text.casefold().split()) for item in self.rubric]
        if len(set(lines)) < len(lines):
            raise PydanticCustomError(
                "rubric", "question {name} has a line twice in its rubric; say them in "
                "different words", {"name": self.name})
        if self.rubric and self.kind != "text":
            raise PydanticCustomError(
                "rubric", "question {name} has a rubric and is no text; write "
                "kind = \"text\", or take the rubric away", {"name": self.name})
        worth = sum((item.points for item in self.rubric), Decimal(0))
        if self.rubric and worth != self.points:
            raise PydanticCustomError(
                "rubric", "the points of question {name} are {points}, and its rubric's {worth}; "
                "make them equal", {"name": self.name, "points": str(self.points),
                                    "worth": str(worth)})
        return self


@dataclass(frozen=True)
class OtherAssignment:
    """What an assignment knows of another one of its course: what people read in the place of its
    name, and the names that it grades."""

    title: str
    names: tuple[str, ...]


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
    attempts: Attempts | None = Field(
        None, description="how often one may hand in through the door; none: as the course says")
    questions: list[Question] = Field(min_length=1, description="in the order of the notebook")
    _name: str = PrivateAttr("")
    _language: LanguageCode = PrivateAttr("en")
    _translations: Path | None = PrivateAttr(None)
    _handouts: tuple[Path, ...] = PrivateAttr(())
    _zone: tzinfo | None = PrivateAttr(None)
    _others: tuple[OtherAssignment, ...] = PrivateAttr(())

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
    def handouts(self) -> tuple[Path, ...]:
        """The notebooks that students were given, one for each language, which need not be there;
        none where no file describes the course."""
        return self._handouts

    @property
    def zone(self) -> tzinfo | None:
        """The course's zone, for times that are written without one."""
        return self._zone

    @property
    def others(self) -> tuple[OtherAssignment, ...]:
        """The course's other assignments; none where no file describes the course."""
        return self._others

    def translated_by(self, folder: Path) -> Assignment:
        """This assignment, with its catalogues in ``folder``."""
        assignment = self.model_copy()
        assignment._translations = folder
        return assignment

    def in_language(self, code: LanguageCode) -> Assignment:
        """This assignment, for readers of another language."""
        assignment = self.model_copy()
        assignment._language = code
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
    def _stands_once(self) -> Assignment:
        questions = [question.name for question in self.questions]
        for kind, names in (("question", questions), ("graded name", self.names)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise PydanticCustomError(
                    "twice", "{kind} {names} stands twice; give each its own name",
                    {"kind": kind, "names": ", ".join(twice)},
                )
        return self

    @model_validator(mode="after")
    def _uses_what_is_defined(self) -> Assignment:
        for question in self.questions:
            for used in question.uses:
                if used not in self.names:
                    raise PydanticCustomError(
                        "uses", "question {name} uses {used}, which no question defines{hint}",
                        {"name": question.name, "used": used, "hint": hint(used, self.names)},
                    )
        return self

    @model_validator(mode="after")
    def _times_what_is_defined(self) -> Assignment:
        for question in self.questions:
            timed = question.performance
            if timed is not None and timed.of not in self.names:
                raise PydanticCustomError(
                    "of", "question {name} times {of}, which no question defines{hint}",
                    {"name": question.name, "of": timed.of, "hint": hint(timed.of, self.names)},
                )
        return self

    @model_validator(mode="after")
    def _tests_what_is_examined(self) -> Assignment:
        known = self.examined.names
        for question in self.questions:
            if question.of is not None and question.of not in known:
                raise PydanticCustomError(
                    "of", "question {name} tests {of}, which no question of kind code defines"
                    "{hint}", {"name": question.name, "of": question.of,
                               "hint": hint(question.of, known)})
        return self
