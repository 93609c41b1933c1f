"""Write a file of any size, by ignoring the signal that says it is too large.

control: naive
tiers: namespaces landlock
"""

import os
import signal


def attack():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    file = os.open("large", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, b"x" * (1 << 20), 1 << 30)  # behind a hole, so that no disk is needed
        print("BREACH", os.fstat(file).st_size)
    finally:
        os.remove("large")


attack()
