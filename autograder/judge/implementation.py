"""Who answers the judge: a student's code in its worker, or a misconception right here.

Both take the same requests, so that a check cannot tell them apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from autograder.course import Limits, Tier
from autograder.protocol import (
    Close,
    LookUp,
    Reply,
    Request,
    RunCell,
    Substitute,
    WithArguments,
    map_leaves,
    plain,
    tensors_given,
)
from autograder.protocol.rules import LOOPS
from autograder.result import CellError, Load
from autograder.sandbox.client import Asked, Worker, WorkerLost, Zygote
from autograder.submission import Notebook
from autograder.worker import denial
from autograder.worker.handlers import Handlers
from autograder.worker.loading import Namespace, describe


class Implementation(Protocol):
    missing: frozenset[str]
    """Graded names that are not defined."""

    def request(
        self, request: Request, *, seconds: float, deny: tuple[str, ...], seed: int
    ) -> Reply:
        """One answer. Raises WorkerLost when there is none."""


@dataclass
class Allowance:
    """Seconds that workers may still take. Only the time is counted in which one is waited for."""

    left: float

    @contextmanager
    def spent(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - started


class Student:
    """A notebook in a confined worker; a lost worker is replaced by a fresh one when needed."""

    def __init__(
        self, zygote: Zygote, tier: Tier, limits: Limits, notebook: Notebook,
        graded: Iterable[str], allowance: Allowance, *, replaced: Iterable[str] = (),
        asked: Asked | None = None, after: Student | None = None,
    ) -> None:
        """Load ``notebook``.

        Args:
            replaced: functions that ``asked`` answers for.
            after: another with the same notebook: what is known of its cells is known here.
        """
        self._zygote = zygote
        self._tier = tier
        self._limits = limits
        self._notebook = notebook
        self._graded = tuple(graded)
        self._replaced = tuple(replaced)
        self._ask = asked
        self._worker: Worker | None = None
        # Cells that ended a worker or came too late, and those that ran to their end, well or not.
        self._skipped: dict[int, CellError] = dict(after._skipped) if after else {}
        self._completed: set[int] = set(after._completed) if after else set()
        self._output: list[str] = []
        self._allowance = allowance
        self.missing: frozenset[str] = frozenset()
        with allowance.spent():
            self.load = self._first_load()

    def request(
        self, request: Request, *, seconds: float, deny: tuple[str, ...] = (), seed: int = 0
    ) -> Reply:
        left = self._allowance.left
        if left <= 0:
            raise WorkerLost("timeout", f"the {self._limits.submission_seconds:g} s that one "
                             "submission may take are over")
        with self._allowance.spent():
            return self._request(request, min(seconds, left), deny, seed)

    def _request(
        self, request: Request, seconds: float, deny: tuple[str, ...], seed: int
    ) -> Reply:
        if self._worker is None:
            self._worker = self._spawn()
            try:
                self._run_cells(self._worker, ends=0)
            except _CellLost as lost:  # it ran before: a cell that is not always so
                self._drop()
                raise WorkerLost("crashed", lost.error.message) from None
        try:
            return self._placed(self._worker.request(
                request, seconds=seconds, deny=deny, seed=seed,
                asked=self._asked if self._replaced else None))
        except WorkerLost:
            self._drop()
            raise

    def restart(self) -> None:
        """Have the next request met by a fresh worker."""
        self._drop()

    def close(self) -> str:
        """End the worker; what was printed, as far as it was kept."""
        if self._worker is not None:
            with suppress(WorkerLost):  # it answers by ending
                self._worker.request(Close(), seconds=1)
            self._drop()
        return "".join(self._output)[-self._limits.output_kb * 1024 :]

    def _asked(
        self, name: str, arguments: Sequence[Any], upstream: torch.Tensor | None, seconds: float
    ) -> Any:
        """The reference's answer, for a function that it stands in for, and for no other."""
        if self._ask is None or name not in self._replaced:
            raise WorkerLost("protocol", f"it asked for the answer of {name[:100]!r}")
        return self._ask(name, arguments, upstream, seconds)

    def _placed(self, reply: Reply) -> Reply:
        """The place of an exception is told only where the notebook has such a line: a number of
        the worker's own making could carry a hidden input out."""
        raised = reply.raised
        if raised is None or raised.line is None:
            return reply
        lines = next((len(cell.source.splitlines()) for cell in self._notebook.cells
                      if cell.index == raised.cell), 0)
        if 1 <= raised.line <= lines:
            return reply
        return replace(reply, raised=replace(raised, cell=None, line=None))

    def _spawn(self) -> Worker:
        return self._zygote.spawn(self._tier, self._limits)

    def _drop(self) -> None:
        if self._worker is not None:
            self._output.append(self._worker.stop().output)
            self._worker = None

    def _first_load(self) -> Load:
        """Run the cells; one that ends the worker is skipped, and the others run again."""
        started = time.monotonic()
        errors: dict[int, CellError] = {}
        while True:
            self._worker = self._spawn()
            try:
                errors = self._run_cells(self._worker, started + self._limits.load_seconds)
                kinds = self._worker.request(
                    LookUp(self._graded), seconds=self._limits.call_seconds).answer
                break
            except _CellLost as lost:
                self._drop()
                self._skipped[lost.error.cell] = lost.error
            except WorkerLost:  # after the last cell: something it left behind
                self._drop()
                kinds = {}
                break
        known = kinds if isinstance(kinds, Mapping) else {}
        self.missing = frozenset(
            name for name in self._graded if known.get(name, "missing") == "missing"
        ) - set(self._replaced)
        every = [*self._notebook.errors, *errors.values(), *self._skipped.values()]
        return Load(
            cells=len(self._notebook.cells) + len(self._notebook.errors),
            errors=sorted(every, key=lambda error: error.cell),
            seconds=round(time.monotonic() - started, 3),
        )

    def _run_cells(self, worker: Worker, ends: float) -> dict[int, CellError]:
        """Run every cell that is not skipped. Past ``ends`` only those are run that have run
        before. Raises _CellLost for one that ends the worker."""
        errors = {}
        for cell in self._notebook.cells:
            if cell.index not in self._completed and time.monotonic() > ends:
                self._skipped.setdefault(cell.index, CellError(
                    cell=cell.index, type="Timeout", message="not run: the "
                    f"{self._limits.load_seconds:g} s that all cells may take together are over"))
            if cell.index in self._skipped:
                continue
            try:
                reply = worker.request(RunCell(cell.index, cell.source, self._graded),
                                       seconds=self._limits.cell_seconds, seed=0)
            except WorkerLost as lost:
                kind = "Timeout" if lost.why == "timeout" else "Crashed"
                raise _CellLost(CellError(cell=cell.index, type=kind, message=lost.detail)) \
                    from None
            self._completed.add(cell.index)
            if reply.raised is not None:
                errors[cell.index] = CellError(
                    cell=cell.index, type=reply.raised.type, line=reply.raised.line,
                    message=reply.raised.message,
                )
        if self._replaced:
            worker.request(Substitute(self._replaced), seconds=5)
        return errors


