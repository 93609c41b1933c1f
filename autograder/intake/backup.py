"""A whole course in one file: store, kept files, secret, grader.toml and people.

A zip: ``backup.json`` says what made it; ``tables/`` has a file of JSON lines for each table;
``handins/`` the kept files as they lie; beside them ``secret``, ``grader.toml`` and the table of
people. Suites and solutions are no part of it: they are in the course's repository.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from autograder import __version__
from autograder.course import Course, load, roster, secret
from autograder.errors import AutograderError
from autograder.intake.files import KeptFiles, is_digest
from autograder.intake.vetting import FORMAT, HANDIN, BackupError, opened, rows_of, vet
from autograder.store import Store
from autograder.store.copying import Copies
from autograder.store.tables import VERSION
from autograder.whole_files import whole_file

__all__ = ["BackupError", "Saved", "make", "restore"]


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
    with whole_file(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
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
            Nothing is written then.
        CourseError: ``toml``, which is there, cannot be used.
        SecretError: the course has another secret.
        StoreError: the store is not empty, or the database refuses.
    """
    with opened(file) as archive:
        vet(file, archive, toml)
        with _course(toml, archive) as course, Store(course) as store:
            with store.copies.put((name, rows_of(file, archive, name)) for name in Copies.tables):
                _restore_people(archive, course)
                secret.restore(course, archive.read("secret"))
                handins = sum(_restore_handin(archive, KeptFiles(course), name)
                              for name in archive.namelist())
            store.events.add("restore", file.name)
            return Saved(sum(run.results for run in store.runs()), handins)


@contextmanager
def _course(toml: Path, archive: zipfile.ZipFile) -> Iterator[Course]:
    """The course that is filled in this block. Where that is refused, no file is there that was
    not before; where it is killed, the same command goes on."""
    is_new = not toml.exists()
    if is_new:
        toml.parent.mkdir(parents=True, exist_ok=True)
        _write(toml, archive.read("grader.toml"))
    course = load(toml)
    made = [place for place in _places(course) if not place.exists()]
    try:
        yield course
    except AutograderError:
        for place in [toml, *made] if is_new else made:
            place.unlink(missing_ok=True)
        raise


def _places(course: Course) -> Iterator[Path]:
    """The files that a restoration may make, but for what was handed in."""
    yield roster.file(course)
    if course.secret_file is not None:
        yield course.root / course.secret_file
    if (file := course.store_file) is not None:
        yield file.with_name("secret")
        for suffix in ("", "-wal", "-shm"):
            yield file.with_name(file.name + suffix)


def _put_rows(archive: zipfile.ZipFile, name: str, rows: Iterable[dict[str, Any]],
              digests: set[str]) -> int:
    """Write a table. ``digests`` are told which files its rows are of."""
    count = 0
    with archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as file:
        for row in rows:
            file.write(json.dumps(row).encode() + b"\n")
            count += 1
            column = {"results": "submission", "handins": "digest"}.get(name)
            if column is not None and is_digest(row[column]):
                digests.add(row[column])
    return count


def _put_handin(archive: zipfile.ZipFile, kept: KeptFiles, digest: str) -> bool:
    """Write kept files as they lie, if they are."""
    place = kept.place(digest)
    if not place.exists():
        return False
    archive.write(place, f"handins/{digest}.zst", zipfile.ZIP_STORED)
    return True


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
    match = HANDIN.fullmatch(name)
    if match is None:
        return False
    place = kept.place(match[1])
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as packed, whole_file(place) as file:
            copyfileobj(packed, file)
    return True


def _write(place: Path, content: bytes) -> None:
    with whole_file(place) as file:
        file.write(content)
