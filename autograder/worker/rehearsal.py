"""What libcuda asks of the kernel while it is set up, and later, done without it: on a machine with
no GPU, does the confinement of a worker of a GPU let pass what it has to?

A dummy takes the place of a node, and has no ioctl: one that passes is answered by ENOTTY. EPERM
says that the filter of system calls refused it, EACCES that Landlock did.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from autograder.worker import ioctls
from autograder.worker.device import PROCESSES

Nodes = tuple[str, str, str]
"""Paths: of the driver's own node, of unified memory's, and of the GPU's."""
NODES: Nodes = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia0")
THREAD = "cuda-EvtHandlr"
_RESERVED = 128 << 30
_DESCRIPTORS = 200
_MAP_NORESERVE = 0x4000


class Helper(threading.Thread):
    """A thread as libcuda starts: before the filter of system calls. It tries, when told to,
    whether that holds for it."""

    def __init__(self) -> None:
        super().__init__(name=THREAD, daemon=True)
        self.told = threading.Event()
        self.refused: int | None = None

    def run(self) -> None:
        self.told.wait()
        try:
            socket.socket(socket.AF_UNIX).close()
        except OSError as error:
            self.refused = error.errno


def begin(nodes: Nodes = NODES) -> None:
    """All steps of setting it up.

    Raises:
        OSError: one is refused; it says which.
    """
    for name, step in STEPS.items():
        try:
            step(nodes)
        except OSError as error:
            raise OSError(error.errno, f"rehearsal, {name}: {error}") from None


def request(node: int, number: int) -> None:
    """An ioctl of a node's. OSError unless it reaches the node, which knows it or not."""
    try:
        fcntl.ioctl(node, number, bytearray(64))
    except OSError as error:
        if error.errno != errno.ENOTTY:
            raise


def frontend(number: int, size: int = 32) -> int:
    """The whole request of an ioctl of the frontend's."""
    return ioctls.OF_FRONTEND | size << 16 | number


def _open_nodes(nodes: Nodes) -> None:
    for node in nodes:
        os.close(os.open(node, os.O_RDWR | os.O_CLOEXEC))


def _frontend_ioctls(nodes: Nodes) -> None:
    for path in (nodes[0], nodes[2]):
        node = os.open(path, os.O_RDWR)
        try:
            for number in ioctls.FRONTEND.values():
                request(node, frontend(number))
        finally:
            os.close(node)


def _memory_ioctls(nodes: Nodes) -> None:
    node = os.open(nodes[1], os.O_RDWR)
    try:
        for number in ioctls.MEMORY.values():
            request(node, number)
    finally:
        os.close(node)


def _name_a_thread(_: Nodes) -> None:
    helper = Helper()
    helper.start()
    Path(f"/proc/self/task/{helper.native_id}/comm").write_text(THREAD)  # truncated, too


def _abstract_socket(_: Nodes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"\0cuda-uvmfd-rehearsal-{os.getpid()}")
        listener.listen(1)


def _reserve_addresses(_: Nodes) -> None:
    mmap.mmap(-1, _RESERVED, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE,
              prot=0).close()


def _many_descriptors(nodes: Nodes) -> None:
    opened: list[int] = []
    try:
        for _ in range(_DESCRIPTORS):
            opened.append(os.open(nodes[2], os.O_RDWR))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _read_processes(_: Nodes) -> None:
    for name in (*PROCESSES, "self/maps", "self/status"):
        if name != "modules":  # a kernel may have none
            Path("/proc", name).read_bytes()


def _read_settings(_: Nodes) -> None:
    if "ModifyDeviceFiles: 0" not in Path("/proc/driver/nvidia/params").read_text():
        raise OSError(errno.EINVAL, "the driver would make nodes")


def _read_system(_: Nodes) -> None:
    list(Path("/sys/devices/system/cpu").iterdir())
    Path("/sys/devices/system/cpu/online").read_bytes()


ONCE: dict[str, Callable[[Nodes], None]] = {
    "name a thread": _name_a_thread,
    "listen on an abstract socket": _abstract_socket,
    "read /proc": _read_processes,
    "read the driver's settings": _read_settings,
    "read /sys": _read_system,
}
"""What libcuda does while it is set up."""
STEPS = {
    **ONCE,
    "open the three nodes": _open_nodes,
    "ioctls of the frontend": _frontend_ioctls,
    "ioctls of unified memory": _memory_ioctls,
    "reserve 128 GB of addresses": _reserve_addresses,
    f"open {_DESCRIPTORS} descriptors": _many_descriptors,
}
"""And what it does later, too."""
