"""What a suite's text shows to be a mistake of its author's, before anybody is graded by it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.course.fields import hint
from autograder.judge.checks import Checked, Function, Refused, StudentCode

_CALLED = {"check": Checked, "refuses": Refused, "student": Function}
_METHODS = {fixture: {name for name in dir(kind) if not name.startswith("_")}
            for fixture, kind in _CALLED.items()}
_METHODS["refuses"] = set()  # of what is refused, nothing is looked at
_OF_STUDENT = {name for name in dir(StudentCode) if not name.startswith("_")}


def mistakes(
    directory: Path, names: Collection[str], classes: Collection[str] = ()
) -> Iterator[str]:
    """One sentence for each, with its file, line and check.

    Args:
        names: that the assignment grades.
        classes: those of them whose references are classes.
    """
    for file in sorted(directory.rglob("test_*.py")):
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError):  # pytest says so
            continue
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                given = {each.arg for each in function.args.args} & _CALLED.keys()
                for line, said in _of_function(function, given, names, classes):
                    yield f"{file.name}:{line}: {function.name}: {said}"


def _of_function(
    function: ast.FunctionDef, fixtures: Collection[str], names: Collection[str],
    classes: Collection[str],
) -> Iterator[tuple[int, str]]:
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=fixture), attr=name) if fixture in fixtures:
                if name not in names and not (fixture == "student" and name in _OF_STUDENT):
                    yield node.lineno, (
                        f"{fixture}.{name}: no question of this assignment grades {name!r}"
                        f"{hint(name, list(names))}; graded are: {', '.join(names)}")
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id=fixture), attr=name),
                               attr=method) if fixture in fixtures and name in names:
                known = _METHODS[fixture]
                if method not in known:
                    yield node.lineno, (
                        f"{fixture}.{name}.{method}: there is no such check"
                        f"{hint(method, sorted(known))}" + (
                            f"; there are: {', '.join(sorted(known))}" if known else
                            f"; write {fixture}.{name}(…)"))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=fixture), attr=name)) \
                    if fixture in fixtures and fixture != "refuses" and name in classes:
                what = "a pair of objects, the student's and the reference's" \
                    if fixture == "check" else "an object that stays in the worker"
                yield node.lineno, (
                    f"{fixture}.{name}(…): {name} is a class, and its objects do not travel; write "
                    f"{fixture}.{name}.new(…), which gives {what}, and call that")
