"""A student's Markdown, laid out for whoever marks it: a stranger's text, of which no markup, link
or image is taken over."""

from __future__ import annotations

import re
from functools import cache
from string import punctuation
from typing import TYPE_CHECKING

from markupsafe import Markup

from autograder.report.words import spelled_out

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LONGEST = 20_000  # letters that are laid out: some longer texts are made to take a minute
_MOST_CELLS = 10_000  # of tables: a row may leave its own out, and all are laid out
_LANGUAGE = re.compile(r" *[\w{}.+#-]{0,20} *", re.ASCII)  # of a block of code


def laid_out(text: str) -> Markup | None:
    """The text as HTML: paragraphs, lists, tables, code, emphasis. Its headings are none of the
    page's. None where it or a table is too long for that, or where something of it would be left
    out: cells beyond a table's columns, what is nested too deeply."""
    if len(text) > _LONGEST:
        return None
    text = spelled_out(text)
    if _cells(text) > _MOST_CELLS:
        return None
    tokens = _parser().parse(text)
    if _letters(text) != _letters(" ".join(map(_shown, tokens))):
        return None
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


def _cells(text: str) -> int:
    """How many cells its tables have at most: as if each line were a row of the widest."""
    lines = text.splitlines()
    below = (line.strip(" \t>|") for line in lines)  # a table's head
    return len(lines) * max((line.count("|") + 1 for line in below
                             if line and not line.strip("-:| \t")), default=0)


def _letters(text: str) -> str:
    """The text without whatever can be markup, which is not shown."""
    return "".join(letter for letter in text if not (letter.isspace() or letter in punctuation))


def _shown(token: Token) -> str:
    """What is seen of a token, a list's numbers, too; and the language of code, where it is one."""
    is_seen = token.type != "fence" or _LANGUAGE.fullmatch(token.info)
    return f"{token.info if is_seen else ''} {token.content}"


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).enable("table").disable(
        ["link", "image", "autolink", "reference", "html_block", "html_inline", "entity"])
