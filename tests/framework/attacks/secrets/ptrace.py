"""Attach to the parent process as a debugger.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(0x4206, os.getppid(), 0, 0) == 0:  # PTRACE_SEIZE stops nobody
        print("BREACH")
        libc.ptrace(17, os.getppid(), 0, 0)


attack()
