"""Read the kernel's log and load its machinery.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(4096)
    if libc.klogctl(10, buffer, 4096) >= 0:
        print("BREACH")


attack()
