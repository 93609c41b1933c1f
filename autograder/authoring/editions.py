"""Notebooks in another language: the same cells, ids, metadata and code, and other words.

``solutions/<name>/locale/notebook.<language>.po`` translates the Markdown, the docstrings and the
comments of a notebook, ``solutions/glossary.<language>.toml`` says what the field's words are
called. A notebook is built in a language as soon as its catalogue has one translation; what has
none stays English, and is named. Printed lines and figures' labels stay English: no font with
Chinese characters can be relied on where a notebook is opened.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, v4

from autograder.authoring import fidelity, segments
from autograder.authoring.master import BuildError
from autograder.course import Course, LanguageCode
from autograder.report import translations, words
from autograder.result import sentence

_COLUMNS = 3  # of pairs in a glossary
_HEADING = sentence("Words of this notebook")


@dataclass(frozen=True)
class TranslatedNotebook:
    """A notebook in one language, and what of it is still English."""

    notebook: NotebookNode
    untranslated: tuple[str, ...]
    glossary: NotebookNode | None  # a cell; None where the course has no such file


def catalogue(course: Course, assignment: str, code: LanguageCode) -> Path:
    return course.solutions(assignment) / "locale" / f"notebook.{code}.po"


def messages(notebook: NotebookNode) -> list[str]:
    """What is to be translated, in the order of the notebook."""
    return list(dict.fromkeys(text for cell in notebook.cells for text in _texts(cell)))


def translated(
    course: Course, assignment: str, notebook: NotebookNode, code: LanguageCode
) -> TranslatedNotebook | None:
    """``notebook`` in another language; None where its catalogue has not been begun.

    Raises:
        BuildError: a translation has lost a formula, a number or a name, or breaks its cell.
        CourseError: the catalogue is broken.
    """
    file = catalogue(course, assignment, code)
    said = messages(notebook)
    known = {text: translation for text, translation in translations.read(file).items()
             if text in set(said)}
    if not known:
        return None
    where = file.relative_to(course.root).as_posix()
    _check(where, known)
    edition = deepcopy(notebook)
    for cell in edition.cells:
        before = cell.source
        cell.source = _in_words(cell, known)
        if not _is_same(cell.cell_type, before, cell.source):
            raise BuildError(where, f"what it says for the cell {cell.id} makes another cell of it",
                             "keep what makes lists, headings and docstrings of the lines")
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"`{assignment}.ipynb`",
                                              f"`{assignment}.{code}.ipynb`")
    return TranslatedNotebook(edition, tuple(text for text in said if text not in known),
                   _glossary(_terms(course, code), "\n".join(said), code))


def _texts(cell: NotebookNode) -> Iterator[str]:
    source: str = cell.source
    if cell.cell_type == "markdown":
        yield from (segment.text for segment in segments.of_markdown(source))
        yield from (source[start:end] for start, end in segments.words_in_formulas(source))
    elif cell.cell_type == "code":
        for start, end in segments.docstrings(source):
            yield from (each.text for each in segments.of_docstring(source[start:end]))
        yield from (source[start:end] for start, end in segments.comments(source))


def _in_words(cell: NotebookNode, known: Mapping[str, str]) -> str:
    """A cell's source, with the translations that there are."""

    def find(text: str) -> str:
        return known.get(text, text)

    def put(source: str, spans: Sequence[tuple[int, int]]) -> str:
        for start, end in reversed(spans):
            source = source[:start] + find(source[start:end]) + source[end:]
        return source

    source: str = cell.source
    if cell.cell_type == "markdown":
        source = segments.replaced(source, segments.of_markdown(source), find)
        return put(source, segments.words_in_formulas(source))
    if cell.cell_type == "code":
        source = put(source, segments.comments(source))
        for start, end in reversed(segments.docstrings(source)):
            text = source[start:end]
            source = source[:start] + segments.replaced(
                text, segments.of_docstring(text), find, segments.WIDTH) + source[end:]
    return source


def _check(where: str, known: Mapping[str, str]) -> None:
    problems = [f"{where}: {problem} in the translation of {_shortened(text)}; write it as in "
                "English" for text, translation in known.items()
                for problem in fidelity.lost(text, translation)]
    if problems:
        raise Unfaithful(problems)


class Unfaithful(BuildError):
    """Translations have lost what they had to keep: a line for each place."""

    def __init__(self, problems: list[str]) -> None:
        super(BuildError, self).__init__("\n".join(problems))


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _is_same(kind: str, one: str, other: str) -> bool:
    """Whether two sources of a cell differ in words alone."""
    if kind == "markdown":
        return segments.shape(one) == segments.shape(other)
    return kind != "code" or program(one) == program(other)


def program(code: str) -> str:
    """A cell's code without its docstrings and comments, as one spelling."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) \
                and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def _terms(course: Course, code: LanguageCode) -> Mapping[str, str]:
    """English term -> the field's word for it; empty where the course has no such file."""
    file = course.root / "solutions" / f"glossary.{code}.toml"
    where = file.relative_to(course.root).as_posix()
    try:
        terms = tomllib.loads(file.read_text(encoding="utf-8")).get("terms", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BuildError(where, f"cannot be read ({error})",
                         'write lines "term" = "word" under [terms]') from None
    if not isinstance(terms, dict) or not all(isinstance(each, str) for each in terms.values()):
        raise BuildError(where, "is no table of words", 'write lines "term" = "word" under [terms]')
    return terms


def _glossary(
    terms: Mapping[str, str], text: str, code: LanguageCode
) -> NotebookNode | None:
    """The terms that ``text`` has, in both languages."""
    pairs = [f"{term} | {word}" for term, word in terms.items()
             if re.search(rf"\b{re.escape(term)}(?:e?s)?\b", text, re.IGNORECASE)]
    if not pairs:
        return None
    pairs += [" | "] * (-len(pairs) % _COLUMNS)
    language = translations.language(code)
    rows = [[f"{translations.ENGLISH.name} | {language.name}"] * _COLUMNS,
            ["--- | ---"] * _COLUMNS,
            *(pairs[start:start + _COLUMNS] for start in range(0, len(pairs), _COLUMNS))]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    cell: NotebookNode = v4.new_markdown_cell(
        f"## {words.say(_HEADING, language)}\n\n{table}", id="glossary")
    return cell
