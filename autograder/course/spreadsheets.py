"""Tables as spreadsheets and platforms write them: CSV of some encoding and separator."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# A spreadsheet computes a cell that starts so. It may also split a cell at another separator than
# ours, a line's end among them, so that the middle of a cell becomes the start of one. Full-width
# signs count too.
_START = r"""(^|[,;|"'\t\r\n])(\s*)"""
_SIGN = r"(?=[=+\-@＝＋－＠])"
_FORMULA, _GUARDED = re.compile(_START + _SIGN), re.compile(f"{_START}'{_SIGN}")


@dataclass(frozen=True)
class Row:
    """A line of a table: its number, and what stands under each title."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Spreadsheet:
    """A table whose first line has the titles, which letter case and stray spaces do not change."""

    titles: tuple[str, ...]
    rows: tuple[Row, ...]


def text(data: bytes, errors: str = "strict") -> str:
    """What a spreadsheet saves as text: UTF-8, or UTF-16 where it begins so.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig", errors)


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1\2'", text)


def unguarded(text: str) -> str:
    """What ``guarded`` made a cell of."""
    return _GUARDED.sub(r"\1\2", text)


def read(text: str) -> Spreadsheet:
    """The table that a text is, its cells separated by commas, semicolons or tabs.

    Raises:
        ValueError: it is none.
    """
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        titles = tuple(title.strip().casefold() for title in next(reader, []))
        return Spreadsheet(titles, tuple(_rows(reader, titles)))
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _rows(reader: Iterator[list[str]], titles: tuple[str, ...]) -> Iterator[Row]:
    for cells in reader:
        if any(cell.strip() for cell in cells):  # spreadsheets leave empty lines at the end
            yield Row(reader.line_num, {  # type: ignore[attr-defined]  # of csv's own reader
                title: cell.strip() for title, cell in zip(titles, cells, strict=False)})
