"""Checks that their author takes out for everybody, by ``pytest.mark.skip``; and what suites may
not do instead: end a check, or expect it to fail, by what is found when it runs.

Whether a check counts would then depend on who is graded, or on the machine.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from autograder.judge.items import Item
from autograder.judge.staff import JudgeError

_MARKS = ("skipif", "xfail")
_CALLS = {"skip", "xfail", "importorskip"}
_INSTEAD = 'to take a check out for everybody, write @pytest.mark.skip(reason="…") above it'


def reason(item: Item) -> str | None:
    """Why a check is taken out; None where it is not. Raises JudgeError."""
    for name in _MARKS:
        if item.get_closest_marker(name) is not None:
            raise JudgeError(f"{item.nodeid}: pytest.mark.{name} is not for suites; {_INSTEAD}")
    mark = item.get_closest_marker("skip")
    if mark is None:
        return None
    said = mark.kwargs.get("reason", mark.args[0] if mark.args else None)
    if not isinstance(said, str) or not said.strip():
        raise JudgeError(f"{item.nodeid}: pytest.mark.skip says no reason; "
                         'write @pytest.mark.skip(reason="…"), for staff to read')
    return said


def refuse_calls(directory: Path) -> None:
    """Raises JudgeError where a file of a suite skips, or expects to fail, while it runs."""
    for file in sorted(directory.rglob("*.py")):
        for line, name in _calls(file.read_bytes()):
            raise JudgeError(f"{file}:{line}: pytest.{name} is not for suites; {_INSTEAD}")


def _calls(source: bytes) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # of a file that nothing imports: it would have been told
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _CALLS \
                and isinstance(node.value, ast.Name) and node.value.id == "pytest":
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "pytest":
            yield from ((node.lineno, each.name) for each in node.names if each.name in _CALLS)
