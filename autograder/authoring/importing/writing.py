"""An assignment that was read, written as one of ours: master, reference, suite and table."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from textwrap import indent

from autograder.authoring.importing import source
from autograder.authoring.importing.asserts import Translated, Vocabulary, translated
from autograder.authoring.importing.source import Imported, ImportedQuestion, Piece
from autograder.course import Course, CourseError, load

TODO = "TODO(import)"
"""What marks everything that a person has to see to."""

_NEXT_TO_NOTHING = 0.001
"""The weight of a check that was worth nothing, for here each has some."""

_LIBRARIES = {"np": "import numpy as np", "numpy": "import numpy", "torch": "import torch",
              "math": "import math", "pd": "import pandas as pd",
              "scipy": "import scipy", "random": "import random"}


@dataclass(frozen=True)
class TranslatedShare:
    """How much of one question was translated."""

    question: str
    kind: str
    points: float
    exact: int  # assertions that are said exactly
    left: int  # statements, or parts, that a person has to see to


@dataclass(frozen=True)
class Made:
    """What was made of one assignment."""

    assignment: str
    files: tuple[Path, ...]
    shares: tuple[TranslatedShare, ...]


def write(course: Course, file: Path, imported: Imported) -> Made:
    """Write the files of an assignment and its table in grader.toml.

    Raises:
        CourseError: the name is taken, a file is there already, or what came out is no table that
            can be read; nothing is written then.
    """
    name = imported.name
    if name in course.assignments:
        raise CourseError(file, [f"assignments.{name}: is there already; rename the one or the "
                                 "other, and import again"])
    given = _given_functions(imported)
    known = Vocabulary.of([source.unmarked(text) for text in imported.code]).without(given)
    graded = [each for question in imported.questions for each in question.defines]
    suites = {question.name: _suite(question, known, graded, imported.code, given)
              for question in imported.questions if question.kind == "code"}
    solutions = course.solutions(name)
    files: dict[Path, bytes] = {
        solutions / "notebook.py": _master(imported).encode(),
        solutions / "reference.py": _reference(imported).encode(),
        solutions / "misconceptions.py": _misconceptions(name).encode(),
        **{solutions / path: content for path, content in imported.files.items()},
        **{course.suite(name) / f"test_{question}.py": text.encode()
           for question, (text, _) in suites.items()}}
    there = [path for path in files if path.exists()]
    if there:
        raise CourseError(file, [f"{path} is there already; move it away" for path in there])
    table = _table(imported, known)
    with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".toml") as tried:
        tried.write(file.read_text(encoding="utf-8") + table)
        tried.flush()
        try:
            load(Path(tried.name))
        except CourseError as error:
            raise CourseError(file, error.problems) from None
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    course.suite(name).mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as opened:
        opened.write(table)
    return Made(name, tuple(files), tuple(
        TranslatedShare(
            each.name, each.kind, each.points,
            suites[each.name][1].exact if each.name in suites else 0,
            len(each.todo) + (len(suites[each.name][1].left) if each.name in suites else 0))
        for each in imported.questions))


# The master and the reference ------------------------------------------------------------------


def _master(imported: Imported) -> str:
    todo = [Piece("markdown", f"{TODO} {each.name}: {what}", is_staff=True)
            for each in imported.questions for what in each.todo]
    return "\n\n".join(filter(None, map(_cell, [*imported.pieces, *todo]))) + "\n"


def _cell(piece: Piece) -> str:
    """A piece in jupytext's percent format."""
    tags = ' tags=["staff"]' if piece.is_staff else ""
    if piece.kind == "markdown":
        answers = f' autograder={{"text": "{piece.text}"}}' if piece.text else ""
        text = "\n".join(f"# {line}".rstrip() for line in piece.source.strip().split("\n"))
        return f"# %% [markdown]{tags}{answers}\n{text}" if piece.source.strip() else ""
    code = piece.source.strip("\n")
    if not source.is_python(code):
        code = "\n".join(f"# {line}".rstrip() for line in [f"{TODO}: no Python", *code.split("\n")])
        tags = ' tags=["staff"]'
    return f"# %%{tags}\n{code}" if code.strip() else ""


def _reference(imported: Imported) -> str:
    """All that the notebook defines, with its solutions: imports, definitions, values. What it
    only shows, prints or draws is left out."""
    kept = [ast.unparse(node) if not isinstance(node, ast.FunctionDef | ast.ClassDef)
            else f"\n\n{ast.unparse(node)}\n\n"
            for text in imported.code for node in ast.parse(source.unmarked(text)).body
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
                          | ast.AugAssign | ast.FunctionDef | ast.ClassDef | ast.For | ast.With)]
    body = re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip()
    return (f'"""Trusted implementations of {imported.name}: the solutions of its notebook, as '
            f'they were imported."""\n\n{body}\n')


def _misconceptions(name: str) -> str:
    return (f'"""Wrong ideas about {name}, as students would write them."""\n\n'
            "from autograder.suite import Misconceptions\n\n"
            "wrong = Misconceptions(__file__)\n\n"
            f"# {TODO}: write what students get wrong. The audit asks that each check finds a "
            "mistake.\n")


# Suites ----------------------------------------------------------------------------------------


