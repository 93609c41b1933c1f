"""What the verbs say of themselves: arguments, options, examples, as their help shows them.

The page of commands (``reference``) and the one for ``man`` (``manual``) are made of it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer

from autograder.cli.verbs import app


def verbs() -> dict[str, Any]:
    """Every command by what is written behind ``autograder``: a verb, or a verb of a group."""
    return dict(_below(typer.main.get_command(app)))


def _below(group: Any, start: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(command, f"{start}{name} ")
        else:
            yield f"{start}{name}", command


def usage(name: str, command: Any) -> str:
    """The line that says how a verb is called."""
    named = [_named(each) if each.required else f"[{_named(each)}]"
             for each in _of_kind(command, "argument")]
    has_options = any(_of_kind(command, "option"))
    return " ".join(["autograder", name, *named, *(["[OPTIONS]"] if has_options else [])])


def arguments(command: Any) -> Iterator[tuple[str, str]]:
    """Each argument, as the usage line names it, and what it means."""
    for each in _of_kind(command, "argument"):
        yield _named(each), on_one_line(each.help or "")


def options(command: Any) -> Iterator[tuple[list[str], str]]:
    """Each option in all its forms, and what it means."""
    for each in _of_kind(command, "option"):
        value = f" {each.metavar}" if each.metavar else ""
        default = "" if each.default in (None, False, (), "") or not each.show_default \
            else f" Default: `{each.default}`."
        yield ([f"{form}{value}" for form in (*each.opts, *each.secondary_opts)],
               f"{on_one_line(each.help or '')}{default}")


def explained(command: Any) -> list[str]:
    """The sentences that stand below a verb's options, and headings among them."""
    return [line for line in _epilog(command)
            if not line.startswith("autograder ") and line != "Examples"]


def examples(command: Any) -> list[str]:
    """Command lines that a verb's help shows."""
    return [line for line in _epilog(command) if line.startswith("autograder ")]


def plain(text: str) -> str:
    """Without the markup of the terminal."""
    return re.sub(r"\[/?(?:bold|dim|italic)\]", "", inspect.cleandoc(text)).replace("\\[", "[") \
        .replace("``", "`").strip()


def on_one_line(text: str) -> str:
    """A text as a cell of a table can have it."""
    return " ".join(plain(text).split())


def _of_kind(command: Any, kind: str) -> list[Any]:
    return [each for each in command.params if each.param_type_name == kind]


def _named(argument: Any) -> str:
    """An argument as the usage line names it, without brackets."""
    return str(argument.metavar or argument.name.upper()).strip("[]")


def _epilog(command: Any) -> list[str]:
    return [on_one_line(paragraph) for paragraph in (command.epilog or "").split("\n\n")
            if paragraph.strip()]
