"""A zip archive as a tree. Its members are read in memory, one by one, and within limits.

What is wrong with one member is that file's own: the others are read as if it were not there.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.submission import beneath
from autograder.submission.beneath import too_large
from autograder.submission.encodings import MemberNames
from autograder.submission.model import Unreadable
from autograder.submission.tree import File, Tree, is_noise, refused

MAX_ARCHIVE = 200 * 2**20  # bytes of a zip; and of what one student's files unpack to
MAX_MEMBERS = 2_000  # of one student
_MAX_RATIO = 100  # unpacked over packed, beyond the first _FREE bytes
_FREE = 10 * 2**20
_ENTRY = b"PK\x01\x02"  # begins every entry of a zip's directory
_MAX_ENTRIES = 20 * MAX_MEMBERS  # a class's; and packed zips bring the entries of their own
_DRIVE = re.compile(r"[A-Za-z]:")


class TooMany(Unreadable):
    """It has more members than a whole class's."""


def from_file(path: Path) -> Tree:
    """The members of an archive that the caller named, of whatever size: it is not held in memory.

    Raises:
        Unreadable: it cannot be opened, is damaged, or has more members than a whole class's.
    """
    file = beneath.stream(path)
    try:
        return _members(file)
    except Unreadable:
        file.close()
        raise


def from_zip(data: bytes) -> Tree:
    """The members of a zip archive, none of them unpacked yet.

    Raises:
        Unreadable: it is damaged, or has more members than a whole class's.
    """
    return _members(io.BytesIO(data))


def _members(file: BinaryIO) -> Tree:
    if _entries(file) > _MAX_ENTRIES:  # before zipfile builds an object for each
        raise TooMany(_too_many())
    try:
        archive = zipfile.ZipFile(file)
    except Exception:  # on damaged archives zipfile raises whatever its parsing trips over
        raise Unreadable(_damaged()) from None
    names = MemberNames(archive.infolist())
    files: list[File] = []
    folders: set[tuple[str, ...]] = set()
    for member in archive.infolist():
        name = names.of(member)
        parts = tuple(part for part in name.split("/") if part not in ("", ".", ".."))
        if not parts or any(is_noise(part) for part in parts):
            continue
        folders.update(parts[:depth] for depth in range(1, len(parts)))
        if (why_not := _why_not(member, name)) is not None:
            files.append(refused(parts, why_not))
        elif member.is_dir():
            folders.add(parts)
        else:
            files.append(File(parts, partial(_unpack, archive, member),
                              size=member.file_size, packed=member.compress_size))
    return Tree(_told_apart(files), frozenset(folders), unsure=names.unsure, guessed=names.guessed)


def _entries(file: BinaryIO) -> int:
    """How often it says that an entry begins, which is at least how many there are."""
    found, end = 0, b""
    file.seek(0)
    while chunk := file.read(1 << 20):
        found += (end + chunk).count(_ENTRY)
        end = chunk[1 - len(_ENTRY):]
    return found


def too_much(files: Sequence[File]) -> Sentence | None:
    """Why one student's files out of an archive are more than anybody hands in."""
    if len(files) > MAX_MEMBERS:
        return _too_many()
    unpacked, packed = sum(file.size for file in files), sum(file.packed for file in files)
    if unpacked > min(MAX_ARCHIVE, max(_FREE, _MAX_RATIO * packed)):
        return sentence(
            "The zip archive unpacks to {megabytes} MB, which is too much. "
            "Hand in the notebook alone.", megabytes=unpacked // 2**20)
    return None


def _why_not(member: zipfile.ZipInfo, name: str) -> Sentence | None:
    """Why the member is not read: nothing honest is packed like this."""
    if name.startswith("/") or ".." in name.split("/") or _DRIVE.match(name):
        return sentence(
            "The zip archive holds a file outside its own folders: {name}. Pack it again.",
            name=shown(name))
    if stat.S_ISLNK(member.external_attr >> 16):
        return sentence(
            "The zip archive holds a link instead of a file: {name}. Pack the file itself.",
            name=shown(name))
    if member.flag_bits & 0x1:
        return sentence(
            "The zip archive is protected by a password. Hand in the notebook without one.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The other methods may ask for gigabytes before they give the first byte.
        return sentence(
            "The zip archive is packed by a rare method. Pack it again as an ordinary zip.")
    return None


def _told_apart(files: Sequence[File]) -> tuple[File, ...]:
    """Of files with one path nobody can say which is meant: none of them is read."""
    times = Counter(file.parts for file in files)
    reason = sentence("The zip archive holds two files of the same name. Pack it again.")
    return tuple({file.parts: file if times[file.parts] == 1 else
                  refused(file.parts, reason) for file in files}.values())


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    if member.file_size > limit:
        raise Unreadable(too_large(member.filename, limit))
    try:
        with archive.open(member) as file:
            return file.read(member.file_size + 1)  # no more, whatever the packed data would give
    except Exception:  # as above; and a wrong checksum
        raise Unreadable(_damaged()) from None


def _too_many() -> Sentence:
    return sentence("The zip archive holds more than {limit} files. "
                    "Hand in the notebook alone.", limit=MAX_MEMBERS)


def _damaged() -> Sentence:
    return sentence("The zip archive is damaged. Pack it again, or hand in the notebook alone.")
