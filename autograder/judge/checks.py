"""``student``, ``check`` and ``refuses``: the student's functions, unjudged, held against the
reference, and held to refuse bad arguments."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from autograder.judge.check_run import (
    AnsweredCall,
    CheckRun,
    Verdict,
    changed,
    judge,
    raised_verdict,
    refuses,
)
from autograder.judge.compare import compare, compare_text
from autograder.judge.expected import Expected
from autograder.judge.figures import compare_figures
from autograder.judge.given import Given, ShownCall
from autograder.judge.gradients import compare_gradients
from autograder.judge.objects import Object, Pair
from autograder.judge.showing import show, show_text
from autograder.judge.tolerance import Within
from autograder.protocol import CallFunction, Handle, ReadVariable, Reply, RunCell
from autograder.result import Evidence, Mismatch, MismatchKind, Part, Status, sentence
from autograder.worker import effects

_NO_CELL = -1  # of the student's notebook
_OF_VARIABLES = Within(rtol=1e-6, atol=1e-12)


def _source(function: Callable[..., Any]) -> str:
    """What defines it elsewhere, where names in its annotations are not known."""
    return "from __future__ import annotations\n" + textwrap.dedent(inspect.getsource(function))


class Functions:
    """What ``check``, ``refuses`` and ``student`` have in common: an attribute for every name of
    the assignment."""

    def __init__(self, run: CheckRun) -> None:
        self._run = run

    def _known(self, name: str) -> str:
        if not hasattr(self._run.reference, name):
            raise AttributeError(f"the reference defines no {name!r}")
        return name


class Function:
    """``student.<name>``: the student's function or class, unjudged."""

    def __init__(self, run: CheckRun, name: str) -> None:
        self._run = run
        self._name = name
        self._reference = getattr(run.reference, name)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The student's answer, which may be anything: hand it to ``expect`` first."""
        return self._answer(self._given(arguments, keywords))[0].answer

    def printed(self, *arguments: Any, **keywords: Any) -> Any:
        """What the student's function prints, unjudged."""
        return self._answer(self._given(arguments, keywords), effect=effects.PRINTED)[0].answer

    def drawn(self, *arguments: Any, **keywords: Any) -> Any:
        """The figures that the student's function draws, unjudged: as ``autograder.worker.effects``
        tells them."""
        return self._answer(self._given(arguments, keywords), effect=effects.DRAWN)[0].answer

    def new(self, *arguments: Any, **keywords: Any) -> Object:
        """An object of the student's class, or an answer of the function; it stays in the
        worker."""
        return self._new(self._given(arguments, keywords))

    def _new(self, given: Given) -> Object:
        reply, _ = self._answer(given, keep=True)
        if not isinstance(reply.answer, Handle):
            raise Verdict(Status.CRASHED)
        return Object(self._run, reply.answer, self._name)

    def value(self) -> Any:
        """What the student's variable of this name holds, which may be anything."""
        return self._read()[0].answer

    def _read(self) -> tuple[Reply, Evidence]:
        self._run.require(self._name)
        evidence = Evidence(function="")
        reply = self._run.ask(ReadVariable(self._name), evidence)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        return reply, evidence

    def _given(self, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Given:
        return Given.of(self._reference, arguments, keywords)

    def _answer(
        self, given: Given, *, keep: bool = False, effect: str = ""
    ) -> tuple[Reply, ShownCall]:
        self._run.require(self._name)
        sent = given.sent(f"{self._name}()")
        call = sent.call(self._name)
        reply = self._run.ask(CallFunction(
            self._name, tuple(sent.arguments), keep, sent.keywords, effect), call)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, call)
        self._run.last = AnsweredCall(sent, reply, call)
        return reply, call


