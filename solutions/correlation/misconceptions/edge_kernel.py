"""Kernels that find edges: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. ``torch``, ``F``
and ``nn`` are there; anything else an implementation needs stands in it.
"""

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong(
    "edge-sign-reversed",
    "The sign is reversed: 1 is where the image falls from 1 to 0 in reading direction, so the "
    "kernel starts with 1.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[-1.0, 1.0]]), "horizontal": torch.tensor([[-1.0], [1.0]]),
            "diagonal": torch.tensor([[-1.0, 0.0], [0.0, 1.0]])}[direction]


@wrong(
    "edge-kernel-for-one-direction",
    "One kernel for all directions. [[1, −1]] compares neighbours in a row; for horizontal edges "
    "compare neighbours in a column.",
)
def edge_kernel(direction):
    if direction not in ("vertical", "horizontal", "diagonal"):
        raise ValueError(direction)
    return torch.tensor([[1.0, -1.0]])


@wrong(
    "edge-directions-swapped",
    "Vertical and horizontal are swapped: a vertical edge is crossed along a row.",
)
def edge_kernel(direction):
    return {"horizontal": torch.tensor([[1.0, -1.0]]), "vertical": torch.tensor([[1.0], [-1.0]]),
            "diagonal": torch.tensor([[1.0, 0.0], [0.0, -1.0]])}[direction]


@wrong(
    "edges-by-sobel",
    "Those are Sobel's kernels, of 3×3. They find edges, too, and average along them. The smallest "
    "kernel is asked for: it compares two pixels.",
)
def edge_kernel(direction):
    vertical = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
    return {"vertical": vertical, "horizontal": vertical.T,
            "diagonal": torch.tensor([[2.0, 1.0, 0.0], [1.0, 0.0, -1.0], [0.0, -1.0, -2.0]]),
            }[direction]


@wrong(
    "edge-other-diagonal",
    "That is the other diagonal: compare the upper left with the lower right element.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[1.0, -1.0]]), "horizontal": torch.tensor([[1.0], [-1.0]]),
            "diagonal": torch.tensor([[0.0, 1.0], [-1.0, 0.0]])}[direction]


@wrong(
    "edge-kernel-of-integers",
    "The kernels are integer tensors. Write 1.0, or say dtype=torch.float32.",
)
def edge_kernel(direction):
    return {"vertical": torch.tensor([[1, -1]]), "horizontal": torch.tensor([[1], [-1]]),
            "diagonal": torch.tensor([[1, 0], [0, -1]])}[direction]


@wrong(
    "unknown-direction-accepted",
    "A direction that does not exist gets an answer. Raise a ValueError.",
)
def edge_kernel(direction):
    if direction == "vertical":
        return torch.tensor([[1.0, -1.0]])
    if direction == "horizontal":
        return torch.tensor([[1.0], [-1.0]])
    return torch.tensor([[1.0, 0.0], [0.0, -1.0]])
