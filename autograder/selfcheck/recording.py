"""A recording of the reference and of the misconceptions, for judges that have neither.

Students check visible checks at home. What these checks ask of the reference is asked once, where
the assignment is built, and its answers are kept as JSON; so are the misconceptions' outcomes.
"""

from __future__ import annotations

import functools
import inspect
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from autograder.course import Assignment
from autograder.judge.check_run import Verdict
from autograder.judge.examiner import Examiner, Misconceived
from autograder.judge.expected import BOUND
from autograder.judge.explain.wiring import ask_all
from autograder.judge.implementation import Local
from autograder.judge.scoring import Outcome
from autograder.judge.staff import JudgeError, Misconception, NotRecorded, Staff
from autograder.judge.suite import Check, Suite
from autograder.judge.tolerance import is_sum_of_products, said_within
from autograder.protocol import map_leaves
from autograder.result import Mismatch, MismatchKind, Sentence, Status
from autograder.selfcheck.values import decode, encode, outline
from autograder.worker.handlers import drained

SCHEMA = "autograder/recording/v1"
_LARGEST = 1 << 16  # characters of a misconception's answers; else it is not diagnosed at home
_ALIKE = 1e-6  # relative, and absolute: rounding differs from one processor to the next


def _fingerprint(asked: Sequence[Any]) -> tuple[Any, list[float]]:
    """Identifies a call: everything but tensors' elements, and a number for each tensor.

    The number is a sum with weights. Elements themselves may not be compared exactly: what is
    drawn differs in the last digit from one processor to the next.
    """
    sums: list[float] = []

    def outlined(tensor: torch.Tensor) -> dict[str, Any]:
        if not tensor.is_meta and tensor.numel():
            real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
            flat = real.detach().reshape(-1).double().nan_to_num()
            weights = torch.arange(1, len(flat) + 1, dtype=torch.float64) * math.pi % 1
            sums.append(float(f"{float(flat @ weights):.9g}"))
        return outline(tensor)

    return encode(list(asked), outlined), sums


# The reference ---------------------------------------------------------------------------------


