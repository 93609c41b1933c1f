"""The names at the top of what an instructor named, from which everything else is read.

A folder that is named, and an archive that is named alone, hold a class or all of one student's
files. Notebooks and archives that are named one by one are one top level together, in which an
archive is one student's. What is named of a platform's export is read as the export is.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Assignment, LayoutName
from autograder.names import shown
from autograder.submission import archive, layouts, tree
from autograder.submission.beneath import Parts
from autograder.submission.kinds import (
    COPY,
    holds_notebooks,
    is_attempt,
    kind,
    named_after,
    stem,
)
from autograder.submission.model import SubmissionError, Unreadable
from autograder.submission.tree import File, Tree
from autograder.submission.within import Exports

_HAND_MADE = (None, "folder")  # there an archive among other paths is one student's


@dataclass(frozen=True)
class Top:
    """The names at the top, and what lies below them."""

    tree: Tree
    places: Mapping[str, Path] | Path  # where each name is, or the one folder that all are in
    is_archive: bool = False
    named: frozenset[Parts] = frozenset()  # what alone was named of an export; empty: all of it

    def __str__(self) -> str:
        if isinstance(self.places, Path):
            return shown(str(self.places), 500) + (
                f", {len(self.named)} of what lies there" if self.named else "")
        first, *others = self.places.values()
        return shown(str(first), 500) + (f" and {len(others)} more" if others else "")

    def place(self, name: str) -> str:
        """Where what is called ``name`` at the top is."""
        place = self.places / name if isinstance(self.places, Path) else self.places[name]
        return shown(str(place), 500)


def tops(paths: Sequence[Path], assignment: Assignment, layout: LayoutName | None) -> list[Top]:
    """The top level of each class that is named, and that of all that is named one by one.

    Raises:
        FileNotFoundError: a path does not exist.
        SubmissionError: it cannot be told where the top level is, or two paths are one student's.
    """
    found: list[Top] = []
    alone: dict[str, Path] = {}  # name at the top -> where it is
    within: dict[Path, set[Parts]] = {}  # export -> what is named of it
    exports = Exports(assignment, layout)
    files: list[File] = []
    folders: set[tuple[str, ...]] = set()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "no such file or folder", str(path))
        if (around := exports.around(path)) is not None:
            within.setdefault(around[0], set()).add(around[1])
            continue
        opened = _opened(path, alone=len(paths) == 1, layout=layout)
        top = None if opened is None else _unwrapped(opened, path, assignment, layout)
        if top is not None and not (layout is None and _is_one_student(top, assignment)):
            found.append(top)
            continue
        name = _name(path, assignment)
        if name in alone:
            raise twice(name, str(alone[name]), str(path))
        alone[name] = path
        if path.is_dir() and top is not None:
            folders |= {(name,), *((name, *parts) for parts in top.tree.folders)}
            files += [replace(file, parts=(name, *file.parts)) for file in top.tree.files]
        elif name == path.name:
            files.append(tree.from_file(path))
        else:
            folders.add((name,))
            files.append(replace(tree.from_file(path), parts=(name, path.name)))
    found += [Top(tree.from_folder(export), export, named=frozenset(parts))
              for export, parts in within.items()]
    if alone:
        found.append(Top(Tree(tuple(files), frozenset(folders)), alone))
    return found


def _opened(path: Path, *, alone: bool, layout: LayoutName | None) -> Tree | None:
    """What lies in a folder, or in an archive that may be a class's; None for anything else."""
    if path.is_dir():
        return tree.from_folder(path)
    if kind(path.name) != "archive" or not (alone or layout not in _HAND_MADE):
        return None
    try:
        return archive.from_file(path)
    except archive.TooMany:
        raise SubmissionError(
            f"{path}: holds more files than a class hands in; unpack it, and name the folder"
        ) from None
    except Unreadable as error:
        if layout in _HAND_MADE:
            return None  # a student's, then, and their row says so
        # The rest is advice for a student.
        raise SubmissionError(f"{path}: {str(error).split('. ')[0].removesuffix('.')}; download "
                              "it again, or unpack it, and name the folder") from None


def _unwrapped(files: Tree, path: Path, assignment: Assignment,
               layout: LayoutName | None) -> Top:
    """The top level, below folders that only wrap it.

    Raises:
        SubmissionError: a folder that is called like the assignment lies beside others.
    """
    place = path
    while True:
        is_platform = layouts.platform(files, assignment) is not None
        attempts = [file for file in files.top_files if is_attempt(file.name)]
        if is_platform or attempts or len(files.top_folders) != 1:
            break
        [folder] = files.top_folders
        if path.is_dir() and (folder != assignment.name or layout == "folder"):
            break
        files, place = files.below(folder), place / folder
    if layout is None and not is_platform and assignment.name in files.top_folders \
            and not holds_notebooks(files.top_files):
        raise SubmissionError(
            f"{place}: a folder called {assignment.name} lies beside others there; name "
            f"{place / assignment.name} if it holds what was handed in, or --layout folder if "
            "each folder is a student's")
    return Top(files, place, is_archive=not path.is_dir())


def _is_one_student(top: Top, assignment: Assignment) -> bool:
    """Whether all this is one student's work, and not a folder of several students' notebooks.

    Only when nothing speaks against it: a row too many is seen, a student too few is not.
    """
    files = top.tree
    if holds_notebooks(file for file in files.files if len(file.parts) > 1) \
            or layouts.platform(files, assignment) is not None:
        return False
    for each in ("notebook", "script", "archive"):
        stems = [stem(file.name) for file in files.top_files if kind(file.name) == each]
        if stems:
            originals = [name for name in stems if not COPY.search(name)]
            return len(originals) <= 1 and (
                all(named_after(name, assignment) for name in stems)
                or (top.is_archive and len(stems) == 1 and each != "archive"))
    return False


def _name(path: Path, assignment: Assignment) -> str:
    """What the path is called; of one that says the assignment only, the folder around it."""
    place = tree.whole(path)
    name = place.name
    says = name if place.is_dir() else stem(name)
    while named_after(says, assignment) and place != place.parent:
        place = place.parent
        says = name = place.name
    return name


def twice(student: str, *places: str) -> SubmissionError:
    where = " and ".join(shown(place, 500) for place in places)
    return SubmissionError(
        f"{shown(student)} comes twice: {where}; leave away what is not to be graded, or grade one "
        "after the other if they are two attempts of one student")
