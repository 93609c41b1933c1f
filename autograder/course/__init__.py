"""The course: grader.toml as tables (``tables``, ``assignment``), read and explained
(``reading``), its secret (``secret``), what verdicts depend on (``digests``), and one assignment of
it packed into files (``packing``)."""

from autograder.course.assignment import (
    DEVICES,
    Assignment,
    Attempts,
    Device,
    Limits,
    Problem,
    Question,
    QuestionKind,
    Timed,
)
from autograder.course.fields import (
    TIERS,
    LanguageCode,
    LayoutName,
    Policy,
    RepairFeedback,
    Tier,
)
from autograder.course.reading import CourseError, load
from autograder.course.tables import (
    Course,
    FeedbackTable,
    LatePolicy,
    SandboxPolicy,
    StoreTable,
)

__all__ = [
    "DEVICES", "TIERS", "Assignment", "Attempts", "Course", "CourseError", "Device",
    "FeedbackTable", "LanguageCode", "LatePolicy", "LayoutName", "Limits", "Policy", "Problem",
    "Question", "QuestionKind", "RepairFeedback", "SandboxPolicy", "StoreTable", "Tier", "Timed",
    "load",
]
