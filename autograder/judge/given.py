"""What a function is given: arguments by position, and by name those that have no place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.judge.showing import show
from autograder.protocol import Handle, leaves
from autograder.protocol.coding import is_leaf, type_name
from autograder.result import Evidence

_PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class InWorker:
    """Something that stays in the worker, and is known here by its handle."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle


class CannotTravel(TypeError):
    """A suite hands on what no worker can be sent."""


@dataclass(frozen=True)
class Given:
    """Arguments of one call. Students' parameters have names of their own, so that all go by
    position but those that the reference takes by keyword only."""

    arguments: Sequence[Any]
    keywords: Mapping[str, Any]

    @classmethod
    def of(
        cls, reference: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Given:
        """The arguments of a call that a suite writes. TypeError where the reference does not take
        them."""
        if not keywords:
            return cls(list(arguments), {})
        bound = inspect.signature(reference).bind(*arguments, **keywords)
        kinds = {name: each.kind for name, each in bound.signature.parameters.items()}
        placed = [name for name, kind in kinds.items() if kind in _PLACED]
        named = {name: value for name, value in bound.arguments.items()
                 if kinds[name] is inspect.Parameter.KEYWORD_ONLY}
        count = max((placed.index(name) + 1 for name in bound.arguments if name in placed),
                    default=0)
        bound.apply_defaults()
        others = [bound.arguments[name] for name, kind in kinds.items()
                  if kind is inspect.Parameter.VAR_POSITIONAL]
        free = [bound.arguments[name] for name, kind in kinds.items()
                if kind is inspect.Parameter.VAR_KEYWORD]
        return cls([*(bound.arguments[name] for name in placed[:count]), *sum(others, ())],
                   {**named, **{name: value for each in free for name, value in each.items()}})

    @property
    def values(self) -> list[Any]:
        """All of them, those by name last."""
        return [*self.arguments, *self.keywords.values()]

    def mapped(self, function: Callable[[Any], Any]) -> Given:
        """With ``function(value)`` for each value."""
        return Given([function(value) for value in self.arguments],
                     {name: function(value) for name, value in self.keywords.items()})

    def sent(self, to: str) -> Given:
        """As they are sent to the worker: its own objects by their handles.

        Raises:
            CannotTravel: one cannot be sent. ``to`` says to whom.
        """
        found = self.mapped(lambda value: value._handle if isinstance(value, InWorker) else value)
        for value in found.values:
            for leaf in [] if isinstance(value, Handle) else leaves(value):
                if not is_leaf(leaf) or isinstance(leaf, Handle):
                    raise CannotTravel(
                        f"{to} is given a value of type {type_name(leaf)}, which cannot travel to "
                        "a worker; hand on numbers, texts, tensors, arrays and containers of "
                        "these, or an object that student.define makes there")
        return found

    def call(self, function: str) -> ShownCall:
        """The call of this function with them, for people."""
        return ShownCall(function, self)


@dataclass(frozen=True)
class ShownCall:
    """A call as people are shown it: made when it has to be shown, for most are right."""

    function: str
    given: Given

    @property
    def evidence(self) -> Evidence:
        arguments, keywords = self.given.arguments, self.given.keywords
        return Evidence(function=self.function, arguments=[show(value) for value in arguments],
                        keywords={name: show(value) for name, value in keywords.items()})
