"""Learn that a file exists, and how large it is.

control: none
tiers: namespaces
"""

import os


def attack():
    print("BREACH", os.stat("@COURSE@/tests/hidden/correlation/test_corr2d.py").st_size)


attack()
