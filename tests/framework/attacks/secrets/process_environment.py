"""Read the environment of the process that grades.

control: none
tiers: namespaces landlock
"""

import glob


def attack():
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            text = open(path, "rb").read()
        except OSError:
            continue
        if b"CANARY" in text:
            print("BREACH", path)


attack()