class Checked(Function):
    """``check.<name>``: the student's answer has to be the reference's."""

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Compare type, shape, values, dtype, and that the inputs are as they were."""
        given = self._given(arguments, keywords)
        reply, call = self._answer(given)
        right = self._expected(given)
        mismatch = compare(right.value, reply.answer, precise=right.precise, bound=right.bound)
        mismatch = mismatch or changed(given, reply.after)
        judge(mismatch, call, right.value, reply.answer)
        return reply.answer

    def value(self) -> Any:
        """The student's variable of this name holds what the reference's does: type, shape,
        values, dtype. What it was computed of is not known: a floating-point number may be off by
        a millionth of itself."""
        reply, evidence = self._read()
        right = self._reference()
        judge(compare(right, reply.answer, bound=_OF_VARIABLES, where=Part(name=self._name)),
              evidence, right, reply.answer)
        return reply.answer

    def prints(self, *arguments: Any, **keywords: Any) -> None:
        """What it prints is what the reference prints, line by line. Spaces at the ends of lines
        and empty lines at the end count for nothing, and neither does what it answers."""
        given = self._given(arguments, keywords)
        reply, call = self._answer(given, effect=effects.PRINTED)
        right = self._effect(effects.PRINTED, given).value
        said = Part(name=str(sentence("what it prints")))
        mismatch = compare_text(right, reply.answer, said) if isinstance(reply.answer, str) \
            else Mismatch(kind=MismatchKind.TYPE, where=said)
        mismatch = mismatch or changed(given, reply.after)
        if mismatch is not None:
            raise Verdict(Status.FAILED, mismatch=mismatch, evidence=call.evidence.model_copy(
                update={"expected": show_text(right), "actual": show_text(reply.answer)}))

    def draws(self, *arguments: Any, **keywords: Any) -> None:
        """It draws what the reference draws: as many figures and axes, with the same lines, bars,
        images and points in the same order, and with each title, label, legend and scale that the
        reference gives. What the reference leaves out, and colours and styles, are free."""
        given = self._given(arguments, keywords)
        reply, call = self._answer(given, effect=effects.DRAWN)
        right = self._effect(effects.DRAWN, given)
        mismatch = compare_figures(right.value, reply.answer, right.bound)
        judge(mismatch or changed(given, reply.after), call, right.value, reply.answer)

    def in_turn(self, first: Sequence[Any], second: Sequence[Any], *, where: str) -> None:
        """The answers to two calls are the reference's, and the first is so still after the
        second: nothing is kept for a later call, and no answer is overwritten by one. ``where``
        says what the student reads of an answer that did not stay."""
        self(*first)
        answer = super().new(*first)
        self(*second)
        right = self._expected(self._given(first, {}))
        actual = answer.value()
        judge(compare(right.value, actual, precise=right.precise, bound=right.bound,
                      where=Part(name=where)),
              Evidence(function=where), right.value, actual)

    def new(  # type: ignore[override]  # a pair is what is asked for here
        self, *arguments: Any, **keywords: Any
    ) -> Pair:
        """The student's object and the reference's, to be compared step by step."""
        given = self._given(arguments, keywords)
        return Pair(self._new(given), self._reference(*given.arguments, **given.keywords))

    def on_meta(self, *arguments: Any, **keywords: Any) -> None:
        """The answer for inputs on torch's meta device has the right shape and is on it too:
        nothing was made on a hard-coded device. What raises there is put to the inputs as they
        are: if it raises there, too, that is what is wrong, and not the device."""
        as_they_are = self._given(arguments, keywords)
        given = as_they_are.mapped(
            lambda value: value.to("meta") if isinstance(value, torch.Tensor) else value)
        expected = self._reference(*given.arguments, **given.keywords)
        try:
            reply, call = self._answer(given)
        except Verdict as verdict:
            if verdict.raised is None:
                raise
            self._answer(as_they_are)
            raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.DEVICE),
                          evidence=verdict.evidence, raised=verdict.raised) from None
        mismatch = compare(expected, reply.answer)
        if mismatch is not None and mismatch.kind is MismatchKind.TYPE:
            mismatch = mismatch.model_copy(update={"kind": MismatchKind.DEVICE})
        judge(mismatch, call, expected, reply.answer)

    def gradients(self, *arguments: Any, **keywords: Any) -> None:
        """The answer and the gradients for every floating-point input by position are the
        reference's, for a random upstream gradient. They are compared at the precision the answer
        has."""
        self._run.require(self._name)
        given = self._given(arguments, keywords)
        compare_gradients(self._run, self._reference, self._name, given, given.call(self._name))

    def without_pixel_loops(self, small: Sequence[Any], large: Sequence[Any]) -> None:
        """The larger image takes no more steps of Python than the smaller one: no loop runs over
        pixels. The question has to forbid loops in grader.toml, or none are counted."""
        few, _ = self._answer(self._given(small, {}))
        many, call = self._answer(self._given(large, {}))
        if many.steps > 1.5 * few.steps + 20:
            raise Verdict(Status.FORBIDDEN, evidence=call, message=sentence(
                "It loops in Python, which this question forbids. Lines that run for a small "
                "input: {few}; for a larger one: {many}.", few=few.steps, many=many.steps))

    def _expected(self, given: Given) -> Expected:
        return self._run.expected(given.values, lambda: Expected.of(
            self._reference, given.arguments, given.keywords))

    def _effect(self, effect: str, given: Given) -> Expected:
        return self._run.expected(given.values, lambda: Expected.effect(
            effect, self._reference, given.arguments, given.keywords))


class Refused(Function):
    """``refuses.<name>``: these arguments must be refused."""

    def __call__(self, *arguments: Any, **keywords: Any) -> None:
        _refused(self._run, lambda: self._answer(self._given(arguments, keywords)))


def _refused(run: CheckRun, asked: Callable[[], object]) -> None:
    """What is asked has to be refused."""
    try:
        asked()
    except Verdict as verdict:
        if verdict.raised is None or not refuses(verdict.raised):
            raise
        run.answers[-1] = "refused"  # as it should be: one way is as good as another
        return
    last = run.last
    assert last is not None, "it was answered"
    raise Verdict(
        Status.FAILED, mismatch=Mismatch(kind=MismatchKind.ACCEPTED),
        evidence=last.call.evidence.model_copy(update={"actual": show(last.reply.answer)}),
    )


class Checks(Functions):
    """The fixture ``check``."""

    def __getattr__(self, name: str) -> Checked:
        return Checked(self._run, self._known(name))


class Refusals(Functions):
    """The fixture ``refuses``."""

    def __call__(self, answering: Object, *arguments: Any) -> None:
        """An object of the student's class, too, must refuse these."""
        _refused(self._run, lambda: answering(*arguments))

    def __getattr__(self, name: str) -> Refused:
        return Refused(self._run, self._known(name))


