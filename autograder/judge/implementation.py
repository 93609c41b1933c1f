"""Who answers the judge: a student's code in its worker, or a misconception right here.

Both take the same requests, so that a check cannot tell them apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch

from autograder.course import Limits, Tier
from autograder.judge.answerer import running
from autograder.judge.explain.advice import advice
from autograder.judge.laid_out import LaidOut
from autograder.protocol import (
    CallFunction,
    Close,
    Inquiry,
    LookUp,
    Opaque,
    ReadVariable,
    Reply,
    Request,
    RunCell,
    Substitute,
    WithArguments,
    changeable,
    map_leaves,
    plain,
)
from autograder.protocol.coding import is_leaf, type_name
from autograder.protocol.values import as_tensor, is_known_array, remade
from autograder.result import CellError, Load, sentence
from autograder.rules import Rule
from autograder.sandbox.client import Asked, Worker, WorkerLost, Zygote
from autograder.submission import Notebook, needed
from autograder.worker import chance, denial
from autograder.worker.handlers import Ask, Handlers
from autograder.worker.loading import Namespace, describe

_MOST_ERRORS = 100  # of cells: more than anybody reads


class Implementation(Protocol):
    missing: frozenset[str]
    """Graded names that are not defined."""

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...], seed: int
    ) -> Reply:
        """One answer. Raises WorkerLost when there is none."""

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        """One answer of a program of staff's, where nothing else is: neither the student's code,
        nor anything hidden but what the request holds. Raises WorkerLost when there is none."""


class Examinee(Implementation, Protocol):
    """A student's functions, as an exam knows them: whose word on the cells counts, too."""

    load: Load
    layers: frozenset[str]
    """Graded names that are torch's own layers."""


@dataclass
class Allowance:
    """Seconds that workers may still take. Only the time is counted in which one is waited for, and
    not what is excused of it."""

    left: float

    @contextmanager
    def spent(self, excused: Callable[[], float]) -> Iterator[Callable[[], float]]:
        """Gives what is left in the midst of it."""
        started, before = time.monotonic(), excused()

        def used() -> float:
            return time.monotonic() - started - (excused() - before)

        try:
            yield lambda: self.left - used()
        finally:
            self.left -= used()


