"""Take a descriptor out of another process.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    process = libc.syscall(434, os.getppid(), 0)
    if process >= 0 and libc.syscall(438, process, 0, 0) >= 0:
        print("BREACH")


attack()
