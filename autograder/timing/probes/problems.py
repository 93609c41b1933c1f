"""What probes share: the course's problems for a GPU, and functions that solve them."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

ProbeFigures = dict[str, Any]
GpuProbe = Callable[[Path], ProbeFigures]
Shapes = list[list[int]]

_LARGEST_ERROR = 2e-5

FUNCTIONS = {
    "unfold and matmul": """
import torch.nn.functional as F
def f(X, W, b, s, p):
    H = (X.shape[2] + 2*p - W.shape[2]) // s + 1
    Y = W.flatten(1) @ F.unfold(X, W.shape[2:], padding=p, stride=s) + b[:, None]
    return Y.reshape(len(X), len(W), H, -1)
""",
    "as_strided and einsum": """
import torch, torch.nn.functional as F
def f(X, W, b, s, p):
    X = F.pad(X, (p, p, p, p))
    h, w = W.shape[2:]
    H, V = (X.shape[2] - h) // s + 1, (X.shape[3] - w) // s + 1
    n, c, i, j = X.stride()
    windows = X.as_strided((*X.shape[:2], H, V, h, w), (n, c, s*i, s*j, i, j))
    return torch.einsum("ncijab,ocab->noij", windows, W) + b.view(1, -1, 1, 1)
""",
    "an einsum for each weight": """
import torch, torch.nn.functional as F
def f(X, W, b, s, p):
    X = F.pad(X, (p, p, p, p))
    h, w = W.shape[2:]
    H, V = (X.shape[2] - h) // s + 1, (X.shape[3] - w) // s + 1
    Y = b.view(1, -1, 1, 1)
    for i in range(h):
        for j in range(w):
            tap = X[:, :, i : i + (H - 1)*s + 1 : s, j : j + (V - 1)*s + 1 : s]
            Y = Y + torch.einsum("nchw,oc->nohw", tap, W[:, :, i, j])
    return Y
""",
    "torch's convolution (forbidden)": """
import torch.nn.functional as F
def f(X, W, b, s, p):
    return F.conv2d(X, W, b, s, p)
""",
    "TF32 (too imprecise)": """
import torch, torch.nn.functional as F
def f(X, W, b, s, p):
    torch.backends.cudnn.conv.fp32_precision = "tf32"
    return F.conv2d(X, W, b, s, p)
""",
}
"""``f`` of X, W, b, stride and padding: sources, by what people call it."""

HONEST = FUNCTIONS["unfold and matmul"]


def problems(course: Path) -> Iterator[tuple[Shapes, list[Any], Shapes]]:
    """Of the course's convolution on a GPU: shapes of the tensors, numbers, and all shapes."""
    table = tomllib.loads((course / "grader.toml").read_text(encoding="utf-8"))
    for question in table["assignments"]["fast_conv"]["questions"]:
        if question.get("performance", {}).get("device") != "cuda":
            continue
        for problem in question["performance"]["problems"]:
            meta = [torch.empty(shape, device="meta") for shape in problem["tensors"]]
            answer = _convolution(meta, problem["numbers"])
            yield problem["tensors"], problem["numbers"], [*problem["tensors"], [*answer.shape]]


def drawn(tensors: Shapes) -> list[torch.Tensor]:
    random = torch.Generator("cuda").manual_seed(secrets.randbits(63))
    return [torch.randn(shape, generator=random, device="cuda") for shape in tensors]


def is_right(
    answer: torch.Tensor, inputs: Sequence[torch.Tensor], numbers: Sequence[Any]
) -> bool:
    exact = _convolution([each.double() for each in inputs], numbers)
    error = (answer.cuda().double() - exact).norm()
    return bool(error <= _LARGEST_ERROR * exact.norm())


def _convolution(tensors: Sequence[torch.Tensor], numbers: Sequence[Any]) -> torch.Tensor:
    X, W, b = tensors
    stride, padding = numbers
    return torch.nn.functional.conv2d(X, W, b, stride, padding)
