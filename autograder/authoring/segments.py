"""A notebook's words in the pieces that are translated: paragraphs, headings, list items, rows of
tables; of a docstring its paragraphs and the items of its lists; comments; words in displayed
formulas.

A segment is known by its words alone, on one line: English that is wrapped anew keeps its
translation. What has no words, displayed formulas and examples for doctest are none.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

WIDTH = 100  # columns of a docstring's line; a Chinese character takes two

_VERBATIM = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)"
                       r"|(?P<tick>`+)[^`](?:.*?[^`])?(?P=tick)(?!`)"
                       r"|(?P<math>\$\$.+?\$\$|\$[^$]+\$)", re.MULTILINE | re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{2}|\b[aI]\b")
_TEXT = re.compile(r"(?<!_)\\text\{ *(?P<words>[^{}]*?[a-zA-Z]{2}[^{}]*?) *\}")
_LINK = re.compile(r"\]\([^)]*\)|https?://\S+")
_BULLET = re.compile(r"(?:[*+-]|\d+[.)]) +(?=\S)")
_NAMED = re.compile(r"[\w*]+(?:, [\w*]+)*: ")
_CALLED = re.compile(r"\w+\([\w, ]*\): ")
_KEY = re.compile(r'"\w+": ')  # of a dict that is described
_QUOTES = re.compile(r"""[a-zA-Z]*(\"{3}|'{3}|"|')""")
# What programs read stays: pragmas, and ours, by which a stub is known.
_COMMENT = re.compile(r"#+ *+(?!noqa|type:|pragma|fmt:|ruff|Define the (?:class|function) )")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
# Where a line may end: between Chinese characters, but not before a comma or behind a bracket.
_PIECE = re.compile(
    rf"\s+|[（《「『“]*(?:[{_WIDE}]|[^\s{_WIDE}（《「『“]+)[，。；：！？、）》」』”…]*")


@dataclass(frozen=True)
class Segment:
    """What is translated as a whole: the lines from ``start`` up to ``end``."""

    start: int
    end: int
    opening: str  # what stands before the words on the first line: an indentation, a bullet, #
    hanging: str  # what stands before the words of every other line
    text: str


def of_markdown(source: str) -> list[Segment]:
    """The segments of a cell of Markdown."""
    plain = _without_formulas(source)
    lines, masked = source.split("\n"), plain.split("\n")
    found: list[Segment] = []
    table = range(0)
    for token in _PARSER.parse(plain):
        if token.map is None:
            continue
        if token.type == "table_open":
            table = range(*token.map)
            rows = [table.start, *range(table.start + 2, table.stop)]  # the second draws a line
            found += [_segment(lines, masked, row, row + 1, "") for row in rows]
        elif token.type == "inline" and token.map[0] not in table:
            found.append(_segment(lines, masked, token.map[0], token.map[1], token.content))
    return [segment for segment in found if has_words(segment.text)]


def of_docstring(text: str) -> list[Segment]:
    """The segments of what stands between the quotes of a docstring."""
    lines = text.split("\n")
    base = min((_indentation(line) for line in lines[1:] if line.strip()), default=0)
    found: list[Segment] = []
    for start, end in pairwise(_starts(lines, base)):
        words = [line.strip() for line in lines[start:end]]
        bullet = _BULLET.match(words[0])
        opening = lines[start][:_indentation(lines[start])] + (bullet[0] if bullet else "")
        hanging = lines[start + 1][:_indentation(lines[start + 1])] if end - start > 1 else \
            " " * (len(opening) if start else base or 4)
        said = " ".join([words[0][len(bullet[0]) if bullet else 0:], *words[1:]])
        if has_words(said) and not words[0].startswith((">>>", "...")):
            found.append(Segment(start, end, opening, hanging, said))
    return found


def replaced(source: str, segments: Sequence[Segment], find: Callable[[str], str],
             width: int | None = None) -> str:
    """``source`` with each segment's translation in its place, where there is one; in lines of
    ``width`` columns, or each in one line."""
    lines = source.split("\n")
    for segment in reversed(segments):
        said = find(segment.text)
        if said == segment.text:
            continue
        if width is None:
            written = [segment.opening + said]
        elif segment.start == 0:  # behind the quotes
            first, *others = wrapped(said, f"{segment.hanging}   ", segment.hanging, width)
            written = [first.lstrip(), *others]
        else:
            written = wrapped(said, segment.opening, segment.hanging, width)
        lines[segment.start:segment.end] = written
    return "\n".join(lines)


def docstrings(code: str) -> list[tuple[int, int]]:
    """Where the docstrings of its functions and classes stand, without their quotes: characters of
    ``code``, in order. None in what is no Python, as a cell with a magic."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    begins = _begins(code)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) \
                and ast.get_docstring(node, clean=False) is not None:
            said = node.body[0]
            assert said.end_lineno is not None and said.end_col_offset is not None
            start = begins[said.lineno - 1] + _characters(code, said.lineno, said.col_offset)
            end = begins[said.end_lineno - 1] + _characters(
                code, said.end_lineno, said.end_col_offset)
            if quotes := _QUOTES.match(code, start):
                found.append((quotes.end(), end - len(quotes[1])))
    return sorted(found)


def words_in_formulas(source: str) -> list[tuple[int, int]]:
    """Where the words in displayed formulas stand, but for subscripts: characters of ``source``, in
    order."""
    displayed = [found.span() for found in _VERBATIM.finditer(source)
                 if (found["math"] or "").startswith("$$")]
    return [found.span("words") for start, end in displayed
            for found in _TEXT.finditer(source, start, end)]


def comments(code: str) -> list[tuple[int, int]]:
    """Where the words of its comments stand, those for programs apart: characters of ``code``, in
    order. None in what is no Python."""
    begins = _begins(code)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    found = [(begins[token.start[0] - 1] + token.start[1] + len(words[0]),
              begins[token.end[0] - 1] + token.end[1])
             for token in tokens if token.type == tokenize.COMMENT
             and (words := _COMMENT.match(token.string))]
    return [(start, end) for start, end in found if has_words(code[start:end])]


def shape(source: str) -> list[str]:
    """What the lines of a cell of Markdown are: headings, items, rows, paragraphs, in order."""
    return [f"{token.type} {token.tag} {token.info}"
            for token in _PARSER.parse(_without_formulas(source))]


def has_words(text: str) -> bool:
    """Whether anything in it is to be translated: a word outside code and formulas."""
    return _LETTERS.search(_LINK.sub("]", _VERBATIM.sub(" ", text))) is not None


def wrapped(text: str, opening: str, hanging: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, unless a word is longer."""
    lines = [opening]
    for piece in _PIECE.findall(text):
        if _columns(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(hanging)
        lines[-1] += piece.lstrip() if lines[-1] in (opening, hanging) else piece
    return lines


def _segment(
    lines: Sequence[str], masked: Sequence[str], start: int, end: int, content: str
) -> Segment:
    while end > start + 1 and not masked[end - 1].strip():
        end -= 1
    first = content.split("\n")[0] or masked[start].strip()
    opening = masked[start][:masked[start].index(first)]
    words = [lines[start][len(opening):][:len(first)],
             *(line.strip() for line in lines[start + 1:end])]
    return Segment(start, end, opening, "", " ".join(words))


def _without_formulas(source: str) -> str:
    """``source`` with a letter for each character of a formula. To Jupyter they are no Markdown."""
    return _VERBATIM.sub(
        lambda found: re.sub(r"[^\n]", "x", found[0]) if found["math"] else found[0], source)


def _starts(lines: Sequence[str], base: int) -> Iterator[int]:
    """The lines on which the segments of a docstring start, and those that stand between them."""
    indentation, bullet, named, displayed = base, False, False, False
    for number, line in enumerate(lines):
        here, words = _indentation(line) if number else base, line.strip()
        before = lines[number - 1].strip() if number else ""
        is_bullet = _BULLET.match(words) is not None
        is_named = not is_bullet and bool(
            _CALLED.match(words) or (here > base and (_NAMED.match(words) or _KEY.match(words))))
        goes_on = ((bullet or named) and here > indentation) or (
            not bullet and not is_named and here == indentation)
        if words and before and not (displayed or is_bullet or _KEY.match(words)) and goes_on:
            continue
        # What is set apart and further in is a formula, or a drawing: each of its lines is its own.
        displayed = bool(words) and here > base and not is_bullet and not is_named and (
            displayed if before else True)
        indentation, bullet, named = here, is_bullet, is_named
        yield number
    yield len(lines)


def _begins(code: str) -> list[int]:
    """How many characters come before each line."""
    return [0, *accumulate(len(line) for line in code.splitlines(keepends=True))]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _characters(code: str, line: int, column: int) -> int:
    """How many characters of a line its first ``column`` bytes are."""
    return len(code.splitlines()[line - 1].encode()[:column].decode())


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


_PARSER = MarkdownIt("commonmark").enable("table")
