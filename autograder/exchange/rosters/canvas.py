"""Canvas's gradebook, exported there as CSV: who is in it."""

from __future__ import annotations

from collections.abc import Collection

from autograder.course.spreadsheets import Row
from autograder.exchange.rosters.entry import Entry, cell, given, in_full


class CanvasGradebook:
    name = "canvas"
    about = "Canvas's gradebook"
    needs = "Student, ID and Section"

    def fits(self, titles: Collection[str]) -> bool:
        return {"student", "id", "section"} <= set(titles)

    def entry(self, row: Row) -> Entry | None:
        """Canvas writes lines about points, too, and one for the student as whom teachers look at
        a course."""
        student, id = cell(row, "student"), cell(row, "id")
        if not id or student == "Student, Test" or student.casefold() == "points possible":
            return None
        last, _, first = student.partition(",")
        return Entry(
            row, name=in_full(first.strip(), last.strip()), section=cell(row, "section"),
            ids=given(canvas=id, sis_id=cell(row, "sis user id"), login=cell(row, "sis login id")))
