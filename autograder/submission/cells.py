"""One cell as plain Python: magics become calls, and what does not parse is said in a line."""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from typing import Any

from autograder.result import Sentence, sentence
from autograder.sizes import MAX_TEXT

# IPython tokenizes a cell again after every magic it replaces, and a hostile line costs the
# square of its length each time. Magics of one line are replaced by themselves; what else there is
# has this much, a few seconds at worst.
_BUDGET = 10_000_000

# Cell magics whose body is the student's code. Their other effects do not matter here.
_CODE_MAGICS = re.compile(r"(?:\s*%%(?:check|time|timeit|capture|prun)\b[^\n]*)+")
_LINE_TIME = re.compile(r"^([ \t]*+(?:\w++[ \t]*+=[ \t]*+)?)%time[ \t]+(?=\S)", re.MULTILINE)
# By which students check themselves, predict, and look; here it does nothing, and is no error.
_OURS = "(?:check|observe|predict|window)"
_OWN = re.compile(
    r"^(?P<indent>[ \t]*+)from[ \t]++autograder\.notebook[ \t]++import[ \t]*+(?:(?<=[ \t])|(?=\())"
    rf"(?P<open>\([ \t]*+)?(?P<names>{_OURS}(?:[ \t]*+,[ \t]*+{_OURS})*+)[ \t]*+"
    r"(?(open),?[ \t]*+\)[ \t]*+)(?:#[^\r\n]*+)?(?=[;\r\n]|\Z)", re.MULTILINE)


def _nothing(own: re.Match[str]) -> str:
    names = re.split(r"[ \t]*,[ \t]*", own["names"])
    return f"{own['indent']}{' = '.join(names)} = lambda *asked, **how: None"


_MAGIC = re.compile(
    r"(?P<indent>[ \t]*+)"
    r"(?P<call>(?:[\w., \t]++=[ \t]*+)?(?:!|%(?!%)|\?)[^\n]*(?<!\\)|[^\n]*\?)[ \t]*+\n?")
_IPYTHON = re.compile(  # all that it changes; and a cell that is indented as a whole
    r"[!%?]|^[ \t]*+(?:[,;/]|>>>|In \[)|\A(?:[ \t]*+\r?\n)*+[ \t]++\S", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\f]{50,}+")  # the tokenizer may take the square of each
_BLANK_LINES = re.compile(r"(?:[ \t\f]*+\r?\n)*+")


DEFINITION = re.compile(r"^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)", re.MULTILINE)
"""Where a text seems to define a name."""


class NotPython(Exception):
    """A cell that does not parse. ``line`` is the line in that cell, 1-based; ``reason``: what its
    student is told, where Python's own message would not help."""

    def __init__(self, message: str | Sentence, line: int | None = None) -> None:
        self.message = str(message).encode("utf-8", "replace").decode()
        self.reason = message if isinstance(message, Sentence) else None
        self.line = line
        super().__init__(self.message)


