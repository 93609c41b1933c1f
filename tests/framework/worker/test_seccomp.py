"""The filter of system calls. The kernel runs it on one architecture, this file on both."""

from __future__ import annotations

import re
import signal
import struct
from pathlib import Path

import pytest

from autograder.worker import ioctls, linux, seccomp

PID = 4321
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {"x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
           "aarch64": Path("/usr/include/asm-generic/unistd.h")}
ALLOWED, KILLED = "allowed", "killed"
THREAD = 0x3D0F00  # what glibc starts a thread with


def verdict(
    machine: str, number: int, *arguments: int, architecture: int | None = None,
    device: bool = False,
) -> str:
    """What the filter says to a call, by the rules of classic BPF, as far as it uses them."""
    program = list(struct.iter_unpack("HBBI", seccomp._program(machine, PID, device)))
    data = struct.pack("IIQ6Q", number, architecture or MACHINES[machine], 0,
                       *(*arguments, *[0] * 6)[:6])
    at = loaded = 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        match code:
            case 0x20:
                (loaded,) = struct.unpack_from("I", data, value)
            case 0x54:
                loaded &= value
            case 0x15:
                at += if_true if loaded == value else if_false
            case 0x45:
                at += if_true if loaded & value else if_false
            case 0x06:
                if value >> 16 == 5:
                    return f"errno {value & 0xFFFF}"
                return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}[value]
            case _:
                raise AssertionError(f"instruction {code:#x}")


