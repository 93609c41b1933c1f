"""Predict, observe, explain: what a student expects is kept before a cell is run, and compared with
what came out. It is never graded, and nothing leaves the machine: a file beside the notebook has
it. Light to import, for notebooks begin with it.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.jupyter import place
from autograder.jupyter.text import printable
from autograder.names import answers_by_word

if TYPE_CHECKING:
    from autograder.result import Sentence

FILE = "predictions.jsonl"
_LONGEST = 2_000  # characters of what is kept of one answer
_EXACT = 1e-6  # relative: as numbers are printed

_NONE: Mapping[str, str] = MappingProxyType({})

_known: dict[str, Any] = {}  # of this session, where no file can be written


def predict(name: str, answer: Any = ...) -> None:
    """Keep what you expect, before you run what shows it.

    Args:
        name: what is asked.
        answer: a number, a text, True or False, or a tuple, list or set of these. While it is
            ``...``, nothing is predicted. A word of another language that the course has for an
            answer is that answer.
    """
    from autograder.result import sentence  # only who predicts waits for it

    if answer is ...:
        _say(sentence("Put your prediction in the place of the dots, and run this cell before the "
                      "next one."))
        return
    predicted = plain(answer, _by_word())
    _known[name] = predicted
    if _last(name).get("predicted") != predicted:
        _keep(name=name, predicted=predicted)
    _say(sentence("Kept. Now run the next cell."))


def observe(name: str, outcome: Any, within: float = 0.0) -> None:
    """Compare what came out with what was predicted.

    Args:
        name: the prediction's.
        within: how far a number may be off, relative to what came out: 0.1 is a tenth.
    """
    from autograder.result import sentence

    found, last = plain(outcome), _last(name)
    predicted = _known.get(name, last.get("predicted", ...))
    if predicted is ...:
        _say(sentence("{name}: {outcome}. You had predicted nothing.", name=name,
                      outcome=_written(found)))
        return
    agrees = alike(predicted, found, within)
    if last.get("observed", ...) != found:
        _keep(name=name, predicted=predicted, observed=found, agrees=agrees)
    if agrees:
        _say(sentence("{name}: {outcome}, as you predicted.", name=name, outcome=_written(found)))
    else:
        _say(sentence("{name}: {outcome}. You predicted {predicted}: what makes the difference?",
                      name=name, outcome=_written(found), predicted=_written(predicted)))


def plain(value: Any, by_word: Mapping[str, str] = _NONE) -> Any:
    """As it is kept and compared: numbers, texts, and lists of these.

    Args:
        by_word: answers by other words for them.
    """
    if hasattr(value, "tolist"):  # a tensor or an array
        value = value.tolist()
    if isinstance(value, set | frozenset | tuple | list):
        kept = [plain(each, by_word) for each in value]
        kept = kept if isinstance(value, tuple | list) else sorted(kept, key=repr)
        return kept if len(repr(kept)) <= _LONGEST else repr(kept)[:_LONGEST]
    if isinstance(value, bool | int | float):
        return value
    text = str(value).strip()[:_LONGEST]
    return by_word.get(text.casefold(), text)


def alike(predicted: Any, found: Any, within: float = 0.0) -> bool:
    """Whether two plain values are the same answer: letter case, and brackets around a single
    thing, mean nothing."""
    predicted, found = _single(predicted), _single(found)
    if isinstance(predicted, list) and isinstance(found, list):
        return len(predicted) == len(found) and all(
            alike(one, other, within) for one, other in zip(predicted, found, strict=True))
    if isinstance(predicted, str) and isinstance(found, str):
        return predicted.casefold() == found.casefold()
    if isinstance(predicted, bool) or isinstance(found, bool):
        return predicted is found
    if isinstance(predicted, int | float) and isinstance(found, int | float):
        return abs(predicted - found) <= max(within, _EXACT) * abs(found) or predicted == found \
            or (math.isnan(predicted) and math.isnan(found))
    return False


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"({', '.join(map(_written, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _file() -> Path:
    import __main__

    return place.folder(vars(__main__)) / FILE


def _last(name: str) -> Mapping[str, Any]:
    """What was kept last under a name."""
    found: Mapping[str, Any] = {}
    for line in _lines():
        with suppress(ValueError):
            kept = json.loads(line)
            if isinstance(kept, dict) and kept.get("name") == name and "predicted" in kept:
                found = kept
    return found


def _lines() -> Iterator[str]:
    with suppress(OSError, UnicodeDecodeError), _file().open(encoding="utf-8") as lines:
        yield from lines


def _keep(**said: Any) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    with suppress(OSError), _file().open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"at": now, **said}, ensure_ascii=False) + "\n")


def _say(text: Sentence) -> None:
    """In the notebook's language, or that of the course whose checks lie beside it."""
    import __main__
    from autograder.report import words
    from autograder.report.translations import language

    spoken = place.spoken(vars(__main__)) or _course().get("language")
    print(printable(words.say(text, language("zh" if spoken == "zh" else "en"))))


def _by_word() -> Mapping[str, str]:
    """Answers by the words that the course whose checks lie beside it has for them, too."""
    with suppress(AttributeError, TypeError):  # of another version
        return answers_by_word(_course().get("feedback", {}).get("answers", {}).values())
    return {}


def _course() -> Mapping[str, Any]:
    """What the checks beside the notebook say of their course."""
    with suppress(OSError, ValueError):
        file = _file().parent / "checks" / "grader.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))
    return {}