class Student:
    """A notebook in a confined worker; a lost worker is replaced by a fresh one when needed."""

    def __init__(
        self, zygote: Zygote, tier: Tier, limits: Limits, notebook: Notebook,
        graded: Iterable[str], allowance: Allowance, *, replaced: Iterable[str] = (),
        asked: Asked | None = None, after: Student | None = None,
        watched: tuple[Rule, ...] = (),
    ) -> None:
        """Load ``notebook``.

        Args:
            replaced: functions that ``asked`` answers for.
            after: another with the same notebook: what is known of its cells is known here.
            watched: rules that its calls may be put under.
        """
        self._zygote = zygote
        self._tier = tier
        self._limits = limits
        self._laid_out = LaidOut(notebook.files) if notebook.files else None
        self._stand_ins = notebook.stand_ins
        self._notebook = notebook
        self._parts = notebook.cells
        self._only: tuple[str, ...] = ()  # names whose statements alone are run; all where none
        self._left_out: set[int] = set()  # the other parts, by their places
        self._lost = notebook.errors
        self._is_script = notebook.is_script
        self._lines = _lines(notebook)
        self._graded = tuple(graded)
        self._replaced = tuple(replaced)
        self._ask = asked
        self._worker: Worker | None = None
        self._is_fresh = True  # whether it ran nothing but the cells
        # Parts, by their places, that ended a worker or came too late, and those that ran to their
        # end, well or not.
        self._skipped: dict[int, CellError] = dict(after._skipped) if after else {}
        self._completed: set[int] = set(after._completed) if after else set()
        self._output: list[str] = []
        self._excused = 0.0  # seconds of workers that have ended
        self._allowance = allowance
        self._watched = watched
        self.missing: frozenset[str] = frozenset()
        self.layers: frozenset[str] = frozenset()
        with allowance.spent(self._all_excused) as left:
            self.load = self._first_load(left)

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (), seed: int = 0,
        asked: Asked | None = None,
    ) -> Reply:
        """``asked``: who answers what the request has the student's code ask; without it, those who
        stand in for functions."""
        with self._allowance.spent(self._all_excused) as left:
            try:
                if self._worker is None:
                    self._loaded_again(left)
                assert self._worker is not None
                self._is_fresh = False
                return self._placed(self._worker.request(
                    request, seconds=min(seconds, self._still(left)), deny=deny, seed=seed,
                    asked=asked or (self._asked if self._replaced else None)))
            except WorkerLost:
                self._drop()
                raise

    def _loaded_again(self, left: Callable[[], float]) -> None:
        self._still(left)
        self._worker = self._spawn()
        self._is_fresh = True
        try:
            self._run_cells(self._worker, 0, left)
        except _PartLost as lost:  # it ran before: a part that is not always so
            self._still(left)
            raise WorkerLost("crashed", lost.error.message) from None

    def _still(self, left: Callable[[], float]) -> float:
        """The seconds that it still has. Raises WorkerLost where it has none."""
        if (seconds := left()) <= 0:
            raise WorkerLost("timeout", f"the {self._limits.submission_seconds:g} s that one "
                             "submission may take are over")
        return seconds

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        """In a worker of its own, on the student's time."""
        with self._allowance.spent(self._all_excused):
            worker = running(self._zygote, self._tier, self._limits, program)
            try:
                return worker.request(
                    request, seconds=max(0.0, min(seconds, self._allowance.left)), seed=0)
            finally:
                worker.stop()
                self._excused += worker.excused

    def on_its_time(self) -> AbstractContextManager[Callable[[], float]]:
        """What another does for it meanwhile is counted as its own seconds; it gives how many are
        left."""
        return self._allowance.spent(self._all_excused)

    def restart(self, only: Collection[str] = ()) -> None:
        """Have the next request met by a fresh worker. With ``only`` it runs no statements but
        those that these names seem to need."""
        if tuple(only) != self._only:
            self._drop()
            self._only = tuple(only)
            kept = set(map(id, needed(self._notebook, only).cells if only else self._parts))
            self._left_out = {place for place, part in enumerate(self._parts)
                              if id(part) not in kept}
        elif not self._is_fresh:
            self._drop()

    def close(self) -> str:
        """End the worker; what was printed, as far as it was kept."""
        if self._worker is not None:
            with suppress(WorkerLost):  # it answers by ending
                self._worker.request(Close(), seconds=1)
            self._drop()
        if self._laid_out is not None:
            self._laid_out.close()
        return "".join(self._output)[-self._limits.output_kb * 1024 :]

    def _asked(self, inquiry: Inquiry, seconds: float) -> Any:
        """The reference's answer, for a function that it stands in for, and for no other."""
        if self._ask is None or inquiry.function not in self._replaced:
            raise WorkerLost("protocol", f"it asked for the answer of {inquiry.function[:100]!r}")
        return self._ask(inquiry, seconds)

    def _shown(self, cell: int) -> int | None:
        """The cell's number, where the student knows of one."""
        return None if self._is_script else cell

    def _placed(self, reply: Reply) -> Reply:
        """The place of an exception is told only where the notebook has such a line: a number of
        the worker's own making could carry a hidden input out. In a script, the line alone is."""
        raised = reply.raised
        if raised is None or raised.line is None:
            return reply
        if raised.cell is None or not 1 <= raised.line <= self._lines.get(raised.cell, 0):
            return replace(reply, raised=replace(raised, cell=None, line=None))
        return replace(reply, raised=replace(raised, cell=self._shown(raised.cell)))

    def _spawn(self) -> Worker:
        return self._zygote.spawn(
            self._tier, self._limits, watched=self._watched, stand_ins=self._stand_ins,
            given=self._laid_out.folder if self._laid_out else None)

    def _drop(self) -> None:
        if self._worker is not None:
            self._output.append(self._worker.stop().output)
            self._excused += self._worker.excused
            self._worker = None

    def _all_excused(self) -> float:
        """Seconds that its workers took longer than they may, for the machine kept them waiting."""
        return self._excused + (self._worker.excused if self._worker else 0.0)

    def _first_load(self, left: Callable[[], float]) -> Load:
        """Run the cells; one that ends the worker is skipped, and the others run again. Where no
        time is left, nobody knows what is missing, and whoever asks is told of the time."""
        started = time.monotonic()
        errors: dict[int, CellError] = {}
        while True:
            self._worker = self._spawn()
            try:
                errors = self._run_cells(self._worker, started + self._limits.load_seconds, left)
                kinds = self._worker.request(
                    LookUp(self._graded), seconds=self._limits.call_seconds).answer
                break
            except _PartLost as lost:
                self._drop()
                self._skipped[lost.place] = lost.error
            except WorkerLost:  # after the last cell: something it left behind
                self._drop()
                kinds = {} if left() > 0 else dict.fromkeys(self._graded, "unknown")
                break
        said = kinds if isinstance(kinds, Mapping) else {}
        known = {name: kind for name, kind in said.items() if type(kind) is str}
        self.missing = frozenset(
            name for name in self._graded if known.get(name, "missing") == "missing"
        ) - set(self._replaced)
        self.layers = frozenset(name for name in self._graded if known.get(name) == "layer")
        every = [*self._lost, *errors.values(), *self._skipped.values()]
        return Load(
            errors=sorted(every, key=lambda error: (error.cell or 0, error.line or 0))[
                :_MOST_ERRORS],
            seconds=round(time.monotonic() - started, 3),
        )

    def _run_cells(
        self, worker: Worker, ends: float, left: Callable[[], float]
    ) -> dict[int, CellError]:
        """Run every part that is not skipped; its error by its place. Past ``ends`` only those are
        run that have run before, and none where no time is ``left``: what was fast once may be
        slow now. Raises _PartLost for one that ends the worker, WorkerLost where none is left."""
        errors = {}
        cell = None
        limits = self._limits
        for place, part in enumerate(self._parts):
            where: dict[str, Any] = {"cell": self._shown(part.index), "line": part.above + 1}
            if place not in self._completed and time.monotonic() > ends + self._all_excused():
                self._skipped.setdefault(place, CellError(
                    **where, type="Timeout", stopped="timeout", reason=sentence(
                        "It was not run: the time that all cells may take together was over "
                        "({seconds} s).", seconds=round(limits.load_seconds, 1))))
            if place in self._skipped or place in self._left_out:
                continue
            seconds = self._still(left)
            try:
                reply = worker.request(
                    RunCell(part.index, part.source, self._graded, part.above),
                    seconds=min(limits.cell_seconds, seconds),
                    seed=0 if cell != part.index else None)
            except WorkerLost as lost:
                raise _PartLost(place, _lost(lost, where, limits.cell_seconds)) from None
            cell = part.index
            self._completed.add(place)
            if reply.raised is not None:
                raised = self._placed(reply).raised or reply.raised
                if raised.cell == where["cell"] and raised.line is not None:
                    where["line"] = raised.line
                errors[place] = CellError(**where, type=raised.type, message=raised.message,
                                          reason=advice(raised.bases, raised.message))
        if self._replaced:
            worker.request(Substitute(self._replaced), seconds=5)
        return errors


