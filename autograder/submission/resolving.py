"""Whose a hand-in is: names of whatever origin become the course's people, and their teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from autograder.course import people
from autograder.course.roster import Person, Roster
from autograder.names import canonical, shown, student_id
from autograder.submission.model import Submission

_MOST = 5  # unknown names that have a line each


@dataclass(frozen=True)
class Resolved:
    """Hand-ins by the ids of the course's people, sorted. Several of one person are there where
    the course's rule decides which counts."""

    submissions: tuple[Submission, ...]
    said: tuple[str, ...] = ()  # what was decided by a rule, a line each
    notes: tuple[str, ...] = ()  # for staff, who have to do something; a line each


@dataclass(frozen=True)
class GradedFor:
    """The students for whom somebody's files were graded, and the team that these were then."""

    students: Collection[str]
    team: str | None = None


AskGradedFor: TypeAlias = Callable[[Person, Submission], GradedFor | None]
"""Says for whom a person's files were graded; None unless the person's team is another one now."""


@dataclass
class _Owner:
    """A person, or a team, and what came from there: who handed it in, and what.

    Attributes:
        is_before: it was graded for these members, and the team is another one now.
    """

    name: str
    members: Sequence[Person]
    team: str | None = None
    is_before: bool = False
    hand_ins: list[tuple[Person | None, Submission]] = field(default_factory=list)


def resolved(found: Sequence[Submission], roster: Roster,
             graded_for: AskGradedFor = lambda person, submission: None) -> Resolved:
    """Hand-ins under the ids of those whose they are; of a team's, one for every member.

    Equal files are one hand-in, the earliest. Several different ones stay, for the course's rule to
    decide which counts, if all say when they came; otherwise nobody can say which came last, and
    none is graded. Whoever the course does not know keeps the name. What was graded before stays
    with those for whom it was, whatever team they are in now.

    Args:
        graded_for: asked for each hand-in of somebody whom the course knows.
    """
    if not roster.people:
        return Resolved(tuple(found))
    submissions: list[Submission] = []
    said, notes, nobodys = [], [], []
    owners = _owners(found, roster, graded_for)
    before = [owner for owner in owners if owner.is_before]
    if before:
        said.append(f"{before[0].name}: teams are others by now; what was graded stays with those "
                    f"for whom it was ({len(before)} such; --force goes by the table of people)")
    for owner in owners:
        nobodys += [owner.name] if owner.team is None and owner.name not in roster.people else []
        kept = _different(owner.hand_ins)
        places = " and ".join(f"{each.source or each.student}" for _, each in kept)
        if len(kept) > 1 and any(each.submitted_at is None for _, each in kept):
            notes.append(f"{owner.name}: {len(kept)} hand-ins, {places}, and nothing says which "
                         "came last, so none is graded; say when by --times FILE.csv, or leave "
                         "one away")
            continue
        if len(kept) > 1:
            said.append(f"{owner.name}: {len(kept)} hand-ins, {places}; the course's "
                        "rule says which counts")
        submissions += [_as_members(member, by, owner, each)
                        for by, each in kept for member in owner.members]
    undated = _undated(submissions) if before else set()
    notes += [f"{student}: several hand-ins since teams are others, and nothing says which came "
              "last, so none is graded; say when by --times FILE.csv" for student in
              sorted(undated)]
    submissions = [each for each in submissions if each.student not in undated]
    submissions.sort(key=lambda each: each.student)
    return Resolved(tuple(submissions), tuple(said), (
        *notes, *_under_own_names(nobodys, roster)))


def named(found: Iterable[Submission], roster: Roster) -> list[Submission]:
    """Hand-ins, one by one, by the ids of those who handed them in; by their own names where the
    course does not know these, or where several are one person's."""
    ids = [(each, roster.id_of(each.student, each.kind)) for each in found]
    many = Counter(id for _, id in ids)
    return [each if many[id] > 1 else replace(each, student=id) for each, id in ids]


def dated(times: Mapping[str, datetime], roster: Roster) -> dict[str, datetime]:
    """What a table of times says, under all names of those of whom it says it."""
    spelled = dict(times)
    for name, time in times.items():
        person = roster.find(name)
        for alias in () if person is None else person.aliases:
            spelled.setdefault(alias, time)
    return spelled


