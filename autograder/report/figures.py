"""What a class's results say about the class and about the questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median

from autograder.course import Assignment, Question
from autograder.report.words import PENDING
from autograder.result import QuestionResult, Result, Sentence, SubmissionStatus

BINS = 10


@dataclass(frozen=True)
class QuestionFigures:
    """How one question did among the graded results that know its score."""

    question: Question
    answers: int
    mean_share: float | None  # None: nobody has a score
    discrimination: float | None  # item-rest correlation; None: undefined


@dataclass(frozen=True)
class MisconceptionFigures:
    """A diagnosis, and the students whose answers it explains, sorted."""

    question: str
    id: str
    message: Sentence
    students: list[str]


@dataclass(frozen=True)
class ClassFigures:
    graded: int
    unreadable: int
    internal: int
    late: int
    mean: float | None
    median: float | None
    distribution: list[int]  # graded results by tenth of the full score, bonus in the last
    questions: list[QuestionFigures]
    misconceptions: list[MisconceptionFigures]  # the most frequent first

    @property
    def hardest(self) -> QuestionFigures | None:
        """The question with the lowest mean share. Bonus is optional and never the hardest."""
        known = [figures for figures in self.questions
                 if figures.mean_share is not None and not figures.question.bonus]
        return min(known, key=lambda figures: figures.mean_share or 0.0, default=None)


def graded(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.status is SubmissionStatus.GRADED]


def answers(result: Result) -> dict[str, QuestionResult]:
    """The questions of ``result`` by name."""
    return {question.name: question for question in result.questions}


def class_figures(results: Sequence[Result], assignment: Assignment) -> ClassFigures:
    counted = graded(results)
    scores = [result.score for result in counted]
    statuses = [result.status for result in results]
    return ClassFigures(
        graded=len(counted),
        unreadable=statuses.count(SubmissionStatus.UNREADABLE),
        internal=statuses.count(SubmissionStatus.INTERNAL),
        late=sum(result.submission.late_days > 0 for result in results),
        mean=mean(scores) if scores else None,
        median=median(scores) if scores else None,
        distribution=_distribution(counted),
        questions=[_question_figures(question, counted) for question in assignment.questions],
        misconceptions=_misconceptions(counted),
    )


def _distribution(results: Sequence[Result]) -> list[int]:
    bins = [0] * BINS
    for result in results:
        share = result.score / result.max_score if result.max_score else 0.0
        # 7/10 is a hair below 0.7 in binary and belongs to the tenth that starts there.
        bins[max(0, min(BINS - 1, int(share * BINS + 1e-9)))] += 1
    return bins


def _question_figures(question: Question, results: Sequence[Result]) -> QuestionFigures:
    shares, scores, rests = [], [], []
    for result in results:
        known = {name: answer for name, answer in answers(result).items()
                 if answer.status not in PENDING and answer.max_score > 0}
        answer = known.pop(question.name, None)
        if answer is not None:
            shares.append(answer.score / answer.max_score)
            scores.append(answer.score)
            # Rounded, so that sums which are equal on paper do not vary in the last bit.
            rests.append(round(sum(other.score for other in known.values()), 6))
    return QuestionFigures(
        question=question,
        answers=len(shares),
        mean_share=mean(shares) if shares else None,
        discrimination=_correlation(scores, rests),
    )


def _correlation(items: Sequence[float], rests: Sequence[float]) -> float | None:
    """Pearson's correlation; None where it is undefined, or, for two points, says nothing."""
    if len(items) < 3:
        return None
    try:
        return correlation(items, rests)
    except StatisticsError:  # one side is constant
        return None


def _misconceptions(results: Sequence[Result]) -> list[MisconceptionFigures]:
    students: dict[tuple[str, str], set[str]] = {}
    messages: dict[tuple[str, str], Sentence] = {}
    for result in results:
        for question in result.questions:
            for diagnosis in question.diagnosis:
                key = question.name, diagnosis.id
                students.setdefault(key, set()).add(result.student)
                messages.setdefault(key, diagnosis.message)
    found = [
        MisconceptionFigures(question, id, messages[question, id], sorted(who))
        for (question, id), who in students.items()
    ]
    return sorted(found, key=lambda one: (-len(one.students), one.question, one.id))
