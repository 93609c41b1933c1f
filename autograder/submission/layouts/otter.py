"""otter-grader: the zips that ``grader.export()`` writes, in one flat folder.

``ada_2026_10_12T14_03_22_123456.zip``: the notebook's name, and when it was exported, by the clock
of the student's machine. That is no time of handing in; of several exports of one notebook the last
counts. Where notebooks are called like the assignment, they need a folder for each student.
"""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.course import Assignment
from autograder.submission.kinds import named_after
from autograder.submission.layouts.interface import ByName, HandIn, PlatformName
from autograder.submission.tree import Tree

_NAME = re.compile(r"(?P<notebook>.+)_\d{4}(?:_\d\d){2}T\d\d(?:_\d\d){2}_\d{1,6}\.zip", re.DOTALL)


class Otter(ByName):
    name = "otter"
    about = "otter's exports"
    is_telling = False

    def parse(self, name: str, assignment: Assignment) -> PlatformName | None:
        found = _NAME.fullmatch(name)
        if found is None or named_after(found["notebook"], assignment):
            return None  # it says nothing of whose it is
        return PlatformName(found["notebook"], file=name)

    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        return [replace(hand_in, files=(max(hand_in.files, key=lambda file: file.name),))
                for hand_in in super().hand_ins(tree, assignment)]
