"""The layers of confinement, in the order in which they must be put on.

Around a worker, outermost first: namespaces with a fresh read-only root, an unprivileged user
without capabilities, resource limits, Landlock, seccomp. ``enter`` is called by the supervisor,
``settle`` by the worker itself before any student code.

A worker of a GPU opens it before the last layer, which refuses what CUDA does only once, and after
all others: they hold for threads that are started later, and CUDA starts some.
"""

from __future__ import annotations

import os
import resource
import site
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from autograder.protocol import Confinement
from autograder.worker import landlock, linux, packages, seccomp
from autograder.worker.device import OWN, PROCESSES, Granted, granted

DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
           "/etc/localtime", "/usr/share/zoneinfo")
SCRATCH = "/scratch"
_STAGE = "/tmp"  # any directory that exists everywhere: a private mount covers it
_FIRST_UID = 1_879_048_192  # far above every real user; each worker gets one of its own
_NOBODY = 65534
THREADS = 128  # of one worker


def enter(confinement: Confinement) -> None:
    """In the supervisor, before it forks the worker: leave the host's namespaces.

    Raises:
        OSError: this machine cannot; the tier is not available.
    """
    root = _is_root()  # asked here first: later there is no /proc
    if confinement.tier != "namespaces":
        return
    flags = linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
    if root:
        linux.unshare(flags)
        return
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(flags | linux.CLONE_NEWUSER)
    for file, text in (
        ("setgroups", "deny"), ("uid_map", f"{_NOBODY} {uid} 1"), ("gid_map", f"{_NOBODY} {gid} 1")
    ):
        Path(f"/proc/self/{file}").write_text(text)


def settle(
    confinement: Confinement, keep: set[int], number: int,
    begin: Callable[[], None],
) -> None:
    """In the worker, before any student code: put on every layer; ``keep`` stays open.

    Args:
        number: one that no other living worker has: it makes the worker's user id.
        begin: opens the GPU, where the worker has one, and does nothing else.

    Raises:
        OSError: a layer could not be put on. Nothing of the student's may run then.
    """
    linux.close_all_but(keep)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if confinement.tier == "none":
        limit(confinement, mapped)
        os.chdir(confinement.given or _STAGE)
        begin()
        return
    device = granted(confinement.device, confinement.cudnn) if confinement.device else None
    if device is not None and (confinement.tier != "namespaces" or not landlock.version()):
        raise OSError("a worker gets a GPU in tier namespaces only, and with Landlock")
    trees = installed()
    readable: Sequence[str] = trees
    writable: list[str] = []
    if confinement.tier == "namespaces":
        linux.unshare(linux.CLONE_NEWNS)
        new_root(readable, confinement.scratch_mb, device, confinement.given)
        readable, writable = ["/"], [SCRATCH]
    limit(confinement, mapped)
    become_nobody(trees, number)
    linux.prctl(linux.PR_SET_PDEATHSIG, 9)  # after the change of user, which clears it
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if device is not None:
        open_to_a_gpu(device, readable, [*writable, "/dev/null"])
    elif landlock.version() or confinement.tier == "landlock":
        given = [confinement.given] if confinement.given and not writable else []
        landlock.restrict([*readable, *given, *DEVICES], [*writable, "/dev/null"])
    os.chdir(SCRATCH if writable else confinement.given or "/")
    begin()
    seccomp.restrict(device is not None)


def open_to_a_gpu(
    device: Granted, readable: Iterable[str], writable: Iterable[str], unhandled: int = 0,
    beside: Iterable[tuple[str, int]] = (),
) -> None:
    """Landlock for the worker of a GPU: the nodes, what its driver reads, and its threads' names,
    which the driver gives to its own.

    Args:
        readable: trees, ``/`` for the whole of a root of its own.
        unhandled, beside: rights not looked at, and rules beside the others, for who seeks the one
            that is lacking.
    """
    linux.prctl(linux.PR_SET_DUMPABLE, 0)  # its memory is no file of the user's then
    own = f"/proc/{os.getpid()}"
    trees = {*readable}
    if "/" in trees:
        trees = {f"/{name}" for name in os.listdir("/") if name != "proc"}
    rules = [("/", landlock.LIST), (f"{own}/task", landlock.CHANGE)]
    rules += [(node, landlock.USE_DEVICE) for node in device.nodes]
    # A rule lasts as long as the kernel remembers the folder: it does while that is open.
    os.open(f"{own}/task", os.O_PATH | os.O_CLOEXEC)
    landlock.restrict(
        [*trees, *DEVICES, *device.readable, *(f"{own}/{name}" for name in OWN),
         *(f"/proc/{name}" for name in PROCESSES), *device.settings],
        writable, [*rules, *beside], unhandled)


@cache
def installed() -> tuple[str, ...]:
    """The interpreter, its packages and the shared libraries: what lazy imports may need. The
    zygote looks once, for all its workers."""
    trees = {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(),
             *packages.folders(), *_SYSTEM}
    return tuple(sorted(tree for tree in trees if tree != "/" and os.path.lexists(tree)))


