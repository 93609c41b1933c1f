"""Landlock: which files this process may still open, and no network or signals outwards.

Constants and structures follow the kernel's ``linux/landlock.h``.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from autograder.worker import linux

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_DIR = 1 << 4
_REMOVE_FILE = 1 << 5
_MAKE_DIR = 1 << 7
_MAKE_REG = 1 << 8
_TRUNCATE = 1 << 14  # ABI 3
IOCTL_DEV = 1 << 15  # ABI 5

LIST = _READ_DIR
READ = _READ_FILE | _READ_DIR
CHANGE = READ | _WRITE_FILE | _TRUNCATE  # what is there, and nothing new
USE_DEVICE = _READ_FILE | _WRITE_FILE | IOCTL_DEV
WRITE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
_ON_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE


def version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    try:
        return linux.syscall("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def restrict(
    readable: Iterable[str], writable: Iterable[str], rules: Iterable[tuple[str, int]] = (),
    unhandled: int = 0,
) -> None:
    """Allow these trees and nothing else: no other file, no TCP, no abstract sockets or signals
    to processes outside. Needs no_new_privs. It holds for this thread and those that it starts.

    Args:
        rules: further paths, each with what may be done there.
        unhandled: rights that are not looked at, for who seeks the one that is lacking.

    Raises:
        OSError: the kernel has no Landlock, or refuses.
    """
    abi = version()
    if abi < 1:
        raise OSError(38, "Landlock is not available")
    handled = _handled_file_access(abi) & ~unhandled
    network = 0b11 if abi >= 4 else 0  # bind, connect
    scope = 0b11 if abi >= 6 else 0  # abstract unix sockets, signals
    attributes = struct.pack("QQQ", handled, network, scope)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = linux.syscall("landlock_create_ruleset", attributes[:size], size, 0)
    try:
        for path, access in (*((path, READ) for path in readable),
                             *((path, WRITE) for path in writable), *rules):
            _allow(ruleset, path, access & handled)
        linux.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _handled_file_access(abi: int) -> int:
    bits = 13 + (abi >= 2) + (abi >= 3)  # REFER, TRUNCATE
    handled = (1 << bits) - 1
    if abi >= 5:
        handled |= IOCTL_DEV
    return handled


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISDIR(kind):
            access &= _ON_FILES | (IOCTL_DEV if stat.S_ISCHR(kind) else 0)
        if not access:
            return
        rule = struct.pack("=Qi", access, descriptor)
        linux.syscall("landlock_add_rule", ruleset, 1, rule, 0)
    finally:
        os.close(descriptor)
