"""What a class's grades say about the class and about the questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median, pstdev, pvariance

from autograder.course import Assignment, Question
from autograder.gradebook import AdjustmentGrade, Grade, QuestionGrade
from autograder.report.repaired import repair_sentence
from autograder.report.rows import CheckRow, StudentRow
from autograder.result import (
    Sentence,
    SkippedCheck,
    Status,
    SubmissionStatus,
    Visibility,
)

BINS = 10
SLOWEST = 10
ANSWERS = 6
"""Answers to be predicted that are told apart."""


@dataclass(frozen=True)
class QuestionFigures:
    """How one question did among the graded submissions whose score of it is known."""

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
class PredictionFigures:
    """What was predicted of one thing, by how many."""

    name: str
    answers: list[tuple[str, int]]  # the most frequent first, at most ANSWERS
    others: int  # who gave another one
    most: int  # given for one answer


@dataclass(frozen=True)
class RepairRow:
    """The change that makes one student's question right."""

    student: str
    question: str
    message: Sentence
    difference: str


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
    repairs: list[RepairRow]
    late: list[Grade]  # the latest first
    adjusted: list[tuple[str, AdjustmentGrade]]  # student, and what a person changed
    slowest: list[Grade]  # at most SLOWEST, the slowest first
    seconds: float  # that grading took, of all submissions together
    unmarked: int  # texts that nobody has marked yet
    skipped: dict[str, list[SkippedCheck]]  # question -> checks that count for nobody
    predictions: list[PredictionFigures]  # in the notebook's order

    @property
    def hardest(self) -> QuestionFigures | None:
        """The question with the lowest mean share. Bonus is optional and never the hardest."""
        known = [figures for figures in self.questions
                 if figures.mean_share is not None and not figures.question.bonus]
        return min(known, key=lambda figures: figures.mean_share or 0.0, default=None)


def class_figures(grades: Sequence[Grade], assignment: Assignment) -> ClassFigures:
    counted = [grade for grade in grades if grade.is_graded]
    scores = [grade.score for grade in counted]
    statuses = [grade.result.status for grade in grades if not grade.is_graded]
    return ClassFigures(
        graded=len(counted),
        unreadable=statuses.count(SubmissionStatus.UNREADABLE),
        internal=statuses.count(SubmissionStatus.INTERNAL),
        pending=sum(bool(grade.open) for grade in counted),
        mean=mean(scores) if scores else None,
        median=median(scores) if scores else None,
        deviation=pstdev(scores) if scores else None,
        reliability=_reliability(counted, assignment),
        distribution=_distribution(counted),
        questions=[_question_figures(question, counted) for question in assignment.questions],
        misconceptions=_misconceptions(counted),
        repairs=_repairs(counted),
        late=sorted((grade for grade in grades if grade.late_days > 0),
                    key=lambda grade: (-grade.late_days, grade.student)),
        adjusted=[(grade.student, each) for grade in grades for each in grade.adjustments],
        slowest=sorted((grade for grade in grades if grade.result.seconds > 0),
                       key=lambda grade: (-grade.result.seconds, grade.student))[:SLOWEST],
        seconds=sum(grade.result.seconds for grade in grades),
        unmarked=sum(answer.kind == "text" and answer.result.status.is_undecided
                     for grade in counted for answer in grade.questions),
        skipped=_skipped(counted),
        predictions=_predictions(grades),
    )


def _predictions(grades: Sequence[Grade]) -> list[PredictionFigures]:
    given: dict[str, Counter[str]] = {}
    for grade in grades:
        for each in grade.result.predictions:
            given.setdefault(each.name, Counter())[each.answer] += 1
    found = []
    for name, counts in given.items():
        first = counts.most_common(ANSWERS)
        found.append(PredictionFigures(
            name, first, counts.total() - sum(count for _, count in first), first[0][1]))
    return found


def check_figures(rows: Sequence[StudentRow]) -> dict[str, list[CheckFigures]]:
    """Question -> its checks, the one that most students fail first."""
    found: dict[tuple[str, str], list[tuple[StudentRow, CheckRow]]] = {}
    for row in rows:
        if row.grade.is_graded:
            for verdict in row.verdicts:
                if not verdict.status.is_undecided:
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
            [round(row.grade.raw_score - verdict.score, 6) for row, verdict in ended]),
        students=sorted(row.grade.student for row, _ in failed),
    )


def _distribution(grades: Sequence[Grade]) -> list[int]:
    bins = [0] * BINS
    for grade in grades:
        possible = grade.max_score or sum(each.max_score for each in grade.questions)  # all bonus
        share = grade.score / possible if possible else 0.0
        # 7/10 is a hair below 0.7 in binary and belongs to the tenth that starts there.
        bins[max(0, min(BINS - 1, int(share * BINS + 1e-9)))] += 1
    return bins


def _question_figures(question: Question, grades: Sequence[Grade]) -> QuestionFigures:
    shares, scores, rests = [], [], []
    for grade in grades:
        known = {answer.name: answer for answer in _known(grade)}
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


def _known(grade: Grade) -> Iterator[QuestionGrade]:
    """The questions whose score is known."""
    return (answer for answer in grade.questions
            if not answer.result.status.is_undecided and answer.max_score > 0)


def _reliability(grades: Sequence[Grade], assignment: Assignment) -> float | None:
    """How far the questions measure the same: k/(k−1) · (1 − Σ var(question) / var(sum)).

    Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951).
    """
    names = [question.name for question in assignment.questions if not question.bonus]
    known = ({answer.name: answer.score for answer in _known(grade)} for grade in grades)
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


def _repairs(grades: Sequence[Grade]) -> list[RepairRow]:
    return [RepairRow(grade.student, question.name, repair_sentence(question.repair),
                      question.repair.difference)
            for grade in grades for question in grade.result.questions if question.repair]


def _skipped(grades: Sequence[Grade]) -> dict[str, list[SkippedCheck]]:
    """Whatever the suite skipped when any of these was graded."""
    found: dict[str, dict[str, SkippedCheck]] = {}
    for grade in grades:
        for question in grade.result.questions:
            for check in question.skipped:
                found.setdefault(question.name, {})[check.id] = check
    return {question: list(checks.values()) for question, checks in found.items()}


def _misconceptions(grades: Sequence[Grade]) -> list[MisconceptionFigures]:
    students: dict[tuple[str, str], set[str]] = {}
    messages: dict[tuple[str, str], Sentence] = {}
    for grade in grades:
        for question in grade.result.questions:
            for diagnosis in question.diagnosis:
                key = question.name, diagnosis.id
                students.setdefault(key, set()).add(grade.student)
                messages.setdefault(key, diagnosis.message)
    found = [
        MisconceptionFigures(question, id, messages[question, id], sorted(who))
        for (question, id), who in students.items()
    ]
    return sorted(found, key=lambda one: (-len(one.students), one.question, one.id))
