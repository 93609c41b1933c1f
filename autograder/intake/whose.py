"""Whose hand-ins are whose: one's own, and those of a team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from autograder.course import Assignment, LayoutName, Policy
from autograder.course.roster import Person, Roster
from autograder.gradebook.totals import Total
from autograder.store import Arrival, State, Store
from autograder.submission import Found, Submission, find
from autograder.submission.resolving import AskGradedFor, GradedFor, Resolved, dated, resolved


def owners(person: Person, roster: Roster) -> list[str]:
    """Who hands in with ``person``, as the course is now: a team has its attempts together."""
    team = [each.id for each in roster.team(person.team)] if person.role == "student" else []
    return team or [person.id]


def whose(store: Store, roster: Roster, arrival: Arrival) -> Iterator[str]:
    """The students to whom a hand-in belongs: first who handed it in, then, sorted, the others.
    Until it is graded these are the team as it is now, and from then on those for whom it was
    graded. So whoever changes teams keeps what was theirs, and gets nothing that others did."""
    yield arrival.student  # of most, that is all that is asked
    graded = {} if arrival.submission is None else store.handed_in_for(
        assignment=arrival.assignment, submission=arrival.submission)
    yield from sorted(_whose(arrival, roster, graded) - {arrival.student})


def graded_for(store: Store, roster: Roster, assignment: str) -> AskGradedFor:
    """What ``resolved`` asks about files that lie at paths: for whom they were graded before."""
    teams = store.handed_in_for(assignment=assignment)
    members = {(each, digest): students for (_, _, digest), students in teams.items()
               for each in students}
    members |= {(by, digest): students for (_, by, digest), students in teams.items()}

    def ask(person: Person, submission: Submission) -> GradedFor | None:
        now = {*owners(person, roster)}
        students = members.get((person.id, submission.digest), {person.id})
        if students == now:
            return None
        before = store.of_hand_in(person.id, assignment, submission.digest)
        if before is None or (students == {person.id} and before.submission.team):
            return None  # of a folder that is called like the team, and is the team's of today
        return GradedFor(students, before.submission.team)

    return ask


def found_at(paths: Sequence[Path], assignment: Assignment, store: Store, roster: Roster, *,
             layout: LayoutName | None = None, times: Mapping[str, datetime] | None = None,
             anew: bool = False) -> tuple[Found, Resolved]:
    """What lies at ``paths``, as it was found, and then under the ids of the course's people.

    Args:
        times: when each came, by ids of any kind, where the layout does not say.
        anew: files that were graded already need not stay with those for whom they were.

    Raises:
        FileNotFoundError, SubmissionError: as ``submission.find``.
    """
    found = find(paths, assignment, layout, dated(times or {}, roster))
    if anew:
        return found, resolved(found, roster)
    return found, resolved(found, roster, graded_for(store, roster, assignment.name))


def own(store: Store, roster: Roster, person: Person, assignment: str | None = None
        ) -> list[Arrival]:
    """The hand-ins that are a person's, of an assignment or all, the newest first."""
    graded = store.handed_in_for(student=person.id, assignment=assignment) \
        if roster.has_teams else {}
    near = {person.id, *owners(person, roster), *(by for _, by, _ in graded)}
    return [each for each in store.arrivals.all(students=near, assignment=assignment)
            if person.id in _whose(each, roster, graded)]


def everybodys(store: Store, roster: Roster, assignment: str | None = None
               ) -> Iterator[tuple[Arrival, set[str]]]:
    """Every hand-in, to an assignment or all, and those whose it is; the newest first."""
    graded = store.handed_in_for(assignment=assignment) if roster.has_teams else {}
    for each in store.arrivals.all(assignment=assignment):
        yield each, _whose(each, roster, graded)


def of_whom(store: Store, roster: Roster) -> set[tuple[str, str]]:
    """Assignment and student of all that was handed in or graded, by the door or not."""
    return {(arrival.assignment, student) for arrival, students in everybodys(store, roster)
            for student in students} | store.graded(roster)


def newest(store: Store, roster: Roster, assignment: str) -> dict[str, Arrival]:
    """Everybody's newest hand-in: a team's is each member's."""
    found: dict[str, Arrival] = {}
    for arrival, students in everybodys(store, roster, assignment):
        for student in students:
            found.setdefault(student, arrival)
    return found


def that_counts(arrivals: Sequence[Arrival], total: Total | None) -> Arrival | None:
    """Of a person's hand-ins to an assignment, the newest first: the one that ``total`` is of, or
    else the newest that a grader is done with. None where there is none, as of files that did not
    come by the door."""
    done = [each for each in arrivals if each.submission is not None]
    at = total and total.earned.verdicts.submitted
    return next((each for each in done if each.at == at), done[0] if done else None)


def to_repeat(store: Store, roster: Roster, assignment: str, policy: Policy, student: str = ""
              ) -> set[int]:
    """The numbers of the hand-ins that a regrade of a class, or of one student, has to grade: all
    that may count. Where the best counts, these are all of somebody's hand-ins; otherwise the
    newest, and those before it down to the newest that is a grade."""
    numbers, settled = set[int](), set[str]()
    for arrival, students in everybodys(store, roster, assignment):
        wanted = (students if not student else students & {student}) - settled
        if wanted:
            numbers.add(arrival.number)
        if arrival.state is State.GRADED and policy == "latest":
            settled |= students
    return numbers


def _whose(arrival: Arrival, roster: Roster, graded: Mapping[tuple[str, str, str], set[str]]
           ) -> set[str]:
    """The students to whom a hand-in belongs, by ``graded``: ``Store.handed_in_for``."""
    others = owners(roster.person(arrival.student), roster) if arrival.submission is None else \
        graded.get((arrival.assignment, arrival.student, arrival.submission), ())
    return {arrival.student, *others}
