"""A person erased, and the class's statistics kept.

Of each assignment the result that counts is replaced by one without a person: which checks passed,
under a random name, with no digest, no time beyond the day, no code and no text. It is worth as
much as before: where that came by what is erased (a mark, more time, lateness), an adjustment says
so. All other results are gone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from autograder.course import Course, roster
from autograder.course.roster import Person
from autograder.gradebook import Adjustment, AdjustmentKind, Decisions, Grade, Whom, grade
from autograder.intake.files import KeptFiles, feedback_folder, take_away
from autograder.intake.giving import named
from autograder.names import erased_alias
from autograder.result import (
    CheckResult,
    Environment,
    QuestionResult,
    Result,
    SubmissionRecord,
)
from autograder.store import Erasure, Store
from autograder.whole_files import whole_file

_SHORTEST = 3  # letters of a name that is looked for in other texts: shorter ones are words


@dataclass(frozen=True)
class Erased:
    """What an erasure was, or would be."""

    person: Person
    results: int
    alias: str
    left: tuple[str, ...]  # where else the person may be named; a line for staff each


def look(course: Course, store: Store, name: str) -> tuple[Person, int]:
    """Whom an erasure would be of, and how many results. Raises PersonError."""
    person, names = named(course, store, name)
    return person, sum(1 for _ in store.persons.results(names))


def forget(course: Course, store: Store, name: str, why: str) -> Erased:
    """Erase a person: in the store, among the kept files, in the table of people. Done again, it
    finishes what was cut off. The desk's zips of feedback go, of everybody.

    Raises:
        PersonError: nobody is called so.
        StoreError: the database refuses, or something of the person is being graded.
    """
    person, names = named(course, store, name)
    alias = erased_alias()
    counting = {number for assignment in course.assignments
                for student, number in store.counting_numbers(assignment).items()
                if student in names}
    desk, decisions = store.desk(), store.decisions()
    numbers: list[int] = []
    places: dict[int, Result] = {}
    adjustments: list[Adjustment] = []
    for filed in store.persons.results(names):
        numbers.append(filed.number)
        counts = filed.number in counting and person.role == "student"
        if counts and filed.result is not None:
            places[filed.number] = _without_person(filed.result, alias)
            adjustments += _adjusted(course, desk.grade(filed.result), places[filed.number],
                                     decisions)
    called = {person.email, *(each for each in {person.name, *names} if _is_full(each))}
    erasure = Erasure(names, _any_of(called), _any_of(
        {person.id, person.name, person.email, *names,
         *(each for each in person.ids.values() if not each.isdecimal())}),
        alias, places, adjustments, newest=max(numbers, default=0))
    mentions = store.persons.erase(erasure, subject_of(person.id), why, KeptFiles(course).sweep)
    take_away(feedback_folder(course))
    _strike(course, person)
    return Erased(person, len(numbers), alias, tuple(_left(course, names, mentions)))


def subject_of(id: str) -> str:
    """What the log calls somebody who was erased: whoever knows the id can find the line."""
    return hashlib.sha256(id.encode()).hexdigest()[:16]


def _without_person(result: Result, alias: str) -> Result:
    made = result.environment
    return Result(
        assignment=result.assignment, student=alias, status=result.status,
        submission=SubmissionRecord(digest=""),
        environment=Environment(
            autograder=made.autograder, python=made.python, torch=made.torch,
            platform=made.platform, sandbox=made.sandbox, suite=made.suite, seed=made.seed),
        questions=[QuestionResult(
            name=question.name, status=question.status, corrected=question.corrected,
            suite=question.suite, checks=[CheckResult(
                id=check.id, title=check.title, status=check.status, weight=check.weight,
                earned=check.earned, visibility=check.visibility) for check in question.checks])
            for question in result.questions])


def _adjusted(course: Course, before: Grade, result: Result, decisions: Decisions
              ) -> list[Adjustment]:
    """What makes ``result`` worth what it was ``before``: question by question, and in all."""
    if not before.is_graded:
        return []
    given = list(decisions.adjustments)

    def change(question: str | None, kind: AdjustmentKind, points: float) -> None:
        given.append(Adjustment(
            assignment=result.assignment, reason="erased", whom=Whom("person", result.student),
            question=question, kind=kind, points=Decimal(str(points))))

    after = grade(course, result, decisions)
    for question in before.questions:
        other = after.question(question.name)
        if other is None:
            continue
        more = round(question.score - other.score, 2)
        if question.name not in before.open and (more or question.name in after.open):
            change(question.name, "set", question.score)
        elif more:
            change(question.name, "add", more)
    after = grade(course, result, replace(decisions, adjustments=given))
    if after.score != before.score or not after.is_graded:
        change(None, "set", before.score)
    return given[len(decisions.adjustments):]


def _is_full(name: str) -> bool:
    """Whether a name is of several words, or of letters that no word of the log has."""
    return len(name.split()) > 1 or not name.isascii()


def _any_of(names: set[str]) -> re.Pattern[str]:
    """Any of these in a text, as words of their own."""
    long = sorted((re.escape(each) for each in names if len(each) >= _SHORTEST),
                  key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(long) or '(?!)'})(?![^\W_])", re.IGNORECASE)


def _strike(course: Course, person: Person) -> None:
    """Take the person's line out of the table of people."""
    people = roster.load(course).people
    if person.id in people:
        with whole_file(roster.file(course)) as file:
            file.write(roster.written(
                each for id, each in people.items() if id != person.id).encode())


def _left(course: Course, names: set[str], mentions: list[str]) -> Iterator[str]:
    """Where this program does not write, or cannot know what it wrote."""
    if mentions:
        yield (f"what was written of others mentions this person: {', '.join(mentions)}; look "
               "there, by `autograder decisions` and `autograder requests show`")
    if (zips := feedback_folder(course)).exists():
        yield f"{zips}: the desk's zips of feedback cannot be taken away: delete that folder"
    if KeptFiles(course).is_shared():
        yield (f"{KeptFiles(course).folder}: other stores lie beside this one, so files that no "
               "result here is of stay; give each store a folder of its own")
    for title, table in (("extensions", course.extensions), ("leaderboard", course.leaderboard)):
        if any(name in table for name in names):
            yield f"grader.toml's [{title}] has a line of this person: take it out"
    yield ("pages, tables, feedback, exports and backups that were written before still hold this "
           "person: delete them, or write them again")
