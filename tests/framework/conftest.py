"""Which tests run where, in which order, and marked as what. What they share: ``shared.py``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import kinds
import pytest
from begun import pytest_runtest_call, pytest_runtest_setup  # noqa: F401
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# No test asserts how fast a machine is, hypothesis's neither.
# The same cases each time, but where more are asked for: what a run finds, the next one finds too.
settings.register_profile("unhurried", deadline=None, derandomize="FUZZ" not in os.environ,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Who runs tests in the background has Ctrl-C ignored, by every process that tests start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = ["selfcheck/handed_out"]  # checks as students have them: data of tests


class ByGroup(LoadScopeScheduling):
    """Tests of one group run in one process. (xdist's own groups are written into ids of tests,
    which pytest 9.2 does not let it do.)"""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        name, _, parameters = rest.partition("[")
        return kinds.group(self.config.rootpath / file, name, parameters)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    return ByGroup(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Who only hands out tests to other processes does without what tests share: torch."""
    if kinds.is_distributed() or config.getoption("dist", "no") == "no":
        config.pluginmanager.import_plugin("shared")


@pytest.hookimpl(tryfirst=True)  # before -m reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    kinds.collected.update(item.name for item in items)
    for item in items:
        for mark in kinds.marks(item.path, item.name):
            item.add_marker(mark)
    if kinds.is_distributed():
        items.sort(key=lambda item: kinds.rank(item.path))


def pytest_collection_finish() -> None:
    """What is compiled for tests is kept; nothing is that they write, and write anew within the
    second by which Python tells whether a file has changed."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not kinds.is_distributed():
        return (yield)
    shared: Path = item.config._tmp_path_factory.getbasetemp().parent  # type: ignore[attr-defined]
    with kinds.beside_others(shared, item.originalname in kinds.ALONE):  # type: ignore[attr-defined]
        return (yield)
