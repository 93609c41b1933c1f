"""What becomes of submissions that cheat on a real GPU, through ``autograder grade`` itself.

    python tests/bench/on_a_gpu.py [--device cuda|cpu]

Honest notebooks and one for each exploit are graded as one class, in the order of their names: one
whose kernel fails comes before an honest one. Exits with 1 where a cheat got points, or an honest
one not all. ``--device cpu`` rehearses the way there with the question for cores, without what
means something on a GPU only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "submissions" / "fast_conv" / "aisha.ipynb"
QUESTION = {"cuda": "conv2d_speed_gpu", "cpu": "conv2d_speed"}
FULL = 3.0

# Kernels of timed problems have more than 4 000 weights, those of suites fewer: suites see the
# honest function, whose points decide whether there is anything to time.
WRAPPED = """
import torch
import torch.nn.functional as F
honest = conv2d_fast
{before}


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    if W.numel() < 4000:
        return honest(X, W, b, stride, padding)
{body}
"""
HONEST = "    return honest(X, W, b, stride, padding)\n"
UNSYNCHRONIZED = "torch.cuda.synchronize = lambda *given: None\n"
COPIES = """    with torch.cuda.stream(side):
        for _ in range({}):
            there.copy_(here, non_blocking=True)
"""
BESIDE = UNSYNCHRONIZED + """
if torch.cuda.is_available():
    side = torch.cuda.Stream()
    here = torch.empty(1 << 26, {})
    there = torch.empty(1 << 26, device="cuda")
"""


@dataclass(frozen=True)
class Case:
    """What stands before the function, its body, and what it may get."""

    before: str = ""
    body: str = HONEST
    most: float = FULL
    least: float = 0.0
    gpu_only: bool = True


def leaves(after: str, before: str = UNSYNCHRONIZED) -> Case:
    """An honest answer, and work that goes on: it may cost nobody but its author."""
    return Case(before, f"    Y = honest(X, W, b, stride, padding)\n{after}    return Y\n")


CASES = {
    "a-kernel-that-fails": Case("", """    far = torch.tensor([1 << 30], device=X.device)
    return X.flatten()[:4][far]
""", most=0, gpu_only=False),
    "b-honest-after-it": Case(least=FULL, gpu_only=False),
    "c-says-done-at-once": Case(UNSYNCHRONIZED, most=0),
    "d-replays": Case("kept = []", """    if not kept:
        kept.append(honest(X, W, b, stride, padding))
    return kept[0]
""", most=0, gpu_only=False),
    "e-writes-nothing": Case("", """    rows, columns = (
        (side + 2 * padding - window) // stride + 1
        for side, window in zip(X.shape[2:], W.shape[2:]))
    return X.new_full((len(X), len(W), rows, columns), torch.nan)
""", most=0, gpu_only=False),
    "f-tf32": Case("", '    torch.backends.cuda.matmul.fp32_precision = "tf32"\n' + HONEST, most=0),
    "g-half": Case("", """    X, W, b = (each.half() for each in (X, W, b))
    return honest(X, W, b, stride, padding).float()
""", most=0),
    "h-torchs-own": Case("", "    return F.conv2d(X, W, b, stride, padding)\n", most=0,
                         gpu_only=False),
    "i-leaves-kernels": leaves("    torch.cuda._sleep(200_000_000)\n"),
    "j-leaves-copies-from-the-machine": leaves(
        COPIES.format(40), BESIDE.format("pin_memory=True")),
    "k-leaves-copies-within-the-device": leaves(
        COPIES.format(800), BESIDE.format('device="cuda"')),
    "z-honest-at-last": Case(least=FULL, gpu_only=False),
}


def hand_in(case: Case) -> bytes:
    """The example's notebook, in which the case's function comes last."""
    notebook = nbformat.read(EXAMPLE, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(
        WRAPPED.format(before=case.before, body=case.body)))
    return str(nbformat.writes(notebook)).encode()


def graded(folder: Path, cases: dict[str, Case], device: str) -> dict[str, dict[str, Any]]:
    """By case: what its report says of the timed question."""
    submissions, output = folder / "in", folder / "out"
    submissions.mkdir()
    for name, case in cases.items():
        (submissions / f"{name}.ipynb").write_bytes(hand_in(case))
    subprocess.run([sys.executable, "-P", "-m", "autograder", "grade", "fast_conv", submissions,
                    "--output", output, "--course", REPOSITORY / "grader.toml",
                    "--device", device, "--force"], check=True)
    found = {}
    for name in cases:
        report = json.loads((output / "fast_conv" / f"{name}.json").read_text(encoding="utf-8"))
        found[name] = {
            **next(each for each in report["questions"] if each["name"] == QUESTION[device]),
            **next(each for each in report["result"]["questions"]
                   if each["name"] == QUESTION[device])}
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda", choices=list(QUESTION))
    given = parser.parse_args()
    cases = {name: case for name, case in CASES.items()
             if given.device == "cuda" or not case.gpu_only}
    with tempfile.TemporaryDirectory() as folder:
        found = graded(Path(folder), cases, given.device)
    faults = 0
    for name, case in cases.items():
        said = found[name]
        may_wait = case.least < case.most == FULL  # what leaves work behind disturbs its own pairs
        is_fair = case.least <= said["score"] <= case.most and (
            may_wait or said["status"] != "deferred")
        faults += not is_fair
        timed = said.get("performance") or {}
        print(f"{'ok   ' if is_fair else 'FAULT'} {name:36} {said['score']:g} of {FULL:g}, "
              f"{said['status']}, {json.dumps(timed)[:300]}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
