"""Compare figures: what is drawn, as ``autograder.worker.effects`` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.judge.compare import compare
from autograder.judge.tolerance import Bound
from autograder.result import Mismatch, Part, sentence

_FIGURE = str(sentence("what it draws"))
_WORDS = ("title", "xlabel", "ylabel", "legend")


def compare_figures(expected: Any, actual: Any, bound: Bound) -> Mismatch | None:
    """How figures differ from the reference's: how many there are, then axes by axes what is drawn,
    then what is written. Where the reference writes nothing, anything may be written."""
    asked = [[_asked(axes, _item(_item(actual, number), place))
              for place, axes in enumerate(figure)] for number, figure in enumerate(expected)]
    return compare(asked, actual, bound=bound, where=Part(name=_FIGURE))


def _asked(axes: Mapping[str, Any], theirs: Any) -> dict[str, Any]:
    """What is asked of axes: what the reference leaves out is as the student has it."""
    if not isinstance(theirs, Mapping):
        return dict(axes)
    free = {word: theirs.get(word) for word in _WORDS if not axes[word]}
    lines = []
    for place, line in enumerate(axes["lines"]):
        its = _item(theirs.get("lines"), place)
        label = its.get("label") if isinstance(its, Mapping) else None
        free_label = label if isinstance(label, str) else ""
        lines.append(line if line["label"] else {**line, "label": free_label})
    return {**axes, **_texts(free), "lines": lines}


def _texts(words: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are a text, or a list of such: a worker says what it likes."""
    return {word: said for word, said in words.items() if isinstance(said, str) or (
        isinstance(said, list) and all(isinstance(each, str) for each in said))}


def _item(value: Any, place: int) -> Any:
    return value[place] if isinstance(value, list) and place < len(value) else None
