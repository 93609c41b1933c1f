"""Downloads whose names are known, and not read: taken for students' own they would make two people
of who handed in twice, and nobody would be called as the course calls them."""

from __future__ import annotations

import re

from autograder.submission.tree import Tree

_NAMES = {
    "Blackboard's download": r".+_attempt_\d{4}(?:-\d\d){5}(?:_.+|\.txt)",
    "Brightspace's download": r"\d+-\d+ - .+ - .+ \d{4} \d{3,4} [AP]M(?: - .+)?",
    "nbgrader's exchange": r"[^+]+\+[^+]+\+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*",
    "Autolab's or PrairieLearn's download": r"[^@_]+@[^@_]+\.[^@_]+_\d+_.+",
}
_COMPILED = {about: re.compile(name, re.DOTALL) for about, name in _NAMES.items()}


def looks_like(tree: Tree) -> str | None:
    """Whose download has such names as stand at the top; None where nobody's has."""
    names = [*tree.top_folders, *(file.name for file in tree.top_files)]
    return next((about for about, pattern in _COMPILED.items()
                 if any(pattern.fullmatch(name) for name in names)), None)