def number(machine: str, name: str) -> int:
    found = seccomp._CALLS[name][list(MACHINES).index(machine)]
    assert found is not None
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_has_the_number_that_the_kernels_headers_give_it(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip(f"{HEADERS[machine]} is not installed: apt-get install linux-libc-dev")
    text = HEADERS[machine].read_text().replace("3264_fstatat", "_newfstatat")
    known = {name: int(value) for name, value in
             re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    table = {name: calls[list(MACHINES).index(machine)] for name, calls in seccomp._CALLS.items()}
    assert {name: value for name, value in table.items() if value is not None} == {
        name: known[name] for name in table if name in known}
    assert linux._NUMBERS[machine].items() <= known.items()
    assert linux._COMMON.items() <= known.items()


@pytest.mark.parametrize("machine", MACHINES)
def test_a_worker_reads_computes_and_starts_threads(machine: str) -> None:
    for name in ("read", "openat", "mmap", "futex", "exit_group", "getrandom", "clock_gettime"):
        assert verdict(machine, number(machine, name)) == ALLOWED, name
    assert verdict(machine, number(machine, "clone"), THREAD) == ALLOWED
    assert verdict(machine, number(machine, "kill"), PID, 15) == ALLOWED
    assert verdict(machine, number(machine, "clone3")) == "errno 38", "glibc takes clone instead"


REFUSED = {  # name: (x86-64, aarch64)
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "unshare": (272, 97),
    "setns": (308, 268), "mount": (165, 40), "chroot": (161, 51), "socket": (41, 198),
    "socketpair": (53, 199), "connect": (42, 203), "memfd_create": (319, 279),
    "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "keyctl": (250, 219), "shmget": (29, 194), "mq_open": (240, 180),
    "inotify_init1": (294, 26), "fchmodat": (268, 53), "utimensat": (280, 88),
    "symlinkat": (266, 36), "linkat": (265, 37), "mlock": (149, 228), "setsid": (112, 157),
    "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122), "setuid": (105, 146),
    "capset": (126, 91), "init_module": (175, 105), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "fadvise64": (221, 223), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440), "seccomp": (317, 277), "landlock_restrict_self": (446, 446),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_not_on_the_list_is_refused(machine: str, name: str) -> None:
    assert verdict(machine, REFUSED[name][list(MACHINES).index(machine)]) == "errno 1"


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_that_reach_others_are_refused_by_their_arguments(machine: str) -> None:
    clone = number(machine, "clone")
    assert verdict(machine, clone, 17) == "errno 11", "a new process"
    for flag in (linux.CLONE_NEWNS, linux.CLONE_NEWUSER, linux.CLONE_NEWPID, linux.CLONE_NEWNET):
        assert verdict(machine, clone, THREAD | flag) == "errno 1"
    for bit in range(32):  # CLONE_VFORK, CLONE_PTRACE, CLONE_UNTRACED, a signal at its end
        assert verdict(machine, clone, THREAD ^ 1 << bit) != ALLOWED, hex(1 << bit)
    for name, arguments in {
        "kill": (1, 9), "tgkill": (PID + 1, PID, 9), "prlimit64": (PID, 9), "prctl": (4, 1),
        "fcntl": (3, 8), "ioctl": (0, 0x5412),  # F_SETOWN, TIOCSTI
    }.items():
        assert verdict(machine, number(machine, name), *arguments) == "errno 1", name
    assert verdict(machine, number(machine, "kill"), 2**32 - 1, 9) == "errno 1", "everybody"


@pytest.mark.parametrize("signal", [signal.SIGKILL, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP,
                                    signal.SIGTTIN, signal.SIGTTOU])
@pytest.mark.parametrize("machine", MACHINES)
def test_signals_that_the_supervisor_works_by_cannot_be_sent(machine: str, signal: int) -> None:
    assert verdict(machine, number(machine, "kill"), PID, signal) == "errno 1"
    assert verdict(machine, number(machine, "tgkill"), PID, PID, signal) == "errno 1"
    assert verdict(machine, number(machine, "tgkill"), PID, PID, 6) == ALLOWED, "abort"


@pytest.mark.parametrize("machine", MACHINES)
def test_pages_cannot_be_dropped_from_the_cache(machine: str) -> None:
    """But an allocator can give back its own, and a stack have its guard."""
    madvise = number(machine, "madvise")
    for advice in (4, 8, 14, 102):  # DONTNEED, FREE, HUGEPAGE, GUARD_INSTALL
        assert verdict(machine, madvise, 0, 4096, advice) == ALLOWED
    for advice in (9, 20, 21, 25, 100):  # REMOVE, COLD, PAGEOUT, COLLAPSE, HWPOISON
        assert verdict(machine, madvise, 0, 4096, advice) == "errno 1"


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_kill(machine: str) -> None:
    assert verdict(machine, 0, architecture=0x40000003) == KILLED
    [other] = set(MACHINES) - {machine}
    assert verdict(machine, 0, architecture=MACHINES[other]) == KILLED
    assert verdict("x86_64", 0x40000000 + 59) == "errno 1", "x32 has numbers of its own"


@pytest.mark.parametrize("machine", MACHINES)
def test_a_worker_of_a_gpu_speaks_to_its_driver_by_the_listed_ioctls(machine: str) -> None:
    """And no other worker does; of all numbers that there are, no other passes."""
    ioctl = number(machine, "ioctl")

    def passing(requests: range, device: bool) -> set[int]:
        return {each for each in requests
                if verdict(machine, ioctl, 3, each, device=device) == ALLOWED}

    everybodys = {0x5401, 0x541B, 0x5421, 0x5451}
    for requests, listed in ((range(0x100), ioctls.MEMORY), (range(0x30000000, 0x30000080),
                                                             ioctls.MEMORY)):
        assert passing(requests, True) == {*listed.values()} & {*requests}
        assert passing(requests, False) == set()
    of_the_frontend = range(0xC0204600, 0xC0204700)
    assert {each & 0xFF for each in passing(of_the_frontend, True)} == {*ioctls.FRONTEND.values()}
    assert passing(of_the_frontend, False) == set()
    for size in (0, 1, 0x3FFF):  # the driver looks at the size itself
        assert verdict(machine, ioctl, 3, 0xC000462A | size << 16, device=True) == ALLOWED
    for request in (0x4020462A, 0x8020462A, 0x0020462A, 0xC020472A):  # another direction, or kind
        assert verdict(machine, ioctl, 3, request, device=True) == "errno 1"
    assert passing(range(0x5400, 0x5500), True) == everybodys
    assert not {*ioctls.FRONTEND.values()} & {*ioctls.FRONTEND_REFUSED.values()}
    assert not {*ioctls.MEMORY.values()} & {*ioctls.MEMORY_REFUSED.values()}
    assert (ioctls.named(0xC02046D3), ioctls.named(23), ioctls.named(0x5401)) == (
        "IOCTL_XFER_CMD", "UVM_CREATE_RANGE_GROUP", "0x5401")


@pytest.mark.parametrize("machine", MACHINES)
def test_a_worker_of_a_gpu_may_do_nothing_else_that_others_may_not(machine: str) -> None:
    for name, numbers in REFUSED.items():
        refused = numbers[list(MACHINES).index(machine)]
        assert verdict(machine, refused, device=True) == "errno 1", name


def test_an_architecture_without_a_table_gets_no_filter_and_so_no_worker() -> None:
    with pytest.raises(OSError, match="no system call table for riscv64"):
        seccomp._program("riscv64", PID)
