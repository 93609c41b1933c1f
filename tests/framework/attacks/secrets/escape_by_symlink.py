"""Reach out of the scratch directory through a symbolic link.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    for folder in (".", "/tmp"):
        link = folder + "/link-@PORT@"
        try:
            os.symlink("@COURSE@/tests/hidden/correlation/test_corr2d.py", link)
            print("BREACH", open(link).read()[:80])
            os.remove(link)
            break
        except OSError:
            pass


attack()
