"""Whether a file was meant for another assignment of the course, or has nothing for this one, as
far as its text tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from autograder.course import Assignment
from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.submission.cells import DEFINITION
from autograder.submission.document import coded
from autograder.submission.model import Unreadable

_WORD = re.compile(r"\w+")
_BINDS = {"def", "class", "import", "as", "for", "global"}  # words of lines that bind a name
_UNSEEN = re.compile(r"import\s*\*|\b(exec|globals|locals|vars|setattr|runpy|__dict__)\b|"
                     r"^\s*%+(run|load|writefile|file)\b")
"""In a line that may bind names which stand nowhere."""


def misplaced(name: str, content: bytes, modules: Mapping[str, bytes], assignment: Assignment
              ) -> Sentence | None:
    """What to tell whoever handed in what may bind none of the names that are graded here: another
    assignment's work, where it defines more than half of those that are graded there; or nothing.

    Args:
        modules: what it imports, which came with it: file name -> content.
    """
    try:
        lines = [line for each, held in {**modules, name: content}.items()
                 for line in coded(each, held).splitlines()]
    except Unreadable:
        return None
    if not assignment.names or any(_may_bind(line, assignment.names) for line in lines):
        return None
    defined = {found[1] for line in lines for found in DEFINITION.finditer(line)}
    shares = {len(defined & names) / len(names): title for title, names in _others(assignment)}
    if not shares or max(shares) <= 0.5:
        return _nothing(name, lines, assignment)
    return sentence(
        "{name} looks like work for another assignment, “{other}”: it defines what is graded "
        "there, and nothing that is graded here. If it came here by mistake, hand in the right "
        "one.",
        name=shown(name), other=shares[max(shares)])


def _nothing(name: str, lines: Sequence[str], assignment: Assignment) -> Sentence | None:
    """The same of a file without any of the names, and of one without code."""
    if any(_UNSEEN.search(line) for line in lines):
        return None
    asked = ", ".join(f"`{each}`" for each in assignment.names)
    if all(line.strip().startswith("#") or not line.strip() for line in lines):
        return sentence(
            "{name} holds no code, and so nothing of what is graded here: {names}. Hand in the "
            "notebook in which you wrote that, saved when you had written it.",
            name=shown(name), names=asked)
    return sentence("{name} defines nothing of what is graded here: {names}. Write it under these "
                    "names, or hand in the notebook in which you did.",
                    name=shown(name), names=asked)


def _others(assignment: Assignment) -> Iterator[tuple[str, set[str]]]:
    """Title and graded names of the course's other assignments, without the names of this one."""
    for other in assignment.others:
        if names := {*other.names} - {*assignment.names}:
            yield other.title, names


def _may_bind(line: str, names: Collection[str]) -> bool:
    """Whether a line may give one of ``names`` a value. Who is in doubt is not told to be wrong."""
    words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(line)]
    mentioned = [each for each in words if each[0] in names]
    if not mentioned:
        return False
    last, alone = line.rfind("="), line.strip(" \t,()")  # once: a line may mention it very often
    return not _BINDS.isdisjoint(word for word, _, _ in words) or any(
        (begin > 0 and line[begin - 1] in "'\"") or alone == word
        or (last > end and not line[end:end + 5].lstrip().startswith("("))
        for word, begin, end in mentioned)
