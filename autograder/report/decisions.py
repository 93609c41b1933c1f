"""Tables of what staff decided, what that changes, and who did what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.dates import clock
from autograder.course.spreadsheets import as_csv
from autograder.gradebook import (
    Adjustment,
    Book,
    Decided,
    Decisions,
    Extension,
    TextMark,
    Waiver,
)
from autograder.gradebook.totals import Total
from autograder.names import counted, is_erased
from autograder.report.cells import safe_cell
from autograder.report.words import one_line
from autograder.store.events import Event


@dataclass(frozen=True)
class Effect:
    """What a decision changes for one student, in points of an assignment."""

    student: str
    before: Decimal | None
    after: Decimal | None
    most: Decimal  # the assignment's points


def effects(before: Book, after: Book, assignments: Sequence[str]) -> list[Effect]:
    """Whose points on which of ``assignments`` are others in ``after``."""
    found = []
    for student in after.students:
        totals = before.totals(student), after.totals(student)
        for name in assignments:
            was, now = (_score(each.get(name)) for each in totals)
            if was != now:
                found.append(Effect(student, was, now, after.course.assignment(name).points))
    return found


def exceeding(before: Book, after: Book, assignments: Sequence[str]) -> Iterator[str]:
    """Of which questions and assignments somebody has more than all points by what is decided: a
    line each, for staff."""
    found = defaultdict[tuple[str, Decimal], list[str]](list)
    for student in after.students:
        totals = before.totals(student), after.totals(student)
        for name in assignments:
            was, now = (_scores(each.get(name)) for each in totals)
            for what, (score, most) in now.items():
                if score > most and score != was.get(what, (most, most))[0]:
                    found[what, most].append(f"{student} has {_points(score)}")
    for (what, most), who in found.items():
        more = f", and {len(who) - 1} more have too much" if len(who) > 1 else ""
        yield f"{what} has {counted(_points(most), 'point')}, and {who[0]}{more}; " \
            "is that what is meant?"


def effect_lines(found: Sequence[Effect], most: int = 10) -> Iterator[str]:
    """How many gain and lose, and who."""
    if not found:
        yield "Nobody's points change."
        return
    gained = sum((each.after or 0) > (each.before or 0) for each in found)
    yield f"{gained} gain, {len(found) - gained} lose."
    for each in found[:most]:
        yield (f"{each.student}: {_points(each.before)} → {_points(each.after)} of "
               f"{_points(each.most)}")
    if len(found) > most:
        yield f"… and {len(found) - most} more"


@dataclass(frozen=True)
class InForce:
    """A decision that stands, by the name of its kind."""

    kind: str
    decided: Decided


def in_force(decisions: Decisions, assignment: str | None = None, student: str | None = None
             ) -> list[InForce]:
    """All that stands, kind by kind; or what is about an assignment, or a student. A waiver is
    about nobody alone. What keeps the class's figures as they were when somebody was erased is no
    decision of anybody's."""
    found = [
        *(InForce("adjustment", each) for each in decisions.adjustments
          if _is_about(each, student, decisions)),
        *(InForce("waiver", each) for each in decisions.waivers if student is None),
        *(InForce("extension", each) for each in decisions.extensions
          if _is_about(each, student, decisions)),
        *(InForce("mark", each) for each in decisions.marks if student in (None, each.student))]
    return [each for each in found if assignment in (None, each.decided.assignment)
            and not (isinstance(each.decided, Adjustment) and is_erased(each.decided.whom.name))]


def decisions_table(decisions: Decisions, assignment: str | None, student: str | None,
                    zone: tzinfo | None) -> Table:
    """All that stands, kind by kind: what, on whom, by whom, and why; with times of the course's
    zone."""
    table = _table("number", "made", "by", "assignment", "whom", "what", "why")
    for each in in_force(decisions, assignment, student):
        decided, (who, what) = each.decided, _told(each.decided, zone)
        table.add_row(f"{each.kind} {decided.number}",
                      clock(decided.at, zone) if decided.at else "",
                      *(Text(one_line(text)) for text in (
                          decided.by, decided.assignment, who, what, decided.reason)))
    return table


def events_table(events: Sequence[Event], zone: tzinfo | None) -> Table:
    """Lines of the log, the oldest first, with times of the course's zone."""
    table = _table("when", "who", "did", "to", "before", "after", "why")
    for each in events:
        table.add_row(clock(each.at, zone), *(
            Text(one_line(text)) for text in (
                f"{each.account}@{each.host}", each.verb, each.object, each.before or "",
                each.after or "", each.why)))
    return table


def events_csv(events: Iterable[Event]) -> str:
    """The same for spreadsheets, with times to the second, in UTC."""
    return as_csv([("at", "account", "host", "verb", "object", "before", "after", "why"), *(
        [each.at.isoformat(timespec="seconds"), *map(safe_cell, (
            each.account, each.host, each.verb, each.object, each.before or "", each.after or "",
            each.why))] for each in events)])


def _is_about(each: Adjustment | Extension, student: str | None, decisions: Decisions) -> bool:
    return student is None or each.whom.covers(student, decisions.roster)


def _told(decided: Decided, zone: tzinfo | None) -> tuple[str, str]:
    """On whom, and what."""
    match decided:
        case Adjustment():
            return str(decided.whom), _adjustment(decided)
        case Waiver():
            return "everybody", f"{decided.question}: {decided.check}"
        case Extension():
            return str(decided.whom), f"due {clock(decided.due, zone)}"
        case TextMark():
            return decided.student, f"{decided.question}: {decided.points}"
        case _:
            raise TypeError(decided)


def _adjustment(each: Adjustment) -> str:
    sign = {"add": f"{each.points:+}" if each.points is not None else "",
            "set": f"= {each.points}", "full": "all points"}[each.kind]
    return f"{each.question or 'total'}: {sign}"


def _score(total: Total | None) -> Decimal | None:
    return total.score if total is not None and total.is_decided else None


def _scores(total: Total | None) -> dict[str, tuple[Decimal, Decimal]]:
    """The assignment and each of its questions: the score, and the most that there is."""
    if total is None:
        return {}
    earned = total.earned
    each = {name: (one.score, one.question.points) for name, one in earned.questions.items()}
    bonus = sum((one.question.points for one in earned.questions.values() if one.question.bonus),
                Decimal(0))
    return {**each, earned.verdicts.assignment: (total.score, earned.full + bonus)}


def _points(score: Decimal | None) -> str:
    return "—" if score is None else f"{score.normalize():f}"


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
