"""Leave a message in a POSIX message queue.

control: naive
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.syscall(240, b"autograder-attack-@PORT@", 0o102, 0o666, None)
    if queue >= 0:
        print("BREACH")
        libc.syscall(241, b"autograder-attack-@PORT@")


attack()
