"""What judge, zygote and supervisor say to each other of a worker, from outside it."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass

from autograder.rules import Rule, read_rule

FREEZE, THAW, LOOK = b"f", b"t", b"l"
"""Orders to a supervisor, which answers each by the ``USAGE`` of its worker: frozen, but for the
last."""
# A zero, and nanoseconds: CPU time, waiting for a core, and what the first thread did of that.
USAGE = struct.Struct("=xQQQ")

HANDED = ("shared", "block")
"""Descriptors that a worker may be given for timing: of memory that it maps, and of a block of
memory on its device."""


@dataclass(frozen=True)
class Confinement:
    """What one worker is held to. Memory is counted beyond what the zygote has mapped."""

    tier: str  # namespaces, landlock or none
    memory_mb: int
    scratch_mb: int
    cpu_seconds: int
    device: str | None = None  # the UUID of the one GPU that it may use, or "rehearsal"
    device_mb: int = 0  # of memory on it, beyond CUDA's own
    cudnn: bool = True  # it can open cuDNN's parts; else there is none for its convolutions
    given: str = ""  # a folder of files that it finds where it begins, to read; none where empty
    stand_ins: tuple[str, ...] | None = None  # packages that are stood in for; None: those known


@dataclass(frozen=True)
class Spawn:
    """The judge to a zygote: a worker, please. Its sockets travel beside this."""

    confinement: Confinement
    answer_mb: int  # of one frame's body
    output_kb: int  # of what it prints, to be kept
    cores: tuple[int, ...]  # the only ones it may run on
    pinned: bool  # its supervisor runs there, too
    handed: tuple[str, ...] = ()  # what travels beside its two sockets: HANDED, in this order
    watched: tuple[Rule, ...] = ()  # that may be in force later, and mean functions of packages

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, message: bytes) -> Spawn:
        form = json.loads(message)
        confinement = form.pop("confinement")
        stand_ins = confinement.pop("stand_ins")
        return cls(Confinement(**confinement, stand_ins=None if stand_ins is None
                               else tuple(stand_ins)), cores=tuple(form.pop("cores")),
                   handed=tuple(form.pop("handed")),
                   watched=tuple(map(read_rule, form.pop("watched"))), **form)


@dataclass(frozen=True)
class End:
    """How a worker ended, as its supervisor saw it."""

    exit: int | None
    reason: str | None = None  # why it was ended: killed, memory, time, unstoppable
    major_faults: int = 0  # pages that had to be read from disk
    output: str = ""

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, report: bytes) -> End:
        """Raises ValueError for what is no report: there was none, say."""
        try:
            return cls(**json.loads(report))
        except TypeError as error:
            raise ValueError(f"not a report: {error}") from None
