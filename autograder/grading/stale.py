"""Whose results would be made anew, and why: what a regrade runs, said before it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from autograder import __version__
from autograder.course import Course
from autograder.course.digests import question_digests, suite_digest
from autograder.course.secret import fingerprint
from autograder.result import Result, Sentence, SubmissionStatus, sentence, torch_version
from autograder.store import Store


@dataclass(frozen=True)
class Stale:
    """A result that is made anew. ``seconds`` is what it took when it was made: of all questions,
    where only some are run again."""

    student: str
    why: Sentence
    seconds: float


def stale(course: Course, store: Store, assignment: str, secret: bytes,
          students: Collection[str]) -> Iterator[Stale]:
    """Whose results among those that count of ``students`` a regrade makes anew; or, where our own
    fault ended what was handed in since, that one."""
    digests, suite = question_digests(course, assignment), suite_digest(course, assignment)
    for student, chosen in sorted(store.chosen(assignment).items()):
        if student in students:
            ended = chosen.newer if chosen.status is SubmissionStatus.INTERNAL else None
            result = store.result(ended or chosen.number)
            why = _why(result, digests, suite, fingerprint(secret))
            if why is not None:
                yield Stale(student, why, result.seconds)


def _why(result: Result, digests: dict[str, str], suite: str, seed: str) -> Sentence | None:
    made = result.environment
    if result.status is SubmissionStatus.INTERNAL:
        return sentence("our own fault ended it")
    if made.autograder != __version__:
        return sentence("made by autograder {version}", version=made.autograder)
    if made.torch != torch_version():
        return sentence("made with torch {version}", version=made.torch)
    if made.seed != seed:
        return sentence("made with another secret")
    if made.suite == suite:
        return None
    was = {question.name: question.suite for question in result.questions}
    changed = [name for name, digest in digests.items() if was.get(name) != digest]
    return sentence("changed since: {questions}", questions=", ".join(changed))
