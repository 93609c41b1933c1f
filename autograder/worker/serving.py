"""Serves the judge's requests, one after the other, as long as there are any.

Everything in this process belongs to the student; nothing that it says is believed by the judge.
"""

from __future__ import annotations

import mmap
import os
import sys
from typing import Any

import torch

from autograder import protocol
from autograder.protocol import Close, Declined, Ending, Envelope, Inquiry, Rule, Start
from autograder.worker import chance, denial, ours
from autograder.worker.handlers import Handlers
from autograder.worker.loading import Namespace, describe


class _Server:
    """Speaks the protocol on the worker's side."""

    def __init__(self, channel: protocol.Channel) -> None:
        self._channel = channel
        self._id = 0

    def ask(self, inquiry: Inquiry) -> Any:
        """The judge's answer in the middle of a request. ValueError where it declines."""
        self._channel.send(*inquiry.encode(self._id))
        told = protocol.read_told(*self._channel.receive())
        if isinstance(told, Declined):
            raise ValueError(told.reason)
        return told.answer

    def serve(self, handlers: Handlers) -> None:
        while True:
            envelope = Envelope.read(*self._channel.receive())
            self._id = envelope.number
            denial.deny(envelope.deny)
            if envelope.seed is not None:
                chance.settle(envelope.seed)
            if envelope.kind is Close:
                _flush()
                os._exit(0)
            steps = denial.Steps()
            try:
                request = envelope.request()
                given = protocol.changeable(request)
                before = _remembered(given)
                with steps:
                    answer = handlers.answer(request)
                ending = Ending.answered(answer, None if _unchanged(before, given) else given)
            except BaseException as error:  # SystemExit and KeyboardInterrupt are theirs, too
                ending = Ending.raised(describe(error))
            frame = ending.encode(self._id, denial.taken(), steps.count)
            _flush()
            self._channel.send(*frame)


# As they are before the student's code can put others under these names.
_clone, _equal = torch.Tensor.clone, torch.equal


def _remembered(given: Any) -> Any:
    """Copies of arguments; nothing, which no argument is like, where there is no memory for them:
    they are sent back then."""
    try:
        return protocol.map_leaves(_copied, given)
    except (MemoryError, RuntimeError):  # as torch says it
        return None


def _copied(leaf: Any) -> Any:
    return _clone(leaf) if isinstance(leaf, torch.Tensor) else leaf


_PLAIN = (type(None), bool, int, float, str)


def _unchanged(before: Any, given: Any) -> bool:
    """Whether arguments need not be sent back: where in doubt, they are."""
    try:
        return protocol.alike(before, given, _as_it_was, exact=True)
    except Exception:  # the student has put something there that cannot be looked at
        return False


def _as_it_was(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return bool(one.dtype == other.dtype and one.device == other.device
                    and one.shape == other.shape and (one.is_meta or _equal(one, other)))
    return type(one) in _PLAIN and bool(one == other)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student may have closed or replaced it
            continue


def run(
    descriptor: int, max_body: int, shared: int | None = None, block: int | None = None,
    watched: tuple[Rule, ...] = (), stand_ins: tuple[str, ...] | None = None,
) -> None:
    """Serve the channel until it closes.

    Args:
        shared: descriptor of the judge's memory, for timing.
        block: descriptor of a block of memory on a device, for the same.
        watched: rules that may be in force later.
        stand_ins: packages that are stood in for; None: those that always are.
    """
    channel = protocol.Channel(descriptor, max_body=max_body, timed=False)
    chance.settle(0)  # what fails now is no student's doing
    channel.send(*Start().encode())
    server = _Server(channel)
    namespace = Namespace()
    namespace.install(stand_ins)
    denial.watch(watched)
    denial.guard()
    _forget_ourselves()
    memory = None if shared is None else mmap.mmap(shared, 0)
    server.serve(Handlers(namespace, server.ask, memory, block))


def _forget_ourselves() -> None:
    """From now on nothing of ours can be imported: what is in use stays, without a name."""
    for name in ours.names():
        del sys.modules[name]
    sys.modules["autograder"] = None  # type: ignore[assignment]  # of the installed package, too


def refuse(descriptor: int, reason: str) -> None:
    """Tell the judge that this worker cannot start."""
    protocol.Channel(descriptor, max_body=0).send(*Start(reason).encode())
