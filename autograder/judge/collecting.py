"""All that the judge uses of pytest's inside: collect a suite once, run one item many times.

pytest has no public way to run an item again. Its runner would also write a report for each check,
which costs 30 ms for one that fails and is read by nobody. So the judge uses what is private in
pytest: in this file only, and each name is in ``PRIVATE``. A test says which of these a new pytest
lacks: ``tests/framework/judge/test_collecting.py``.
"""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import _pytest.config
import _pytest.tmpdir
import pytest

from autograder.judge.fixtures import Fixtures
from autograder.judge.items import MARKERS
from autograder.judge.staff import JudgeError

PRIVATE = {
    "_prepareconfig": "makes a configuration without starting a run",
    "_do_configure": "tells the plugins of the configuration",
    "_ensure_unconfigure": "undoes that",
    "_initrequest": "gives an item fresh fixtures, so that it can run again",
    "_setupstate": "sets items up and tears them down, with their fixtures of every scope",
    "setup": "runs the fixtures of an item up to its call",
    "teardown_exact": "undoes them",
    "_fixtureinfo": "says which fixtures an item asks for, and whose they are",
    "name2fixturedefs": "has their definitions by name",
    "func": "what a definition calls, and so whose it is",
    "argnames": "which fixtures that asks for in turn",
    "callspec": "has what a parametrized item is given",
    "params": "has that by the names of parameters",
    "get_direct_param_fixture_func": "what the definition of a parameter calls that has no fixture",
    "tmppath_result_key": "where tmp_path looks for a report's outcome when it cleans up",
}
"""What is used of pytest that its documentation does not promise -> what for."""

_OPTIONS = (
    "-c", "/dev/null", "--noconftest", "--import-mode=importlib", "--strict-markers",
    "--capture=no", "--disable-plugin-autoload",
    "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging",
    # These two walk the whole heap, torch's too, after every check.
    "-p", "no:unraisableexception", "-p", "no:threadexception",
    "-o", "tmp_path_retention_policy=failed",  # folders that checks made are removed after each
)


# What a plain call of these gives has not run; pytest knows what to say of them.
_NOT_CALLED = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
_PARAMETER = "get_direct_param_fixture_func"  # of a parameter that goes to no fixture


class _Plugin:
    """Gives checks their fixtures, and keeps what could not be collected."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures
        self.broken: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext.strip()[-2_000:]}")

    @pytest.fixture
    def check(self) -> Any:
        return self._fixtures.check()

    @pytest.fixture
    def refuses(self) -> Any:
        return self._fixtures.refuses()

    @pytest.fixture
    def student(self) -> Any:
        return self._fixtures.student()

    @pytest.fixture
    def expect(self) -> Any:
        return self._fixtures.expect()

    @pytest.fixture
    def draw(self) -> Any:
        return self._fixtures.draw()

    @pytest.fixture
    def measure(self) -> Any:
        return self._fixtures.measure()


def collected(directory: Path, fixtures: Fixtures) -> Collected:
    """The items of a directory, whose checks are given these fixtures.

    Raises:
        JudgeError: a file of it is broken.
    """
    plugin = _Plugin(fixtures)
    found = Collected(directory, [plugin])
    if plugin.broken:
        raise JudgeError("the hidden suite is broken:\n" + "\n".join(plugin.broken))
    return found


class Collected:
    """The items of a directory, to be run as often as one likes."""

    def __init__(self, directory: Path, plugins: Sequence[object]) -> None:
        with pytest.MonkeyPatch.context() as environment:
            for variable in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # meant for other runs
                environment.delenv(variable, raising=False)
            self._config = _pytest.config._prepareconfig(
                [str(directory), f"--rootdir={directory}", *_OPTIONS], plugins=list(plugins))
        self._config._do_configure()
        self._session = pytest.Session.from_config(self._config)
        self._config.hook.pytest_sessionstart(session=self._session)
        with _own_modules(directory):
            self._config.hook.pytest_collection(session=self._session)
        self.items: list[pytest.Item] = self._session.items
        for path in {item.path for item in self.items}:
            _remember(path)
        self._plain = {item: _plain(item, plugins) for item in self.items}

    def run(self, item: pytest.Item) -> BaseException | None:
        """Set up, run and tear down one item; the exception that ended it, None when it passed. It
        has a note of the suite's file and line that led to it."""
        try:
            if (plain := self._plain.get(item)) is not None:
                plain()
            else:
                self._run_by_pytest(item)
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
            error.add_note(_place(error, item))
            return _without_frames(error)
        return None

    def _run_by_pytest(self, item: pytest.Item) -> None:
        item._initrequest()  # type: ignore[attr-defined]
        item.stash[_pytest.tmpdir.tmppath_result_key] = {}  # no report, so nothing failed
        try:
            self._session._setupstate.setup(item)
            item.runtest()
        finally:
            self._session._setupstate.teardown_exact(None)

    def close(self) -> None:
        self._config._ensure_unconfigure()


