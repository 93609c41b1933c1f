"""Read another student's submission.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    folder = "@COURSE@/submissions"
    print("BREACH", os.listdir(folder), open(folder + "/honest.py").read()[:80])


attack()
