"""Control groups (version 2), where the grader has a part of their tree to itself.

Resource limits count address space, threads and files, each for itself. A control group counts
what one worker makes the kernel hold in all: its pages, its scratch files, the kernel's own
structures. Delegated means here: nobody but the grader is in its control group, and it may make
others below it. Then the grader moves into one called ``autograder-self``, and each worker
has one beside that for as long as it lives.

The layout of the tree and its rules are those of the kernel's ``cgroup-v2.rst``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CONTROLLERS = ("memory", "pids")
_GRADER = "autograder-self"
_WORKER = "worker-"
_ATTEMPTS = 5  # to move everybody of ours: who was born in the meantime is moved the next time


class NotDelegated(Exception):
    """Why workers have no control groups of their own here."""


def prepare() -> Path:
    """Move this process and its children out of the way, and let workers' groups be limited.

    To be called before there are processes that are not this one's children. Doing it again, or
    in a child, changes nothing.

    Returns:
        The directory in which workers' groups are made.

    Raises:
        NotDelegated: nothing was changed, or nothing that matters.
    """
    own = _own()
    if own.name == _GRADER:
        return own.parent
    try:
        if not all(_is_ours(pid) for pid in _members(own)):
            raise NotDelegated(f"other processes are in the grader's control group, {own}")
        if not os.access(own / "cgroup.procs", os.W_OK):
            raise NotDelegated(f"the grader may not use its control group, {own}")
        (own / _GRADER).mkdir(exist_ok=True)
        _move(own)
    except OSError as error:
        raise NotDelegated(f"the control group {own} cannot be divided: {error}") from None
    for left in own.glob(f"{_WORKER}*"):  # by a grader that was killed
        with suppress(OSError):
            left.rmdir()
    return own


def home() -> Path | None:
    """Where a grader's child makes groups for workers; None where nothing was prepared."""
    with suppress(NotDelegated):
        own = _own()
        if own.name == _GRADER:
            return own.parent
    return None


def limited(home: Path) -> list[str]:
    """The controllers that limit the groups in ``home``."""
    active = (home / "cgroup.subtree_control").read_text().split()
    return [name for name in CONTROLLERS if name in active]


class Group:
    """The control group of one worker."""

    def __init__(self, home: Path, number: int, *, memory: int, threads: int) -> None:
        """Make it.

        Args:
            number: one that no other living worker of this machine has.
            memory: bytes that everything in it may take together; swap is none.
        """
        self._path = home / f"{_WORKER}{number}"
        self._path.mkdir(exist_ok=True)
        active = limited(home)
        if "memory" in active:
            self._set("memory.max", memory)
            with suppress(FileNotFoundError):  # a kernel without swap
                self._set("memory.swap.max", 0)
        if "pids" in active:
            self._set("pids.max", threads)
        self._members = os.open(self._path / "cgroup.procs", os.O_WRONLY)

    def enter(self) -> None:
        """Put the calling process into it."""
        os.write(self._members, b"0")

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process for the group's limit, not for the machine's."""
        with suppress(OSError):
            events = dict(line.split() for line in
                          (self._path / "memory.events").read_text().splitlines())
            return "0" not in (events.get("oom", "0"), events.get("oom_kill", "0"))
        return False

    def remove(self) -> None:
        """Take it away, once nobody is left in it."""
        with suppress(OSError):
            self._path.rmdir()

    def _set(self, name: str, limit: int) -> None:
        (self._path / name).write_text(str(limit))


def _own() -> Path:
    """The control group of this process, as a directory."""
    group = next((line[3:] for line in _lines("/proc/self/cgroup") if line.startswith("0::")), None)
    if group is None:
        raise NotDelegated("this kernel has no control groups of version 2")
    for line in _lines("/proc/self/mountinfo"):
        fields, kind = line.split(" - ")
        root, point = fields.split()[3:5]
        if kind.startswith("cgroup2 ") and Path(group).is_relative_to(root):
            return Path(point, Path(group).relative_to(root))
    raise NotDelegated("control groups of version 2 are not mounted")


def _members(group: Path) -> list[int]:
    return [int(pid) for pid in _lines(group / "cgroup.procs")]


def _is_ours(pid: int) -> bool:
    """Whether this process is its ancestor, or itself."""
    return os.getpid() in _ancestry(pid)


def _ancestry(pid: int) -> Iterator[int]:
    while pid:
        yield pid
        pid = next((int(line.split()[1]) for line in _lines(f"/proc/{pid}/status")
                    if line.startswith("PPid:")), 0)


def _move(own: Path) -> None:
    """Everybody into the grader's group: one with members of its own cannot limit others."""
    wanted = set(CONTROLLERS) & set((own / "cgroup.controllers").read_text().split())
    for attempt in range(_ATTEMPTS):
        for pid in _members(own):
            with suppress(ProcessLookupError):
                (own / _GRADER / "cgroup.procs").write_text(str(pid))
        try:
            (own / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in wanted))
            return
        except OSError as error:
            if error.errno != errno.EBUSY or attempt == _ATTEMPTS - 1:
                raise


def _lines(path: str | Path) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
