"""Work on a stranger's file ends, whatever the file, and costs the next one nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

from autograder.exchange.bounded import Bounded


def worked(task: str) -> tuple[str, int]:
    """What each task leads to, and in which process."""
    if task == "hang":
        re.match(r"(a+)+$", "a" * 60 + "b")
    if task == "fill":
        bytearray(8 << 30)
    if task == "die":
        os._exit(0)
    if task == "raise":
        raise RuntimeError(task)
    return task, os.getpid()


def test_what_takes_too_much_is_given_up_and_what_follows_is_done() -> None:
    with Bounded(worked, seconds=1, memory_mb=4096) as bounded:
        for task in ("hang", "fill", "die", "raise"):
            assert bounded(task) is None
            done = bounded("next")
            assert done is not None and done[0] == "next"


def test_calls_share_a_process_that_ends_with_the_block() -> None:
    with Bounded(worked, seconds=1, memory_mb=4096) as bounded:
        first, second = bounded("one"), bounded("two")
    assert first is not None and second is not None and first[1] == second[1] != os.getpid()
    assert not Path(f"/proc/{first[1]}").exists()
