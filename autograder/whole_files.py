"""Files that are there whole or not at all, whenever whoever writes them is killed.

Each is written beside its place, under another name, and put there in one step. Its owner alone may
read it, unless a mode is given: most hold grades, tokens or secrets.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path``, and is on the disk, when this block has ended well.
    Otherwise ``path`` stays as it was. Its folder has to be there. Raises OSError."""
    with _temporary(path) as temporary:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def write_whole(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` in one step. It is not waited for the disk: what is written so can be made
    again after a loss of power. Raises OSError."""
    with _temporary(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)


def create_whole(path: Path, content: bytes) -> None:
    """Make ``path``, on the disk when this returns. A file that is there already stays: another
    process was faster. Raises OSError."""
    with _temporary(path) as temporary:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(temporary)  # unlike a rename, it never replaces


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """An empty file in the folder of ``path``, which its owner alone may read. What is left of it
    goes at the end."""
    descriptor, name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".tmp")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
