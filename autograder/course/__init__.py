"""The course: grader.toml as tables (``tables``), read and explained (``reading``), its secret
(``secret``), what verdicts depend on (``digests``), and one assignment of it packed into files
(``packing``)."""

from autograder.course.reading import CourseError, load
from autograder.course.tables import (
    DEVICES,
    TIERS,
    Assignment,
    Course,
    Device,
    FeedbackTable,
    Kind,
    LanguageCode,
    LatePolicy,
    LayoutName,
    Limits,
    Policy,
    Problem,
    Question,
    RepairFeedback,
    SandboxPolicy,
    StoreTable,
    Tier,
    Timed,
)

__all__ = [
    "DEVICES", "TIERS", "Assignment", "Course", "CourseError", "Device", "FeedbackTable", "Kind",
    "LanguageCode", "LatePolicy", "LayoutName", "Limits", "Policy", "Problem", "Question",
    "RepairFeedback", "SandboxPolicy", "StoreTable", "Tier", "Timed", "load",
]