class StudentCode(Functions):
    """The fixture ``student``. A graded name ``define`` cannot be asked for by it."""

    def __getattr__(self, name: str) -> Function:
        return Function(self._run, self._known(name))

    def define(self, make: Callable[[], Any]) -> Object:
        """An object of ours beside the student's code: what ``make()`` answers, which stays in the
        worker. It may be given to the student's functions.

        ``make`` is sent as source, and defined and called there: it uses nothing of the suite's
        file, imports what it needs, and has a name that no student would define. Students can
        read it and what it makes, so it holds nothing that is hidden. Diagnosis compares nothing
        of it.

        Raises:
            Verdict: ``make`` raised there, or did not answer. That is charged to the student, whose
                code shares the process; a mistake in ``make`` shows in the audit, where the model
                solution fails.
        """
        run, evidence = self._run, Evidence(function=make.__name__)
        told = len(run.answers)
        run.ask(RunCell(_NO_CELL, _source(make)), evidence)
        reply = run.ask(CallFunction(make.__name__, (), keep=True), evidence)
        if reply.raised is not None:
            raise raised_verdict(reply.raised, evidence)
        if not isinstance(reply.answer, Handle):
            raise Verdict(Status.CRASHED, evidence=evidence)
        del run.answers[told:]  # a handle's number says nothing about the student's code
        return Object(run, reply.answer, make.__name__)

    def apart(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of ours answers in a process where nothing else is: for what the student
        made and staff's process must not run. ``function`` is sent as source, as ``make`` is.

        Raises:
            Verdict: it raised, or did not answer, which is charged to the student; of what it
                raised nothing is told.
        """
        return self._run.ask_apart(
            _source(function), CallFunction(function.__name__, arguments))
