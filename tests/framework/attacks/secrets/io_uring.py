"""Go around the filter of system calls by io_uring.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(120)
    if libc.syscall(425, 4, parameters) >= 0:
        print("BREACH")


attack()
