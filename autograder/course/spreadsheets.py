"""Tables as spreadsheets and platforms write them: CSV of some encoding and separator."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

# A spreadsheet computes a cell that starts so. It may also split a cell at another separator than
# ours, a line's end among them, so that the middle of a cell becomes the start of one. Full-width
# signs count too.
_START = r"""(^|[,;|"'\t\r\n])(\s*)"""
_SIGN = r"(?=[=+\-@＝＋－＠])"
_FORMULA, _GUARDED = re.compile(_START + _SIGN), re.compile(f"{_START}'{_SIGN}")

_CALLED = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SEPARATORS = "".join(_CALLED)
_SAID = re.compile(rf'"?sep=([{_SEPARATORS}])"?[{_SEPARATORS}]*\r?\n', re.IGNORECASE)  # for Excel
# What a spreadsheet makes of a long number, and of one that stood among others with a fraction.
_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d+|\d+[.,]0+", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A line of a table: its number, and what stands under each title."""

    line: int
    cells: Mapping[str, str]
    twice: Collection[str] = ()  # titles of several columns

    def word(self, title: str) -> str:
        """What stands under a title, where that is an id, a name or the like; empty without one.

        Raises:
            ValueError: a line breaks in it: a quotation mark is missing, and it holds other lines.
                Or several columns are called so.
        """
        if title in self.twice:
            raise ValueError(f"two columns are called {title!r}; call one of them otherwise")
        cell = self.cells.get(title, "")
        if "\n" in cell or "\r" in cell:  # not what Unicode calls a line's end: names may have that
            raise ValueError(f"line {self.line}: the cell {title!r} goes on over several lines; "
                             "write it on one, and look for a quotation mark that is not closed")
        return cell


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


def as_csv(rows: Iterable[Iterable[object]], *, line_end: str = "\r\n") -> str:
    """Rows as comma-separated text. Cells that strangers wrote have to be ``guarded`` before."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def is_a_number_of_theirs(cell: str) -> bool:
    """Whether a spreadsheet has made a number of an id, whose zeros and last digits are lost."""
    return _NUMBER.fullmatch(cell) is not None


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1\2'", text)


def unguarded(text: str) -> str:
    """What ``guarded`` made a cell of."""
    return _GUARDED.sub(r"\1\2", text)


def read(text: str) -> Spreadsheet:
    """The table that a text is, its cells separated by commas, semicolons or tabs. A row is of the
    line on which it begins.

    Raises:
        ValueError: it is none. The text says on which line, and what to do.
    """
    said = _SAID.match(text)
    head = text[said.end():] if said else text
    separator = said[1] if said else max(
        _SEPARATORS, key=head.lstrip("\r\n").split("\n", 1)[0].count)
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    titles: tuple[str, ...] = ()
    twice: set[str] = set()
    rows, line = [], 0  # those that were read
    try:
        for cells in reader:
            begins, line = line + 1, reader.line_num
            if "".join(lines[begins - 1:line]).count('"') % 2:
                raise _unpaired(begins)
            if begins == 1 and said:
                continue
            if not titles:  # there may be empty lines above
                titles = tuple(title.strip().casefold() for title in cells)
                twice = {title for title, many in Counter(titles).items() if title and many > 1}
            elif any(cell.strip() for cell in cells):  # spreadsheets leave empty lines at the end
                if len(cells) == 1 < len(titles) and any(map(cells[0].count, _SEPARATORS)):
                    raise ValueError(f"line {begins}: its cells are separated otherwise than those "
                                     f"of the first line, by {_CALLED[separator]}; write it so")
                rows.append(Row(begins, {title: cell.strip() for title, cell in zip(
                    titles, cells, strict=False)}, twice))
    except csv.Error:
        raise _unpaired(_opened(lines, line, separator)) from None
    return Spreadsheet(titles, tuple(rows))


def _unpaired(line: int) -> ValueError:
    return ValueError(f"line {line}: a cell has one quotation mark without the other; begin and "
                      "end it with one, or take it away (one inside such a cell is written twice)")


def _opened(lines: Sequence[str], begins: int, separator: str) -> int:
    """The line on which the cell begins that the row after line ``begins`` cannot be read for."""
    whole = re.compile(rf' *+(?:"[^"]*(?:""[^"]*)*"|(?!")[^{separator}\r\n]*){separator}')
    row, place = "".join(lines[begins:]), 0
    while (found := whole.match(row, place)) is not None:
        place = found.end()
    return begins + len(io.StringIO(f"{row[:place]}x", newline="").readlines())
