"""Lock memory, so that the machine cannot use it for anything else.

control: naive
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlock(ctypes.create_string_buffer(4096), ctypes.c_size_t(4096)) == 0:
        print("BREACH")


attack()
