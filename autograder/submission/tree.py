"""A folder, a zip archive or files by name, as one flat list of files, read on demand."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autograder.result import Sentence
from autograder.submission import beneath
from autograder.submission.model import Unreadable

_MAX_DEPTH = 10  # folders within folders; deeper ones are not looked into


@dataclass(frozen=True)
class File:
    """A file somewhere below a tree's root."""

    parts: tuple[str, ...]  # relative to the root, the name last; chosen by strangers
    load: Callable[[int], bytes]  # at most so many bytes; raises Unreadable
    refused: Sentence | None = None  # why it is not even looked at
    size: int = 0  # unpacked, as an archive declares it
    packed: int = 0  # bytes that it takes in the archive
    called: str = ""  # the name at the top by which a platform knows it, byte for byte

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Tree:
    files: tuple[File, ...]
    folders: frozenset[tuple[str, ...]]  # empty ones too
    name: str = ""  # of the folder that is its root; empty where there is none
    unsure: tuple[str, ...] = ()  # names of an archive that may read wrong
    guessed: tuple[str, ...] = ()  # names of one whose encoding is known by them all alone

    @property
    def top_files(self) -> list[File]:
        return [file for file in self.files if len(file.parts) == 1]

    @property
    def top_folders(self) -> list[str]:
        return sorted(parts[0] for parts in self.folders if len(parts) == 1)

    def apart(self) -> dict[str, Tree]:
        """Top folder -> the tree whose root it is."""
        files: dict[str, list[File]] = {name: [] for name in self.top_folders}
        folders: dict[str, set[tuple[str, ...]]] = {name: set() for name in files}
        for file in self.files:
            if len(file.parts) > 1:
                files[file.parts[0]].append(replace(file, parts=file.parts[1:]))
        for parts in self.folders:
            if len(parts) > 1:
                folders[parts[0]].add(parts[1:])
        return {name: Tree(tuple(files[name]), frozenset(folders[name]), name, self.unsure)
                for name in files}

    def below(self, folder: str) -> Tree:
        """The tree whose root is the top folder ``folder``; an empty one where it is not there."""
        return self.apart().get(folder, Tree((), frozenset(), folder))


def from_folder(root: Path, depth: int = _MAX_DEPTH) -> Tree:
    """Everything below ``root``, up to so many folders within folders; with 0, the names in it
    alone. Links are refused, wherever they lead."""
    files: list[File] = []
    folders: set[tuple[str, ...]] = set()
    for parts, is_folder, why_not in beneath.walk(
            root, depth, lambda name: not is_noise(name)):
        if is_folder:
            folders.add(parts)
        elif why_not is not None:
            files.append(refused(parts, why_not))
        else:
            files.append(File(parts, partial(beneath.read, root, parts)))
    return Tree(tuple(files), frozenset(folders), whole(root).name)


def whole(path: Path) -> Path:
    """The path from the root, as the caller wrote it: links in it stay what they are called."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow them


def from_file(path: Path) -> File:
    """One file, which the caller named: links are followed."""
    return File((path.name,), partial(beneath.named, path))


def from_bytes(name: str, content: bytes) -> File:
    """A file that is in memory."""

    def load(limit: int) -> bytes:
        if len(content) > limit:
            raise Unreadable(beneath.too_large(name, limit))
        return content

    return File((name,), load, size=len(content), packed=len(content))


def refused(parts: tuple[str, ...], reason: Sentence) -> File:
    """A file that nobody can read."""

    def load(limit: int) -> bytes:
        raise Unreadable(reason)

    return File(parts, load, reason)


def is_noise(name: str) -> bool:
    """What computers leave beside what people make."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")