def new_root(
    readable: Sequence[str], scratch_mb: int, device: Granted | None, given: str = ""
) -> None:
    """A root of its own: read-only binds of ``readable``, four devices, a small scratch; what the
    worker of a GPU sees; and in the scratch the files of the folder ``given``, read-only, too."""
    safe = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", _STAGE, "tmpfs", safe, "size=256k,mode=755")
    old, new = f"{_STAGE}/old", f"{_STAGE}/new"
    os.mkdir(old)
    os.mkdir(new, 0o755)
    linux.mount(new, new, None, linux.MS_BIND)  # pivot_root wants a mount point
    linux.pivot_root(_STAGE, old)
    os.chdir("/")
    for path in readable:
        _bind(path)
    for path in DEVICES:
        _bind(path, nodev=0)
    if device is not None:
        _add_device(device)
    scratch = f"/new{SCRATCH}"
    os.mkdir(scratch)
    linux.mount("tmpfs", scratch, "tmpfs", safe | linux.MS_NOEXEC,
                f"size={scratch_mb}m,nr_inodes=4096,mode=1777")
    for folder, _, names in os.walk(f"/old{given}") if given else ():
        for name in names:
            inside = os.path.relpath(os.path.join(folder, name), f"/old{given}")
            _bind(f"{SCRATCH}/{inside}", f"{given}/{inside}")
    linux.pivot_root("/new", "/new")  # onto itself: the old tree ends up on top of the new
    linux.detach("/")
    os.chdir("/")
    linux.mount(None, "/", None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | safe)


def _add_device(device: Granted) -> None:
    for path, of_the_machine in device.nodes.items():
        _bind(path, of_the_machine, nodev=0)
    for path in device.readable:
        _bind(path)
    for path in device.hidden:
        if os.path.isdir(f"/new{path}"):
            linux.mount("tmpfs", f"/new{path}", "tmpfs", linux.MS_RDONLY | linux.MS_NOSUID,
                        "size=4k,mode=755")
    _add_processes()
    for path, text in device.settings.items():
        os.makedirs(os.path.dirname(f"/new{path}"), 0o755, exist_ok=True)
        Path(f"/new{path}").write_text(text)


def _add_processes() -> None:
    """/proc, of which there are a few files, and one process: the worker's own. That is not
    read-only, for its threads' names are files there."""
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    os.mkdir("/proc")
    try:
        linux.mount("proc", "/proc", "proc", flags)
    except PermissionError as error:
        raise OSError(error.errno, f"no /proc of its own ({error}): in a container, have the whole "
                      "of /proc (docker run --security-opt systempaths=unconfined)") from None
    own = f"/new/proc/{os.readlink('/proc/self')}"
    os.makedirs(own, 0o755)
    os.symlink(os.path.basename(own), "/new/proc/self")
    linux.mount("/proc/self", own, None, linux.MS_BIND)
    linux.set_mount_flags(own, flags)
    for name in PROCESSES:
        if os.path.exists(f"/proc/{name}"):
            _bind(f"/proc/{name}", old="")


def _bind(
    path: str, source: str | None = None, nodev: int = linux.MS_NODEV, old: str = "/old"
) -> None:
    """Make the host's ``source``, or ``path`` (now under /old) visible and read-only as ``path``
    under /new."""
    source, target = f"{old}{source or path}", f"/new{path}"
    if os.path.lexists(target) or not os.path.lexists(source):
        return
    os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.mkdir(target, 0o755)
    else:
        os.close(os.open(target, os.O_CREAT, 0o644))
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    linux.set_mount_flags(target, linux.MS_RDONLY | linux.MS_NOSUID | nodev)


def limit(confinement: Confinement, mapped: int) -> None:
    """Resource limits. ``mapped`` bytes of address space are the zygote's own."""
    megabyte = 1 << 20
    # Alone in its namespace or under its own user id, the worker's threads are all that counts.
    alone = confinement.tier == "namespaces" or _is_root()
    # CUDA reserves as many addresses as all memory has, and has dozens of descriptors. What its
    # worker holds, the supervisor looks at.
    device = confinement.device is not None
    space = resource.RLIM_INFINITY if device else mapped + confinement.memory_mb * megabyte
    for kind, value in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_NPROC, THREADS if alone else 4096),
        (resource.RLIMIT_CPU, confinement.cpu_seconds),
        (resource.RLIMIT_FSIZE, confinement.scratch_mb * megabyte),
        (resource.RLIMIT_NOFILE, 1024 if device else 128),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = hard if value == resource.RLIM_INFINITY else \
            value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (limit, limit))


def become_nobody(readable: Sequence[str], number: int) -> None:
    """Give up root and every capability.

    Where the interpreter lies in a directory only root may enter, one capability stays: to read
    and search. The fresh root or Landlock still bounds what there is to read.
    """
    keep = 0
    if _is_root():
        linux.drop_bounding_set()
        if not all(map(_open_to_others, readable)):
            keep = 1 << linux.CAP_DAC_READ_SEARCH
            linux.prctl(linux.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        for uid in (_FIRST_UID + number, _NOBODY):
            try:
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                break
            except OSError:  # a container that maps few users
                if uid == _NOBODY:
                    raise
    linux.set_capabilities(keep)


@cache
def _is_root() -> bool:
    """Whether there are other users to become. In a container that maps one user only, root is an
    ordinary user outside."""
    mapped = Path("/proc/self/uid_map").read_text().split()[2::3]
    return os.geteuid() == 0 and sum(map(int, mapped)) > 1


def _open_to_others(path: str) -> bool:
    """Whether any user may enter every directory down to ``path``."""
    real = Path(path).resolve()
    return all(directory.stat().st_mode & 0o001 for directory in (real, *real.parents))