class _PartLost(Exception):
    def __init__(self, place: int, error: CellError) -> None:
        super().__init__(error.message)
        self.place = place
        self.error = error


def _lost(lost: WorkerLost, where: dict[str, Any], seconds: float) -> CellError:
    if lost.why == "timeout":
        return CellError(
            **where, type="Timeout", stopped="timeout", message=lost.detail, reason=sentence(
                "It took longer than one statement may take ({seconds} s), and was left out.",
                seconds=round(seconds, 1)))
    return CellError(
        **where, type="Crashed", stopped="crashed", message=lost.detail, reason=sentence(
            "It ended the process that ran it, and was left out."))


def _lines(notebook: Notebook) -> dict[int, int]:
    """Cell -> how many lines it has, as far as they run."""
    found: dict[int, int] = {}
    for part in notebook.cells:
        last = part.above + len(part.source.splitlines())
        found[part.index] = max(last, found.get(part.index, 0))
    return found


class Local:
    """Trusted functions answering in this process: a misconception among right helpers."""

    missing: frozenset[str] = frozenset()

    def __init__(
        self, values: Mapping[str, Callable[..., Any]], ask: Ask | None = None
    ) -> None:
        """``ask``: who answers for functions that are stood in for."""
        namespace = Namespace()
        namespace.values.update(values)
        self._handlers = Handlers(namespace, ask or nobody_to_ask)

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (), seed: int = 0
    ) -> Reply:
        if isinstance(request, ReadVariable):  # staff's are functions, which compute it
            request = CallFunction(request.name, ())
        request = arrived(request)
        steps = denial.Steps()
        with chance.settled(seed):
            # References may use every operator; only loops are counted here too.
            denial.deny(Rule(loops=True) for rule in deny if rule.loops)
            try:
                with steps:
                    answer = self._handlers.answer(request)
            except Exception as error:
                return Reply(None, (), describe(error), (), steps.count)
            finally:
                denial.deny(())
        return replied(request, answer, (), steps.count)

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        """Here, beside none of the functions."""
        alone = Local({})
        alone.request(RunCell(0, program), seconds=seconds)
        return alone.request(request, seconds=seconds)


def arrived(request: Request) -> Request:
    """A request as the wire would have brought it: what it gives is nobody else's."""
    if not isinstance(request, WithArguments):
        return request
    return replace(request, arguments=copied(request.arguments),
                   keywords=copied(request.keywords))


def replied(request: Request, answer: Any, taken: tuple[str, ...], steps: int) -> Reply:
    """What the wire would have brought back of an answer. ``taken``: what was denied and called."""
    return Reply(map_leaves(_settled, answer), changeable(request), None, taken, steps)


def copied(value: Any) -> Any:
    """A copy, as the wire would have made it: tensors have the strides and the offset they had."""
    return remade(_like, value)


def _like(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return _like(as_tensor(leaf)).numpy() if is_known_array(leaf) else leaf.copy()
    if not isinstance(leaf, torch.Tensor):
        return leaf
    if leaf.is_meta or not leaf.numel():
        return leaf.detach().clone()
    shape, strides, offset = leaf.shape, leaf.stride(), leaf.storage_offset()
    extent = offset + 1 + sum(
        (size - 1) * step for size, step in zip(shape, strides, strict=True))
    elements = leaf.detach().as_strided((extent,), (1,), 0).clone()
    return elements.as_strided(shape, strides, offset)


def _settled(leaf: Any) -> Any:
    """As the wire would have made it, too."""
    if isinstance(leaf, torch.Tensor):
        return plain(leaf)
    if isinstance(leaf, np.ndarray) and is_known_array(leaf):
        return leaf.copy(order="K")
    return leaf if is_leaf(leaf) else Opaque(type_name(leaf))


def nobody_to_ask(inquiry: Inquiry) -> Any:
    raise RuntimeError(f"nothing stands in for {inquiry.function} here")
