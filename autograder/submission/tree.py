"""A folder or a zip archive as one flat list of files, read on demand and within limits."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autograder.result import Sentence, sentence
from autograder.submission.model import Unreadable
from autograder.submission.names import shown

MAX_ARCHIVE = 200 * 2**20  # bytes of a zip, packed and unpacked
MAX_MEMBERS = 2_000
_MAX_RATIO = 100  # unpacked over packed, beyond the first _FREE bytes
_FREE = 10 * 2**20
_MAX_DEPTH = 10  # folders within folders; deeper ones are not looked into
_ENTRY = b"PK\x01\x02"  # begins every entry of a zip's directory
_MAX_ENTRIES = 20 * MAX_MEMBERS  # packed zips bring the entries of their own


@dataclass(frozen=True)
class File:
    """A file somewhere below a tree's root."""

    parts: tuple[str, ...]  # relative to the root, the name last; chosen by strangers
    load: Callable[[int], bytes]  # at most so many bytes; raises Unreadable
    refused: Sentence | None = None  # why it is not even looked at

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Tree:
    files: tuple[File, ...]
    folders: frozenset[tuple[str, ...]]  # empty ones too

    @property
    def top_files(self) -> list[File]:
        return [file for file in self.files if len(file.parts) == 1]

    @property
    def top_folders(self) -> list[str]:
        return sorted(parts[0] for parts in self.folders if len(parts) == 1)

    def below(self, folder: str) -> Tree:
        """The tree whose root is the top folder ``folder``."""
        return Tree(
            tuple(replace(file, parts=file.parts[1:]) for file in self.files
                  if len(file.parts) > 1 and file.parts[0] == folder),
            frozenset(parts[1:] for parts in self.folders
                      if len(parts) > 1 and parts[0] == folder),
        )


def from_folder(root: Path) -> Tree:
    """Everything below ``root``. Links that lead out of it, and links to folders, are refused."""
    home = root.resolve()
    files: list[File] = []
    folders: set[tuple[str, ...]] = set()
    for place, below, names in os.walk(root):
        directory = Path(place)
        parts = directory.relative_to(root).parts
        for name in sorted(below):
            if _is_noise(name):
                continue
            if (directory / name).is_symlink():
                files.append(_refused((*parts, name)))
            else:
                folders.add((*parts, name))
        below[:] = [name for name in below
                    if not _is_noise(name) and len(parts) + 1 < _MAX_DEPTH]
        files.extend(_on_disk(directory / name, (*parts, name), home)
                     for name in sorted(names) if not _is_noise(name))
    return Tree(tuple(files), frozenset(folders))


def from_file(path: Path) -> Tree:
    """The tree that holds one file, which the caller named: links are followed."""
    return Tree((File((path.name,), partial(_load, path)),), frozenset())


def from_zip(data: bytes) -> Tree:
    """The members of a zip archive, none of them unpacked yet.

    Raises:
        Unreadable: damaged, encrypted, too large, or its members' names are not to be trusted.
    """
    if data.count(_ENTRY) > _MAX_ENTRIES:  # before zipfile builds an object for each
        raise Unreadable(_too_many())
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # on damaged archives zipfile raises whatever its parsing trips over
        raise Unreadable(_damaged()) from None
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(_too_many())
    unpacked = sum(member.file_size for member in members)
    if unpacked > min(MAX_ARCHIVE, max(_FREE, _MAX_RATIO * len(data))):
        raise Unreadable(sentence(
            "The zip archive unpacks to {megabytes} MB, which is too much. "
            "Hand in the notebook alone.", megabytes=unpacked // 2**20))
    paths = [_checked(member) for member in members]
    if len(set(paths)) < len(paths):
        raise Unreadable(sentence(
            "The zip archive holds two files of the same name. Pack it again."))
    files: list[File] = []
    folders: set[tuple[str, ...]] = set()
    for member, parts in zip(members, paths, strict=True):
        if any(_is_noise(part) for part in parts):
            continue
        folders.update(parts[:depth] for depth in range(1, len(parts)))
        if member.is_dir():
            folders.add(parts)
        else:
            files.append(File(parts, partial(_unpack, archive, member)))
    return Tree(tuple(files), frozenset(folders))


def _checked(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """The member's path. Raises Unreadable for one that no honest archive holds."""
    name = member.filename.replace("\\", "/")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not parts or name.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        raise Unreadable(sentence(
            "The zip archive holds a file outside its own folders: {name}. Pack it again.",
            name=shown(member.filename)))
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable(sentence(
            "The zip archive holds a link instead of a file: {name}. Pack the file itself.",
            name=shown(member.filename)))
    if member.flag_bits & 0x1:
        raise Unreadable(sentence(
            "The zip archive is protected by a password. Hand in the notebook without one."))
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The other methods may ask for gigabytes before they give the first byte.
        raise Unreadable(sentence(
            "The zip archive is packed by a rare method. Pack it again as an ordinary zip."))
    return parts


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    if member.file_size > limit:
        raise Unreadable(_too_large(member.filename, limit))
    try:
        with archive.open(member) as file:
            return file.read(member.file_size + 1)  # no more, whatever the packed data would give
    except Exception:  # as above; and a wrong checksum
        raise Unreadable(_damaged()) from None


def _on_disk(path: Path, parts: tuple[str, ...], home: Path) -> File:
    if path.is_symlink() and not _stays(path, home):
        return _refused(parts)
    return File(parts, partial(_load, path))


def _stays(link: Path, home: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):  # leads nowhere, or in a circle
        return False


def _load(path: Path, limit: int) -> bytes:
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            raise Unreadable(sentence(
                "{name} is not an ordinary file.", name=shown(path.name)))
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Unreadable(sentence(
            "{name} cannot be opened: {reason}.", name=shown(path.name),
            reason=error.strerror or "unknown")) from None
    if len(data) > limit:
        raise Unreadable(_too_large(path.name, limit))
    return data


def _refused(parts: tuple[str, ...]) -> File:
    reason = sentence("{name} is a link to another place, and links are not followed. "
                      "Hand in the file itself.", name=shown(parts[-1]))

    def load(limit: int) -> bytes:
        raise Unreadable(reason)

    return File(parts, load, reason)


def _is_noise(name: str) -> bool:
    """What computers leave beside what people make."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")


def _too_many() -> Sentence:
    return sentence("The zip archive holds more than {limit} files. "
                    "Hand in the notebook alone.", limit=MAX_MEMBERS)


def _too_large(name: str, limit: int) -> Sentence:
    return sentence("{name} is larger than {megabytes} MB. Clear the notebook's outputs, save it, "
                    "and hand it in again.", name=shown(name), megabytes=limit // 2**20)


def _damaged() -> Sentence:
    return sentence("The zip archive is damaged. Pack it again, or hand in the notebook alone.")
