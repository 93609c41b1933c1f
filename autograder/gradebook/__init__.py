"""What verdicts are worth: points, follow-through, bonus, lateness, and what staff decided. Pure
functions, without input or output.

Grades are computed whenever somebody looks: from a result's verdicts, from grader.toml as it is
then, and from the decisions that stand. So nothing is scored twice, and other points, due dates or
decisions change no result.
"""

from autograder.gradebook.book import Book
from autograder.gradebook.decisions import (
    NOTHING,
    Adjustment,
    AdjustmentKind,
    Decided,
    Decisions,
    Extension,
    TextMark,
    Waiver,
    Whom,
    WhomKind,
)
from autograder.gradebook.model import (
    AdjustmentGrade,
    CheckGrade,
    Grade,
    QuestionGrade,
    RubricGrade,
    for_student,
    json_schema,
)
from autograder.gradebook.points import grade, question_grade
from autograder.gradebook.totals import Total
from autograder.gradebook.verdicts import Verdicts

__all__ = [
    "NOTHING",
    "Adjustment",
    "AdjustmentGrade",
    "AdjustmentKind",
    "Book",
    "CheckGrade",
    "Decided",
    "Decisions",
    "Extension",
    "Grade",
    "QuestionGrade",
    "RubricGrade",
    "TextMark",
    "Total",
    "Verdicts",
    "Waiver",
    "Whom",
    "WhomKind",
    "for_student",
    "grade",
    "json_schema",
    "question_grade",
]
