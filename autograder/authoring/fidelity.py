"""What a translation keeps as it is: formulas, code, links, numbers, names, and what is bold.

Each is compared by what it is and how often it stands there, in whatever order: a Chinese sentence
begins where an English one ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt

_KEPT = {
    "the code": re.compile(r"(?P<ticks>`+)(?P<kept>.+?)(?P=ticks)", re.DOTALL),
    "the formula": re.compile(r"(?P<kept>\$\$.+?\$\$|\$[^$]+\$)", re.DOTALL),
    "the link": re.compile(r"(?P<kept>\]\([^)]*\)|https?://[!-~]+)"),
    # As programs spell them: of several words, of a module, or of one capital letter.
    "the name": re.compile(
        r"(?<![\w.])(?P<kept>[a-z]+(?:\.\w\w+)+|\w*[a-z]\w*_\w*|\w*_\w*[a-z]\w*|[a-z]+\d\w*"
        r"|[A-Z]?[a-z]+[A-Z]\w*?(?=s?(?!\w))|[B-HJ-Z](?![\w+]|\.\w))", re.ASCII),
    "the number": re.compile(r"(?<![A-Za-z_.])(?P<kept>\d+(?:\.\d+)?)", re.ASCII),
}
_MARKUP = {"strong_open": "bold text", "em_open": "text in italics", "link_open": "a link"}


def lost(source: str, translation: str) -> Iterator[str]:
    """What stands in one of the two and not in the other, a line each."""
    if source.count("|") != translation.count("|") and source.startswith("|"):
        yield "the row has another number of columns"
    before, after = source, translation
    for what, pattern in _KEPT.items():
        one, other = _found(pattern, before), _found(pattern, after)
        yield from (f"{what} {each} is missing" for each in one - other)
        yield from (f"{what} {each} is new" for each in other - one)
        before, after = pattern.sub(" \N{OBJECT REPLACEMENT CHARACTER} ", before), \
            pattern.sub(" \N{OBJECT REPLACEMENT CHARACTER} ", after)
    one, other = _markup(source), _markup(translation)
    for kind, what in _MARKUP.items():
        if one[kind] != other[kind]:
            yield f"{what} stands there {other[kind]} times, and in English {one[kind]} times"


def _found(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(" ".join(found["kept"].split()) for found in pattern.finditer(text))


def _markup(text: str) -> Counter[str]:
    """How often each kind of markup comes out. Beside a Chinese comma, ``**`` may stay stars."""
    plain = _KEPT["the formula"].sub("x", text)
    return Counter(child.type for token in _PARSER.parseInline(plain)
                   for child in token.children or ())


_PARSER = MarkdownIt("commonmark")
