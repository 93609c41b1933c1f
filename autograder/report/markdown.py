"""A student's Markdown, laid out for whoever marks it: a stranger's text, of which no markup, link
or image is taken over."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from autograder.report.words import spelled_out

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LONGEST = 20_000  # letters that are laid out: some longer texts are made to take a minute


def laid_out(text: str) -> Markup | None:
    """The text as HTML: paragraphs, lists, tables, code, emphasis. Its headings are none of the
    page's. None where it is too long for that."""
    if len(text) > _LONGEST:
        return None
    tokens = _parser().parse(spelled_out(text))
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).enable("table").disable(
        ["link", "image", "autolink", "reference", "html_block", "html_inline", "entity"])
