"""The reference of commands and of grader.toml, written from the code that they describe.

``python -P -m autograder.cli.reference`` writes it, as pages and for ``man``,
below the directory it is started in; a test holds the files to what this makes.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from autograder.cli import manual
from autograder.cli.described import (
    arguments,
    examples,
    explained,
    on_one_line,
    options,
    plain,
    usage,
    verbs,
)
from autograder.course import Course, assignment, door, tables
from autograder.errors import MEANINGS

# Commands --------------------------------------------------------------------------------------


def commands() -> str:
    """docs/commands.md: every verb with its arguments, options and examples."""
    parts = ["# Commands", "", _NOTE, "",
             "Every verb answers to `-h` and `--help`. [Exit statuses](#exit-statuses) are at the "
             "end. `man autograder` has this page too, and shells complete what you type "
             "([installing](install.md#in-your-shell))."]
    for name, command in verbs().items():
        parts += ["", f"## {name}", "", *_command(name, command)]
    return "\n".join([*parts, "", *_EXITS, ""])


_NOTE = "Written by `make docs` from the code; do not edit it here."
_EXITS = [
    "## Exit statuses", "", "| status | meaning |", "| ---: | --- |",
    *(f"| {status} | {meaning} |" for status, meaning in MEANINGS.items()),
]


def _command(name: str, command: Any) -> Iterator[str]:
    yield from ("```text", usage(name, command), "```", "", plain(command.help or ""))
    rows = [*((f"`{term}`", meaning) for term, meaning in arguments(command)),
            *((", ".join(f"`{form}`" for form in forms), meaning)
              for forms, meaning in options(command))]
    if rows:
        yield from ("", "| argument or option | meaning |", "| --- | --- |",
                    *(f"| {term} | {_cell(meaning)} |" for term, meaning in rows))
    for line in explained(command):
        yield from ("", line)
    if shown := examples(command):
        yield from ("", "```console", *(f"$ {line}" for line in shown), "```")


def _cell(text: str) -> str:
    return on_one_line(text).replace("|", "\\|")


# grader.toml -----------------------------------------------------------------------------------

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[course]", Course), ("[store]", tables.StoreTable), ("[sandbox]", tables.SandboxPolicy),
    ("[people]", tables.PeopleTable), ("[handins]", tables.HandInsTable),
    ("[gradebook]", tables.GradebookTable), ("[door.notices]", door.NoticesTable),
    ("[feedback]", tables.FeedbackTable), ("[late]", tables.LatePolicy),
    ("[door.oidc]", door.OidcTable), ("[door.lti]", door.LtiTable),
    ("[door.github], [door.gitlab]", door.PipelineTable),
    ("attempts = {…}", assignment.Attempts), ("per = {…}", assignment.Pace),
    ("[rules.NAME]", assignment.RuleTable),
    ("[assignments.NAME]", assignment.Assignment),
    ("[assignments.NAME.limits]", assignment.Limits),
    ("[[assignments.NAME.questions]]", assignment.Question),
    ("rubric = [{…}]", assignment.RubricItem),
    ("[assignments.NAME.questions.performance]", assignment.Timed),
    ("problems = [{…}]", assignment.Problem),
)
_IN_COURSE = ("name", "language", "counts", "timezone", "secret_file")


def grader_toml() -> str:
    """docs/grader-toml.md: every table, key, default and meaning."""
    parts = ["# grader.toml", "", _NOTE, "",
             "A key that is not listed here is a mistake, and so is a value of another type: "
             "every command that reads the file says so, a line for each."]
    for heading, model in _TABLES:
        parts += ["", f"## `{heading}`", "", plain(inspect.getdoc(model) or ""), "",
                  "| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        fields = model.model_fields
        if model is Course:
            fields = {name: fields[name] for name in _IN_COURSE}
        parts += [_row(name, field) for name, field in fields.items()
                  if not _is_table(field.annotation)]
        if model is Course:
            rest = {name: field for name, field in model.model_fields.items()
                    if name not in _IN_COURSE and not _is_table(field.annotation)
                    and name != "assignments"}
            for name, field in rest.items():
                parts += ["", f"## `[{name}]`", "", _sentence(field.description)]
    return "\n".join([*parts, ""])


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default(field.default)
    return f"| `{name}` | {_type(field)} | {default} | {_cell(field.description or '')} |"


def _default(value: Any) -> str:
    if value is not False and value in (None, "", [], {}, PydanticUndefined):
        return "none"
    return f"`{json.dumps(value)}`"


def _type(field: FieldInfo) -> str:
    limits = [_limit(each) for each in field.metadata]
    return " ".join([_name(field.annotation), *filter(None, limits)])


def _limit(rule: object) -> str:
    match rule:
        case annotated_types.Ge(ge=least):
            return f"≥ {least}"
        case annotated_types.Gt(gt=below):
            return f"> {below}"
        case annotated_types.Le(le=most):
            return f"≤ {most}"
    return ""


_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false",
          Decimal: "number", AwareDatetime: "time with its zone", dict: "table"}


def _name(kind: Any) -> str:
    """A type in the words of people who write TOML."""
    if get_origin(kind) is Annotated:
        return _name(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        names = [_name(each) for each in get_args(kind) if each is not type(None)]
        return " or ".join(dict.fromkeys(names))
    if get_origin(kind) is Literal:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in get_args(kind))
    if get_origin(kind) is list:
        return f"list of {_name(get_args(kind)[0])}"
    if get_origin(kind) is tuple:
        return f"[{', '.join(map(_name, get_args(kind)))}]"
    if get_origin(kind) is dict:
        return "table"
    return _NAMES.get(kind, getattr(kind, "__name__", str(kind)))


def _is_table(kind: Any) -> bool:
    """Whether the key is a table of its own, which has its own heading."""
    if get_origin(kind) in (Union, UnionType):
        return any(map(_is_table, get_args(kind)))
    if get_origin(kind) is list:
        return _is_table(get_args(kind)[0])
    if get_origin(kind) is dict:
        return _is_table(get_args(kind)[1])
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _sentence(text: str | None) -> str:
    return f"{(text or '')[:1].upper()}{(text or '')[1:]}."


def files() -> dict[str, str]:
    """Path below the repository -> content."""
    return {"docs/commands.md": commands(), "docs/grader-toml.md": grader_toml(),
            "docs/autograder.1": manual.page()}


if __name__ == "__main__":
    for place, content in files().items():
        Path(place).write_text(content, encoding="utf-8")
