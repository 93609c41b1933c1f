"""System calls that the standard library does not offer, over ctypes."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

# Windows has no such library, and nobody there calls the kernel: students' own machines import
# this along with the handlers.
libc = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None, use_errno=True)
if sys.platform != "win32":
    libc.syscall.restype = ctypes.c_long

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
CAP_DAC_READ_SEARCH = 2
LARGE_PAGE = 1 << 21
_MADV_COLLAPSE = 25
_CAPABILITY_VERSION_3 = 0x20080522
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

# The calls used below whose numbers differ between architectures; newer ones are the same on all.
_NUMBERS = {
    "x86_64": {"pivot_root": 155, "capset": 126, "seccomp": 317},
    "aarch64": {"pivot_root": 41, "capset": 91, "seccomp": 277},
}
_COMMON = {
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}


def syscall(name: str, *arguments: int | bytes | None) -> int:
    """Call ``name``; OSError with the kernel's reason when it fails."""
    numbers = {**_COMMON, **_NUMBERS.get(platform.machine(), {})}
    if name not in numbers:
        raise OSError(38, f"{name}: not known on {platform.machine()}")
    converted = [
        ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments
    ]
    return _checked(libc.syscall(ctypes.c_long(numbers[name]), *converted), name)


def prctl(option: int, argument: int = 0) -> int:
    zero = ctypes.c_ulong(0)
    return _checked(
        libc.prctl(option, ctypes.c_ulong(argument), zero, zero, zero), f"prctl {option}"
    )


def collapse(address: int) -> None:
    """Make one large page of those at ``address``, which is a multiple of its size. Linux 6.1."""
    result = libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(LARGE_PAGE), _MADV_COLLAPSE)
    _checked(result, f"madvise {address:#x}")


def current_core() -> int:
    return _checked(libc.sched_getcpu(), "sched_getcpu")


def unshare(flags: int) -> None:
    _checked(libc.unshare(flags), f"unshare {flags:#x}")


def mount(
    source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
) -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    _checked(result, f"mount {target}")


def detach(target: str) -> None:
    """Unmount ``target`` and everything below it, even where it is in use."""
    _checked(libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def set_mount_flags(path: str, flags: int) -> None:
    """Set MS_RDONLY, MS_NOSUID, MS_NODEV (same bits as MOUNT_ATTR_*) on a whole mount tree."""
    attributes = struct.pack("QQQQ", flags, 0, 0, 0)
    syscall("mount_setattr", _AT_FDCWD, os.fsencode(path), _AT_RECURSIVE, attributes,
            len(attributes))


def pivot_root(new: str, put_old: str) -> None:
    syscall("pivot_root", os.fsencode(new), os.fsencode(put_old))


def set_capabilities(mask: int) -> None:
    """Make ``mask`` (capabilities 0 to 31) the whole effective and permitted set."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    syscall("capset", header, struct.pack("6I", mask, mask, 0, 0, 0, 0))


def drop_bounding_set() -> None:
    """Take every capability out of the bounding set, where we may."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            return  # past the last capability, or not privileged: then nothing is left to drop


def close_all_but(keep: set[int]) -> None:
    """Close every descriptor above 2 that is not in ``keep``."""
    first = 3
    for descriptor in [*sorted(fd for fd in keep if fd > 2), os.sysconf("SC_OPEN_MAX")]:
        os.closerange(first, descriptor)
        first = descriptor + 1


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
