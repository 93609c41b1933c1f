"""Fork until nothing is left.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    children = 0
    for _ in range(50):  # enough to show it; a real one would not stop
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        children += 1
    print("BREACH", children)


attack()
