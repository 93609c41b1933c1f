"""Scores sent into a learning platform's gradebook, by LTI's Assignment and Grade Services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.exchange.format import Exported, Known
from autograder.exchange.pending import why_kept, why_left, why_not_final, why_older
from autograder.gradebook import Grade
from autograder.identity.fetching import ProviderError
from autograder.identity.services import PlatformCourse, Score

NAME = "lti"


def send(platform: PlatformCourse, column: str, grades: Sequence[Grade], users: Mapping[str, str],
         known: Known) -> Exported:
    """Send each grade, but where a person entered something there.

    Args:
        column: the address of the gradebook's column.
        users: student -> what the platform calls them.

    Raises:
        ProviderError: nothing was sent.
    """
    held = platform.held(column, grades[0].max_score) if grades else {}
    sent: dict[str, str] = {}
    notes: list[str] = []
    for grade in grades:
        user, ours = users.get(grade.student), f"{grade.score:.2f}"
        if user is None:
            notes.append(f"{grade.student}: the platform's id is not known; have it import people, "
                         "or have them come in by the platform's link once")
            continue
        cell = f"{held[user]:.2f}" if user in held else ""
        if reason := why_left(grade) or why_kept(grade.student, cell, ours, known):
            notes.append(f"{grade.student}: {reason}")
            continue
        pending = why_not_final(grade)
        notes += [*why_older(grade), *pending]
        if cell != ours:
            try:
                platform.put(column, Score(user, float(ours), grade.max_score, not pending))
            except ProviderError as error:
                notes.append(f"{grade.student}: not sent: {error}")
                if error.status is None:  # nobody answers
                    notes.append("whoever comes after was not sent either; run it again")
                    break
                continue
        sent[grade.student] = ours
    return Exported(sent, notes)
