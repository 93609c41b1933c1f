"""What tests share: a zygote for those that need workers and no judge, and warm processes from
which judges and commands get what takes seconds to start."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Generator, Iterator
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

import kinds
import pytest
import typer.main
import warm
from begun import pytest_runtest_call, pytest_runtest_setup  # noqa: F401
from hypothesis import HealthCheck, settings
from workers import LIMITS
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from autograder.course import TIERS, Tier
from autograder.sandbox import client
from autograder.sandbox import launch as launching
from autograder.sandbox.client import TierUnavailable, Worker, Zygote
from autograder.sandbox.launch import launch

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


@pytest.fixture(scope="session", autouse=True)
def quick_zygotes() -> Iterator[None]:
    """Every judge of this process has a zygote of its own, in a few milliseconds; and so has who
    starts a process in Python's own way. The command line is put together once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (client, launching):
            patch.setattr(module, "launch", warm.launch)
        patch.setattr(forkserver, "connect_to_new_process", warm.connect_to_new_process)
        contexts = multiprocessing.get_context
        patch.setattr(multiprocessing, "get_context", lambda method=None: contexts(
            "forkserver" if method == "spawn" else method))
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield
    warm.close()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote(launch()) as zygote:
        yield zygote


@pytest.fixture(scope="session")
def lacking(zygote: Zygote) -> dict[Tier, str]:
    """The tiers that this machine lacks, and why: what `autograder doctor` says too."""
    found: dict[Tier, str] = {}
    for tier in TIERS:
        try:
            zygote.spawn(tier, LIMITS).stop()
        except TierUnavailable as error:
            found[tier] = str(error)
    return found


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest, lacking: dict[Tier, str]) -> Tier:
    """Each tier in turn."""
    tier: Tier = request.param
    if tier in lacking:
        pytest.skip(lacking[tier])
    return tier


@pytest.fixture
def tiered(zygote: Zygote, tier: Tier) -> Iterator[Worker]:
    """A fresh worker of each tier in turn."""
    worker = zygote.spawn(tier, LIMITS)
    yield worker
    worker.stop()


@pytest.fixture
def worker(zygote: Zygote, lacking: dict[Tier, str]) -> Iterator[Worker]:
    """A fresh worker of the strongest tier."""
    worker = zygote.spawn(next(tier for tier in TIERS if tier not in lacking), LIMITS)
    yield worker
    worker.stop()
