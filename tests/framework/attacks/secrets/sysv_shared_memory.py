"""Leave a message in System V shared memory.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 4096, 0o1666)
    if segment >= 0:
        print("BREACH", segment)
        libc.shmctl(segment, 0, None)


attack()
