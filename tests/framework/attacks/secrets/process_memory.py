"""Open the memory of the process that grades.

control: none
tiers: namespaces landlock
"""

import glob
import os


def attack():
    for path in glob.glob("/proc/[0-9]*/mem"):
        if path.split("/")[2] != str(os.getpid()):
            try:
                open(path, "rb")
            except OSError:
                continue
            print("BREACH", path)
            break


attack()
