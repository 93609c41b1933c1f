"""A whole course in one file: store, kept files, secret, grader.toml and people.

A zip: ``backup.json`` says what made it; ``tables/`` has a file of JSON lines for each table;
``handins/`` the kept files as they lie; beside them ``secret``, ``grader.toml`` and the table of
people. Suites and solutions are no part of it: they are in the course's repository.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from autograder import __version__
from autograder.course import Course, load, roster, secret
from autograder.errors import AutograderError
from autograder.intake.files import KeptFiles, whole
from autograder.store import Store
from autograder.store.copying import Copies
from autograder.store.tables import VERSION

FORMAT = "autograder/backup/v1"
_HANDIN = re.compile(r"handins/([0-9a-f]{64})\.zst")


class BackupError(AutograderError):
    """A backup cannot be made, or restored. The text says why, and what to do."""


@dataclass(frozen=True)
class Saved:
    """What a backup holds."""

    results: int
    handins: int


def make(course: Course, toml: Path, store: Store, output: Path) -> Saved:
    """Write a backup of ``course``, which ``toml`` describes; graders may go on meanwhile.

    Raises:
        BackupError: there is a file of that name already.
        SecretError: the secret cannot be read.
        StoreError: the database refuses.
    """
    if output.exists():
        raise BackupError(f"{output}: is there already; name another file")
    hidden = secret.load(course)
    digests: set[str] = set()
    with whole(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with store.copies.taken() as tables:
            counts = {name: _put_rows(archive, name, rows, digests) for name, rows in tables}
        handins = sum(_put_handin(archive, KeptFiles(course), digest)
                      for digest in sorted(digests))
        archive.writestr("secret", hidden)
        archive.writestr("grader.toml", toml.read_bytes())
        if (people := roster.file(course)).exists():
            archive.writestr("people.csv", people.read_bytes())
        archive.writestr("backup.json", json.dumps({
            "format": FORMAT, "tables": VERSION, "autograder": __version__,
            "made": datetime.now(UTC).isoformat(), "rows": counts, "handins": handins}, indent=2))
    store.events.add("backup", output.name)
    return Saved(counts["results"], handins)


def restore(file: Path, toml: Path) -> Saved:
    """Restore a backup to where ``toml`` is, or will be, and into the store that it names. Nothing
    is overwritten; what was cut off is finished by the same call.

    Raises:
        BackupError: it is no backup, or of another version; or people are there that it lacks.
        CourseError: ``toml``, which is there, cannot be used.
        SecretError: the course has another secret.
        StoreError: the store is not empty, or the database refuses.
    """
    with _opened(file) as archive:
        _understood(file, archive)
        if not toml.exists():
            toml.parent.mkdir(parents=True, exist_ok=True)
            _write(toml, archive.read("grader.toml"))
        course = load(toml)
        with Store(course) as store:
            store.copies.refuse_unless_empty()
            _restore_people(archive, course)
            secret.restore(course, archive.read("secret"))
            handins = sum(_restore_handin(archive, KeptFiles(course), name)
                          for name in archive.namelist())
            store.copies.put((name, _rows(archive, name)) for name in Copies.tables)
            store.events.add("restore", file.name)
            return Saved(sum(run.results for run in store.runs()), handins)


def _put_rows(archive: zipfile.ZipFile, name: str, rows: Iterable[dict[str, Any]],
              digests: set[str]) -> int:
    """Write a table. ``digests`` are told which files its results are of."""
    count = 0
    with archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as file:
        for row in rows:
            file.write(json.dumps(row).encode() + b"\n")
            count += 1
            if name == "results":
                digests.add(row["submission"])
    return count


def _put_handin(archive: zipfile.ZipFile, kept: KeptFiles, digest: str) -> bool:
    """Write kept files as they lie, if they are."""
    place = kept.place(digest)
    if not place.exists():
        return False
    archive.write(place, f"handins/{digest}.zst", zipfile.ZIP_STORED)
    return True


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"{file}: no such file") from None
    except (zipfile.BadZipFile, KeyError) as error:
        raise BackupError(f"{file}: no backup, or a damaged one ({error}); use another") from None


def _understood(file: Path, archive: zipfile.ZipFile) -> None:
    """Raises BackupError where this version cannot restore it."""
    try:
        head = json.loads(archive.read("backup.json"))
        version, made_by = int(head["tables"]), str(head["autograder"])
        if head["format"] != FORMAT:
            raise ValueError
    except (ValueError, LookupError, TypeError):
        raise BackupError(f"{file}: no backup of this program") from None
    if version > VERSION:
        raise BackupError(f"{file}: made by a newer autograder, {made_by} (its tables are version "
                          f"{version}, here they are {VERSION}); install that one")
    if version < VERSION:
        raise BackupError(f"{file}: made by an older autograder, {made_by} (its tables are version "
                          f"{version}, here they are {VERSION}); restore it with that one: this "
                          "one brings the store up to date when it opens it")


def _restore_people(archive: zipfile.ZipFile, course: Course) -> None:
    if "people.csv" not in archive.namelist():
        return
    place, people = roster.file(course), archive.read("people.csv")
    if not place.exists():
        _write(place, people)
    elif place.read_bytes() != people:
        raise BackupError(f"{place}: is there, and says something else than the backup; move it "
                          "away")


def _restore_handin(archive: zipfile.ZipFile, kept: KeptFiles, name: str) -> bool:
    match = _HANDIN.fullmatch(name)
    if match is None:
        return False
    place = kept.place(match[1])
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as packed, whole(place) as file:
            copyfileobj(packed, file)
    return True


def _rows(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    with TextIOWrapper(archive.open(f"tables/{name}.jsonl"), encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _write(place: Path, content: bytes) -> None:
    with whole(place) as file:
        file.write(content)
