"""What an assignment of another program holds, in our words, whichever program it was."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import nbformat

from autograder.errors import AutograderError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_MAGIC = re.compile(r"^\s*[%!]")


class ImportFailed(AutograderError):
    """Nothing can be imported from there; the text says why, and what to do."""


@dataclass(frozen=True)
class Piece:
    """A cell of the master. ``text``: the free text that it answers."""

    kind: Literal["code", "markdown"]
    source: str
    is_staff: bool = False
    text: str = ""


@dataclass(frozen=True)
class Tests:
    """Statements that are run together, for points together."""

    source: str
    title: str
    points: float
    is_hidden: bool


@dataclass
class ImportedQuestion:
    """One question: what it is worth, and what tests it."""

    name: str
    title: str
    kind: Literal["code", "text"]
    points: float = 0
    defines: list[str] = field(default_factory=list)
    tests: list[Tests] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)  # what a person has to see to


def points(said: object) -> float:
    """Points, as metadata say them; 0 where it is no number that somebody can earn."""
    try:
        found = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if 0 < found < math.inf else 0.0


@dataclass
class Imported:
    """One assignment: a notebook, its questions in order, and the files that it uses."""

    notebook: Path
    name: str
    title: str
    pieces: list[Piece]
    questions: list[ImportedQuestion]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def given(self) -> list[str]:
        """Of this code, that of cells without a solution: every student has it."""
        return [text for text in self.code if BEGIN not in text]

    @property
    def code(self) -> list[str]:
        """What students' cells hold with solutions in them, those that are Python."""
        return [piece.source for piece in self.pieces
                if piece.kind == "code" and not piece.is_staff and is_python(piece.source)]


def notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook as version 4. Raises ImportFailed."""
    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-any-return]
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailed(f"{path}: cannot be read: {error}") from None
    except Exception as error:  # nbformat raises what its parsers do
        raise ImportFailed(f"{path}: is no notebook that can be read: "
                           f"{type(error).__name__}: {str(error).splitlines()[0]}") from None


def identifier(text: str, taken: Iterable[str] = ()) -> str:
    """A name that is like ``text`` and is none of those ``taken``."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "question"
    if name[0].isdigit():
        name = f"q{name}"
    found, number = name, 2
    while found in set(taken):
        found, number = f"{name}_{number}", number + 1
    return found


def without_magics(source: str) -> str:
    """The source with Jupyter's own lines as comments, as a master has them; a cell of another
    language as a whole."""
    if source.lstrip().startswith("%%"):
        return "\n".join(["# Of another language:", *(
            f"#     {line}".rstrip() for line in source.split("\n"))])
    return "\n".join(f"# {line}" if _MAGIC.match(line) else line for line in source.split("\n"))


def is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def bound(source: str) -> list[str]:
    """The names that a cell gives values to at its top level, in order; none that is imported."""
    found: list[str] = []
    for node in ast.parse(source).body if is_python(source) else ():
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.Assign(targets=targets):
                found += [each.id for target in targets for each in ast.walk(target)
                          if isinstance(each, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                found.append(name)
    return list(dict.fromkeys(found))


def read_names(source: str) -> set[str]:
    """Every name that a source reads; none of one that is no Python."""
    if not is_python(source):
        return set()
    return {node.id for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def heading(pieces: Sequence[Piece], default: str) -> str:
    """The last heading of the text before a question, or its first words in bold."""
    for piece in reversed(pieces):
        if piece.kind == "markdown" and not piece.is_staff:
            for line in reversed(piece.source.splitlines()):
                if found := re.match(r"#+\s+(.+)|\*\*(.+?)\*\*", line):
                    said = re.sub(r"\s*\(\d+(?:\.\d+)? points?\)", "", found[1] or found[2])
                    return said.strip(" *.:#") or default
    return default


def tell_apart(questions: Sequence[ImportedQuestion], title: str) -> None:
    """Give each question that has the notebook's title, or an earlier question's, its name."""
    taken = {title}
    for each in questions:
        if each.title in taken:
            each.title = each.name
        taken.add(each.title)


def enclosed(source: str) -> str:
    """All of a cell as one solution."""
    return f"{BEGIN}\n{source}\n{END}"


def unmarked(source: str) -> str:
    """A source without our markers."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in (BEGIN, END))


def solved(source: str) -> list[str]:
    """The names of a cell that a student has to give a value: those that a solution at the top
    level binds, and functions and classes with one in them."""
    if not is_python(source):
        return []
    blocks = _blocks(source)
    found = []
    for node in ast.parse(source).body:
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if any(begin in lines or begin < node.lineno < end for begin, end in blocks):
            found += bound(ast.unparse(node))
    return list(dict.fromkeys(found))


def settled(piece: Piece, graded: Sequence[str]) -> Piece:
    """A cell whose solutions our ``build`` can take out: those at the top level bind what is
    graded, those in functions are as they are. Where neither is so, the whole cell is a solution;
    or it stays with staff, where it binds nothing that is graded."""
    if piece.kind != "code" or piece.is_staff or not is_python(piece.source):
        return piece
    lines, wanted = piece.source.split("\n"), set(graded)
    for begin, end in _blocks(piece.source):
        if not _in_function(piece.source, begin) and not wanted & set(bound("\n".join(
                lines[begin : end - 1]))):
            whole = unmarked(piece.source)
            is_solved = bool(wanted & set(bound(whole)))
            return replace(piece, source=enclosed(whole) if is_solved else whole,
                           is_staff=not is_solved)
    return piece


def _blocks(source: str) -> list[tuple[int, int]]:
    """The lines of markers, by pairs, counted from 1."""
    marks = [number for number, line in enumerate(source.split("\n"), 1)
             if line.strip() in (BEGIN, END)]
    return list(zip(marks[::2], marks[1::2], strict=False))


def _in_function(source: str, line: int) -> bool:
    """Whether a line stands in a function."""
    return any(isinstance(node, ast.FunctionDef)
               and node.lineno <= line <= (node.end_lineno or node.lineno)
               for node in ast.walk(ast.parse(source)))
