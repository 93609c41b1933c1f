"""The layers of a worker's confinement, put on a child one by one, together, and in parts.

As ``worker.confine`` does it, from which every layer comes; here some can be left out.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autograder.gpucheck.children import Tell
from autograder.gpucheck.listening import Listener
from autograder.gpucheck.steps import NamedSteps, take_steps
from autograder.protocol import Confinement
from autograder.worker import confine, landlock, linux, rehearsal, seccomp
from autograder.worker.device import DUMMY, REHEARSAL, Granted, granted

_MEMORY_MB, _SCRATCH_MB, _CPU_SECONDS = 1024, 16, 120
_EVERYTHING = (*((place, landlock.READ) for place in ("/proc", "/sys", "/dev")),
               ("/dev", landlock.CHANGE), ("/", landlock.LIST))


@dataclass(frozen=True)
class Layering:
    """Which layers a child has."""

    name: str
    namespaces: bool = False
    limits: bool = False
    user: bool = False
    landlock: str = ""  # whole, or what it is without: see _LANDLOCK
    seccomp: str = ""  # told: a listener hears; before, after: what the steps begin with

    @property
    def parts(self) -> frozenset[str]:
        """The layers that it has, by name."""
        return frozenset(name for name in LAYERS if getattr(self, name))


LAYERS = ("limits", "user", "namespaces", "landlock", "seccomp")
_LANDLOCK = {
    "whole": (0, ()),
    "without ioctls": (landlock.IOCTL_DEV, ()),
    "with all of /proc": (0, (("/proc", landlock.CHANGE),)),
    "with all of /proc, /sys and /dev": (0, _EVERYTHING),
}

FRESH = Layering("fresh")
"""A process that nobody has forked."""
FORKED = Layering("nothing")
CUMULATIVE = (
    FORKED,
    Layering("limits", limits=True),
    Layering("+ user", limits=True, user=True),
    Layering("+ namespaces", limits=True, user=True, namespaces=True),
    Layering("+ landlock", limits=True, user=True, namespaces=True, landlock="whole"),
    Layering("+ seccomp", limits=True, user=True, namespaces=True, landlock="whole",
             seccomp="after"),
)
"""The last is a worker."""
ALONE = (
    Layering("only user", user=True),
    Layering("only namespaces", namespaces=True),
    Layering("only landlock", landlock="whole"),
    Layering("only seccomp", seccomp="after"),
)
"""Beside ``limits``, which is alone above."""
IN_PARTS = (
    *(replace(CUMULATIVE[4], name=f"landlock, {part}", landlock=part)
      for part in _LANDLOCK if part != "whole"),
    replace(CUMULATIVE[4], name="seccomp, told of", seccomp="told"),
    replace(CUMULATIVE[4], name="seccomp, from the beginning", seccomp="before"),
)
"""For who seeks the right, the path or the call that is lacking."""


def take(
    layering: Layering, name: str, make: Callable[[rehearsal.Nodes], NamedSteps], begins: int,
    listener: Listener | None, tell: Tell,
) -> None:
    """In a child: put the layers on, and take the steps until one fails. Each is told of.

    Args:
        name: of the GPU, or ``rehearsal``, whose steps need none of each other.
        make: the steps, by the nodes that are there.
        begins: how many steps come before the filter of system calls.
    """
    device = granted(name)
    if name == REHEARSAL and not layering.namespaces:  # it has no place to put others
        device = replace(device, nodes={DUMMY: DUMMY}, settings={})
    nodes = rehearsal.NODES if layering.namespaces or name != REHEARSAL else (DUMMY,) * 3
    confinement = Confinement("namespaces", _MEMORY_MB, _SCRATCH_MB, _CPU_SECONDS, device=name)
    steps = make(nodes)  # while all that they import can be found
    number = os.getpid()
    if layering.namespaces:
        confine.enter(confinement)
        child = os.fork()  # only a child is in the new namespace of processes
        if child:
            _, status = os.waitpid(child, 0)
            os._exit(1 if status else 0)
    _put_on(layering, device, confinement, number)
    if listener is not None:
        listener.filter()
    if layering.seccomp == "before":
        seccomp.restrict(device=True)
    before = partial(seccomp.restrict, True) if layering.seccomp == "after" else lambda: None
    take_steps(steps, tell, {begins: before}, each_alone=name == REHEARSAL)


def take_afresh(command: Sequence[str], inherited: Sequence[int], tell: Tell) -> None:
    """In a child: have another program take steps, and tell what it tells."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, pass_fds=inherited, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            tell(json.loads(line))
    if process.returncode:
        raise ChildProcessError(f"exit {process.returncode}")


def _put_on(
    layering: Layering, device: Granted, confinement: Confinement, number: int
) -> None:
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    readable, writable = confine.installed(), ["/dev/null"]
    if layering.namespaces:
        linux.unshare(linux.CLONE_NEWNS)
        confine.new_root(readable, _SCRATCH_MB, device)
        readable, writable = ("/",), [*writable, confine.SCRATCH]
    if layering.limits:
        confine.limit(confinement, mapped)
    if layering.user:
        confine.become_nobody(readable, number)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if layering.landlock:
        unhandled, beside = _LANDLOCK[layering.landlock]
        confine.open_to_a_gpu(device, readable, writable, unhandled, beside)
    os.chdir(confine.SCRATCH if layering.namespaces else "/")
