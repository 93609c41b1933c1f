"""Objects of the student's that stay in the worker, and the reference's beside them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch

from autograder.judge import tolerance
from autograder.judge.check_run import (
    AnsweredCall,
    CheckRun,
    Verdict,
    changed,
    judge,
    raised_verdict,
)
from autograder.judge.compare import compare
from autograder.judge.expect import Expect
from autograder.judge.expected import Expected
from autograder.judge.given import Given, InWorker, ShownCall
from autograder.judge.gradients import compare_gradients, magnitudes, state
from autograder.judge.showing import show
from autograder.protocol import CallMethod, Differentiate, Handle, ModuleState, Reply
from autograder.result import Evidence, Mismatch, MismatchKind, Part, Status, sentence


class Object(InWorker):
    """What stays in the student's worker: an object of a class of theirs, an answer of a function,
    or what ``student.define`` made there. Call it, or give it to the student's functions."""

    def __init__(self, run: CheckRun, handle: Handle, name: str) -> None:
        super().__init__(handle)
        self._run = run
        self.name = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What it answers when it is called, unjudged."""
        return self.method("__call__", *arguments, **keywords)

    def method(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        """What the object's method answers, unjudged. Keywords are sent as they are."""
        reply, _ = self._answer(method, Given(arguments, keywords))
        return reply.answer

    def value(self) -> Any:
        """What an answer that stays in the worker is by now."""
        return self.method("")

    def gradients(
        self, *arguments: Any, upstream: torch.Tensor, wanted: Sequence[int] = ()
    ) -> tuple[list[Any], dict[str, Any]]:
        """Gradients of ⟨what it answers, ``upstream``⟩, unjudged: for ``arguments`` at the places
        ``wanted``, counted from 0, and for its parameters by name. One that autograd does not
        find is None; none is found where the answer has not the shape of ``upstream``."""
        evidence = Evidence(function=self.name)
        reply = self._run.ask(Differentiate(
            self._handle, tuple(Given(arguments, {}).sent(self.name).arguments), tuple(wanted),
            upstream), evidence)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        expect = Expect(self._run)
        _, inputs, parameters = expect.sequence(reply.answer, 3, "gradients")
        return (expect.sequence(inputs, len(wanted), "gradients"),
                parameters if isinstance(parameters, dict) else {})

    def _answer(self, method: str, given: Given) -> tuple[Reply, ShownCall]:
        shown = self.name if method == "__call__" else f"{self.name}.{method}"
        sent = given.sent(f"{shown}()")
        call = sent.call(shown)
        reply = self._run.ask(CallMethod(
            self._handle, method, tuple(sent.arguments), sent.keywords), call)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, call)
        self._run.last = AnsweredCall(sent, reply, call)
        return reply, call

    def state(self, load: dict[str, torch.Tensor] | None = None) -> dict[str, Any]:
        """What a module holds, after loading ``load`` as a state_dict: "parameters", "buffers" and
        "state", each name -> tensor, and "training", which may be anything."""
        evidence = Evidence(function=f"{self.name}.state_dict")
        reply = self._run.ask(ModuleState(self._handle, load), evidence)
        if reply.raised is not None and reply.raised.line is None and load is not None:
            raise Verdict(Status.FAILED, evidence=evidence, mismatch=Mismatch(
                kind=MismatchKind.OTHER), message=sentence(
                "{name} does not take the parameters {names}: each must be there under its name, "
                "of its shape, and as `nn.Parameter`; a plain tensor is no parameter.",
                name=self.name, names=", ".join(load)))
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        answer = reply.answer
        parts = ("parameters", "buffers", "state")
        if not isinstance(answer, dict) or "training" not in answer or not all(
                _are_tensors(answer.get(part)) for part in parts):
            raise Verdict(Status.FAILED, evidence=evidence,
                          mismatch=Mismatch(kind=MismatchKind.TYPE, where=Part(name="state_dict")))
        self._run.answers[-1] = {  # parameters begin by chance
            part: {name: list(value.shape) for name, value in answer[part].items()}
            for part in parts}
        return answer


def _are_tensors(found: Any) -> bool:
    """Whether these are tensors by their names, with numbers in them."""
    return isinstance(found, dict) and all(
        type(name) is str and isinstance(value, torch.Tensor) and not value.is_meta
        for name, value in found.items())


class Pair:
    """A student's module beside the reference's, with the same parameters."""

    def __init__(self, student: Object, reference: torch.nn.Module) -> None:
        self.student = student
        self.reference = reference

    def load(self, **tensors: torch.Tensor) -> None:
        """Give both the same parameters, by the names the contract states."""
        self.student.state(load=tensors)
        self.reference.load_state_dict(tensors)

    def parameters(self) -> None:
        """The registered parameters have the reference's names and shapes."""
        given = self.student.state()["parameters"]
        expected = dict(self.reference.named_parameters())
        evidence = Evidence(
            function=f"{self.student.name}.parameters", arguments=[],
            expected=str(sorted(expected)), actual=show(sorted(given, key=str)))
        if set(given) != set(expected):
            raise Verdict(Status.FAILED, evidence=evidence, mismatch=Mismatch(
                kind=MismatchKind.VALUES, where=Part(name="parameters")))
        for name, parameter in expected.items():
            if given[name].shape != parameter.shape:
                raise Verdict(Status.FAILED, evidence=evidence, mismatch=Mismatch(
                    kind=MismatchKind.SHAPE, where=Part(name=name),
                    expected_shape=list(parameter.shape), actual_shape=list(given[name].shape)))

    def __call__(self, *arguments: Any, **keywords: Any) -> None:
        """Both answer alike."""
        given = self._given(arguments, keywords)
        reply, call = self.student._answer("__call__", given)
        right = self.student._run.expected(
            [*given.values, *state(self.reference)], lambda: self._expected(given))
        mismatch = compare(right.value, reply.answer, precise=right.precise, bound=right.bound)
        judge(mismatch or changed(given, reply.after), call, right.value, reply.answer)

    def _given(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Given:
        return Given.of(self.reference.forward, arguments, keywords)

    @torch.no_grad()
    def _expected(self, given: Given) -> Expected:
        arguments, keywords = tuple(given.arguments), given.keywords
        if not tolerance.is_sum_of_products(self.reference):
            return Expected.of_module(self.reference, arguments, keywords)
        weights = tuple(self.reference.parameters())
        return Expected(
            self.reference(*arguments, **keywords),
            copy.deepcopy(self.reference).double()(
                *map(tolerance.exact, arguments), **keywords),
            tolerance.bound(partial(magnitudes(self.reference), **keywords), arguments, weights))

    def gradients(self, *arguments: Any, **keywords: Any) -> None:
        """Both give the same gradients for inputs and parameters."""
        given = self._given(arguments, keywords)
        compare_gradients(self.student._run, self.reference, self.student._handle, given,
                          given.call(self.student.name))