def _undated(submissions: Sequence[Submission]) -> set[str]:
    """Those of whom there are several hand-ins, of which one does not say when it came."""
    several = Counter(each.student for each in submissions)
    return {each.student for each in submissions
            if several[each.student] > 1 and each.submitted_at is None}


def _owners(found: Iterable[Submission], roster: Roster, graded_for: AskGradedFor
            ) -> Collection[_Owner]:
    teams = {canonical(person.team): person.team for person in roster.students if person.team}
    if any(each.kind == "github" and roster.find(each.student, each.kind) for each in found):
        teams = {}  # clones of persons, who have chosen their names: such a name is no team's
    owners: dict[tuple[str, ...], _Owner] = {}
    for submission in found:
        person = roster.find(submission.student, submission.kind)
        team = teams.get(canonical(submission.student), "") if person is None else (
            person.team if person.role == "student" else "")
        if team:
            owner = _Owner(f"team {team}", roster.team(team), team)
        else:
            person = person or Person(_own_name(submission, roster))
            owner = _Owner(person.id, [person])
        key = [team, "" if team else owner.name]
        if person is not None and (before := graded_for(person, submission)) is not None:
            key = [before.team or "", *sorted(before.students)]
            owner = _Owner(person.id, [roster.person(each) for each in key[1:]], before.team, True)
        owners.setdefault(tuple(key), owner).hand_ins.append((person, submission))
    return owners.values()


def _own_name(submission: Submission, roster: Roster) -> str:
    """What somebody is called whom the course does not know: not as it calls somebody else."""
    name = submission.student
    return name if roster.find(name) is None else student_id(f"{name}-{submission.kind}")


def _different(hand_ins: Sequence[tuple[Person | None, Submission]]
               ) -> list[tuple[Person | None, Submission]]:
    """The hand-ins of different files: of equal ones that which came first, or, where one alone
    says when, that one."""
    first: dict[str, tuple[Person | None, Submission]] = {}
    for by, each in sorted(hand_ins, key=lambda pair: (
            pair[1].submitted_at is None, _seconds(pair[1]))):
        first.setdefault(each.digest, (by, each))
    return list(first.values())


def _seconds(submission: Submission) -> float:
    return submission.submitted_at.timestamp() if submission.submitted_at else 0.0


def _as_members(member: Person, by: Person | None, owner: _Owner, submission: Submission
                ) -> Submission:
    if len(owner.members) == 1:
        return replace(submission, student=member.id)
    return replace(submission, student=member.id, team=owner.team,
                   handed_in_by=None if by is None else by.id)


def unknown(students: Iterable[str], roster: Roster) -> Iterator[str]:
    """Lines about hand-ins under names of people and teams that the course does not know."""
    if not roster.people:
        return
    teams = {canonical(person.team) for person in roster.students}
    nobodys = [each for each in students
               if roster.find(each) is None and canonical(each) not in teams]
    yield from _under_own_names(nobodys, roster)


def _under_own_names(nobodys: Sequence[str], roster: Roster) -> Iterator[str]:
    return (f"graded under its own name: {line}" for line in strangers(nobodys, roster))


def strangers(names: Sequence[str], roster: Roster) -> Iterator[str]:
    """A line for each of ``names``, which are nobody's in the course, and one for the rest of
    many."""
    known = {canonical(said): person for person in roster.people.values()
             for said in (person.name, person.email, person.id, *person.ids.values()) if said}
    for name in names[:_MOST]:
        near = people.near(canonical(name), known)
        hint = f"; did you mean {known[near[0]].id!r}?" if near else ""
        yield f"{shown(name)!r} is nobody of the course's people{hint}"
    if len(names) > _MOST:
        yield f"{len(names) - _MOST} more are nobody of the course's people"


def absent(names: Iterable[str], students: Collection[str], roster: Roster
           ) -> tuple[list[str], list[str]]:
    """Of the names that grader.toml or a table knows, those of nobody who handed in.

    Returns:
        A line for each that seems to be mistyped; and the others.
    """
    if not roster.people:
        return people.strangers(names, students)
    present = set(map(canonical, students))
    gone = [name for name in names if canonical(roster.id_of(name)) not in present]
    return (list(strangers([name for name in gone if roster.find(name) is None], roster)),
            [name for name in gone if roster.find(name) is not None])
