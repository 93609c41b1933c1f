"""Open a file by its handle, past every path check.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    handle = ctypes.create_string_buffer(8 + 128)
    ctypes.c_uint.from_buffer(handle).value = 128
    mount = ctypes.c_int()
    if libc.name_to_handle_at(-100, b"/", handle, ctypes.byref(mount), 0) == 0:
        print("BREACH", os.strerror(0), handle.raw[:16])


attack()
