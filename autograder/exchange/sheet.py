"""A CSV table of a platform: single cells are replaced, and every other byte is kept.

Python's csv module would quote cells anew and lose the line ends. Platforms refuse their own file
when anything else in it has changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder.exchange.format import ExchangeError
from autograder.result import Result

_BOM = "\ufeff"
_NUMBER = re.compile(r"\d+(?:([.,])\d+)?")


@dataclass
class Row:
    """A line of the table: its cells as they stand in the file, and the end of the line."""

    cells: list[str]
    end: str


class Sheet:
    """A table whose first row has the titles of the columns.

    Raises:
        ExchangeError: the text is no such table.
    """

    def __init__(self, text: str) -> None:
        self._bom = _BOM if text.startswith(_BOM) else ""
        head = re.split(r"[\r\n]", re.sub(r'"[^"]*"', "", text), maxsplit=1)[0]
        self._separator = max(",;\t", key=head.count)
        self._rows = _parse(text.removeprefix(_BOM), self._separator)
        self.titles = [_plain(cell).strip() for cell in self._rows[0].cells]
        self.rows = range(1, len(self._rows))

    def column(self, *titles: str) -> int | None:
        """The first column that has one of ``titles``, letter case disregarded."""
        wanted = [title.casefold() for title in titles]
        return next((index for index, title in enumerate(self.titles)
                     if title.casefold() in wanted), None)

    def value(self, row: int, column: int | None) -> str:
        """What a cell says; empty where there is no such cell or column."""
        cells = self._rows[row].cells
        return "" if column is None or column >= len(cells) else _plain(cells[column]).strip()

    def put(self, row: int, column: int, value: str) -> None:
        cells = self._rows[row].cells
        cells += [""] * (column + 1 - len(cells))
        if cells[column].startswith('"') or re.search(rf'["\r\n{self._separator}]', value):
            value = '"' + value.replace('"', '""') + '"'
        cells[column] = value

    def text(self) -> str:
        return self._bom + "".join(self._separator.join(row.cells) + row.end for row in self._rows)


def _parse(text: str, separator: str) -> list[Row]:
    quoted = r'"[^"]*(?:""[^"]*)*"'
    cell = re.compile(
        rf'(?:{quoted}|(?!"))[^{separator}\r\n]*(\r\n|[{separator}\r\n]|\Z)')
    rows = [Row([], "")]
    position = 0
    while position < len(text) or rows[-1].cells:
        found = cell.match(text, position)
        if found is None:
            raise ExchangeError(f"row {len(rows)} has a quotation mark that is not closed; "
                                "download the file again")
        rows[-1].cells.append(text[position:found.start(1)])
        position = found.end()
        if found[1] != separator:
            rows[-1].end = found[1]
            rows.append(Row([], ""))
    return rows[:-1] or [Row([""], "")]


def _plain(cell: str) -> str:
    return cell[1:cell.rindex('"')].replace('""', '"') if cell.startswith('"') else cell


def number(cell: str) -> Decimal | None:
    """The number in a cell, with a decimal point or comma; None when it holds none."""
    return Decimal(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else None


def grade(score: float, example: str) -> str:
    """``score`` with two decimals, and with the decimal sign of ``example``."""
    found = _NUMBER.fullmatch(example)
    return f"{score:.2f}".replace(".", (found and found[1]) or ".")


# Whose row is whose ---------------------------------------------------------------------------

def match(
    results: Sequence[Result], names: Mapping[int, Sequence[Collection[str]]]
) -> tuple[dict[int, Result], list[str]]:
    """Find the row of each result's student.

    Args:
        names: row -> what its student goes by, the surest kind first, each kind in all spellings.
            A kind counts only where no surer one knows the student.

    Returns:
        Row -> result, and a line for staff about each result that has no row of its own.
    """
    kinds: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row, spellings in names.items():
        for kind, spelled in enumerate(spellings):
            for name in filter(None, spelled):
                kinds[kind][_folded(name)].add(row)
    claims: dict[int, list[Result]] = defaultdict(list)
    notes = []
    for result in results:
        name = _folded(result.student)
        rows = next((kinds[kind][name] for kind in sorted(kinds) if name in kinds[kind]), set())
        if len(rows) == 1:
            claims[min(rows)].append(result)
        elif rows:
            notes.append(f"{result.student}: fits {len(rows)} rows of the table; left out")
        else:
            notes.append(f"{result.student}: nobody in the table goes by this; left out")
    for row, several in claims.items():
        if len(several) > 1:
            students = ", ".join(result.student for result in several)
            notes.append(f"{students}: all fit row {row + 1} of the table; left out")
    return {row: found[0] for row, found in claims.items() if len(found) == 1}, notes


def _folded(name: str) -> str:
    # Here, because the package ``submission`` is slow to import, and formats are listed in --help.
    from autograder.submission import student_id

    return student_id(name).casefold()  # a result's student went through student_id too
