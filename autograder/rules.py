"""What a question can forbid, as data: patterns of names, and two things that no name tells.

A pattern is a name in which ``*`` stands for anything, ``?`` for one character and ``[ab]`` for one
of these. One that begins with ``!`` takes out what the others mean.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache
from pathlib import Path
from typing import Any

OPERATOR = r"^!?[A-Za-z0-9_:*?\[\]]+$"
"""A pattern of an operator's name, with its namespace or without."""
CALL = r"^!?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\.[\w*?\[\]]+$"
"""A module's name in full, and behind the last dot a pattern of its functions' names."""


@dataclass(frozen=True)
class Rule:
    """What is forbidden together."""

    operators: tuple[str, ...] = ()  # patterns of torch's operators
    calls: tuple[str, ...] = ()  # patterns of functions of packages
    autograd: bool = False
    loops: bool = False  # over pixels: see ``check.f.without_pixel_loops``


def read_rule(form: dict[str, Any]) -> Rule:
    """A rule from the fields that it has elsewhere. TypeError where it has others."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value
                              for key, value in form.items()}
    return Rule(**fields)


def matches(names: Iterable[str], pattern: str) -> bool:
    """Whether the pattern, without its ``!``, means one of these names of something."""
    return any(fnmatchcase(name, pattern.removeprefix("!")) for name in names)


def means(names: Iterable[str], patterns: tuple[str, ...]) -> bool:
    """Whether patterns mean something that has these names."""
    names = tuple(names)
    meant, not_meant = _compiled(patterns)
    return any(map(meant, names)) and not any(map(not_meant, names))


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[Callable[[str], object], Callable[[str], object]]:
    """What is found of a name that is meant, and of one that is taken out: rules are asked of each
    of torch's operators."""
    meant = [translate(each) for each in patterns if not each.startswith("!")]
    not_meant = [translate(each[1:]) for each in patterns if each.startswith("!")]
    never = "(?!)"
    return (re.compile("|".join(meant) or never).match,
            re.compile("|".join(not_meant) or never).match)


def _shipped() -> dict[str, Rule]:
    document = tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: read_rule(table) for name, table in document.items()}


SHIPPED = _shipped()
"""The rules that every course has, by name."""
