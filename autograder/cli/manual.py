"""``man autograder``: the reference of commands in man(7)'s markup, by the same words.

``reference`` writes it as ``docs/autograder.1``, and the wheel brings it to where ``man`` looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autograder import __version__
from autograder.cli.described import arguments, examples, explained, options, plain, usage, verbs
from autograder.errors import MEANINGS
from autograder.extras import DISTRIBUTION


def page() -> str:
    """The whole page: every verb with its arguments, options and examples."""
    lines = [
        f'.TH AUTOGRADER 1 "" "{DISTRIBUTION} {__version__}" "User Commands"', ".nh", ".ad l",
        ".SH NAME", "autograder \\- make courses of notebooks, and grade them",
        ".SH SYNOPSIS", r".B autograder", r"\fICOMMAND\fR [\fIARGUMENTS\fR] [\fIOPTIONS\fR]",
        ".SH DESCRIPTION",
        *_text("Student code runs confined, apart from hidden tests and scores. Every command "
               "answers to `-h` and `--help`. The course is the `grader.toml` here or in a "
               "directory above, or the one that `--course` or `AUTOGRADER_COURSE` names."),
        ".SH COMMANDS",
        *(line for name, command in verbs().items() for line in _command(name, command)),
        ".SH EXIT STATUS",
        *(line for status, meaning in MEANINGS.items() for line in _term(str(status), meaning)),
        ".SH ENVIRONMENT",
        *_term("AUTOGRADER_COURSE", "The course's grader.toml, by its whole path."),
        ".SH FILES", *_term("grader.toml", "The course: assignments, questions, points, due dates "
                                           "and limits."),
        ".SH SEE ALSO", *_text("The documents, of which docs/grader-toml.md has every table and "
                               "key of grader.toml."),
    ]
    return "\n".join([*lines, ""])


def _command(name: str, command: Any) -> Iterator[str]:
    yield f".SS {_escaped(f'autograder {name}')}"
    yield from (f"\\fB{_escaped(usage(name, command))}\\fR", ".PP")
    for number, paragraph in enumerate(plain(command.help or "").split("\n\n")):
        yield from [*([".PP"] if number else []), *_text(" ".join(paragraph.split()))]
    for each in arguments(command):
        yield from _term(*each)
    for forms, meaning in options(command):
        yield from _term(", ".join(forms), meaning)
    for sentence in explained(command):
        yield from (".PP", *_text(sentence))
    if shown := examples(command):
        yield from (".PP", ".nf", *(f"    {_escaped(line)}" for line in shown), ".fi")


def _term(term: str, meaning: str) -> Iterator[str]:
    yield from (".TP", f"\\fB{_escaped(term)}\\fR", *_text(meaning))


def _text(text: str) -> Iterator[str]:
    """A paragraph; what stands in backquotes is bold."""
    parts = re.split(r"`([^`]*)`", text)
    yield "".join(f"\\fB{_escaped(part)}\\fR" if number % 2 else _escaped(part)
                  for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    """As man(7) takes it literally. A line that begins with a dot would be an order."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return f"\\&{escaped}" if escaped[:1] in {".", "'"} else escaped
