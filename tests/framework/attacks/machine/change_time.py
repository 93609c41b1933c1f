"""Make another student late, by the time of a file.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    os.utime("@COURSE@/submissions/honest.py", (0, 0))
    print("BREACH")


attack()
