"""Masters: ``solutions/<name>/notebook.py``, read, and their solutions found.

Solutions stand between ``### BEGIN SOLUTION`` and ``### END SOLUTION``: inside functions, or around
whole definitions of what is graded, a class or a variable.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from autograder.authoring import foreign
from autograder.course import Assignment, Course
from autograder.errors import AutograderError

# Tolerant, so that a marker in another spelling cannot let a solution through.
_MARKER = re.compile(r"\s*#+\s*(begin|end)\s+solution\b", re.IGNORECASE)
_CELL = re.compile(r"#\s*%%")


class BuildError(AutograderError):
    """A master cannot be built: where (file and line), what is wrong, what to do."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}; {remedy}")


class Unpublishable(BuildError):
    """What students must not read would reach them: a line for each place."""

    def __init__(self, path: str, found: list[foreign.Marker]) -> None:
        AutograderError.__init__(self, "\n".join(
            f"{path}:{each.line}: {each.problem}; {each.remedy}" for each in found))


@dataclass(frozen=True)
class SolutionBlock:
    """One solution: the numbers of its two marker lines, counted from 1."""

    begin: int
    end: int

    def __contains__(self, line: int) -> bool:
        return self.begin <= line <= self.end


@dataclass(frozen=True)
class Master:
    """A master notebook as it was read."""

    path: str  # relative to the course, as errors name it
    lines: list[str]
    tree: ast.Module
    blocks: list[SolutionBlock]

    def at(self, line: int) -> str:
        return f"{self.path}:{line}"

    def scope(self, line: int) -> list[ast.FunctionDef | ast.ClassDef]:
        """The functions and classes around a line, outermost first."""
        around = [node for node in ast.walk(self.tree)
                  if isinstance(node, ast.FunctionDef | ast.ClassDef)
                  and node.lineno <= line <= (node.end_lineno or node.lineno)]
        return sorted(around, key=lambda node: node.lineno)

    def definitions(self, name: str) -> list[ast.stmt]:
        """The functions or classes of the top level called ``name``; without any, the statements
        that give it a value."""
        found = [node for node in self.tree.body if name in bound(node)]
        return [node for node in found
                if isinstance(node, ast.FunctionDef | ast.ClassDef)] or found

    def whole(self, block: SolutionBlock, graded: list[str]) -> list[str]:
        """The graded names that a block binds at the top level, where it stands there; a class as
        a whole cell, or a variable."""
        if self.scope(block.begin):
            return []
        inside = [node for node in self.tree.body if node.lineno in block]
        return [name for name in graded if any(name in bound(node) for node in inside)]


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement of the top level gives a value."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for target in targets for each in ast.walk(target)
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return {name}
    return set()


def read(course: Course, assignment: str) -> Master:
    """The master of an assignment. Raises BuildError where it is none."""
    try:
        course.assignment(assignment)
    except KeyError as error:
        raise BuildError("grader.toml", error.args[0], "name one of them") from None
    source = course.solutions(assignment) / "notebook.py"
    path = source.relative_to(course.root).as_posix()
    try:
        lines = source.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BuildError(path, f"cannot be read ({error.strerror})",
                         "write the master notebook there") from None
    except UnicodeDecodeError as error:
        raise BuildError(path, f"not UTF-8 text at byte {error.start}",
                         "save it as UTF-8") from None
    tree = parse(path, lines, "this is not Python", "correct it, and put '# ' before a magic")
    master = Master(path, lines, tree, _blocks(path, lines))
    solved = {line for block in master.blocks for line in range(block.begin, block.end + 1)}
    if strange := list(foreign.places(lines, solved)):
        raise Unpublishable(path, strange)
    for block in master.blocks:
        _check_block(master, block, course.assignment(assignment))
    return master


def parse(path: str, lines: list[str], problem: str, remedy: str) -> ast.Module:
    """These lines as Python. Raises BuildError, with ``problem`` and ``remedy``, where they are
    none."""
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError as error:
        raise BuildError(f"{path}:{error.lineno}",
                         f"{problem} ({error.msg})", remedy) from None


def _blocks(path: str, lines: list[str]) -> list[SolutionBlock]:
    """The solution blocks, in order."""
    blocks = []
    begin: int | None = None
    for line, text in enumerate(lines, 1):
        where = f"{path}:{line}"
        marker = _MARKER.match(text)
        if marker is None:
            if begin is not None and _CELL.match(text):
                raise BuildError(where, f"the cell ends inside the solution begun on line {begin}",
                                 "close it with '### END SOLUTION' in its own cell")
        elif marker[1].lower() == "begin":
            if begin is not None:
                raise BuildError(where, "a solution begins inside the one begun on "
                                 f"line {begin}", "end that one first; blocks do not nest")
            begin = line
        else:
            if begin is None:
                raise BuildError(where, "a solution ends that never began",
                                 "put '### BEGIN SOLUTION' before it or remove this marker")
            blocks.append(SolutionBlock(begin, line))
            begin = None
    if begin is not None:
        raise BuildError(f"{path}:{begin}", "this solution never ends",
                         "put '### END SOLUTION' after it")
    return blocks


def _check_block(master: Master, block: SolutionBlock, assignment: Assignment) -> None:
    body = [text.strip() for text in master.lines[block.begin:block.end - 1]]
    if not any(text and not text.startswith("#") for text in body):
        raise BuildError(master.at(block.begin), "this solution holds no code",
                         "write the solution between its markers")
    scope = master.scope(block.begin)
    if master.whole(block, assignment.names):
        return
    if not scope or not isinstance(scope[-1], ast.FunctionDef):
        raise BuildError(master.at(block.begin), "this solution stands outside any function",
                         "put the markers inside the function the student has to write")
