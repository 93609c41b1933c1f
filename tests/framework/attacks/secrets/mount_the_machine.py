"""Mount a file system over the machine's.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(0x00020000)
    if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0:
        print("BREACH")


attack()
