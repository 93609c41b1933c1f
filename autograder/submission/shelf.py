"""Where a class's notebooks are put until they are graded: on the disk, for with their pictures
they may take more than there is memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO


class Shelf:
    """A file without a name in the directory for temporary files. It ends with the last of what
    was put into it, or with the process."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0

    def put(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The same contents by name, read each time they are asked for. Pickled, they are a dict.

        Where the disk takes no more, they stay in memory.
        """
        places = {}
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as we
            for name, content in files.items():
                if os.pwrite(self._file.fileno(), content, self._end) < len(content):
                    return files
                places[name] = (len(content), self._end)
                self._end += len(content)
        except OSError:
            return files
        return _Shelved(self._file, places)


class _Shelved(Mapping[str, bytes]):
    def __init__(self, file: IO[bytes], places: Mapping[str, tuple[int, int]]) -> None:
        self._file = file
        self._places = places

    def __getitem__(self, name: str) -> bytes:
        return os.pread(self._file.fileno(), *self._places[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __reduce__(self) -> tuple[type, tuple[dict[str, bytes]]]:
        return dict, (dict(self),)
