"""Read what the grader had open, through descriptors that were inherited.

control: naive
tiers: namespaces landlock
"""

import os


def attack():
    for descriptor in range(3, 256):
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            if b"CANARY" in os.read(descriptor, 4096):
                print("BREACH", descriptor)
        except OSError:
            continue


attack()
