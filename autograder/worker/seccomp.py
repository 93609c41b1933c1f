"""seccomp-BPF: the system calls a worker may still make.

An allow-list. What is not on it fails with EPERM, so that a library that merely tries something
gets an ordinary error; a call through a foreign architecture kills the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable
from contextlib import suppress
from functools import cache

from autograder.worker import ioctls, linux

# name: (number on x86-64, number on aarch64); None where the architecture has no such call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    # files (which ones, is Landlock's and the mounts' business)
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66),
    "pread64": (17, 67), "pwrite64": (18, 68), "lseek": (8, 62), "close": (3, 57),
    "close_range": (436, 436), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "pipe": (22, None), "pipe2": (293, 59), "fstat": (5, 80), "stat": (4, None),
    "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291), "statfs": (137, 43),
    "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "open": (2, None), "openat": (257, 56),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82), "fdatasync": (75, 83),
    "unlink": (87, None), "unlinkat": (263, 35), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "umask": (95, 166),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216),
    "brk": (12, 214), "msync": (26, 227), "get_mempolicy": (239, 236),
    # threads and identity
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    "rseq": (334, 293), "set_tid_address": (218, 96), "gettid": (186, 178), "getpid": (39, 172),
    "getppid": (110, 173), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158),
    "arch_prctl": (158, None), "exit": (60, 93), "exit_group": (231, 94),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "getcpu": (309, 168), "membarrier": (324, 283),
    # signals to oneself
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "pause": (34, None),
    "setitimer": (38, 103), "getitimer": (36, 102), "alarm": (37, None),
    # time and facts
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "times": (100, 153), "getrusage": (98, 165), "getrlimit": (97, 163), "sysinfo": (99, 179),
    "uname": (63, 160), "getrandom": (318, 278),
    # waiting
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "eventfd": (284, None),
    "eventfd2": (290, 19),
    # filtered by argument or answered ENOSYS
    "clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tgkill": (234, 131),
    "madvise": (28, 233),
    "prctl": (157, 167), "prlimit64": (302, 261), "fcntl": (72, 25), "ioctl": (16, 29),
    "openat2": (437, 437), "epoll_pwait2": (441, 441), "futex_waitv": (449, 449),
}

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Newer calls that glibc and Python try first and do without when the kernel does not know them.
_UNKNOWN = ("clone3", "openat2", "faccessat2", "epoll_pwait2", "futex_waitv")

# All that glibc's pthread_create asks for, to the bit: CLONE_VM, FS, FILES, SIGHAND, THREAD,
# SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID. With CLONE_VFORK, say, who calls could not be
# frozen.
_NEW_THREAD = 0x003D0F00
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020080
# SIGKILL, by which a worker's end would look like somebody else's doing; SIGCONT, which undoes
# being frozen; SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.
_SIGNALS_OF_OTHERS = (9, 18, 19, 20, 21, 22)
# What allocators and stacks need: NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, DONTFORK,
# DOFORK, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP, GUARD_INSTALL, GUARD_REMOVE. Not COLD and PAGEOUT,
# nor fadvise64 above: who drops pages and reads them back looks like a machine short of memory.
_ADVICE = (0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 102, 103)
_PR_NAMES = (15, 16)  # PR_SET_NAME, PR_GET_NAME
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # duplicate, get and set flags; not F_SETOWN, F_SETSIG
_IOCTL_REQUESTS = (0x5401, 0x541B, 0x5421, 0x5451)  # TCGETS (isatty), FIONREAD, FIONBIO, FIOCLEX

_LOAD_WORD, _JUMP_EQUAL, _JUMP_SET, _AND, _RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_SET_MODE_FILTER = 1
_ALL_THREADS, NEW_LISTENER = 1, 8  # SECCOMP_FILTER_FLAG_TSYNC, …_NEW_LISTENER
_REFUSE, TELL_LISTENER = 0x00050000 | errno.EPERM, 0x7FC00000


def restrict(device: bool = False) -> None:
    """Install the filter for good, on every thread of this process. Needs no_new_privs.

    Args:
        device: the calls pass that a GPU's driver is spoken to by.

    Raises:
        OSError: the architecture is not known, or the kernel refuses.
    """
    install(_program(platform.machine(), os.getpid(), device), _ALL_THREADS)


def prepare() -> None:
    """Make the filter once for all that are forked from this process and are the first in their
    namespace of processes."""
    with suppress(OSError):  # who installs it is told
        _program(platform.machine(), 1, False)


def tell(device: bool) -> int:
    """Have a listener told of every call that ``restrict`` would refuse, in this thread and those
    that it starts: the descriptor to listen on. For who seeks what a driver needs."""
    return install(_program(platform.machine(), os.getpid(), device, TELL_LISTENER), NEW_LISTENER)


def install(program: bytes, flags: int) -> int:
    """Install a filter; what the kernel answers: a listener, where one was asked for.

    Raises:
        OSError: the kernel refuses, or a thread has a filter that this one has not.
    """
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    answer = linux.syscall("seccomp", _SET_MODE_FILTER, flags, header)
    if flags & _ALL_THREADS and answer:
        raise OSError(errno.ESRCH, f"thread {answer} cannot be filtered")
    return answer


def numbers(machine: str) -> dict[str, int]:
    """The calls that a worker may make, with the numbers that this architecture gives them."""
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call table for {machine}")
    column, _ = _ARCHITECTURES[machine]
    return {name: number for name, call in _CALLS.items() if (number := call[column]) is not None}


@cache
def _program(
    machine: str, own_pid: int, device: bool = False, refusal: int = _REFUSE,
) -> bytes:
    known = numbers(machine)
    _, audit_architecture = _ARCHITECTURES[machine]
    refuse, unknown = _step(_RETURN, refusal), _fail(errno.ENOSYS)
    program = [
        _step(_LOAD_WORD, _ARCHITECTURE_OFFSET),
        _step(_JUMP_EQUAL, audit_architecture, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD_WORD, _NUMBER_OFFSET),
    ]
    filtered = {
        # A new thread as all are, and neither a new process nor a namespace.
        "clone": [
            _step(_LOAD_WORD, _argument(0)),
            _step(_JUMP_EQUAL, _NEW_THREAD, 0, 1), _step(_RETURN, _ALLOW),
            _step(_JUMP_SET, _CLONE_NAMESPACES | _CLONE_THREAD, 0, 1), refuse,
            _fail(errno.EAGAIN),
        ],
        "kill": [*_none_of(1, _SIGNALS_OF_OTHERS), *_one_of(0, (own_pid,)), refuse],
        "tgkill": [*_none_of(2, _SIGNALS_OF_OTHERS), *_one_of(0, (own_pid,)), refuse],
        "madvise": [*_one_of(2, _ADVICE), refuse],
        "prlimit64": [*_one_of(0, (0,)), refuse],
        "prctl": [*_one_of(0, _PR_NAMES), refuse],
        "fcntl": [*_one_of(1, _FCNTL_COMMANDS), refuse],
        "ioctl": [*_one_of(1, _IOCTL_REQUESTS), *(_of_a_driver() if device else []), refuse],
        **{name: [unknown] for name in _UNKNOWN},
    }
    for name, steps in filtered.items():
        if name in known:
            program += [_step(_JUMP_EQUAL, known[name], 0, len(steps)), *steps]
    for name, number in known.items():
        if name not in filtered:
            program += [_step(_JUMP_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    return b"".join([*program, refuse])


def _one_of(argument: int, values: Iterable[int], mask: int | None = None) -> list[bytes]:
    """Allow the call when the low word of ``argument`` is one of ``values``; else go on."""
    steps = [_step(_LOAD_WORD, _argument(argument))]
    if mask is not None:
        steps.append(_step(_AND, mask))
    for value in values:
        steps += [_step(_JUMP_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW)]
    return steps


def _of_a_driver() -> list[bytes]:
    """Allow the ioctls of a GPU's driver; else go on. One of its first device has its size and
    direction beside its number."""
    numbers = _one_of(1, ioctls.FRONTEND.values(), ioctls.NUMBER)
    return [
        *_one_of(1, ioctls.MEMORY.values()),
        _step(_LOAD_WORD, _argument(1)), _step(_AND, ioctls.KIND),
        _step(_JUMP_EQUAL, ioctls.OF_FRONTEND, 0, len(numbers)), *numbers,
    ]


def _none_of(argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse the call when the low word of ``argument`` is one of ``values``; else go on."""
    steps = [_step(_LOAD_WORD, _argument(argument))]
    for value in values:
        steps += [_step(_JUMP_EQUAL, value, 0, 1), _fail(errno.EPERM)]
    return steps


def _argument(index: int) -> int:
    return 16 + 8 * index


def _fail(number: int) -> bytes:
    return _step(_RETURN, 0x00050000 | number)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)