def parse(source: str) -> ast.Module:
    """``source`` parsed. Raises NotPython, whatever the source holds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" is the student's business
            return ast.parse(source)
    except SyntaxError as error:
        message = error.msg
        if message.startswith("Missing parentheses in call to 'print'"):
            message = "Python 2 print statement: write print(...)"
        raise NotPython(message, error.lineno) from None
    except (RecursionError, MemoryError):
        raise NotPython(sentence("It was not run: it is nested too deeply.")) from None
    except ValueError:  # a NUL, or half of a surrogate pair
        raise NotPython("holds characters that no Python source may hold") from None


def lines_of(source: str) -> list[str]:
    """Its lines as Python counts them, without their ends."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def first_line(statement: ast.stmt) -> int:
    """Where a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


_TOO_MANY = sentence("It was not run: it has too many magics, or too long lines beside them.")
_LINE_COST = 2_000  # of a magic that is replaced by itself, in units of the budget


class Translator:
    """Turns the cells of one notebook into Python, within one budget for all of them."""

    def __init__(self) -> None:
        self._budget = _BUDGET

    def python(self, source: str) -> str:
        """``source`` as Python that parses, its lines where they were. Raises NotPython."""
        _bound(source)
        source = _OWN.sub(_nothing, source)
        if magics := _CODE_MAGICS.match(source):
            source = "\n" * magics[0].count("\n") + source[magics.end():]
        try:
            parse(source)  # most cells: IPython has nothing to do
        except NotPython as error:
            if error.line is None:  # not a matter of syntax
                raise
            if not _IPYTHON.search(source):
                raise
            source = self._one_by_one(_LINE_TIME.sub(r"\1", source))
            try:
                parse(source)
            except NotPython:
                source = self._transformed(source, error)
            _bound(source)
            parse(source)
        return source

    def _spend(self, cost: int) -> None:
        self._budget -= cost
        if self._budget < 0:
            raise NotPython(_TOO_MANY)

    def _one_by_one(self, source: str) -> str:
        """``source`` with each magic replaced that is a whole line where a statement can begin."""
        given = source.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True)
        self._spend(sum(len(blanks) ** 2 for blanks in _BLANKS.findall(source)))
        lines: list[str] = []
        depth, ended = 0, 0  # open brackets; the last line by which a statement was at its end

        def read() -> str:
            if len(lines) == len(given):
                return ""
            line = given[len(lines)]
            magic = _MAGIC.fullmatch(line) if depth == 0 and ended == len(lines) else None
            lines.append(line if magic is None else self._call(magic) or line)
            return lines[-1]

        try:
            for token in tokenize.generate_tokens(read):
                depth += (token.string in "([{") - (token.string in ")]}") \
                    if token.type == tokenize.OP else 0
                if token.type in (tokenize.NEWLINE, tokenize.NL):
                    ended = token.start[0]
        except (tokenize.TokenError, SyntaxError):
            pass
        return "".join([*lines, *given[len(lines):]])

    def _call(self, magic: re.Match[str]) -> str | None:
        """One line of Python for one line of IPython; None where that is not possible."""
        self._spend(_LINE_COST + len(magic["call"]) ** 2)
        try:
            text = "".join(self._through_ipython([magic["call"] + "\n"]))
            parse(text)
        except Exception:  # no magic after all, or none that IPython survives
            return None
        return magic["indent"] + text if text.count("\n") == 1 else None

    def _transformed(self, source: str, error: NotPython) -> str:
        """``source`` as IPython reads it; ``error`` where even IPython cannot."""
        blank = _BLANK_LINES.match(source)
        offset = blank[0].count("\n") if blank else 0  # IPython drops them
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lines = self._through_ipython([line + "\n" for line in text.split("\n")])
        except NotPython:
            raise
        except Exception:  # what Python cannot tokenize, IPython need not survive
            raise error from None
        return "\n" * offset + "".join(lines)

    def _through_ipython(self, lines: list[str]) -> list[str]:
        """What ``TransformerManager.transform_cell`` does, as far as the budget goes."""
        from IPython.core.inputtransformer2 import TransformerManager  # slow to import

        manager = TransformerManager()
        cleanups: list[Any] = list(manager.cleanup_transforms)
        for transform in cleanups:
            lines = transform(lines)
        if lines and lines[0].startswith("%%"):
            for transform in manager.line_transforms:
                lines = transform(lines)
            return lines  # one call, its body a string
        changed = True
        while changed:
            self._spend(sum(len(line) * (20 + len(line)) for line in lines))
            changed, lines = manager.do_one_token_transform(lines)
        return lines


def _bound(source: str) -> None:
    if len(source) > MAX_TEXT:
        raise NotPython(sentence(
            "It was not run: it is longer than {limit} characters. Load data from a file instead "
            "of writing it into the cell.", limit=MAX_TEXT))
