"""Gradescope: *Export Submissions*, ``assignment_9100_export/`` with a folder for each submission.

``submission_metadata.yml`` says whose ``submission_1001`` is, and when it came. It counts where it
names every folder beside it, and nowhere else: students may hand in files of that name, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.course import Assignment
from autograder.names import shown
from autograder.submission.kinds import is_attempt
from autograder.submission.layouts.interface import HandIn, Layout, listed
from autograder.submission.model import SubmissionError
from autograder.submission.times import moment
from autograder.submission.tree import Tree

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_\d+")
_MAX_TEXT = 16 * 2**20  # bytes of metadata, which also holds the outputs of tests
_MAX_DEPTH = 50
_MAX_REPEATED = 1_000_000  # values that stand there for others, which a bomb multiplies


class Gradescope(Layout):
    name = "gradescope"
    about = "Gradescope's export"

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        names = [*tree.top_folders,
                 *(file.name for file in tree.top_files if is_attempt(file.name))]
        strange = [name for name in names
                   if name not in tree.top_folders or not _FOLDER.fullmatch(name)]
        has_metadata = any(file.name == METADATA for file in tree.top_files)
        return strange if has_metadata and len(strange) < len(names) else None

    def encloses(self, tree: Tree, parts: Sequence[str]) -> bool:
        return _FOLDER.fullmatch(parts[0]) is not None

    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        entries = _entries(tree)
        if unnamed := [folder for folder in tree.top_folders if folder not in entries]:
            raise SubmissionError(
                f"{METADATA} does not name {listed(unnamed)}, so it is not believed; export the "
                "submissions again, or grade by the folders' names: --layout folder")
        below = tree.apart()
        return [
            _dated(HandIn(owner, below[folder].files if folder in below else (), folder),
                   said.get(":created_at"))
            for folder, said in entries.items() for owner in _submitters(said)]


def _dated(hand_in: HandIn, created: object) -> HandIn:
    time = moment(created)  # with its zone, as Gradescope writes it
    if time is not None or created is None:
        return replace(hand_in, submitted_at=time)
    return replace(hand_in, note=f"when it was handed in is not known: {METADATA} says "
                                 f"{shown(str(created), 60)!r}; say when by --times FILE.csv")


def _submitters(said: dict[str, Any]) -> list[str]:
    """Their student ids; else e-mail, else name."""
    people = said.get(":submitters")
    return [id_ for person in (people if isinstance(people, list) else ())
            if isinstance(person, dict)
            if isinstance(id_ := person.get(":sid") or person.get(":email")
                          or person.get(":name"), str)]


def _entries(tree: Tree) -> dict[str, dict[str, Any]]:
    """Folder -> what the metadata says of it."""
    import yaml  # type: ignore[import-untyped]  # of the extra `grade`: no student needs it

    try:
        [file] = [file for file in tree.top_files if file.name == METADATA]
        metadata = file.load(_MAX_TEXT)
        if not _is_bounded(metadata):
            raise ValueError("it is nested too deeply")
        # Texts, lists and tables only: a number on base 60 takes the square of its length.
        document = yaml.load(metadata, Loader=yaml.CBaseLoader)
        entries = {str(folder): said for folder, said in document.items()
                   if isinstance(said, dict) and _submitters(said)}
    except Exception:  # not only YAMLError: a table as a key is a TypeError
        raise SubmissionError(
            f"{METADATA} cannot be read; export the submissions again, or grade by the folders' "
            "names: --layout folder") from None
    return entries


def _is_bounded(document: bytes) -> bool:
    """Whether loading this takes neither the C stack nor the memory of the grader.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    import yaml

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