@dataclass(frozen=True)
class _PlainCall:
    """An item that is a function, and asks for no more than parameters and what our own fixtures
    give: to call it takes a tenth of the time in which pytest sets it up and tears it down."""

    function: Callable[..., object]
    parameters: Mapping[str, object]
    fixtures: Mapping[str, Callable[[], object]]

    def __call__(self) -> None:
        self.function(**self.parameters, **{name: make() for name, make in self.fixtures.items()})


def _plain(item: pytest.Item, plugins: Sequence[object]) -> _PlainCall | None:
    """None of an item that pytest has to run."""
    if not isinstance(item, pytest.Function) or item.cls is not None \
            or any(of(item.obj) for of in _NOT_CALLED):
        return None
    given = item.callspec.params if hasattr(item, "callspec") else {}
    parameters: dict[str, object] = {}
    fixtures: dict[str, Callable[[], object]] = {}
    for name in item.fixturenames:
        definitions = item._fixtureinfo.name2fixturedefs.get(name, ())
        if len(definitions) != 1:
            return None
        [definition] = definitions
        owner = getattr(definition.func, "__self__", None)
        if name in given and definition.func.__name__ == _PARAMETER:
            parameters[name] = given[name]
        elif any(owner is plugin for plugin in plugins) and not definition.argnames:
            fixtures[name] = definition.func
        else:
            return None
    return _PlainCall(item.obj, parameters, fixtures)


@contextmanager
def _own_modules(directory: Path) -> Iterator[None]:
    """Pytest takes any module of a file's name for that file's: another suite's, or a package's."""
    names = {path.relative_to(directory).with_suffix("").parts for path in directory.rglob("*.py")}
    others = {name: sys.modules.pop(name, None) for name in map(".".join, names)}
    try:
        yield
    finally:
        for name, module in others.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def _remember(path: Path) -> None:
    """Keep a file's lines for ``inspect``: what was unpacked for a judge is gone when it judges."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    linecache.cache[str(path)] = sum(map(len, lines)), None, lines, str(path)


def _without_frames(error: BaseException) -> BaseException:
    """The error, and what it came of: their frames hold everything that was answered."""
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = None
        each = each.__cause__ or each.__context__
    return error


def _place(error: BaseException, item: pytest.Item) -> str:
    """File and line of the suite's own code that led to ``error``."""
    found = [(*_lies(frame.f_code.co_filename), line)
             for frame, line in traceback.walk_tb(error.__traceback__)]
    lines = [f"{name}:{line}" for folder, name, line in found if folder == item.path.parent]
    return lines[-1] if lines else f"{item.path.name}, before {item.name} began"


@lru_cache
def _lies(file: str) -> tuple[Path, str]:
    """A file's folder, and its name: every failed check asks of the same ones."""
    return Path(file).parent, Path(file).name
