"""Hears of the system calls that a filter would refuse, and lets them go on (seccomp_unotify(2)).

It needs neither root nor the kernel's log. The listener has to hear before the child can go on, so
that it is in another process; the child's descriptor comes there by a thread that it had before the
filter, for to send one is refused, too.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import select
import socket
import struct
import threading
from collections import Counter
from typing import Any

from autograder.worker import ioctls, seccomp

_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, …_SEND
_CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE
_REQUEST = struct.Struct("QIIiIQ6Q")
_LOOK_SECONDS = 0.2
_REFUSED = {  # on x86-64, what libcuda was seen to call that no worker may
    41: "socket", 42: "connect", 43: "accept", 49: "bind", 50: "listen", 53: "socketpair",
    59: "execve", 88: "symlink", 90: "chmod", 92: "chown", 133: "mknod", 149: "mlock",
    203: "sched_setaffinity", 237: "mbind", 238: "set_mempolicy", 256: "migrate_pages",
    259: "mknodat", 266: "symlinkat", 279: "move_pages", 298: "perf_event_open",
    319: "memfd_create", 425: "io_uring_setup", 434: "pidfd_open", 438: "pidfd_getfd",
}


class Listener:
    """In the parent, before the fork: what the child calls is in ``heard`` afterwards."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self.heard: Counter[tuple[int, int, int]] = Counter()

    def start(self) -> None:
        """In the parent, after the fork."""
        self._theirs.close()
        self._thread.start()

    def filter(self) -> None:
        """In the child: from now on, what would be refused is told.

        Raises:
            OSError: the kernel knows no such filter, or there is one already.
        """
        ready, descriptors = threading.Event(), list[int]()

        def send() -> None:
            ready.wait()
            socket.send_fds(self._theirs, [b"x"], descriptors)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            descriptors.append(seccomp.tell(device=True))
        finally:
            ready.set()
        thread.join()

    def close(self) -> None:
        """When the child has ended."""
        self._ended.set()
        self._thread.join()
        self._ours.close()

    def _listen(self) -> None:
        while not select.select([self._ours], [], [], _LOOK_SECONDS)[0]:
            if self._ended.is_set():
                return
        _, descriptors, _, _ = socket.recv_fds(self._ours, 1, 1)
        if not descriptors:
            return
        [notified] = descriptors
        poll = select.poll()
        poll.register(notified, select.POLLIN)
        while True:
            events = poll.poll(_LOOK_SECONDS * 1000)
            if events and not events[0][1] & select.POLLIN:
                break  # nobody is left under the filter
            if events:
                self._hear(notified)
            elif self._ended.is_set():
                break
        os.close(notified)

    def _hear(self, notified: int) -> None:
        request = bytearray(_REQUEST.size)
        try:
            fcntl.ioctl(notified, _RECEIVE, request)
            number, _, _, call, _, _, first, second, *_ = _REQUEST.unpack(request)
            self.heard[call, first & 0xFFFFFFFF, second & 0xFFFFFFFF] += 1
            fcntl.ioctl(notified, _SEND, bytearray(struct.pack("Qqii", number, 0, 0, _CONTINUE)))
        except OSError as error:  # it was interrupted, or has ended
            if error.errno not in (errno.ENOENT, errno.EINTR):
                raise

    def report(self) -> list[dict[str, Any]]:
        """Each call that was heard, an ioctl by its name."""
        machine = platform.machine()
        names = {number: name for name, number in seccomp.numbers(machine).items()}
        names |= _REFUSED if machine == "x86_64" else {}
        found = []
        for (call, first, second), count in sorted(self.heard.items()):
            name = names.get(call, str(call))
            what = ioctls.named(second) if name == "ioctl" else f"{first:#x}, {second:#x}"
            found.append({"call": name, "arguments": what, "count": count})
        return found
