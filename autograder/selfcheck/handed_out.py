"""Folders of checks that students were given before ``autograder.suite`` was there.

Their suites import modules that have other names now, and take hold of the judge's inside. They go
on working as they are: while such a suite is collected, the old modules are there, and its fixtures
have the attributes of then. Nothing else of the package knows the old names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.judge.check_run import CheckRun, Verdict, raised_verdict
from autograder.judge.checks import Checks, StudentCode
from autograder.judge.fixtures import Fixtures
from autograder.judge.objects import Object, Pair
from autograder.protocol import CallFunction, Handle, Reply, Request, RunCell
from autograder.result import Evidence, Status, sentence
from autograder.selfcheck import plain

_OLD = re.compile(r"\bfrom autograder\.(judge|sandbox)\b|\._?taking\b")


def is_old(folder: Path) -> bool:
    """Whether its suite takes hold of the judge's inside."""
    return any(_OLD.search(file.read_text(encoding="utf-8", errors="replace"))
               for file in folder.rglob("test_*.py"))


@contextmanager
def old_modules() -> Iterator[None]:
    """The modules that old suites import, in the place of what is there now under these names."""
    modules: dict[str, ModuleType] = {}
    for name, values in NAMES.items():
        modules[name] = ModuleType(name)
        vars(modules[name]).update(values)
    with plain.named(modules):
        yield


class OldFixtures(Fixtures):
    """``student`` and ``check`` as they were."""

    def student(self) -> Any:
        return _OldNames(StudentCode(self.current()), _Taking(self.current()))

    def check(self) -> Any:
        return _OldNames(Checks(self.current()), _Taking(self.current()))


class _Taking:
    """What suites did with a taking: ask it, and change its answers."""

    def __init__(self, now: CheckRun) -> None:
        self.now = now
        self.answers = now.answers

    def ask(self, verb: str, evidence: Evidence, **fields: Any) -> Reply:
        """``load`` defines a function in the worker, ``call`` calls it."""
        request: Request
        if verb == "load":
            request = RunCell(-1, fields["source"])
        elif verb == "call":
            request = CallFunction(fields["name"], tuple(fields["arguments"]), fields["keep"])
        else:
            raise ValueError(f"no suite that was handed out asks for {verb!r}")
        return self.now.ask(request, evidence)


class _Remote(Object):
    """An object in the worker, whose handle and taking were there to be used."""

    def __init__(self, taking: _Taking, handle: Handle, name: str) -> None:
        super().__init__(taking.now, handle, name)
        self.taking = taking
        self.handle = handle


class _OldNames:
    """A fixture with an attribute for each name of the assignment."""

    def __init__(self, now: Any, taking: _Taking) -> None:
        self._now = now
        self._taking = taking

    def __getattr__(self, name: str) -> _FunctionThen:
        return _FunctionThen(getattr(self._now, name), self._taking)


class _FunctionThen:
    """A function or class of the student's, whose objects are as they were."""

    def __init__(self, now: Any, taking: _Taking) -> None:
        self._now = now
        self._taking = taking

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._now(*arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now, name)

    def new(self, *arguments: Any, **keywords: Any) -> Any:
        made = self._now.new(*arguments, **keywords)
        if isinstance(made, Pair):
            return Pair(self._remote(made.student), made.reference)
        return self._remote(made)

    def _remote(self, made: Object) -> _Remote:
        return _Remote(self._taking, made._handle, made.name)


NAMES: dict[str, dict[str, Any]] = {
    "autograder.judge.modules": {"Remote": _Remote},
    "autograder.judge.taking": {"Verdict": Verdict, "raised_verdict": raised_verdict},
    "autograder.result": {"Evidence": Evidence, "Status": Status, "sentence": sentence},
    "autograder.sandbox.wire": {"Handle": Handle},
}
"""Module -> what suites imported from it."""
