"""Moodle: *Download all submissions*, a folder for each participant, or one flat folder of files.

``Ada Lovelace_20001_assignsubmission_file`` is a folder (older Moodles end it by an underscore)
or, with ``_`` and the student's own name for it, a file. Moodle turns underscores in people's names
into spaces, so that the first number before ``_assignsubmission_`` is the participant's; what a
student calls a file stands behind it. (Format: ``mod/assign/classes/downloader.php`` of Moodle.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.submission.layouts.interface import ByName, PlatformName
from autograder.submission.tree import Tree

_NAME = re.compile(
    r"(?P<person>.*?)_(?P<participant>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)


def folder(name: str) -> str | None:
    """The folder that is a participant's, by the name of it or of a file in a flat download; None
    where Moodle would not find the participant's number between the first two underscores."""
    found = _NAME.fullmatch(name)
    if found is None or "_" in found["person"]:
        return None
    return name.removesuffix(found["file"] or "")


class Moodle(ByName):
    name = "moodle"
    whose = "moodle"
    about = "Moodle's download"

    def parse(self, name: str, assignment: Assignment) -> PlatformName | None:
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        return PlatformName(found["participant"], found["person"], found["file"] or "")

    def encloses(self, tree: Tree, parts: Sequence[str]) -> bool:
        return True
