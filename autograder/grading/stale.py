"""Whose results would be made anew, and why: what a regrade runs, said before it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder.course import Assignment
from autograder.course.digests import stale_questions
from autograder.grading.jury import Jury
from autograder.result import Result, Sentence, SubmissionStatus, sentence
from autograder.store import Store


@dataclass(frozen=True)
class Stale:
    """A result that is made anew. ``seconds`` is what it took when it was made: of all questions,
    where only some are run again."""

    student: str
    why: Sentence
    seconds: float


def stale(assignment: Assignment, jury: Jury, store: Store, students: Collection[str]
          ) -> Iterator[Stale]:
    """Whose results among those that count of ``students`` a regrade by ``jury`` makes anew; or,
    where our own fault ended what was handed in since, that one."""
    for student, chosen in sorted(store.chosen(assignment.name).items()):
        if student in students:
            ended = chosen.newer if chosen.status is SubmissionStatus.INTERNAL else None
            result = store.result(ended or chosen.number)
            why = _why(result, assignment, jury)
            if why is not None:
                yield Stale(student, why, result.seconds)


def _why(result: Result, assignment: Assignment, jury: Jury) -> Sentence | None:
    if result.status is SubmissionStatus.INTERNAL:
        return sentence("our own fault ended it")
    if (why := jury.why_anew(result.environment)) is not None:
        return why
    if result.environment.suite == jury.suite:
        return None
    changed = stale_questions(
        {each.name: each for each in result.questions},
        {each.name: jury.digests[each.name] for each in assignment.judged.questions})
    if changed:
        return sentence("changed since: {questions}", questions=", ".join(changed))
    return sentence("the checks are the same; the list of questions, its order or a timed question "
                    "is not")
