"""Change who may read another student's file.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    os.chmod("@COURSE@/submissions/honest.py", 0o644)
    print("BREACH")


attack()
