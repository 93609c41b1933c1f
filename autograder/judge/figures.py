"""Compare figures: what is drawn, as ``autograder.worker.effects`` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.judge.compare import compare
from autograder.judge.tolerance import Bound
from autograder.result import Mismatch, MismatchKind, Part, sentence

_FIGURE = str(sentence("what it draws"))
_WORDS = ("title", "xlabel", "ylabel", "legend")


def compare_figures(expected: Any, actual: Any, bound: Bound) -> Mismatch | None:
    """How figures differ from the reference's: how many there are, then axes by axes what is drawn,
    then what is written. Where the reference writes nothing, anything may be written."""
    where = Part(name=_FIGURE)
    try:
        asked = [[_asked(axes, its) for axes, its in zip(figure, theirs, strict=False)]
                 + figure[len(theirs):] for figure, theirs in zip(expected, actual, strict=False)]
    except (TypeError, LookupError, AttributeError):  # a worker says what it likes
        return Mismatch(kind=MismatchKind.TYPE, where=where)
    return compare([*asked, *expected[len(actual):]], actual, bound=bound, where=where)


def _asked(axes: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of axes: what the reference leaves out is as the student has it."""
    free = {word: theirs[word] for word in _WORDS if not axes[word]}
    lines = [{**line, "label": line["label"] or its["label"]}
             for line, its in zip(axes["lines"], theirs["lines"], strict=False)]
    return {**axes, **free, "lines": [*lines, *axes["lines"][len(lines):]]}
