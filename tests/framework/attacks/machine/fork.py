"""Fork.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    print("BREACH", pid)


attack()
