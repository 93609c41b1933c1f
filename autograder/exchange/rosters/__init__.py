"""Lists of people from elsewhere, read for the course's own table. A kind of list is one file
here, and one entry below."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.course import spreadsheets
from autograder.exchange.format import ExchangeError
from autograder.exchange.rosters.canvas import CanvasGradebook
from autograder.exchange.rosters.classroom import Classroom
from autograder.exchange.rosters.entry import Entry, RosterKind
from autograder.exchange.rosters.merging import Merged, merge
from autograder.exchange.rosters.moodle import MoodleList
from autograder.exchange.rosters.plain import Plain, not_taken
from autograder.exchange.rosters.sections import apart
from autograder.names import counted
from autograder.submission import encodings

KINDS: dict[str, RosterKind] = {
    kind.name: kind for kind in (Classroom(), CanvasGradebook(), MoodleList(), Plain())}
"""In the order in which they are looked for."""

__all__ = ["KINDS", "Entry", "Listed", "Merged", "merge", "read"]


@dataclass(frozen=True)
class Listed:
    """A list of people that was read."""

    kind: RosterKind
    entries: tuple[Entry, ...]
    said: tuple[str, ...] = ()  # how it was taken, a line each


def read(file: Path, kind: str | None = None, sections: Collection[str] = ()) -> Listed:
    """The people that a file lists.

    Args:
        kind: which of ``KINDS`` it is; without it, its titles tell.
        sections: those that the course has.

    Raises:
        FileNotFoundError: there is no such file.
        ExchangeError: it is no such list.
    """
    text, said = _text(file)
    try:
        table = spreadsheets.read(text)
    except ValueError as error:
        raise ExchangeError(f"{file}: {error}") from None
    found = KINDS[kind] if kind else next(
        (each for each in KINDS.values() if each.fits(table.titles)), None)
    if found is None or not found.fits(table.titles):
        wanted = "; ".join(f"{each.about}: {each.needs}" for each in
                           (KINDS.values() if found is None else [found]))
        raise ExchangeError(f"{file}: its first line does not name the columns that are needed "
                            f"({wanted}); download it again, in English, or name them so")
    if found.name == "plain" and (left := not_taken(table.titles)):
        said.append(f"{file}: nothing is taken from the columns {', '.join(left)}")
    try:
        listed = [entry for row in table.rows if (entry := found.entry(row)) is not None]
    except ValueError as error:
        raise ExchangeError(f"{file}: {error}") from None
    for entry in listed:
        for id in filter(spreadsheets.is_a_number_of_theirs, entry.said.values()):
            raise ExchangeError(
                f"{file}: line {entry.row.line}: {id!r} is what a spreadsheet makes of an id, and "
                "digits of it are lost; take the list as it was downloaded, or have the "
                "spreadsheet keep that column as text")
    entries, several = apart(listed, sections)
    said += [f"{file}: {cell!r} is taken for {parts}" for cell, parts in several.items()]
    return Listed(found, tuple(entries), (
        f"{file}: {counted(len(entries), 'person', 'people')} ({found.about})", *said))


def _text(file: Path) -> tuple[str, list[str]]:
    """What a file says, and what was guessed about how it says it."""
    data = file.read_bytes()
    try:
        return spreadsheets.text(data), []
    except UnicodeDecodeError as error:
        if (chinese := encodings.chinese(data)) is not None:
            return chinese, [f"{file}: read as GBK, as Chinese Windows writes it"]
        raise ExchangeError(f"{file}: neither UTF-8 nor UTF-16 at byte {error.start}; save it as "
                            "CSV in UTF-8") from None