def _given_functions(imported: Imported) -> dict[str, str]:
    """The functions that students are given and that use nothing but libraries: tests may call
    them, and the suite has its own copy of each."""
    found: dict[str, str] = {}
    libraries = {alias.asname or alias.name.split(".")[0] for text in imported.code
                 for node in ast.parse(source.unmarked(text)).body
                 if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
    for node in (node for text in imported.given for node in ast.parse(text).body):
        if isinstance(node, ast.FunctionDef):
            inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)
                      and isinstance(each.ctx, ast.Store)} | {
                each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
            read = source.read_names(ast.unparse(node)) - inside - libraries - set(found)
            if read <= set(dir(builtins)) | {node.name}:
                found[node.name] = ast.unparse(node)
    return found


def _suite(
    question: ImportedQuestion, known: Vocabulary, graded: Collection[str], code: Sequence[str],
    given: Mapping[str, str],
) -> tuple[str, Translated]:
    every = Translated()
    checks: list[str] = []
    unit = min((each.points for each in question.tests if each.points > 0), default=1.0)
    names: list[str] = []
    for test in question.tests:
        found = translated(test.source, known, graded, test.is_hidden)
        every.exact += found.exact
        every.left += found.left
        if found.asks and found.exact:
            name = source.identifier(f"test_{source.identifier(test.title)[:40].lower()}", names)
            names.append(name)
            checks.append("\n".join(_check(name, test.title, test.is_hidden,
                                           test.points / unit or _NEXT_TO_NOTHING, found)))
        elif found.left:
            checks.append(_left(test.title, found.left))
    if not names:
        checks.append(_default(question, known))
    body = "\n\n\n".join(checks)
    used = source.read_names(body)
    copies = [text for name, text in given.items() if name in used]
    body = "\n\n\n".join([*copies, *checks])
    return (f'"""{question.name}: as it was imported."""\n\n'
            f"{_imports(body, code)}\n\npytestmark = pytest.mark.question({question.name!r})\n\n\n"
            f"{body}\n"), every


def _check(
    name: str, title: str, is_hidden: bool, weight: float, found: Translated
) -> Iterator[str]:
    if round(weight, 4) != 1:
        yield f"@pytest.mark.weight({round(weight, 4):g})"
    if not is_hidden:
        yield '@pytest.mark.visibility("visible")'
    body = "\n".join(found.body)
    used = [each for each in ("check", "student", "refuses", "expect")
            if re.search(rf"\b{each}\.", body)]
    yield f"def {name}({', '.join(used)}):"
    yield f'    """{_sentence(title)}"""'
    yield indent(body, "    ")
    if found.left:
        yield indent(_left(title, found.left), "    ")


def _left(title: str, statements: Sequence[str]) -> str:
    lines = [line for each in statements for line in each.split("\n")]
    return "\n".join([f"# {TODO} {title}: could not be said exactly.",
                      *(f"#     {line}".rstrip() for line in lines)])


def _default(question: ImportedQuestion, known: Vocabulary) -> str:
    """A check for a question of which nothing could be translated: it has to have one."""
    name = question.defines[0]
    asked = f"check.{name}.value()" if name in known.variables else f"check.{name}()"
    return (f"# {TODO}: nothing of its tests could be said exactly; ask here what it is about.\n"
            f'def test_{name.lower()}(check):\n    """It answers as it should."""\n    {asked}')


def _sentence(title: str) -> str:
    said = title.strip().replace("\\", "").replace('"', "'")
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _imports(body: str, code: Sequence[str]) -> str:
    """Of the notebook's imports those that the checks use, and what checks always need."""
    used = source.read_names(body)
    theirs = [node for text in code for node in ast.parse(source.unmarked(text)).body
              if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = {"import pytest"}
    for node in theirs:
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) in used:
                one = ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(
                    node.module, [alias], node.level)
                lines.add(ast.unparse(one))
    has = {line.split()[-1] for line in lines}
    lines |= {line for name, line in _LIBRARIES.items() if name in used and name not in has}
    ours = ["", "from autograder.suite import sentence"] if "sentence" in used else []
    return "\n".join([*sorted(lines), *ours])


# The table -------------------------------------------------------------------------------------


def _table(imported: Imported, known: Vocabulary) -> str:
    lines = ["", f"[assignments.{imported.name}]", f"title = {_text(imported.title)}"]
    if imported.files:
        lines.append(f"files = [{', '.join(map(_text, imported.files))}]")
    uses = _uses(imported, known)
    for each in imported.questions:
        lines += ["", f"[[assignments.{imported.name}.questions]]", f"name = {_text(each.name)}",
                  f"title = {_text(each.title)}"]
        if each.points <= 0:
            lines.append(f"# {TODO}: it had no points.")
        lines.append(f"points = {each.points if each.points > 0 else 1:g}")
        if each.kind == "text":
            lines.append('kind = "text"')
        elif each.defines != [each.name]:
            lines.append(f"defines = [{', '.join(map(_text, each.defines))}]")
        if uses.get(each.name):
            lines.append(f"uses = [{', '.join(map(_text, uses[each.name]))}]")
    return "\n".join(lines) + "\n"


def _uses(imported: Imported, known: Vocabulary) -> Mapping[str, list[str]]:
    """Question -> the graded functions of other questions that its solutions call, or its tests."""
    owner = {name: each.name for each in imported.questions for name in each.defines}
    found: dict[str, list[str]] = {each.name: sorted(
        name for test in each.tests for name in source.read_names(test.source) & known.functions
        if owner.get(name, each.name) != each.name) for each in imported.questions}
    for node in (node for text in imported.code for node in ast.parse(source.unmarked(text)).body):
        for name in source.bound(ast.unparse(node)):
            if name in owner:
                read = source.read_names(ast.unparse(node)) & known.functions
                found.setdefault(owner[name], []).extend(sorted(
                    each for each in read if owner.get(each, owner[name]) != owner[name]))
    return {name: list(dict.fromkeys(read)) for name, read in found.items()}


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
