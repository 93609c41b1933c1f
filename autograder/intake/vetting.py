"""Checks a backup before anything of it is written: whoever made it can have put anything into it.
Names must not lead elsewhere than beside its grader.toml, sizes must be in proportion to its own,
files must be what their digests say, and rows must be rows."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from autograder.course import Course, load, roster, secret
from autograder.course.reading import read
from autograder.errors import AutograderError
from autograder.gradebook.decisions import WHOM_KINDS, AdjustmentKind
from autograder.intake.files import is_digest
from autograder.intake.packed import MAX_KEPT, is_whole
from autograder.result import SubmissionStatus
from autograder.store import State
from autograder.store.copying import Copies, Fields, as_row
from autograder.store.tables import VERSION

FORMAT = "autograder/backup/v1"
HANDIN = re.compile(r"handins/([0-9a-f]{64})\.zst")

_LARGEST = {"backup.json": 2**20, "grader.toml": 2**20, "secret": 2**16, "people.csv": 2**26}
_DENSEST = 200  # bytes of rows in a byte of the zip: theirs are alike, those of a bomb are more so
_LONGEST = 2**26  # bytes of a row

_FOLDERS = r"(?:\w[\w .-]*/)*"
_SECRET = re.compile(_FOLDERS + r"(?:\w[\w.-]*)?secret(?:\.txt|\.key)?")
_MAY_NAME = {
    "[people] file": re.compile(_FOLDERS + r"\w[\w .-]*\.csv"),
    "secret_file": _SECRET, "[door.oidc] secret_file": _SECRET,
    "[store] url": re.compile("sqlite:///" + _FOLDERS + r"\w[\w .-]*\.(?:db|sqlite3?)")}
"""What a grader.toml out of a backup may name: files of which none is ever run."""

_ANY = b"""[course]
name = "any"
[assignments.any]
title = "any"
questions = [{ name = "any", title = "any", points = 1 }]
"""


class BackupError(AutograderError):
    """A backup cannot be made, or restored. The text says why, and what to do."""


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """The zip. Raises BackupError where it is none, or a damaged one."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"{file}: no such file") from None
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
        raise BackupError(f"{file}: no backup, or a damaged one ({error}); use another") from None


def _refuse_others(file: Path, archive: zipfile.ZipFile) -> None:
    """Raises BackupError where this version cannot restore it."""
    try:
        head = json.loads(archive.read("backup.json"))
        version, made_by = int(head["tables"]), str(head["autograder"])
        if head["format"] != FORMAT:
            raise ValueError
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BackupError(f"{file}: no backup of this program") from None
    if version > VERSION:
        raise BackupError(f"{file}: made by a newer autograder, {made_by} (its tables are version "
                          f"{version}, here they are {VERSION}); install that one")
    if version < VERSION:
        raise BackupError(f"{file}: made by an older autograder, {made_by} (its tables are version "
                          f"{version}, here they are {VERSION}); restore it with that one: this "
                          "one brings the store up to date when it opens it")


def vet(file: Path, archive: zipfile.ZipFile, toml: Path) -> None:
    """Look through a backup that is to be restored to where ``toml`` is, or will be.

    Raises:
        BackupError: it cannot be restored.
    """
    _bound(file, archive)
    _refuse_others(file, archive)
    _check_course(file, archive, is_new=not toml.exists())
    if not secret.is_long_enough(archive.read("secret")):
        raise BackupError(f"{file}: its secret is none; use another backup")
    for name in archive.namelist():
        if match := HANDIN.fullmatch(name):
            with archive.open(name) as packed:
                if not is_whole(packed, match[1]):
                    raise BackupError(f"{file}: {name} is not what its digest is of; use another "
                                      "backup")
    for table in Copies.tables:
        for _ in rows_of(file, archive, table):
            pass


def rows_of(file: Path, archive: zipfile.ZipFile, table: str) -> Iterator[Fields]:
    """The rows of a table. Raises BackupError where something else stands there."""
    name = f"tables/{table}.jsonl"
    with archive.open(name) as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LONGEST), b""), 1):
            try:
                row = as_row(table, json.loads(line))
                _check_meanings(row)
            except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError,
                    RecursionError) as error:
                raise BackupError(f"{file}: line {number} of {name} is no row of it ({error}); "
                                  "use another backup") from None
            yield row


def _bound(file: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what would be more, once it is unpacked, than its own size allows."""
    members = archive.infolist()
    fits = sum(each.compress_size for each in members) <= file.stat().st_size
    for each in members:
        most = _LARGEST.get(each.filename, 2**20 + _DENSEST * each.compress_size)
        if HANDIN.fullmatch(each.filename):
            most = min(each.compress_size, 2 * MAX_KEPT)
        known = each.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not fits or not known or each.flag_bits & 1 or each.file_size > most:
            raise BackupError(f"{file}: {each.filename!r} in it is not as `autograder backup` "
                              "writes it: it is too large, or packed in another way; use another "
                              "backup")


def _check_course(file: Path, archive: zipfile.ZipFile, *, is_new: bool) -> None:
    """Refuse a grader.toml that would be written and names other places, or cannot be used; and
    what is no table of people."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        toml = folder / "grader.toml"
        toml.write_bytes(archive.read("grader.toml") if is_new else _ANY)
        try:
            course = read(toml)
            _refuse_places(file, course)
            if "people.csv" in archive.namelist():
                place = roster.file(course)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read("people.csv"))
            roster.load(course)
            load(toml)
        except BackupError:
            raise
        except (AutograderError, RecursionError) as error:
            said = (str(error).splitlines() or ["cannot be read"])[0]
            raise BackupError(f"{file}: in it, {said.removeprefix(f'{folder}/')}") from None


def _refuse_places(file: Path, course: Course) -> None:
    oidc = course.door.oidc
    for key, name in (("[people] file", course.people.file), ("secret_file", course.secret_file),
                      ("[door.oidc] secret_file", None if oidc is None else oidc.secret_file),
                      ("[store] url", course.store.url)):
        if name is not None and not _MAY_NAME[key].fullmatch(name):
            raise BackupError(
                f"{file}: its grader.toml says {key} = {name!r}, and none is written out of a "
                "backup that names another place than one beside it, or another kind of file; "
                "take grader.toml out of the zip, read it, put it where the course is to be, and "
                "run the same command again")


def _check_meanings(row: Mapping[str, Any]) -> None:
    """Raises an error of Python's own where a column holds what nobody could read later."""
    for column, meaning in _MEANINGS.items():
        if (value := row.get(column)) is not None:
            meaning(value)


def _number(text: str) -> None:
    Decimal(text).as_integer_ratio()  # neither infinite nor none


def _items(text: str) -> None:
    for points in json.loads(text).values():
        _number(points)


def _digest(text: str) -> None:
    if text and not is_digest(text):
        raise ValueError("submission is no digest")


_MEANINGS: dict[str, Callable[[Any], object]] = {
    "submission": _digest, "digest": _digest, "state": State, "points": _number, "items": _items,
    "status": SubmissionStatus, "whom_kind": WHOM_KINDS.index,
    "kind": get_args(AdjustmentKind).index,
    "record": json.loads, "verdicts": json.loads}
