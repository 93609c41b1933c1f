"""A timer as many courses have it, for the tests to show what it falls for.

It times the student's function in its own process, on inputs that it makes once, by a clock that
the student can reach, and compares roughly, when all is over. Run as a program with the paths of
exploits, it prints a line of JSON for each: the seconds of a call, the seconds of the reference,
and whether it believes the answers.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import torch

CALLS = 5


def reference(X: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    columns = torch.nn.functional.unfold(X, W.shape[2:], padding=1)
    return ((W.flatten(1) @ columns) + b[:, None]).reshape(len(X), len(W), *X.shape[2:])


def naive(source: str) -> dict[str, Any]:
    torch.manual_seed(0)
    given = torch.randn(2, 3, 9, 8), torch.randn(4, 3, 3, 3), torch.randn(4)
    expected = reference(*given)
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    function = namespace["conv2d_fast"]
    function(*given, 1, 1)  # warm up
    started = time.perf_counter()
    answers = [function(*given, 1, 1) for _ in range(CALLS)]
    seconds = (time.perf_counter() - started) / CALLS
    started = time.perf_counter()
    reference(*given)
    theirs = time.perf_counter() - started
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    believed = torch.allclose(answers[-1][0], expected[0], rtol=0.05, atol=0.1)
    return {"seconds": seconds, "reference": theirs, "believed": believed}


def main(paths: list[str]) -> None:
    torch.set_num_threads(1)
    torch.ones(2, 2) @ torch.ones(2, 2)
    for path in paths:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            found = naive(Path(path).read_text(encoding="utf-8"))
            print(json.dumps({"name": Path(path).stem, **found}), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
