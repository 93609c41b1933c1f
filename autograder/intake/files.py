"""The files that were handed in, kept by their digest, and given back byte for byte.

What lies in ``<first two>/<digest>.zst`` is what the digest is of: names and contents, as
``Submission.packed`` writes them, compressed. So equal files are kept once, and whoever reads them
back sees whether they are whole: ``zstd -dc FILE | sha256sum`` gives the file's name.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.intake import packed
from autograder.intake.packed import Chunk, Damaged
from autograder.names import canonical, student_id
from autograder.result import Result
from autograder.submission import Submission
from autograder.submission.model import BESIDE
from autograder.submission.shelf import Shelf
from autograder.whole_files import whole_file

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TRIES = 10  # to take away what others write into
_FULL = {errno.ENOSPC, errno.EDQUOT}


class IntakeError(AutograderError):
    """Files cannot be kept, or given back. The text says which, why, and what to do."""


class FilesLost(IntakeError):
    """The files of one hand-in are damaged, or cannot be read."""


@dataclass(frozen=True)
class KeptFile:
    """One of the files of a hand-in. ``pieces`` is read once, and holds little at a time; its last
    piece comes when all that is kept of the hand-in was found whole."""

    name: str
    size: int  # bytes
    pieces: Iterator[bytes]


class KeptFiles:
    """The files of a course: beside a SQLite store, or else in its ``results/``."""

    def __init__(self, course: Course) -> None:
        self._store = course.store_file or course.root / "results" / "store"
        self.folder = self._store.with_name("handins")
        self._is_wanted = course.handins.keep

    def place(self, digest: str) -> Path:
        """Where files of this digest lie, if they are kept.

        Raises:
            IntakeError: it is none, and would lead anywhere.
        """
        if not is_digest(digest):
            raise IntakeError(f"{digest!r}: not the digest of files; they are 64 hexadecimal "
                              "letters")
        return self.folder / digest[:2] / f"{digest}.zst"

    def keep(self, submission: Submission) -> bool:
        """Keep its files, if the course wants that. They are on the disk when this returns. Whether
        they were not before.

        Raises:
            IntakeError: the disk does not take them.
        """
        if not self._is_wanted or not (submission.files or submission.unread):
            return False
        place = self.place(submission.digest)
        if place.exists():
            return False
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with (whole_file(place) as file,
                  zstandard.ZstdCompressor().stream_writer(file, closefd=False) as writer):
                for piece in submission.packed():
                    writer.write(piece)
        except OSError as error:
            remedy = "free some space" if error.errno in _FULL else \
                "make that folder writable, or write [handins] keep = false"
            why = "the disk is full" if error.errno in _FULL else error.strerror
            raise IntakeError(
                f"{place}: the files of {submission.student} cannot be kept: {why}; {remedy} and "
                "run the same command again: what is graded is kept") from None
        return True

    def find(self, digest: str) -> dict[str, bytes] | None:
        """Files by name; None where none of this digest are kept.

        Raises:
            FilesLost: they are damaged, or cannot be read.
        """
        return packed.contents(self._pieces(digest)) or None

    def names(self, digest: str) -> list[str]:
        """The files' names, in the order in which they are kept; none where none are. What the
        files hold is held nowhere. Raises as ``find``."""
        return packed.names(self._pieces(digest))

    def file(self, digest: str, place: int) -> KeptFile | None:
        """One of the files, by its place among ``names``; None where there is none. This and its
        pieces raise as ``find``."""
        name, pieces = b"", self._pieces(digest)
        for at, size, piece in pieces:
            if at == 2 * place:
                name += piece
            elif at == 2 * place + 1:
                return KeptFile(packed.name_of(name), size, packed.of_part(at, piece, pieces))
        return None

    def _pieces(self, digest: str) -> Iterator[Chunk]:
        """As ``packed.pieces``; of what is not kept, none."""
        if not is_digest(digest):
            return
        place = self.place(digest)
        try:
            with place.open("rb") as file:
                yield from packed.pieces(file, digest)
        except FileNotFoundError:
            return
        except OSError as error:
            raise FilesLost(f"{place}: cannot be read: {error.strerror}") from None
        except (zstandard.ZstdError, Damaged):
            raise FilesLost(
                f"{place}: damaged; put it back from a backup, or delete it and run "
                "`autograder grade` on the files that were handed in") from None

    def size(self, digest: str) -> int:
        """Bytes that files of this digest take on the disk; none where they are not kept."""
        try:
            return self.place(digest).stat().st_size
        except OSError:
            return 0

    def drop(self, digest: str) -> None:
        """Take files away that were kept for nothing."""
        self.place(digest).unlink(missing_ok=True)

    def sweep(self, needed: Collection[str], gone: Collection[str] = ()) -> int:
        """Take away the files of all digests but ``needed``, and what was left where a process was
        killed while it wrote. Returns how many it took. Where other stores may need them, only
        those of ``gone`` are taken."""
        removed, careful = 0, self.is_shared()
        for place in list(self.folder.glob("[0-9a-f][0-9a-f]/*.zst*")):  # with temporary ones
            digest = place.name.strip(".").partition(".")[0]
            if place.name == f"{digest}.zst" and digest in needed:
                continue
            if not careful or digest in gone:
                place.unlink(missing_ok=True)
                removed += 1
        return removed

    def is_shared(self) -> bool:
        """Whether the database of another store lies beside them, whose files they may be."""
        return any(place != self._store and place.is_file() and _is_database(place)
                   for place in self.folder.parent.glob("*"))


def feedback_folder(course: Course) -> Path:
    """Where zips of feedback lie for a day that staff asked for at the desk."""
    store = course.store_file or course.root / "results" / "store"
    return store.with_name(f"{store.name}-feedback")


def take_away(folder: Path) -> None:
    """Take a folder away with all that is in it, also where a process writes there meanwhile. It is
    there afterwards only where that is not allowed."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def is_digest(text: str) -> bool:
    """Whether it can be files' digest: whoever writes rows of a store can write anything."""
    return _DIGEST.fullmatch(text) is not None


