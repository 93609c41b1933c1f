"""Starts a zygote without waiting for it, and without torch: who has to import torch as well can
do so in the meantime."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Literal, NamedTuple

from autograder.worker import cgroup, packages
from autograder.worker.device import ENVIRONMENT as WITHOUT_CUDA
from autograder.worker.device import NO_DRIVER
from autograder.worker.device import environment as with_cuda


class Launched(NamedTuple):
    """A zygote that is warming itself up, and our end of the socket on which it will say so."""

    process: subprocess.Popen[bytes]
    socket: socket.socket


ENVIRONMENT = {
    "PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/scratch",
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "TORCHINDUCTOR_CACHE_DIR": "/",  # or importing it makes a directory, which workers may not
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # large pages: less for a fork to copy
    **WITHOUT_CUDA,
    "LD_LIBRARY_PATH": NO_DRIVER,
}
"""Of a zygote, and so of workers: nothing of ours."""


def launch(*, plots: bool = True, device: Literal["cpu", "cuda"] = "cpu") -> Launched:
    """Start a zygote. ``Zygote`` waits for it, and ends it.

    Args:
        device: ``cuda`` is one whose workers may use a GPU. It takes no gradient and no step, for
            torch would open the device for it, and is without matplotlib.
        plots: have matplotlib ready as well, which takes half a second. Without, a worker that
            needs it takes that long.
    """
    with suppress(cgroup.NotDelegated):
        cgroup.prepare()
    cuda = device == "cuda"
    options = {"plots": plots and not cuda, "gradients": not cuda}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "autograder.worker.zygote", str(theirs.fileno()),
         *(option for option, wanted in options.items() if wanted)],
        pass_fds=[theirs.fileno()], cwd="/",
        env={**ENVIRONMENT, **packages.variables(), **(with_cuda() if cuda else {})},
        stdin=subprocess.DEVNULL, start_new_session=True,
    )
    theirs.close()
    return Launched(process, ours)
