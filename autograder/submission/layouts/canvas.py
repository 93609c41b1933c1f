"""Canvas: *Download Submissions*, one flat folder of files that Canvas named.

``lovelaceada_LATE_12345_67890_my work.ipynb``: the student's name, whether it was late, the id of
the user, that of the upload, and the student's own name for the file; text and links that were
handed in are ``lovelaceada_12345_text.html`` and ``…_link.html``. Canvas takes numbers between
underscores out of people's names, so that the ids are the first there are; a name of a file is the
student's, and comes last. Where grading is anonymous there, there is no name, and another id:
``LATE_anon_AbC12_67890_my work.ipynb``. (Format: ``lib/content_zipper.rb`` of Canvas.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.course import Assignment
from autograder.submission.layouts.interface import ByName, PlatformName
from autograder.submission.tree import Tree

# Ids are long; shorter numbers are more likely somebody's own naming.
_NAME = re.compile(
    r"(?:(?P<late_too>LATE_)?(?P<unnamed>anon_[A-Za-z0-9]{5})|"
    r"(?P<person>.*?)_(?P<late>LATE_)?(?P<user>\d{2,}))_"
    r"(?:(?P<upload>\d{3,})_(?P<file>.+)|(?P<entry>(?:text|link)\.html))", re.DOTALL)
_SAVED_AGAIN = re.compile(r" ?\(\d+\)(?=\.|$)")  # by a browser


def upload(name: str) -> str | None:
    """The student's own name for the upload that Canvas calls ``name``; None of what is none."""
    found = _NAME.fullmatch(name)
    return None if found is None else found["file"]


class Canvas(ByName):
    name = "canvas"
    whose = "canvas"
    about = "Canvas's download"

    def parse(self, name: str, assignment: Assignment) -> PlatformName | None:
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        return PlatformName(
            found["user"] or found["unnamed"], found["person"] or "",
            found["file"] or found["entry"], (found["late"] or found["late_too"]) is not None)

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        """Canvas numbers uploads: ``lab_10_100_ada.ipynb`` and ``lab_10_100_bob.ipynb`` only look
        like its names, and are two students'."""
        uploads: dict[str, str] = {}
        for file in tree.top_files:
            found = _NAME.fullmatch(file.name)
            if found and found["upload"]:
                name = _SAVED_AGAIN.sub("", file.name)
                if uploads.setdefault(found["upload"], name) != name:
                    return None
        return super().strangers(tree, assignment)

    def encloses(self, tree: Tree, parts: Sequence[str]) -> bool:
        return len(parts) == 1 and parts[0] not in tree.top_folders  # it has no folders
