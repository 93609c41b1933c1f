"""Fill a file that lives in memory.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    file = os.memfd_create("hoard")
    os.write(file, bytes(1 << 20))
    print("BREACH")


attack()
