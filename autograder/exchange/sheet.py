"""A CSV table of a platform: single cells are replaced, and every other byte is kept.

Python's csv module would quote cells anew and lose the line ends. Platforms refuse their own file
when anything else in it has changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from autograder.course.roster import Roster
from autograder.exchange.format import ExchangeError
from autograder.gradebook import Grade
from autograder.names import canonical

_BOM = "\ufeff"
_MOST_CELLS = 1_000_000  # as many as rows of the width of the first: more than any class has
_NUMBER = re.compile(r"[0-9]+(?:([.,])[0-9]+)?")


@dataclass(slots=True)
class SheetRow:
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
        """The first column that has one of ``titles``, letter case disregarded.

        Raises:
            ExchangeError: another one is called as it is.
        """
        wanted = {title.casefold() for title in titles}
        found = [index for index, title in enumerate(self.titles) if title.casefold() in wanted]
        called = [self.titles[index].casefold() for index in found]
        if called.count(next(iter(called), "")) > 1:
            raise ExchangeError(f"two columns are called {self.titles[found[0]]!r}; call one of "
                                "them otherwise")
        return found[0] if found else None

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

    def as_grade(self, score: float, example: str) -> str:
        """``score`` with two decimals, and with the decimal sign of ``example``; of a whole number,
        with that of the table's other numbers, or else the one that goes with its separator."""
        found = _NUMBER.fullmatch(example)
        sign = found[1] if found and found[1] else self._decimal
        return f"{score:.2f}".replace(".", sign)

    @cached_property
    def _decimal(self) -> str:
        numbers = [_NUMBER.fullmatch(self.value(row, column))
                   for row in self.rows for column in range(len(self._rows[row].cells))]
        signs = [found[1] for found in numbers if found is not None]
        usual = "," if self._separator == ";" else "."
        return max((usual, ".", ","), key=signs.count)

    def text(self) -> str:
        return self._bom + "".join(self._separator.join(row.cells) + row.end for row in self._rows)


def _parse(text: str, separator: str) -> list[SheetRow]:
    quoted = r'"[^"]*(?:""[^"]*)*"'
    cell = re.compile(
        rf'(?:{quoted}|(?!"))[^{separator}\r\n]*(\r\n|[{separator}\r\n]|\Z)')
    rows = [SheetRow([], "")]
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
            if len(rows) * len(rows[0].cells) > _MOST_CELLS:
                raise ExchangeError(f"has more than {_MOST_CELLS:,} cells; download it again")
            rows.append(SheetRow([], ""))
    return rows[:-1] or [SheetRow([""], "")]


def _plain(cell: str) -> str:
    return cell[1:cell.rindex('"')].replace('""', '"') if cell.startswith('"') else cell


def number(cell: str) -> Decimal | None:
    """The number in a cell, with a decimal point or comma; None when it holds none."""
    return Decimal(cell.replace(",", ".")) if _NUMBER.fullmatch(cell) else None


# Whose row is whose ---------------------------------------------------------------------------

def goes_by(student: str, roster: Roster, kinds: Collection[str]) -> set[str]:
    """What a student goes by in a platform's table, as ``names.canonical`` spells it: the id here,
    name, e-mail address, and the ids elsewhere that are of these ``kinds`` (one may have several of
    a kind: moodle, moodle_2). Not all ids, for one platform's numbers are another's, too."""
    person = roster.person(student)
    ids = (id for kind, id in person.ids.items() if re.sub(r"_\d+$", "", kind) in kinds)
    return {canonical(each) for each in (student, person.name, person.email, *ids) if each}


def match(
    grades: Sequence[Grade], names: Mapping[int, Sequence[Collection[str]]], roster: Roster,
    ids: Collection[str],
) -> tuple[dict[int, Grade], list[str]]:
    """Find the row of each grade's student.

    Args:
        names: row -> what its student goes by, the surest kind first, each kind in all spellings.
            Where a name is one student's of one kind and another's of another (a SIS id that is
            somebody's Canvas id), the kind counts by which more of the class are known; without
            one, nobody gets the grade. Of kinds that point to several rows each, none counts. The
            last kind is what people call themselves as they like: it counts where none of those
            before is one by which the class is known.
        ids: which of people's ids elsewhere are of this table: see ``goes_by``.

    Returns:
        Row -> grade, and a line for staff about each grade that has no row of its own.
    """
    kinds: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row, spellings in names.items():
        for kind, spelled in enumerate(spellings):
            for name in filter(None, spelled):
                kinds[kind][canonical(name)].add(row)
    known: dict[str, dict[int, set[int]]] = {}
    for grade in grades:
        spelled = goes_by(grade.student, roster, ids)
        known[grade.student] = {
            kind: set().union(*(kinds[kind][name] for name in spelled & kinds[kind].keys()))
            for kind in sorted(kinds) if spelled & kinds[kind].keys()}
    usual = Counter(kind for rows in known.values() if _agree(rows) for kind in rows)
    chosen = max(map(len, names.values()), default=0) - 1
    claims: dict[int, list[Grade]] = defaultdict(list)
    notes = []
    for grade in grades:
        rows = _of_usual_kind(known[grade.student], usual, chosen)
        if rows is None:
            notes.append(f"{grade.student}: is an id of one row of the table, and another kind of "
                         "id of another; left out")
        elif len(rows) == 1:
            claims[min(rows)].append(grade)
        elif rows:
            notes.append(f"{grade.student}: fits {len(rows)} rows of the table; left out")
        else:
            notes.append(f"{grade.student}: nobody in the table goes by this; left out")
    for row, several in claims.items():
        if len(several) > 1:
            students = ", ".join(grade.student for grade in several)
            notes.append(f"{students}: all fit row {row + 1} of the table; left out")
    return {row: found[0] for row, found in claims.items() if len(found) == 1}, notes


def _agree(rows: Mapping[int, set[int]]) -> bool:
    """Whether all kinds of names that know a student know them in one row, the same."""
    return len(set().union(*rows.values())) == 1


def _of_usual_kind(
    rows: Mapping[int, set[int]], usual: Mapping[int, int], chosen: int
) -> set[int] | None:
    """The rows of a student by the kind that counts; None where two kinds contradict each other,
    and the class goes by neither more than by the other."""
    if not rows or _agree(rows):
        return next(iter(rows.values()), set())
    rows = {kind: each for kind, each in rows.items() if kind != chosen and usual[kind]} or rows
    rows = {kind: each for kind, each in rows.items() if len(each) == 1} or rows
    best = max(usual[kind] for kind in rows)
    found = [rows[kind] for kind in rows if usual[kind] == best]
    return found[0] if all(each == found[0] for each in found) else None
