"""The one JSON file, and the tables that are printed of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.gpucheck.children import ChildReport
from autograder.gpucheck.layers import FORKED, FRESH, LAYERS, Layering
from autograder.whole_files import write_whole

_GOOD, _BAD, _NOT_REACHED = "ok", "FAILS", "·"


class Report:
    """What was found up to now: it is in the file as soon as it is here."""

    def __init__(self, file: Path) -> None:
        """
        Raises:
            OSError: the file cannot be written.
        """
        self._file = file
        self.found: dict[str, Any] = {"complete": False}
        self.write()

    def add(self, name: str, value: Any) -> None:
        self.found[name] = value
        self.write()

    def write(self) -> None:
        write_whole(self._file, json.dumps(self.found, indent=1, default=str), mode=0o644)


def outcomes(told: ChildReport) -> dict[str, dict[str, Any]]:
    """Step -> what a child said of it. One that was begun and of which nothing came ended it."""
    found: dict[str, dict[str, Any]] = {}
    for said in told.said:
        if "begun" in said:
            found[said["begun"]] = {"error": {"text": f"the child ended: {told.ended}"}}
        elif said.get("step") is not None:
            found[said["step"]] = {key: value for key, value in said.items() if key != "step"}
        elif "error" in said:
            found["put the layers on"] = {"error": said["error"]}
    return found


def blamed(
    layerings: Sequence[Layering], found: dict[str, dict[str, dict[str, Any]]], step: str
) -> str:
    """Which layer is in the way of ``step``: the first that refuses it alone, or else the first
    with which it fails."""
    if not passed(found[FORKED.name], step):
        forked = FRESH.name in found and passed(found[FRESH.name], step)
        return "the fork" if forked else "fails without any layer"
    failing = [each for each in layerings if not passed(found.get(each.name, {}), step)]
    if not failing:
        return ""
    alone = [each for each in failing if len(each.parts) == 1]
    [least, *_] = alone or failing
    if alone:
        return ", ".join(least.parts)
    before = [each for each in layerings if each.parts < least.parts
              and passed(found.get(each.name, {}), step)]
    passing = max((each.parts for each in before), key=len, default=frozenset())
    return " and ".join(name for name in LAYERS if name in least.parts - passing)


def passed(outcome: dict[str, dict[str, Any]], step: str) -> bool:
    """Whether a child took this step."""
    return step in outcome and "error" not in outcome[step]


def table(
    title: str, layerings: Sequence[Layering], found: dict[str, dict[str, dict[str, Any]]]
) -> str:
    """Steps down, layers across, and last the layer that is in the way."""
    steps = list(dict.fromkeys(step for each in layerings for step in found.get(each.name, {})))
    wide = max(map(len, [title, *steps]))
    columns = [each.name.removeprefix("only ") if len(each.parts) == 1 else each.name
               for each in layerings]
    lines = ["", f"{title:{wide}}  {'  '.join(columns)}"]
    for step in steps:
        cells = []
        for each, column in zip(layerings, columns, strict=True):
            outcome = found.get(each.name, {}).get(step)
            cell = _NOT_REACHED if outcome is None else _cell(outcome)
            cells.append(f"{cell:^{len(column)}}")
        lines.append(f"{step:{wide}}  {'  '.join(cells)}  {blamed(layerings, found, step)}")
    return "\n".join([*lines, *_errors(layerings, found)])


def _errors(
    layerings: Sequence[Layering], found: dict[str, dict[str, dict[str, Any]]]
) -> list[str]:
    """Each once, with the step and the layerings that met it."""
    where: dict[str, list[str]] = {}
    for each in layerings:
        for step, outcome in found.get(each.name, {}).items():
            if "error" in outcome:
                text = f"{step}: {outcome['error'].get('text', '')}"
                where.setdefault(text, []).append(each.name)
    return [f"  {text} ({', '.join(names)})" for text, names in where.items()]


def _cell(outcome: dict[str, Any]) -> str:
    if "error" in outcome:
        return _BAD
    milliseconds = outcome.get("ms", 0.0)
    return _GOOD if milliseconds < 10 else f"{milliseconds / 1e3:.2f}"
