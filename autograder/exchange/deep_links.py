"""Links to assignments as a learning platform takes them into its course, each with a column of its
gradebook: items of LTI Deep Linking."""

from __future__ import annotations

from typing import Any

from autograder.course import Assignment
from autograder.identity.deep_linking import LINK
from autograder.report.translations import language
from autograder.report.words import say


def link(assignment: Assignment, door: str, *, with_column: bool) -> dict[str, Any]:
    """The link to an assignment at the door ``door``. Where it is due is where the platform says
    that it ends; nothing says that it closes then, for what is late is received, too."""
    title = say(assignment.title, language(assignment.language, assignment))
    item: dict[str, Any] = {
        "type": LINK, "title": title, "url": f"{door.rstrip('/')}/assignments/{assignment.name}",
        "custom": {"assignment": assignment.name},
        "window": {"targetName": "_blank"}}  # the door is shown in no other page
    if with_column and assignment.points:
        item["lineItem"] = {"label": title, "scoreMaximum": float(assignment.points),
                            "resourceId": assignment.name}
    if assignment.due is not None:
        item["submission"] = {"endDateTime": assignment.due.isoformat()}
    return item