class Recorder:
    """Stands in for the reference: asks it, and keeps what it answers."""

    def __init__(self, reference: ModuleType, names: Sequence[str]) -> None:
        self.module = ModuleType("recorded")
        self.functions: dict[str, Any] = {}
        self._calls: dict[str, dict[str, Any]] = {}
        self._is_kept = True  # what is answered just now
        self.linear: list[tuple[str, Sequence[Any]]] = []  # calls whose wiring can be looked at
        for name in names:
            function = getattr(reference, name)
            is_class = isinstance(function, type)
            self.functions[name] = {
                "parameters": [_parameter(each) for each
                               in inspect.signature(function).parameters.values()],
                "kinds": {name: each.kind.name for name, each
                          in inspect.signature(function).parameters.items()
                          if each.kind is not each.POSITIONAL_OR_KEYWORD},
                "sums_of_products": is_sum_of_products(function),
                "within": encode(said_within(function)),
                "module": is_class,
            }
            self._calls[name] = {}
            setattr(self.module, name, self._class(name, function) if is_class
                    else self._function(name, function))

    @property
    def calls(self) -> dict[str, list[Any]]:
        return {name: list(calls.values()) for name, calls in self._calls.items() if calls}

    def _keep(
        self, name: str, asked: Sequence[Any], answer: Any,
        keywords: Mapping[str, Any] | None = None,
    ) -> None:
        if not self._is_kept:
            return
        if isinstance(answer, torch.Tensor) and answer.requires_grad:
            raise JudgeError(f"{name}: gradients through the reference cannot be recorded; "
                             "make the check that asks for them a hidden one")
        arguments, sums = _fingerprint(_asked(asked, keywords))
        call = {"arguments": arguments, "sums": sums, "answer": encode(answer)}
        self._calls[name].setdefault(f"{arguments}{sums}", call)

    def _aside(
        self, name: str, state: Callable[[Sequence[Any]], Sequence[Any]], what: str,
        given: Sequence[Any], keywords: Mapping[str, Any], compute: Callable[[], Any],
    ) -> Any:
        """What is computed of the reference besides its answers is kept likewise; and the answers
        that come of that are not."""
        self._is_kept = False
        try:
            found = compute()
        finally:
            self._is_kept = True
        if what == BOUND and found is None:
            return None
        self._calls.setdefault(f"{name}.{what}", {})
        self._keep(f"{name}.{what}", state(given), map_leaves(_rough, found), keywords)
        return found

    def _function(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def asked(*arguments: Any, **keywords: Any) -> Any:
            answer = drained(function(*arguments, **keywords))
            self._keep(name, arguments, answer, keywords)
            if is_sum_of_products(function) and not keywords:
                self.linear.append((name, arguments))
            return answer

        asked.aside = functools.partial(self._aside, name, list)  # type: ignore[attr-defined]
        return asked

    def _class(self, name: str, kind: type[Any]) -> type[Any]:
        """A subclass whose objects begin with zeros, as those of the recording will."""
        recorder, new = self, f"{name}.new"
        self._calls[new] = {}

        class Observed(kind):  # type: ignore[misc]  # whatever class the reference has
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                super().__init__(*arguments, **keywords)
                with torch.no_grad():
                    for parameter in self.parameters():
                        parameter.zero_()
                self._made = _asked(arguments, keywords)
                recorder._keep(new, arguments, {
                    path: list(parameter.shape) for path, parameter in self.named_parameters()},
                    keywords)

            def forward(self, *arguments: Any, **keywords: Any) -> Any:
                answer = super().forward(*arguments, **keywords)
                recorder._keep(name, _asked_of(self, arguments), answer, keywords)
                return answer

            def aside(self, *asked: Any) -> Any:
                return recorder._aside(name, functools.partial(_asked_of, self), *asked)

        Observed.__signature__ = inspect.signature(kind)
        return Observed


def _rough(leaf: Any) -> Any:
    """A bound as it is kept: two digits of it do."""
    if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point():
        return leaf
    rounded = [float(f"{number:.2g}") for number in leaf.reshape(-1).tolist()]
    return torch.tensor(rounded, dtype=leaf.dtype).reshape(leaf.shape)


def _asked(arguments: Sequence[Any], keywords: Mapping[str, Any] | None) -> list[Any]:
    """What is asked of a function; those arguments last that have names."""
    return [*arguments, dict(keywords)] if keywords else list(arguments)


def _asked_of(module: Any, arguments: Sequence[Any]) -> list[Any]:
    """All that the answer of a module depends on."""
    return [list(module._made), [each.detach() for each in module.parameters()], list(arguments)]


def _parameter(parameter: inspect.Parameter) -> list[Any]:
    """Its name, and its default where it has one."""
    if parameter.default is parameter.empty:
        return [parameter.name]
    return [parameter.name, encode(parameter.default)]


def _signature(parameters: list[list[Any]], kinds: Mapping[str, str]) -> inspect.Signature:
    return inspect.Signature([
        inspect.Parameter(name, inspect._ParameterKind[kinds.get(name, "POSITIONAL_OR_KEYWORD")],
                          default=decode(default[0]) if default else inspect.Parameter.empty)
        for name, *default in parameters])


class _Replay:
    """The reference as it was recorded."""

    def __init__(self, functions: Mapping[str, Any], calls: Mapping[str, list[Any]]) -> None:
        self.module = ModuleType("recorded")
        self._calls = calls
        for name, known in functions.items():
            made = self._class(name) if known["module"] else self._function(name)
            made.__signature__ = _signature(known["parameters"], known.get("kinds", {}))
            made.sums_of_products = known["sums_of_products"]
            made.within = decode(known.get("within"))
            setattr(self.module, name, made)

    def recall(self, name: str, asked: Sequence[Any]) -> Any:
        arguments, sums = _fingerprint(asked)
        for call in self._calls.get(name, ()):
            if call["arguments"] == arguments and all(
                    math.isclose(one, other, rel_tol=_ALIKE, abs_tol=_ALIKE)
                    for one, other in zip(sums, call["sums"], strict=True)):
                return decode(call["answer"])
        raise NotRecorded(f"{name} is asked what was not recorded")

    def _aside(
        self, name: str, state: Callable[[Sequence[Any]], Sequence[Any]], what: str,
        given: Sequence[Any], keywords: Mapping[str, Any], compute: Callable[[], Any],
    ) -> Any:
        try:
            return self.recall(f"{name}.{what}", _asked(state(given), keywords))
        except NotRecorded:
            if what == BOUND:  # of an answer without one, or of an older recording
                return None
            raise

    def _function(self, name: str) -> Any:
        def recalled(*arguments: Any, **keywords: Any) -> Any:
            return self.recall(name, _asked(arguments, keywords))

        recalled.aside = functools.partial(self._aside, name, list)  # type: ignore[attr-defined]
        return recalled

    def _class(self, name: str) -> Any:
        replay = self

        class Replayed(torch.nn.Module):
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                super().__init__()
                self._made = _asked(arguments, keywords)
                for path, shape in replay.recall(f"{name}.new", self._made).items():
                    *outer, last = path.split(".")
                    module: torch.nn.Module = self
                    for part in outer:
                        if part not in dict(module.named_children()):
                            module.add_module(part, torch.nn.Module())
                        module = module.get_submodule(part)
                    module.register_parameter(last, torch.nn.Parameter(torch.zeros(shape)))

            def forward(self, *arguments: Any, **keywords: Any) -> Any:
                return replay.recall(name, _asked(_asked_of(self, arguments), keywords))

            def aside(self, *asked: Any) -> Any:
                return replay._aside(name, functools.partial(_asked_of, self), *asked)

        return Replayed


# Both together ---------------------------------------------------------------------------------


def record(assignment: Assignment, suite: Suite, staff: Staff, key: bytes) -> dict[str, Any]:
    """What a ``Recording`` needs to take the place of ``staff`` in this suite.

    Raises:
        JudgeError: the reference does not pass a check, or an answer cannot be recorded.
    """
    recorder = Recorder(staff.reference, assignment.names)
    examiner = Examiner(assignment, suite, replace(staff, reference=recorder.module), key)
    right = Local({name: getattr(staff.reference, name) for name in assignment.names})
    for question in assignment.questions:
        for outcome in examiner.question(right, question):
            if outcome.status is not Status.PASSED:
                raise JudgeError(f"{question.name}: the reference does not pass the visible check "
                                 f"{outcome.check.id} ({outcome.internal or outcome.status})")
    for name, arguments in tuple(recorder.linear):
        ask_all(getattr(recorder.module, name), arguments)
    misconceived = Misconceived(examiner)
    wrong = []
    for misconception in staff.misconceptions:
        owner = assignment.owner(misconception.name)
        outcomes = misconceived(misconception, owner.name) if owner else {}
        failed = {check: _failed(outcome) for check, outcome in outcomes.items()
                  if outcome.status is not Status.PASSED}
        # What no visible check can tell from a right answer is for nobody to read.
        if failed and len(json.dumps(failed)) <= _LARGEST:
            wrong.append({"id": misconception.id, "name": misconception.name,
                          "message": misconception.message.text, "failed": failed})
    return {"schema": SCHEMA, "functions": recorder.functions, "calls": recorder.calls,
            "misconceptions": wrong}


def _failed(outcome: Outcome) -> dict[str, Any]:
    """What diagnosis looks at."""
    if outcome.internal is not None:
        raise JudgeError(f"{outcome.check.id}: {outcome.internal}")
    mismatch = outcome.verdict.mismatch if outcome.verdict else None
    return {"status": outcome.status.value, "kind": outcome.kind,
            "shape": mismatch.actual_shape if mismatch else None,
            "answers": encode(list(outcome.answers))}


@dataclass(frozen=True)
class Recording:
    """What a judge of visible checks examines by."""

    suite: Suite
    staff: Staff
    _failed: Mapping[str, Mapping[str, Any]]  # misconception -> check -> how it fails

    @classmethod
    def open(cls, file: Path, suite: Suite) -> Recording:
        """Read a recording that belongs to ``suite``.

        Raises:
            JudgeError: it is damaged, or another version's.
        """
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            if document["schema"] != SCHEMA:
                raise ValueError(f"its schema is {document['schema']!r}, and not {SCHEMA!r}")
            wrong = document["misconceptions"]
            staff = Staff(
                reference=_Replay(document["functions"], document["calls"]).module, program="",
                misconceptions=tuple(Misconception(
                    each["id"], each["name"], _nowhere, file, Sentence(text=each["message"]))
                    for each in wrong),
                alternatives=())
            return cls(suite, staff, {each["id"]: each["failed"] for each in wrong})
        except (ValueError, LookupError, TypeError) as error:
            raise JudgeError(f"{file}: not a recording of this version ({error}); take the "
                             "assignment's folder anew, or install its version of autograder") \
                from None

    def misconceived(self, examiner: Examiner) -> Misconceived:
        return _Recalled(examiner, self)

    def outcome(self, misconception: str, check: Check) -> Outcome:
        failed = self._failed[misconception].get(check.id)
        if failed is None:
            return Outcome(check, None)
        kind = failed["kind"] and MismatchKind(failed["kind"])
        mismatch = Mismatch(kind=kind, actual_shape=failed["shape"]) if kind else None
        verdict = Verdict(Status(failed["status"]), mismatch=mismatch)
        return Outcome(check, verdict, tuple(decode(failed["answers"])))


class _Recalled(Misconceived):
    """Outcomes of misconceptions as they were recorded."""

    def __init__(self, examiner: Examiner, recording: Recording) -> None:
        super().__init__(examiner)
        self._recording = recording

    def __call__(self, misconception: Misconception, question: str) -> Mapping[str, Outcome]:
        return {check.id: self._recording.outcome(misconception.id, check)
                for check in self._recording.suite.checks[question]}


def _nowhere(*arguments: Any) -> Any:
    raise NotRecorded("a recorded misconception has no code")
