"""Cells of CSV tables: text of strangers that no spreadsheet takes for a formula."""

from __future__ import annotations

from autograder.course import spreadsheets
from autograder.report.words import one_line, spelled_out


def safe_cell(text: str) -> str:
    """``text`` on one line, cut where it is long."""
    return spreadsheets.guarded(one_line(text))


def safe_text(text: str) -> str:
    """``text`` with all its lines, however long it is."""
    return spreadsheets.guarded(spelled_out(text))
