"""What students' pages are called: names of files that cannot collide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def page_names(students: Iterable[str]) -> dict[str, str]:
    """Student -> file name without its ending; the student's id wherever that is free.

    A student called ``index`` must not overwrite the class page, nor ``ann`` the pages of
    ``Ann`` on a file system that cannot tell them apart.

    Raises:
        ValueError: an id is no file name. Ids are made safe when submissions are read.
    """
    names: dict[str, str] = {}
    taken = {"index"}
    for student in sorted(set(students)):
        if student in {"", ".", ".."} or any(character in student for character in "/\\\0"):
            raise ValueError(f"student id {student!r} cannot name a file; rename the submission")
        name, number = student, 1
        while _folded(name) in taken:
            number += 1
            name = f"{student}-{number}"
        taken.add(_folded(name))
        names[student] = name
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
