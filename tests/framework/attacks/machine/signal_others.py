"""Signal other processes.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    for target in (os.getppid(), 1, -1):
        if target not in (0, os.getpid()):
            try:
                os.kill(target, 0)
            except OSError:
                continue
            print("BREACH", target)


attack()
