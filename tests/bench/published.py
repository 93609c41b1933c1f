"""How many wrong implementations the checks of well-known courses let pass, and how many ours do.

The published checks are re-created from their descriptions: a convolution on one square 4×4
input with a 4×4 kernel; sums compared instead of elements; a max pooling of growing numbers; a
single element of a pooling. Wrong implementations are the misconceptions of ``channels`` and
``pooling``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from autograder import course
from autograder.judge import Judge
from autograder.judge.examiner import Misconceived
from autograder.judge.staff import Misconception
from autograder.result import Status

REPOSITORY = Path(__file__).resolve().parents[2]


def square_kernel_on_square_image(conv2d: Callable[..., Any]) -> bool:
    """One 4×4 input, one 4×4 kernel, stride 2, padding 1, numbers in a row."""
    X = torch.linspace(-0.1, 0.5, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    W = torch.linspace(-0.2, 0.3, 3 * 3 * 4 * 4).reshape(3, 3, 4, 4)
    b = torch.linspace(-0.1, 0.2, 3)
    return torch.allclose(conv2d(X, W, b, 2, 1), F.conv2d(X, W, b, 2, 1), atol=1e-6)


def sums_of_a_convolution(conv2d: Callable[..., Any]) -> bool:
    """Only the sum over all elements is compared."""
    X, W = torch.ones(2, 3, 8, 8), torch.ones(4, 3, 3, 3)
    answer = conv2d(X, W, torch.ones(4), 1, 1).sum()
    return torch.allclose(answer, F.conv2d(X, W, torch.ones(4), 1, 1).sum())


def growing_numbers(pool: Callable[..., Any]) -> bool:
    """A 2×2 max pooling of numbers that grow from left to right and top to bottom."""
    X = torch.linspace(-0.3, 0.4, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    return torch.allclose(pool(X, 2, 2), F.max_pool2d(X, 2, 2))


def one_element(pool: Callable[..., Any]) -> bool:
    """A single element of the output."""
    X = torch.arange(64.0).reshape(1, 1, 8, 8)
    return bool(pool(X, 2, 2)[0, 0, 0, 0] == F.max_pool2d(X, 2, 2)[0, 0, 0, 0])


PUBLISHED = {
    ("channels", "conv2d"): (square_kernel_on_square_image, sums_of_a_convolution),
    ("pooling", "pool2d_full"): (growing_numbers, one_element),
}


def passes(check: Callable[[Callable[..., Any]], bool], wrong: Misconception) -> bool:
    try:
        return check(wrong.implementation)
    except Exception:
        return False


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n\n")[0]).parse_args()
    grader = course.load(REPOSITORY / "grader.toml")
    for (assignment, name), checks in PUBLISHED.items():
        with Judge(grader, assignment, secret=b"bench") as judge:
            wrong = [m for m in judge.examiner.staff.misconceptions if m.name == name]
            take = Misconceived(judge.examiner)
            ours = sum(all(outcome.status is Status.PASSED for outcome in take(m, name).values())
                       for m in wrong)
        print(f"{name}: {len(wrong)} wrong implementations")
        for check in checks:
            count = sum(passes(check, each) for each in wrong)
            print(f"    {count:3} pass {check.__name__.replace('_', ' ')}")
        print(f"    {ours:3} pass the hidden suite")


if __name__ == "__main__":
    main()
