"""How learning platforms name what they let an instructor download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import yaml  # type: ignore[import-untyped]

# lovelaceada_LATE_12345_67890_correlation-1.ipynb: name, user id, file id, the student's name
# for the file. Ids are long; shorter numbers are more likely somebody's own naming.
_CANVAS = re.compile(r"([^_]+)_(?:LATE_)?(\d{2,})_(\d{3,})_(.+)", re.DOTALL)
# Ada Lovelace_12345_assignsubmission_file_: a folder, or the beginning of a file's name.
_MOODLE = re.compile(r"(.+)_(\d+)_assignsubmission_[a-z]+_(.*)", re.DOTALL)

GRADESCOPE_METADATA = "submission_metadata.yml"
_MAX_DEPTH = 50
_MAX_REPEATED = 1_000_000  # values that stand there for others, which a bomb multiplies


@dataclass(frozen=True)
class Named:
    """The platform's id of a student, by which its grade import knows them again."""

    student: str
    file: str = ""  # the student's own name for the file; empty for a folder


def recognise(names: Sequence[str]) -> dict[str, Named]:
    """Those of a folder's ``names`` that a platform made up.

    Canvas numbers every file, so names that share a number only look like Canvas's:
    ``lab_10_100_ada.ipynb`` and ``lab_10_100_bob.ipynb`` are two students.
    """
    moodle = {name: Named(found[2], found[3])
              for name in names if (found := _MOODLE.fullmatch(name))}
    canvas = {name: found for name in names
              if name not in moodle and (found := _CANVAS.fullmatch(name))}
    files = [found[3] for found in canvas.values()]
    people = {(found[1], found[2]) for found in canvas.values()}
    if len(set(files)) < len(files) or len({user for _, user in people}) < len(people):
        return moodle
    return moodle | {name: Named(found[2], found[4]) for name, found in canvas.items()}


def gradescope(metadata: bytes) -> dict[str, tuple[list[str], datetime | None]]:
    """Folder -> its submitters' ids (student id, else e-mail, else name) and the time.

    A file that is not as Gradescope writes it gives nothing: its folders keep their names.
    """
    try:
        if not _is_bounded(metadata):
            return {}
        # Texts, lists and tables only: a number on base 60 takes the square of its length.
        document = yaml.load(metadata, Loader=yaml.CBaseLoader)
    except Exception:  # not only YAMLError: a table as a key is a TypeError
        return {}
    result = {}
    for folder, entry in document.items() if isinstance(document, dict) else ():
        people = entry.get(":submitters") if isinstance(entry, dict) else None
        ids = [id_ for person in people if isinstance(person, dict)
               if isinstance(id_ := person.get(":sid") or person.get(":email")
                             or person.get(":name"), str)
               ] if isinstance(people, list) else []
        if ids:
            result[str(folder)] = ids, _time(entry.get(":created_at"))
    return result


def _is_bounded(document: bytes) -> bool:
    """Whether loading this takes neither the C stack nor the memory of the grader.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    values = repeated = 0
    sizes: dict[str, int] = {}  # anchor -> values below it, repeated ones too
    around: list[tuple[str, int]] = []  # collections that are open: anchor, values before it
    for event in yaml.parse(document, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent):
            size = sizes.get(event.anchor, 0)
            values, repeated = values + size, repeated + size
        elif isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, values))
            values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = around.pop()
            sizes[anchor] = values - before
        if len(around) > _MAX_DEPTH or repeated > _MAX_REPEATED:
            return False
        values += isinstance(event, yaml.ScalarEvent)
    return True


def _time(text: object) -> datetime | None:
    """A time as Ruby writes it; None where it has no zone, or is none."""
    try:
        time = datetime.fromisoformat(re.sub(r" (?=[+-]\d|Z$)", "", str(text)))
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def nbgrader_time(timestamp: bytes) -> datetime | None:
    """nbgrader's ``timestamp.txt``; times without a zone are UTC, as nbgrader reads them."""
    text = timestamp.decode("utf-8", "replace").strip().removesuffix(" UTC")
    try:
        time = datetime.fromisoformat(re.sub(r" (?=[+-]\d)", "", text))
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
