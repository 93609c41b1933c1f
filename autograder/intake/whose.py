"""Whose hand-ins are whose: one's own, and those of a team."""

from __future__ import annotations

from autograder.course.roster import Person, Roster
from autograder.store import Arrival, Store


def owners(person: Person, roster: Roster) -> list[str]:
    """Who hands in with ``person``, as the course is now: a team has its attempts together."""
    team = [each.id for each in roster.team(person.team)] if person.role == "student" else []
    return team or [person.id]


def is_own(store: Store, roster: Roster, person: Person, arrival: Arrival) -> bool:
    """Whether ``person`` may see a hand-in as their own: one's team's, until it is graded; then of
    those for whom it was graded. So whoever changes teams keeps what was theirs, and sees nothing
    that others did before."""
    if arrival.student == person.id:
        return True
    if arrival.submission is None:
        return arrival.student in owners(person, roster)
    found = store.of_hand_in(person.id, arrival.assignment, arrival.submission)
    return found is not None and found.submission.handed_in_by == arrival.student


def own(store: Store, roster: Roster, person: Person, assignment: str) -> list[Arrival]:
    """The hand-ins that ``person`` may see as their own, the newest first."""
    team = {*owners(person, roster), person.id}
    theirs = store.handed_in_for(person.id, assignment) if roster.has_teams else set()
    return [each for each in store.arrivals.all(
        students=team | {by for by, _ in theirs}, assignment=assignment)
        if each.student == person.id or (each.student, each.submission) in theirs
        or (each.submission is None and each.student in team)]
