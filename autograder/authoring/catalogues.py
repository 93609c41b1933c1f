"""Sentences that are to be translated, found where they are written; and the gettext catalogues
that hold their translations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from autograder.course import Assignment, Course, LanguageCode
from autograder.report import translations

_POSITIONS = {"sentence": 0, "wrong": 1}
"""Call -> which of its arguments is a sentence."""

_PARTS = ("where", "expected_type", "actual_type")
"""Keyword arguments that name a part of an answer, or its type."""


def of_framework() -> list[str]:
    """The sentences of this package, in the order of its files."""
    package = Path(translations.__file__).parents[1]
    found = [text for file in sorted(package.rglob("*.py"))
             for text in in_python(file.read_text(encoding="utf-8"))]
    for file in sorted(package.rglob("*.html.j2")):
        with file.open("rb") as template:
            found += [str(message) for _, message, _, _ in extract(
                "jinja2.ext:babel_extract", template, keywords={"_": None})]
    return list(dict.fromkeys(found))


def of_assignment(course: Course, name: str) -> list[str]:
    """What grader.toml, the suite and the misconceptions say to students."""
    found = of_table(course.assignment(name))
    for file in [*sorted(course.suite(name).rglob("*.py")),
                 *course.variants(name, "misconceptions")]:
        found += in_python(file.read_text(encoding="utf-8"))
    return list(dict.fromkeys(found))


def of_table(assignment: Assignment) -> list[str]:
    """What grader.toml says of an assignment to students."""
    questions = [text for each in assignment.questions for text in (
        each.title, each.concept, *(item.text for item in each.rubric))]
    return [text for text in [assignment.title, *questions] if text]


def update(file: Path, messages: list[str], code: LanguageCode) -> list[str]:
    """Make ``file`` hold exactly these messages, with the translations it has. Translations of
    messages that are said no longer stay as obsolete ones, for results that were kept.

    Returns:
        The messages that have none.
    """
    translated = Catalog(locale=code, project="autograder", fuzzy=False,
                         header_comment="# Sentences that students read.")
    if file.exists():
        with file.open("rb") as lines:
            translated = read_po(lines, locale=code, abort_invalid=True)
    current = Catalog()
    for message in messages:
        current.add(message)
        if message not in translated and message in translated.obsolete:
            translated[message] = translated.obsolete.pop(message)
    translated.update(current, no_fuzzy_matching=True, update_creation_date=False)
    for id in [id for id, message in translated.obsolete.items() if not message.string]:
        del translated.obsolete[id]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, translated, width=100)
    return [str(message.id) for message in translated if message.id and not message.string]


def excerpt(file: Path, messages: Iterable[str], code: LanguageCode) -> bytes:
    """A catalogue of those messages that ``file`` translates, the same bytes every time."""
    known = translations.read(file)
    found = Catalog(locale=code)
    for message in dict.fromkeys(messages):
        if message in known:
            found.add(message, known[message])
    written = BytesIO()
    write_po(written, found, width=100, omit_header=True)
    return written.getvalue()


def in_python(source: str) -> Iterator[str]:
    """The sentences of a program."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from (ast.get_docstring(node) or "").splitlines()[:1]
        elif isinstance(node, ast.Call):
            yield from filter(None, map(_literal, _said(node)))


def _said(call: ast.Call) -> list[ast.expr]:
    """The arguments of ``call`` that are sentences, if they are written there and then."""
    said = [keyword.value for keyword in call.keywords if keyword.arg in _PARTS]
    match call.func:
        case ast.Name(id=name) if name in _POSITIONS:
            said += call.args[_POSITIONS[name]:][:1]
        case ast.Name(id="Part"):
            said += [keyword.value for keyword in call.keywords if keyword.arg == "name"]
        case ast.Attribute(value=ast.Name(id="expect")):  # the last one says which part is judged
            said += call.args[1:][-1:]
    return said


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
