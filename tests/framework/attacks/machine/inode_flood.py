"""Make files without end.

control: naive
tiers: namespaces landlock
"""

import os


def attack():
    os.mkdir("many")
    for number in range(5_000):
        open(f"many/{number}", "w").close()
    print("BREACH")


attack()
