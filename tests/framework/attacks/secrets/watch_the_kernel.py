"""Load a program into the kernel, or have it count what happens (bpf, perf).

control: none
tiers: namespaces landlock
"""

import ctypes
import struct


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    size, pointer = ctypes.c_long(128), ctypes.create_string_buffer
    # BPF_MAP_CREATE: an array of four bytes for each of four keys.
    bpf = libc.syscall(ctypes.c_long(321), 0, pointer(struct.pack("IIII", 2, 4, 4, 1), 128), size)
    # PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, of this process and not of the kernel.
    event = pointer(struct.pack("IIQQQQQ", 1, 128, 1, 0, 0, 0, 1 << 5 | 1 << 6), 128)
    perf = libc.syscall(ctypes.c_long(298), event, 0, -1, -1, ctypes.c_long(0))
    if bpf >= 0 or perf >= 0:
        print("BREACH", bpf, perf)


attack()
