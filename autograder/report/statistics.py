"""What a class's results say about the class and about the questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median, pstdev, pvariance

from autograder.course import Assignment, Question
from autograder.report.rows import CheckRow, StudentRow
from autograder.report.words import PENDING
from autograder.result import (
    QuestionResult,
    Result,
    Sentence,
    Status,
    SubmissionStatus,
    Visibility,
)

BINS = 10
SLOWEST = 10


@dataclass(frozen=True)
class QuestionFigures:
    """How one question did among the graded results that know its score."""

    question: Question
    answers: int
    mean_share: float | None  # None: nobody has a score
    full: int  # students with all points
    none: int  # students with no points
    discrimination: float | None  # item-rest correlation; None: undefined


@dataclass(frozen=True)
class CheckFigures:
    """How one check did among the graded results in which it ran."""

    title: str
    visibility: Visibility
    ran: int
    failures: dict[Status, int]  # the most frequent first
    follow_ups: int  # of the failures: follow from another one, and cost nothing
    discrimination: float | None  # correlation of passing with the other checks' points
    students: list[str]  # who failed, sorted

    @property
    def failed(self) -> int:
        return len(self.students)

    @property
    def share(self) -> float:
        return self.failed / self.ran


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
    pending: int  # graded, but for a question whose score is not known yet
    mean: float | None
    median: float | None
    deviation: float | None  # standard deviation of the scores
    reliability: float | None  # Cronbach's alpha of the questions without bonus; None: undefined
    distribution: list[int]  # graded results by tenth of the full score, bonus in the last
    questions: list[QuestionFigures]
    misconceptions: list[MisconceptionFigures]  # the most frequent first
    late: list[Result]  # the latest first
    slowest: list[Result]  # at most SLOWEST, the slowest first
    seconds: float  # that grading took, of all submissions together

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
        pending=sum(any(question.status in PENDING for question in result.questions)
                    for result in counted),
        mean=mean(scores) if scores else None,
        median=median(scores) if scores else None,
        deviation=pstdev(scores) if scores else None,
        reliability=_reliability(counted, assignment),
        distribution=_distribution(counted),
        questions=[_question_figures(question, counted) for question in assignment.questions],
        misconceptions=_misconceptions(counted),
        late=sorted((result for result in results if result.submission.late_days > 0),
                    key=lambda result: (-result.submission.late_days, result.student)),
        slowest=sorted((result for result in results if result.seconds > 0),
                       key=lambda result: (-result.seconds, result.student))[:SLOWEST],
        seconds=sum(result.seconds for result in results),
    )


def check_figures(rows: Sequence[StudentRow]) -> dict[str, list[CheckFigures]]:
    """Question -> its checks, the one that most students fail first."""
    found: dict[tuple[str, str], list[tuple[StudentRow, CheckRow]]] = {}
    for row in rows:
        if row.result.status is SubmissionStatus.GRADED:
            for verdict in row.verdicts:
                if verdict.status not in PENDING:
                    found.setdefault((verdict.question, verdict.check), []).append((row, verdict))
    questions: dict[str, list[CheckFigures]] = {}
    for (question, _), ended in found.items():
        questions.setdefault(question, []).append(_check_figures(ended))
    return {question: sorted(checks, key=lambda check: -check.share)
            for question, checks in questions.items()}


def _check_figures(ended: Sequence[tuple[StudentRow, CheckRow]]) -> CheckFigures:
    failed = [(row, verdict) for row, verdict in ended if verdict.status is not Status.PASSED]
    one = ended[0][1]
    return CheckFigures(
        title=one.title,
        visibility=one.visibility,
        ran=len(ended),
        failures=dict(Counter(verdict.status for _, verdict in failed).most_common()),
        follow_ups=sum(verdict.follows for _, verdict in failed),
        discrimination=_correlation(
            [float(verdict.status is Status.PASSED) for _, verdict in ended],
            [round(row.result.raw_score - verdict.score, 6) for row, verdict in ended]),
        students=sorted(row.result.student for row, _ in failed),
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
        known = {answer.name: answer for answer in _known(result)}
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
        full=sum(share >= 1 for share in shares),
        none=sum(share <= 0 for share in shares),
        discrimination=_correlation(scores, rests),
    )


def _known(result: Result) -> Iterator[QuestionResult]:
    """The questions whose score is known."""
    return (answer for answer in result.questions
            if answer.status not in PENDING and answer.max_score > 0)


def _reliability(results: Sequence[Result], assignment: Assignment) -> float | None:
    """How far the questions measure the same: k/(k−1) · (1 − Σ var(question) / var(sum)).

    Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951).
    """
    names = [question.name for question in assignment.questions if not question.bonus]
    known = ({answer.name: answer.score for answer in _known(result)} for result in results)
    table = [[scores[name] for name in names] for scores in known if scores.keys() >= set(names)]
    if len(table) < 3 or len(names) < 2:
        return None
    whole = pvariance([round(sum(scores), 6) for scores in table])
    if whole == 0:
        return None
    parts: float = sum(pvariance(scores) for scores in zip(*table, strict=True))
    return len(names) / (len(names) - 1) * (1 - parts / whole)


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
