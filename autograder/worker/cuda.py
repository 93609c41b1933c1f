"""What torch does with CUDA in a worker: nothing before the fork, and its first steps after it.

CUDA that was used before a fork cannot be used after it. torch asks for devices where nobody would
think of them: an optimizer's step does, and so does the first gradient of a process.
"""

from __future__ import annotations

import os
from typing import Any

import torch

from autograder.worker import rehearsal
from autograder.worker.device import REHEARSAL, make_visible


def stay_untouched() -> None:
    """In the zygote, when it is warm.

    Raises:
        RuntimeError: its workers could not use CUDA any more.
    """
    child = os.fork()
    if child == 0:
        spoiled = getattr(torch.cuda, "_is_in_bad_fork", lambda: False)
        os._exit(1 if spoiled() else 0)
    if torch.cuda.is_initialized() or os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("CUDA was used before the fork: no worker could use it after that")


def be_exact() -> None:
    """Compute float32 in float32 on a GPU, and by the same kernels each time.

    Convolutions have another precision by default, and one of their own: in torch 2.11, what is
    said of all does not change it.
    """
    backends: Any = torch.backends  # which is more to torch than to mypy
    for backend in (backends, backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn):
        backend.fp32_precision = "ieee"
    backends.cudnn.benchmark = False


def begin(name: str | None) -> None:
    """In the worker of the GPU ``name``, before any student code: open it, in the precision that
    the staff's solution has, and once do what costs time at first use. Without one, nothing.

    Raises:
        OSError: a step of the rehearsal is refused.
        RuntimeError: CUDA says why it cannot be used.
    """
    if name is None:
        return
    make_visible(name)
    if name == REHEARSAL:
        rehearsal.begin()
        return
    be_exact()
    torch.cuda.init()
    square = torch.ones(8, 8, device="cuda")
    torch.mm(square, square)
    torch.cuda.synchronize()
