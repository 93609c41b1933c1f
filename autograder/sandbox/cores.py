"""Which core a judge's workers run on: the judge's own, and no other judge's."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.worker import linux

_NAME = "autograder-core"


class OwnCore:
    """A core that no other judge of this machine has, as long as there are enough of them."""

    def __init__(self) -> None:
        self._core: int | None = None
        self._claim: socket.socket | None = None

    def choose(self) -> int:
        """The core this process is on; where that is another judge's, one that is nobody's."""
        here = linux.current_core()
        mine = [] if self._core is None else [self._core]
        for core in (here, *mine, *sorted(os.sched_getaffinity(0))):
            if core == self._core or self._take(core):
                return core
        return here

    @contextmanager
    def kept(self) -> Iterator[None]:
        """This thread stays on its core meanwhile, unless every core is another judge's. Left
        alone, the kernel would often wake it on one that is idle, and whose caches are cold."""
        everywhere = os.sched_getaffinity(0)
        core = self.choose()
        if core == self._core:
            os.sched_setaffinity(0, {core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, everywhere)

    def release(self) -> None:
        if self._claim is not None:
            self._claim.close()
        self._core = self._claim = None

    def _take(self, core: int) -> bool:
        """Claim ``core``, by a name that the kernel gives to one process, and frees with it."""
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0{_NAME}-{core}")
        except OSError:
            claim.close()
            return False
        self.release()
        self._core, self._claim = core, claim
        return True
