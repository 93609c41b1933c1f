"""A path that lies within a platform's export is read as the export is: the folders around it tell
whose it is, and when it came, which its own name may not say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course import Assignment, LayoutName
from autograder.submission import layouts, tree
from autograder.submission.beneath import Parts
from autograder.submission.kinds import is_attempt
from autograder.submission.tree import Tree

_STEPS = 3  # from an export down to a file: submitted/ada/correlation/correlation.ipynb


@dataclass
class Exports:
    """The exports around paths that are named; a folder is looked into once."""

    assignment: Assignment
    layout: LayoutName | None
    _looked: dict[Path, Tree | None] = field(default_factory=dict)

    def around(self, path: Path) -> tuple[Path, Parts] | None:
        """The export that ``path`` lies in, and where in it; None where it lies in none."""
        place = tree.whole(path)
        parts: Parts = ()
        while len(parts) < _STEPS and place != place.parent and self.layout != "folder":
            parts = (place.name, *parts)
            place = place.parent
            names = self._names(place)
            if names is None:
                continue
            layout = layouts.platform(names, self.assignment)
            if layout is not None and layout.encloses(names, parts) \
                    and self.layout in (None, layout.name):
                return place, parts
        return None

    def _names(self, folder: Path) -> Tree | None:
        """None where it cannot be looked into."""
        if folder not in self._looked:
            try:
                self._looked[folder] = tree.from_folder(folder, depth=0)
            except OSError:
                self._looked[folder] = None
        return self._looked[folder]


def only(files: Tree, places: Collection[Parts]) -> Tree:
    """What lies at ``places``, and what nobody hands in: metadata, timestamps."""

    def is_named(parts: Parts) -> bool:
        return any(parts[:len(place)] == place[:len(parts)] for place in places)

    return replace(
        files, folders=frozenset(parts for parts in files.folders if is_named(parts)),
        files=tuple(file for file in files.files
                    if is_named(file.parts) or (
                        not is_attempt(file.name) and is_named(file.parts[:-1]))))
