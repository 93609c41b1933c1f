"""Read the secret from the process's own environment.

control: naive
tiers: namespaces landlock
"""

import os


def attack():
    if "CANARY" in str(os.environ):
        print("BREACH")


attack()
