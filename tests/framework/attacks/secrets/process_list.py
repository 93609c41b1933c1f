"""See other processes.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
    if others:
        print("BREACH", len(others), "processes")


attack()
