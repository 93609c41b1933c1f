"""Read another process's memory by system call.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)

    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    buffer = ctypes.create_string_buffer(8)
    here = Vector(ctypes.cast(buffer, ctypes.c_void_p), 8)
    # A forked parent has the same mappings: an address of ours is one of its own.
    there = Vector(ctypes.cast(ctypes.addressof(ctypes.c_int.in_dll(libc, "optind")), ctypes.c_void_p), 4)
    if libc.process_vm_readv(os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
        print("BREACH", buffer.raw)


attack()
