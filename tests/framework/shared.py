"""What tests share: a zygote for those that need workers and no judge, and warm processes from
which judges and commands get what takes seconds to start."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from functools import cache
from multiprocessing import forkserver

import pytest
import typer.main
import warm
from workers import LIMITS

from autograder.course import TIERS, Tier
from autograder.sandbox import client
from autograder.sandbox import launch as launching
from autograder.sandbox.client import TierUnavailable, Worker, Zygote
from autograder.sandbox.launch import launch


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