def _is_database(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def submissions(kept: KeptFiles, results: Iterable[Result]) -> tuple[list[Submission], list[str]]:
    """What was handed in for these results, as it is kept; and a line for staff on each whose
    files are not. Of results whose person was erased there is nothing to say."""
    shelf = Shelf()
    found, notes = [], []
    for result in results:
        handed_in = result.submission
        if result.is_erased:
            continue
        if (files := kept.find(handed_in.digest)) is None:
            notes.append(f"{result.student}: the files were not kept; name where they lie by PATH")
            continue
        wanted = set(handed_in.files.values())  # by what is in them: names are of persons erased
        known = {name: content for name, content in files.items()
                 if hashlib.sha256(content).hexdigest() in wanted}
        graded = {name: content for name, content in known.items() if not name.startswith(BESIDE)}
        beside = {name.removeprefix(BESIDE): content for name, content in known.items()
                  if name.startswith(BESIDE)}
        found.append(Submission(
            result.student, result.assignment, shelf.put(graded), handed_in.submitted_at,
            handed_in.due, problem=None if graded else result.message,
            unread={} if graded else shelf.put(files), beside=shelf.put(beside)))
    return found, notes


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Name -> a file's name, safe anywhere and unlike all others: strangers chose the names."""
    safe: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        wanted = given = student_id(name.replace("/", " "))
        number = 1
        while canonical(given) in taken:
            number += 1
            given = f"{number} {wanted}"
        taken.add(canonical(given))
        safe[name] = given
    return safe


def write(files: Mapping[str, bytes], output: Path) -> list[Path]:
    """Write files to ``output``: one, where this is no folder; else, and several, into it.

    Raises:
        IntakeError: there is a file of that name already.
    """
    if len(files) == 1 and not output.is_dir():
        places = dict(zip([output], files.values(), strict=True))
    else:
        output.mkdir(parents=True, exist_ok=True)
        names = safe_names(files)
        places = {output / names[name]: content for name, content in files.items()}
    for place, content in places.items():
        if place.exists():
            raise IntakeError(f"{place}: is there already; name another place by --output")
        with whole_file(place) as file:
            file.write(content)
    return list(places)
