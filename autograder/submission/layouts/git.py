"""Git: a folder of clones, one for each student, as tools for classrooms make them.

``correlation-adal`` is the clone of the student whose login is ``adal``. A commit's time is what
its author says, so it is no time of handing in.
"""

from __future__ import annotations

from dataclasses import replace

from autograder.course import Assignment
from autograder.submission.kinds import is_attempt
from autograder.submission.layouts.interface import ByName, PlatformName
from autograder.submission.tree import Tree


class Git(ByName):
    name = "git"
    whose = "github"
    about = "clones, one for each student"
    is_telling = False

    def parse(self, name: str, assignment: Assignment) -> PlatformName | None:
        start = f"{_slug(assignment.name)}-"
        if not _slug(name).startswith(start) or len(name) == len(start):
            return None
        return PlatformName(name[len(start):], name)

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        """A file is no clone."""
        files = [file.name for file in tree.top_files if is_attempt(file.name)]
        folders = super().strangers(replace(tree, files=()), assignment)
        return None if folders is None else folders + files


def _slug(name: str) -> str:
    return name.casefold().replace("_", "-")
