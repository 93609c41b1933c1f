"""What lies in a kept file, read piece by piece: names and contents as ``Submission.packed`` wrote
them, held to their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import count, groupby
from operator import itemgetter
from typing import IO, TypeAlias

import zstandard

from autograder.submission.archive import MAX_MEMBERS
from autograder.submission.notebook import MAX_NOTEBOOK

MAX_KEPT = 2 * MAX_NOTEBOOK
"""Bytes of one hand-in, with its names. None that was found has more."""

Chunk: TypeAlias = tuple[int, int, bytes]
"""Of names and contents, which are parts by turns: the part's place, its length in bytes, and some
of it."""

_MOST_PARTS = 2 * MAX_MEMBERS + 1
_WINDOW = 8 * 2**20  # bytes that reading may look back; writing does by a quarter of it
_PIECE = 2**16  # bytes read at once


class Damaged(Exception):
    """It is not what its digest is of."""


def pieces(file: IO[bytes], digest: str) -> Iterator[Chunk]:
    """What ``packed`` wrote, bounded whatever the file says: of each part one piece at least.

    Raises:
        Damaged: it is not what its digest is of. That is known at the end.
        ZstdError: it is not even packed.
    """
    hashed, left = hashlib.sha256(), MAX_KEPT
    with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(file) as packed:
        for at in count():
            head = packed.read(8)
            if not head:
                break
            length = int.from_bytes(head, "big")
            left -= length
            if left < 0 or at >= _MOST_PARTS:
                raise Damaged
            hashed.update(head)
            for start in range(0, length or 1, _PIECE):
                piece = packed.read(min(_PIECE, length - start))
                hashed.update(piece)
                yield at, length, piece
    if hashed.hexdigest() != digest:
        raise Damaged


def _files(found: Iterable[Chunk], is_wanted: Callable[[int], bool]
           ) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each file; of parts at places that are not wanted, nothing."""
    parts = (b"".join([data for at, _, data in part if is_wanted(at)])
             for _, part in groupby(found, itemgetter(0)))
    while (name := next(parts, None)) is not None:
        if (content := next(parts, None)) is not None:  # a problem stands last, alone
            yield name, content


def names(found: Iterable[Chunk]) -> list[str]:
    """The names alone: what the files hold is passed over, and held nowhere."""
    return [name_of(name) for name, _ in _files(found, lambda at: at % 2 == 0)]


def contents(found: Iterable[Chunk]) -> dict[str, bytes]:
    """Files by name."""
    return {name_of(name): content for name, content in _files(found, lambda at: True)}


def of_part(place: int, piece: bytes, found: Iterable[Chunk]) -> Iterator[bytes]:
    """The pieces of one part, of which ``piece`` is the first: the last one when all the rest was
    read, and is what its digest is of."""
    for at, _, data in found:
        if at == place:
            yield piece
            piece = data
    yield piece


def name_of(part: bytes) -> str:
    return part.decode("utf-8", "surrogatepass")


def unpacked(file: IO[bytes], digest: str) -> dict[str, bytes] | None:
    """Files by name, of what ``keep`` wrote somewhere; None where it is not of this digest."""
    try:
        return contents(pieces(file, digest))
    except (zstandard.ZstdError, Damaged):
        return None


def is_whole(file: IO[bytes], digest: str) -> bool:
    """Whether this is what ``keep`` writes of files of this digest."""
    try:
        return all(True for _ in pieces(file, digest))
    except (zstandard.ZstdError, Damaged):
        return False
