"""Whose fault it is that a worker was lost: by signs that no worker can make."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.protocol import End
from autograder.sandbox import fault
from autograder.sandbox.fault import memory_left, our_fault

PLENTY, LITTLE, PROMISED = 8 << 30, 100 << 20, 1 << 30


@pytest.mark.parametrize(("end", "late", "left"), [
    (End(None), False, PLENTY),  # no supervisor
    (End(-9), False, PLENTY),  # killed, by nobody of ours
    (End(-9), True, PLENTY),
    # Read from disk over and over, and there is less than one worker may take.
    (End(-9, "killed", major_faults=5_000), True, LITTLE),
])
def test_it_is_ours(end: End, late: bool, left: int) -> None:
    assert our_fault(end, late=late, left=lambda: left, promised=PROMISED) is not None


@pytest.mark.parametrize(("end", "late", "left"), [
    (End(0), False, PLENTY),
    (End(-11), False, LITTLE),
    (End(-9, "killed"), True, PLENTY),
    (End(-9, "memory"), False, PLENTY),
    (End(-9, "unstoppable"), False, PLENTY),
    (End(-9, "time"), False, PLENTY),
    # Somebody else's process was killed meanwhile, and memory is short; this one was well.
    (End(-9, "killed", major_faults=20), True, LITTLE),
    # What a worker can do by itself: read what nobody has read before, page by page, and hang.
    (End(-9, "killed", major_faults=5_000), True, PLENTY),
    # Or end instead of hanging.
    (End(1, major_faults=5_000), False, LITTLE),
])
def test_it_is_the_students(end: End, late: bool, left: int) -> None:
    assert our_fault(end, late=late, left=lambda: left, promised=PROMISED) is None


def group(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("DOT", ".")).write_text(text)
    return folder


def test_what_is_left_in_a_group_is_its_limit_but_for_what_it_holds(tmp_path: Path) -> None:
    """Pages of files can be dropped: they count as left, dropped or not."""
    newer = group(tmp_path, memoryDOTmax="1000", memoryDOTcurrent="700",
                  memoryDOTstat="anon 300\nfile 400\nactive_file 150\ninactive_file 200\n")
    assert fault._left_in(newer) == 1000 - 700 + 350
    (newer / "memory.max").write_text("max\n")
    assert fault._left_in(newer) == sys.maxsize


def test_groups_of_the_first_version_are_understood(tmp_path: Path) -> None:
    older = group(tmp_path, memoryDOTlimit_in_bytes="1000", memoryDOTusage_in_bytes="700",
                  memoryDOTstat="active_file 1\ntotal_active_file 150\ntotal_inactive_file 200\n")
    assert fault._left_in(older) == 650


def test_this_machine_has_some_memory_left() -> None:
    total = fault._counts(Path("/proc/meminfo"))["MemTotal:"] << 10
    assert 0 < memory_left() <= total
