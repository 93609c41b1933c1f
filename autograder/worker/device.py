"""What a worker needs in order to use a GPU, and this machine or version has not."""

from __future__ import annotations


def lacking() -> list[str]:
    """In words for staff; nothing where a worker can."""
    return ["there is a CUDA device, but no confinement for workers that use it yet"]
