"""Reads what lies beneath a path that somebody named, and follows no link on the way.

Whoever can write there may put a link in a file's place between a look and the opening. So nothing
is looked at before: each step opens by O_NOFOLLOW what lies in the folder that the step before has
opened. The named path itself may be a link. What is not an ordinary file is never waited for.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.submission.model import Unreadable

Parts = tuple[str, ...]  # where something lies: names of folders, and its own
_LINK = {errno.ELOOP, errno.ENOTDIR}  # what the kernel says of a link that is not to be followed


def walk(root: Path, depth: int, wanted: Callable[[str], bool]) -> Iterator[
        tuple[Parts, bool, Sentence | None]]:
    """What lies beneath ``root``, folders within folders up to ``depth``: where it lies, whether it
    is a folder, and why nothing can be read there, if so. Names not ``wanted`` are left out."""
    waiting: list[Parts] = [()]
    while waiting:
        parts = waiting.pop()
        try:
            with _folder(root, parts) as folder:
                names = sorted(os.listdir(folder))  # noqa: PTH208  # an open one has no path
                found = [(name, *_kind(name, folder)) for name in names if wanted(name)]
        except OSError as error:
            if not parts:
                raise
            yield parts, False, _refusal(parts[-1], error)
            continue
        for name, is_folder, why_not in found:
            yield (*parts, name), is_folder, why_not
        if len(parts) < depth:
            waiting += [(*parts, name) for name, is_folder, _ in reversed(found) if is_folder]


def read(root: Path, parts: Sequence[str], limit: int) -> bytes:
    """The file that lies at ``parts`` beneath ``root``.

    Raises:
        Unreadable: it is a link, or a folder on the way is; it is not an ordinary file; it has
            more than ``limit`` bytes; it cannot be opened.
    """
    try:
        with _folder(root, parts[:-1]) as folder:
            return _content(os.open(parts[-1], _reading() | os.O_NOFOLLOW, dir_fd=folder),
                            parts[-1], limit)
    except OSError as error:
        raise Unreadable(_refusal(parts[-1], error)) from None


def named(path: Path, limit: int) -> bytes:
    """The file at a path that the caller named: links are followed. Raises Unreadable."""
    try:
        return _content(os.open(path, _reading()), path.name, limit)
    except OSError as error:
        raise Unreadable(_opening(path.name, error)) from None


def stream(path: Path) -> BinaryIO:
    """The file at a path that the caller named, open to be read as it is needed. Raises
    Unreadable."""
    try:
        descriptor = os.open(path, _reading())
        try:
            _ordinary(descriptor, path.name)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise Unreadable(_opening(path.name, error)) from None


def link(name: str) -> Sentence:
    return sentence("{name} is a link to another place, and links are not followed. "
                    "Hand in the file itself.", name=shown(name))


def too_large(name: str, limit: int) -> Sentence:
    return sentence("{name} is larger than {megabytes} MB. Clear the notebook's outputs, save it, "
                    "and hand it in again.", name=shown(name), megabytes=limit // 2**20)


def _reading() -> int:  # no constant: Windows, where students check themselves, lacks some of them
    return os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def _kind(name: str, folder: int) -> tuple[bool, Sentence | None]:
    """Whether it is a folder, and why it cannot be read; it may be gone since it was listed."""
    try:
        kind = stat.S_IFMT(os.lstat(name, dir_fd=folder).st_mode)
    except OSError as error:
        return False, _opening(name, error)
    return kind == stat.S_IFDIR, link(name) if kind == stat.S_IFLNK else None


@contextmanager
def _folder(root: Path, parts: Sequence[str]) -> Iterator[int]:
    """The folder at ``parts`` beneath ``root``, open."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(root, flags)
    try:
        for part in parts:
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def _content(descriptor: int, name: str, limit: int) -> bytes:
    try:
        _ordinary(descriptor, name)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise Unreadable(too_large(name, limit))
    return data


def _ordinary(descriptor: int, name: str) -> None:
    """Raises Unreadable of anything else: a pipe would be waited for."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise Unreadable(sentence("{name} is not an ordinary file.", name=shown(name)))


def _refusal(name: str, error: OSError) -> Sentence:
    return link(name) if error.errno in _LINK else _opening(name, error)


def _opening(name: str, error: OSError) -> Sentence:
    return sentence("{name} cannot be opened: {reason}.", name=shown(name),
                    reason=error.strerror or "unknown")
