"""What docstrings promise to grade, the checks that prove it, and what breaks it.

A master's docstring lists under "Also graded:" what its summary and formula do not say. Each bullet
is a promise, or several, separated by semicolons. A check says which it proves by words that stand
in no other promise of the name: ``@pytest.mark.proves("unchanged")``. What a promise is about is
read from the words of the contract, which the notebooks explain.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from autograder.course import Course
from autograder.judge.staff import JudgeError
from autograder.judge.suite import Check, Suite


class PromiseKind(StrEnum):
    """What a promise is about, and the checks that prove it."""

    CONCEPT = "concept"
    CONTRACT = "contract"
    GRADIENT = "gradient"
    REFUSAL = "refusal"


_WORDS = {
    PromiseKind.REFUSAL: r"^Refused",
    PromiseKind.GRADIENT: r"ifferentiable|backward pass",
    PromiseKind.CONTRACT: r"follows?\b.*\b(?:dtype|device)|unchanged|left as it was|contiguous"
                          r"|memory layout|\bempty batch\b|[Ww]hole numbers|\bints?\b(?! or| and)"
                          r"|plain Python floats|state_dict|Python loop",
}
# What a check does, by its fixtures and the words in its body, and the kind that it then proves.
_SIGNS = {
    PromiseKind.REFUSAL: r"\brefuses[.(]",
    PromiseKind.GRADIENT: r"\.gradients\(",
    PromiseKind.CONTRACT: r"\.on_meta\(|\.without_pixel_loops\(|expect\.floats\(",
}
_LIST = re.compile(r"^ *Also graded:\n\n?((?: +\S.*\n|\n(?= +\*))+)", re.MULTILINE)
_BULLET = re.compile(r"^ *\* ", re.MULTILINE)
_EITHER = (r"\bints? or (?:a )?pairs?\b|(?:\bpair\b|\(height, width\)).*\bor an int\b"
           r"|\bint\b.*\bor a pair\b")
_HOW = re.compile(r"\s*Raise (?:ValueError|KeyError).*", re.DOTALL)  # said with each list


@dataclass(frozen=True)
class Promise:
    """One thing that the docstring of a graded name says is graded."""

    name: str
    text: str

    @property
    def kind(self) -> PromiseKind:
        return next((kind for kind, words in _WORDS.items() if re.search(words, self.text)),
                    PromiseKind.CONCEPT)


@dataclass(frozen=True)
class Argument:
    """An argument that may be an int or a pair, by its place."""

    name: str
    argument: str
    place: int


def promises(master: Path) -> dict[str, list[Promise]]:
    """The promises of every function and class that has a list of them."""
    found = {}
    for node in _definitions(master):
        if listed := _LIST.search(f"{ast.get_docstring(node) or ''}\n"):
            found[node.name] = [Promise(node.name, text) for bullet in
                                _BULLET.split(listed[1])[1:] for text in _clauses(bullet)]
    return found


def ints_or_pairs(master: Path) -> list[Argument]:
    """The arguments of which a docstring says that they may be ints or pairs."""
    return [Argument(node.name, each.arg, place)
            for node in _definitions(master) if isinstance(node, ast.FunctionDef)
            for place, each in enumerate(node.args.args)
            if _may_be_either(each.arg, ast.get_docstring(node) or "")]


def proven(checks: Sequence[Check], listed: Sequence[Promise]) -> dict[Check, list[Promise]]:
    """Each check, and the promises that it names.

    Raises:
        JudgeError: words stand in no promise, or in two of one name.
    """
    found: dict[Check, list[Promise]] = {}
    for check in checks:
        found[check] = []
        for words in check.proves:
            said = words.lower()
            named = [each for each in listed if each.text.lower().endswith(f": {said}")] or [
                each for each in listed if said in each.text.lower()]
            if not named:
                raise JudgeError(f"{check.id} proves {words!r}, which no docstring promises")
            if len({promise.name for promise in named}) < len(named):
                raise JudgeError(f"{check.id} proves {words!r}, which stands in several promises")
            found[check] += named
    return found


def kind_of(named: Sequence[Promise]) -> PromiseKind:
    """What a check is about that proves ``named``: these, unless that is concept alone."""
    kinds = {promise.kind for promise in named}
    return next((kind for kind in reversed(PromiseKind) if kind in kinds), PromiseKind.CONCEPT)


def unproven(
    checks: Sequence[Check], listed: Sequence[Promise], source: Callable[[Check], str]
) -> Iterator[str]:
    """Promises without a check, and checks of the contract without a promise. ``source`` gives the
    program of a check."""
    try:
        by_check = proven(checks, listed)
    except JudgeError as error:
        yield str(error)
        return
    named = [promise for each in by_check.values() for promise in each]
    for promise in listed:
        if promise not in named:
            yield f"no check proves what {promise.name} promises: {promise.text}"
    for check, proves in by_check.items():
        for kind, signs in _SIGNS.items():
            if re.search(signs, source(check)) and kind not in {each.kind for each in proves}:
                yield f"{check.id} is about a {kind} that no docstring promises, or names none"


def shares(course: Course, assignment: str) -> dict[str, Mapping[PromiseKind, Fraction]]:
    """Question -> the share of its points that its checks of each kind earn.

    Raises:
        JudgeError: the suite is broken, or a check proves what no docstring promises.
    """
    table = course.assignment(assignment).examined
    listed = promises(course.solutions(assignment) / "notebook.py")
    suite = Suite(course.suite(assignment), table)
    try:
        return {question.name: _shares(suite.checks[question.name], [
            promise for name in question.names for promise in listed.get(name, [])])
            for question in table.questions if question.name in suite.checks}
    finally:
        suite.close()


def _shares(checks: Sequence[Check], listed: Sequence[Promise]) -> Mapping[PromiseKind, Fraction]:
    by_check = proven(checks, listed)
    total = sum(check.weight for check in checks)
    return {kind: Fraction(sum(check.weight for check in checks
                               if kind_of(by_check[check]) is kind)) / total
            for kind in PromiseKind}


def _definitions(master: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.parse(master.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node


def _clauses(bullet: str) -> Iterator[str]:
    """The promises of one bullet. Of "Refused: …" each keeps that word."""
    text = _HOW.sub("", " ".join(bullet.split()))
    head, colon, rest = text.partition(": ")
    refused = head.startswith("Refused") and bool(colon)
    for clause in re.split(r";\s+(?![^(]*\))", rest if refused else text):
        yield f"Refused: {clause.rstrip('.')}" if refused else clause.rstrip(".")


def _may_be_either(name: str, docstring: str) -> bool:
    sentences = [" ".join(entry.split()) for entry in re.split(
        r"\n(?= +(?:\w+(?:, \w+)*:|\*) )|\n\n", docstring)]
    return any(re.search(rf"^(?:\* )?[\w, ]*\b{name}\b[\w, ]*(?::| (?:is|are) )", each)
               and re.search(_EITHER, each) for each in sentences)
