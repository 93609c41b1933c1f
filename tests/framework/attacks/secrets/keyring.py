"""Leave a message in the kernel's keyring.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(248, b"user", b"autograder-attack", b"corr2d", 6, -3) > 0:
        print("BREACH")


attack()
