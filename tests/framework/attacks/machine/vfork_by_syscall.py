"""Make a process by a raw system call.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    pid = libc.syscall(*map(ctypes.c_long, (56, 17, 0, 0, 0, 0)))  # clone(SIGCHLD)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        print("BREACH", pid)


attack()
