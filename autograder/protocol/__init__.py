"""The wire between judge and worker: all that crosses the boundary, typed.

``values`` are what functions take and answer, ``coding`` their form as JSON and raw bytes,
``frames`` how these travel. ``requests`` go to a worker, ``replies`` come back. ``spawning`` is
what judge, zygote and supervisor say of a worker from outside it, ``rules`` names what a question
may forbid, ``shared_memory`` is laid out alike on both sides. Nothing is pickled or evaluated, and
a reader believes no length, shape or type before it has checked it.
"""

from __future__ import annotations

from autograder.protocol.coding import Decoder, Encoder, Json
from autograder.protocol.frames import MAX_HEADER, Channel, Closed, Timeout
from autograder.protocol.replies import (
    Declined,
    Ending,
    Inquiry,
    Raised,
    Reply,
    Start,
    Told,
    read_told,
)
from autograder.protocol.requests import (
    CallFunction,
    CallMethod,
    Close,
    Differentiate,
    Envelope,
    LookUp,
    ModuleState,
    PrepareTiming,
    Request,
    RunCell,
    Substitute,
    TimedCall,
    WithArguments,
    can_change,
    changeable,
    encode_request,
)
from autograder.protocol.spawning import FREEZE, HANDED, THAW, USAGE, Confinement, End, Spawn
from autograder.protocol.values import (
    DTYPES,
    Frame,
    Handle,
    Iterated,
    Kind,
    Opaque,
    ProtocolError,
    alike,
    fold,
    kind_of,
    leaves,
    map_leaves,
    pairs,
    plain,
)
from autograder.rules import SHIPPED, Rule, read_rule

__all__ = [
    "DTYPES",
    "FREEZE",
    "HANDED",
    "MAX_HEADER",
    "SHIPPED",
    "THAW",
    "USAGE",
    "CallFunction",
    "CallMethod",
    "Channel",
    "Close",
    "Closed",
    "Confinement",
    "Declined",
    "Decoder",
    "Differentiate",
    "Encoder",
    "End",
    "Ending",
    "Envelope",
    "Frame",
    "Handle",
    "Inquiry",
    "Iterated",
    "Json",
    "Kind",
    "LookUp",
    "ModuleState",
    "Opaque",
    "PrepareTiming",
    "ProtocolError",
    "Raised",
    "Reply",
    "Request",
    "Rule",
    "RunCell",
    "Spawn",
    "Start",
    "Substitute",
    "TimedCall",
    "Timeout",
    "Told",
    "WithArguments",
    "alike",
    "can_change",
    "changeable",
    "encode_request",
    "fold",
    "kind_of",
    "leaves",
    "map_leaves",
    "pairs",
    "plain",
    "read_rule",
    "read_told",
]
