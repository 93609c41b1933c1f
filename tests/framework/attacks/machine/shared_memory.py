"""Fill shared memory, which some limits do not count.

control: naive
tiers: namespaces landlock
"""

import mmap


def attack():
    block = mmap.mmap(-1, 1 << 30)
    for offset in range(0, 1 << 30, 4096):
        block[offset] = 1
    print("BREACH")


attack()
