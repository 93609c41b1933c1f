"""Objects of the student's that stay in the worker, and the reference's beside them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch

from autograder.judge import tolerance
from autograder.judge.check_run import Taking, Verdict, changed, judge, raised_verdict
from autograder.judge.compare import compare, show
from autograder.judge.expected import Standard
from autograder.judge.gradients import compare_gradients, magnitudes, state
from autograder.protocol import Handle
from autograder.result import Evidence, Mismatch, MismatchKind, Status
from autograder.sandbox.client import Reply


class Remote:
    """An object of the student's that stays in the worker."""

    def __init__(self, taking: Taking, handle: Handle, name: str) -> None:
        self.taking = taking
        self.handle = handle
        self.name = name

    def __call__(self, *arguments: Any) -> Any:
        return self.method("__call__", *arguments)

    def method(self, method: str, *arguments: Any) -> Any:
        """What the object's method answers, unjudged."""
        reply, _ = self.answer(method, arguments)
        return reply.answer

    def answer(self, method: str, arguments: Sequence[Any]) -> tuple[Reply, Evidence]:
        shown = self.name if method == "__call__" else f"{self.name}.{method}"
        evidence = Evidence(function=shown, arguments=[show(value) for value in arguments])
        reply = self.taking.ask("method", evidence, handle=self.handle, name=method,
                                arguments=list(arguments), keywords={}, keep=False)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        return reply, evidence

    def state(self, load: dict[str, torch.Tensor] | None = None) -> dict[str, Any]:
        """Parameters, buffers, state and mode, after loading ``load`` as a state_dict."""
        evidence = Evidence(function=f"{self.name}.state_dict")
        reply = self.taking.ask("state", evidence, handle=self.handle, load=load)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        answer = reply.answer
        parts = ("parameters", "buffers", "state")
        if not isinstance(answer, dict) or any(
            not isinstance(answer.get(part), dict)
            or not all(isinstance(v, torch.Tensor) for v in answer[part].values())
            for part in parts
        ):
            raise Verdict(Status.FAILED, evidence=evidence,
                          mismatch=Mismatch(kind=MismatchKind.TYPE, where="state_dict"))
        return answer


class Pair:
    """A student's module beside the reference's, with the same parameters."""

    def __init__(self, student: Remote, reference: torch.nn.Module) -> None:
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
            expected=str(sorted(expected)), actual=str(sorted(given, key=str))[:500])
        if set(given) != set(expected):
            raise Verdict(Status.FAILED, evidence=evidence, mismatch=Mismatch(
                kind=MismatchKind.VALUES, where="parameters"))
        for name, parameter in expected.items():
            if given[name].shape != parameter.shape:
                raise Verdict(Status.FAILED, evidence=evidence, mismatch=Mismatch(
                    kind=MismatchKind.SHAPE, where=name, expected_shape=list(parameter.shape),
                    actual_shape=list(given[name].shape)))

    def __call__(self, *arguments: Any) -> None:
        """Both answer alike."""
        reply, evidence = self.student.answer("__call__", arguments)
        right = self.student.taking.standard(
            [*arguments, *state(self.reference)], lambda: self._standard(arguments))
        mismatch = compare(right.expected, reply.answer, precise=right.precise, bound=right.bound)
        judge(mismatch or changed(arguments, reply.after), evidence, right.expected, reply.answer)

    @torch.no_grad()
    def _standard(self, arguments: tuple[Any, ...]) -> Standard:
        weights = tuple(self.reference.parameters())
        return Standard(
            self.reference(*arguments),
            copy.deepcopy(self.reference).double()(*map(tolerance.exact, arguments)),
            tolerance.bound(magnitudes(self.reference), arguments, {}, weights))

    def gradients(self, *arguments: Any) -> None:
        """Both give the same gradients for inputs and parameters."""
        evidence = Evidence(function=self.student.name,
                            arguments=[show(value) for value in arguments])
        compare_gradients(self.student.taking, self.reference, self.student.handle,
                          list(arguments), evidence)
