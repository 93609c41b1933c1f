"""What timing asks of a device, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import torch

Transfer = Literal["timed", "shared"]
"""How numbers get to a GPU: copied there and back by the worker, within the time of the call; or
not at all, for the judge shares memory of the device."""


@dataclass(frozen=True)
class Handed:
    """What a worker is given to be timed on: descriptors, and where its function works."""

    memory: int | None  # descriptor of memory of the machine
    block: int | None = None  # or of memory on the device
    block_size: int = 0
    device: str = "cpu"  # as torch calls it


class Block(Protocol):
    """Inputs and answer of one worker's calls, in memory that the judge shares with it and with
    nobody else. Tensors are float32."""

    @property
    def handed(self) -> Handed: ...

    def lay_out(self, shapes: Sequence[Sequence[int]]) -> None:
        """From now on the inputs have these shapes, and the answer the last of them."""
        ...

    def stage(self, inputs: Sequence[torch.Tensor]) -> None:
        """Get these ready to be handed over, and have the answer be NaN."""
        ...

    def hand_over(self) -> None:
        """The inputs are where the worker reads them when this returns. The clock runs."""
        ...

    def take_back(self) -> None:
        """A copy of the answer is the judge's own when this returns. The clock runs."""
        ...

    def answer(self) -> torch.Tensor:
        """That copy."""
        ...

    def close(self) -> None: ...


class Equipment(Protocol):
    """A device to time on, for one submission at a time."""

    @property
    def uuid(self) -> str | None:
        """Of a GPU."""
        ...

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds since some beginning: the judge's clock."""
        ...

    @property
    def transfer(self) -> Transfer | None:
        """None where there is nothing to transfer."""
        ...

    @property
    def is_apart(self) -> bool:
        """Whether it goes on with a call while the worker's threads have no core, and is shared in
        ways that let one worker's fault strike another."""
        ...

    @property
    def judges_on(self) -> str:
        """Where the reference is computed, as torch calls it."""
        ...

    def block(self, shapes: Sequence[Sequence[Sequence[int]]]) -> Block:
        """Memory for one worker, large enough for any of these problems."""
        ...

    def is_quiet(self) -> bool:
        """Whether nothing runs on it, of whomever. To be asked while every worker is frozen."""
        ...

    def is_slowed(self) -> bool:
        """Whether heat, power or anything else keeps it from its full speed now."""
        ...

    def floor(self, size: int) -> float:
        """Seconds in which so many bytes cannot be moved, however it is done."""
        ...

    def close(self) -> None: ...
