"""Tests of kind ``unit`` begin no process: one that does fails, and says where.

Whatever forks or spawns tells Python's audit hooks first, and ``warm`` does where it asks for a
process. Of workers hears nobody but their zygote, so that no such test may have it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

_EVENTS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen", "warm"}
_LINES = 8  # of what led there

_heard: list[str] | None = None  # while a unit runs


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS and _heard is not None:
        led = "".join(traceback.format_stack(sys._getframe(1), limit=_LINES))
        _heard.append(f"{event}, by\n{led}")


sys.addaudithook(_listen)


@contextmanager
def _none(item: pytest.Item) -> Iterator[None]:
    global _heard
    if item.get_closest_marker("unit") is None:
        yield
        return
    _heard = heard = []
    try:
        yield
    finally:
        _heard = None
    if "zygote" in item.fixturenames:  # type: ignore[attr-defined]
        heard.append("the fixture `zygote`")
    if heard:
        pytest.fail("its file is of kind unit, and it begins a process; see kinds.py\n"
                    + "\n".join(heard), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with _none(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with _none(item):
        return (yield)