class _CellLost(Exception):
    def __init__(self, error: CellError) -> None:
        super().__init__(error.message)
        self.error = error


class Local:
    """Trusted functions answering in this process: a misconception among right helpers."""

    missing: frozenset[str] = frozenset()

    def __init__(self, values: Mapping[str, Callable[..., Any]]) -> None:
        namespace = Namespace()
        namespace.values.update(values)
        self._handlers = Handlers(namespace, _nobody_to_ask)

    def request(
        self, request: Request, *, seconds: float, deny: tuple[str, ...] = (), seed: int = 0
    ) -> Reply:
        if isinstance(request, WithArguments):
            request = replace(request, arguments=tuple(map(_like, request.arguments)))
        steps = denial.Steps()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            # References may use every operator; only loops are counted here too.
            denial.deny(rule for rule in deny if rule == LOOPS)
            try:
                with steps:
                    answer = self._handlers.answer(request)
            except Exception as error:
                return Reply(None, (), describe(error), (), steps.count)
            finally:
                denial.deny(())
        return Reply(map_leaves(_settled, answer), tensors_given(request), None, (), steps.count)


def _like(value: Any) -> Any:
    """A copy with the same layout, as the wire would have made it."""
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


def _settled(leaf: Any) -> Any:
    """As the wire would have made it, too."""
    return plain(leaf) if isinstance(leaf, torch.Tensor) else leaf


def _nobody_to_ask(name: str, arguments: tuple[Any, ...], upstream: Any) -> Any:
    raise RuntimeError(f"nothing stands in for {name} here")
