"""What students are told of wrong code that no catalogue has seen.

``python tests/bench/learners.py [--half open|held-back] [--only NAME] [--totals]``. Below
``learners/`` stand wrong definitions in the manner of real learners, one a file, and right but
unusual ones. Every file is graded as a hand-in of its own, and what its student is told of the
question is held against what a teaching assistant would say, which its first lines tell:

    # assignment, question, function: what is defined
    # kind: values, raises, contract (all but values), cell (the whole cell failed) or right
    # says: the teaching assistant's sentence
    # shows: id A, B      misconceptions of the catalogue that are truly it
    # shows: line TEXT    a line that decides it, as it stands in the file, without its comment
    # shows: raises A, B  types of exceptions that come of it
    # shows: message TEXT a part of the sentence about the question
    # also: id A, B       true too, and not what matters; also: line TEXT

What is named is *true* where the file accepts it, *false* where a misconception, a repair or a
near name is told that it does not accept, and *nothing* else. An exception is an observation: at
another line it is nothing, and never false. Look at the open half as often as you like; the other
one is for the end, by its totals.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import course
from autograder.judge import Judge
from autograder.result import QuestionResult, Result, Status, for_student
from autograder.submission import Submission

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(__file__).resolve().with_suffix("")
KINDS = ("values", "raises", "contract", "cell")
SOURCES = ("catalogue", "repair", "exception", "message")


@dataclass(frozen=True)
class Definition:
    """A file, and what may be told of it."""

    file: Path
    lines: Sequence[str]  # of the file, without blanks and comments around them
    facts: dict[str, str]
    shows: dict[str, set[str]] = field(default_factory=dict)
    also: dict[str, set[str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.facts["kind"]

    @property
    def name(self) -> str:
        return f"{self.facts['assignment']}/{self.file.stem}"

    def line(self, number: int | None) -> str:
        """Its text; nothing where there is no such line."""
        return self.lines[number - 1] if number and number <= len(self.lines) else ""


def read(file: Path) -> Definition:
    lines = file.read_text().splitlines()
    one = Definition(file, [line.split("  #")[0].strip() for line in lines], {})
    for line in lines:
        if not line.startswith("# "):
            break
        key, _, value = line[2:].partition(": ")
        if key not in ("shows", "also"):
            one.facts[key] = value
            continue
        what, _, value = value.partition(" ")
        accepted = one.shows if key == "shows" else one.also
        values = [value] if what in ("line", "message") else value.split(", ")
        accepted.setdefault(what, set()).update(values)
    return one


@dataclass(frozen=True)
class Told:
    """Something that a student is told."""

    source: str
    text: str
    verdict: str  # true, beside, nothing or false


def told(one: Definition, result: Result, question: QuestionResult) -> Iterator[Told]:
    for diagnosis in question.diagnosis:
        yield Told("catalogue", diagnosis.id, judged(one, "id", diagnosis.id))
    for repair in repairs(question):
        line = one.line(getattr(repair, "line", None))
        yield Told("repair", f"{getattr(repair, 'kind', '')}: {line}",
                   judged(one, "line", line) if line else "nothing")
    seen = {(account.raised, account.line) for check in question.checks
            if (account := check.explained) and account.raised}
    failed = {(error.type, error.line) for error in result.load.errors}
    for raised, number in sorted(seen | failed, key=str):
        yield observed(one, str(raised), number)
    if question.message is not None and question.status is not Status.PASSED:
        text = str(question.message)
        named = any(part in text for part in one.shows.get("message", ()))
        yield Told("message", text, "true" if named else
                   "false" if "near" in question.message.values else "nothing")


def repairs(question: QuestionResult) -> Sequence[Any]:
    """Results of some versions have one."""
    repair = getattr(question, "repair", None) or []
    return repair if isinstance(repair, list | tuple) else [repair]


def judged(one: Definition, what: str, value: str) -> str:
    if value in one.shows.get(what, ()):
        return "true"
    return "beside" if value in one.also.get(what, ()) else "false"


def observed(one: Definition, raised: str, number: int | None) -> Told:
    lines = one.shows.get("line", set())
    line = one.line(number)
    hit = line in lines or (raised in one.shows.get("raises", ()) and not (line and lines))
    return Told("exception", f"{raised}: {line}", "true" if hit else "nothing")


@dataclass(frozen=True)
class Judged:
    definition: Definition
    earned: float
    told: Sequence[Told]
    seconds: float

    @property
    def is_as_meant(self) -> bool:
        """Wrong ones lose points at their question, right ones none."""
        return (self.earned == 1) == (self.definition.kind == "right")

    @property
    def verdict(self) -> str:
        verdicts = {one.verdict for one in self.told}
        return next((each for each in ("false", "true") if each in verdicts), "nothing")

    def is_true_by(self, *sources: str) -> bool:
        return self.verdict == "true" and any(
            one.verdict == "true" and one.source in sources for one in self.told)


def graded(judge: Judge, one: Definition) -> Judged:
    assignment = one.facts["assignment"]
    started = time.monotonic()
    result = for_student(judge.grade(Submission(
        one.file.stem, assignment, {f"{assignment}.py": one.file.read_bytes()}, None)))
    seconds = time.monotonic() - started
    question = result.question(one.facts["question"])
    if question is None:
        raise SystemExit(f"{one.name}: {result.message}")
    return Judged(one, float(question.earned), list(told(one, result, question)), seconds)


def table(title: str, groups: Iterable[tuple[str, Sequence[Judged]]]) -> None:
    print(f"{title:14} {'wrong':>6} {'true':>6} {'false':>6} {'nothing':>8}   "
          + " ".join(f"{source:>9}" for source in SOURCES))
    for name, group in groups:
        verdicts = Counter(one.verdict for one in group)
        by = [sum(one.is_true_by(source) for one in group) for source in SOURCES]
        print(f"{name:14} {len(group):6} {verdicts['true']:6} {verdicts['false']:6} "
              f"{verdicts['nothing']:8}   " + " ".join(f"{number:9}" for number in by))


def report(found: Sequence[Judged], *, in_detail: bool) -> None:
    wrong = [one for one in found if one.definition.kind != "right"]
    right = [one for one in found if one.definition.kind == "right"]
    if wrong:
        names = dict.fromkeys(one.definition.facts["assignment"] for one in wrong)
        everything = [("all", wrong)]
        table("assignment", [
            (name, [one for one in wrong if one.definition.facts["assignment"] == name])
            for name in names] + everything)
        print()
        table("kind", [(kind, [one for one in wrong if one.definition.kind == kind])
                       for kind in KINDS] + everything)
        shares = {
            "true": sum(one.verdict == "true" for one in wrong),
            "by catalogue or repair": sum(one.is_true_by("catalogue", "repair") for one in wrong),
            "false": sum(one.verdict == "false" for one in wrong),
            "nothing": sum(one.verdict == "nothing" for one in wrong),
        }
        print("\n" + ", ".join(f"{what} {number / len(wrong):.0%}"
                               for what, number in shares.items()))
    named = [one for one in right if any(each.source in ("catalogue", "repair")
                                         for each in one.told)]
    print(f"{len(right)} right definitions, {len(named)} of them with a diagnosis")
    longest = max(found, key=lambda one: one.seconds)
    print(f"{sum(one.seconds for one in found):.0f} s, the longest "
          f"{longest.seconds:.1f} s, {longest.definition.name}")
    for one in found:
        if not one.is_as_meant:
            print(f"not as meant: {one.definition.name} ({one.definition.kind}) "
                  f"has {one.earned:.0%} of its points")
    if in_detail:
        details("false", [one for one in wrong if one.verdict == "false"] + named)
        details("nothing", [one for one in wrong if one.verdict == "nothing"])


def details(title: str, found: Sequence[Judged]) -> None:
    print(f"\n{title}: {len(found)}")
    for one in found:
        print(f"  {one.definition.name} ({one.definition.kind}): "
              f"{one.definition.facts.get('says', '')}")
        for each in one.told:
            print(f"      {each.verdict} by {each.source}: {each.text}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What students are told of unforeseen code.")
    parser.add_argument("--half", choices=("open", "held-back"), default="open")
    parser.add_argument("--only", default="", help="part of assignment/name")
    parser.add_argument("--totals", action="store_true", help="no lists")
    options = parser.parse_args()
    book = course.load(REPOSITORY / "grader.toml")
    everything = [read(file) for file in sorted((DATA / options.half).glob("*/*.py"))]
    chosen = [one for one in everything if options.only in one.name]
    if not chosen:
        parser.error(f"nothing is called {options.only!r}")
    found = []
    for assignment in dict.fromkeys(one.facts["assignment"] for one in chosen):
        with Judge(book, assignment, secret=b"bench") as judge:
            found += [graded(judge, one) for one in chosen
                      if one.facts["assignment"] == assignment]
    report(found, in_detail=not options.totals)


if __name__ == "__main__":
    main()
