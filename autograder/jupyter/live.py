"""The student's functions as they live in the kernel, in the place of a worker.

It is their own code in their own process: nothing is confined. What a worker is told by the wire,
arguments and answers, is copied as the wire would have it.
"""

from __future__ import annotations

import contextlib
import importlib
import linecache
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from autograder.judge.implementation import Local, arrived, nobody_to_ask, replied
from autograder.judge.sessions import LONGEST_LINE
from autograder.jupyter.alarm import Alarm
from autograder.jupyter.surroundings import Settings
from autograder.protocol import LookUp, Reply, Request
from autograder.result import CellError, Load
from autograder.rules import Rule
from autograder.sandbox.client import WorkerLost
from autograder.submission import Notebook
from autograder.worker import chance, denial, effects
from autograder.worker.handlers import Handlers
from autograder.worker.loading import Namespace, describe

CellOf = Callable[[str], int | None]
"""Which cell of the notebook a file of its code is, 0-based."""


class Live:
    """Functions of a running namespace, which answer in this process: an examinee."""

    def __init__(
        self, names: Mapping[str, Any], graded: Iterable[str], settings: Settings, cell_of: CellOf,
        errors: Iterable[CellError] = (),
    ) -> None:
        """
        Args:
            names: the namespace; nothing is written there.
            settings: those under which its functions are called.
            errors: what is known of cells that are no Python, or raised.
        """
        self._handlers = Handlers(_Names(names), nobody_to_ask)
        self._settings = settings
        self._cell_of = cell_of
        self._files: dict[int, str] = {}  # of cells that an exception came from
        self._directory = Path.cwd()
        self._stopped = False  # by the student
        kinds = self._handlers.answer(LookUp(tuple(graded)))
        self.missing = frozenset(name for name, kind in kinds.items() if kind == "missing")
        self.layers = frozenset(name for name, kind in kinds.items() if kind == "layer")
        self.load = Load(errors=list(errors))

    def request(
        self, request: Request, *, seconds: float, deny: tuple[Rule, ...] = (), seed: int = 0
    ) -> Reply:
        if self._stopped:
            raise WorkerLost("interrupted", "it was stopped before")
        request = arrived(request)
        if getattr(request, "effect", "") == effects.DRAWN:
            # Now, with the kernel's own way to show plots, or it would be without one later.
            importlib.import_module("matplotlib.pyplot")
        alarm = Alarm(seconds)
        traced = sys.gettrace()
        ours = Settings.now()
        steps = denial.Steps()
        try:
            with alarm, chance.settled(seed), contextlib.chdir(self._directory):
                denial.deny(deny)
                self._settings.use()
                try:
                    with steps:
                        answer = self._handlers.answer(request)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:  # SystemExit is theirs, too
                    raised = describe(error, self._cell)
                    return Reply(None, (), raised, tuple(denial.taken()), steps.count)
                return replied(request, answer, tuple(denial.taken()), steps.count)
        except KeyboardInterrupt:
            if alarm.rang:
                raise WorkerLost("timeout", "interrupted") from None
            self._stopped = True
            raise WorkerLost("interrupted", "by the student") from None
        finally:
            denial.leave()
            ours.use()
            if sys.gettrace() is not traced:
                sys.settrace(traced)  # a debugger's

    def apart(self, program: str, request: Request, *, seconds: float) -> Reply:
        """Beside none of the student's names: that is all that is apart in one process."""
        try:
            return Local({}).apart(program, request, seconds=seconds)
        finally:
            denial.leave()

    def line(self, cell: int | None, line: int | None) -> str | None:
        """A line of the code in a cell that an exception came from."""
        if cell not in self._files or line is None:
            return None
        return linecache.getline(self._files[cell], line).strip()[:LONGEST_LINE] or None

    def _cell(self, file: str) -> int | None:
        cell = self._cell_of(file)
        if cell is not None:
            self._files[cell] = file
        return cell


class LiveSessions:
    """The one session of a kernel, an exam's examinees: every check is put to the same functions,
    and none is secret."""

    def __init__(self, live: Live, notebook: Notebook) -> None:
        self.notebook = notebook
        self.told = live
        self.line = live.line

    def explaining(self, corrected: Iterable[str] = ()) -> Live:
        return self.told

    undecided = deciding = explaining

    def secrets_come(self, corrected: Iterable[str] = ()) -> None:
        """There are none."""


class _Names(Namespace):
    """What a suite defines beside the student's code, before the student's names."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        super().__init__()
        self._theirs = theirs

    @override
    def find(self, name: str) -> Any:
        return self.values[name] if name in self.values else self._theirs[name]
