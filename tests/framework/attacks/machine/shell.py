"""Run a shell command.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    if os.system("true") == 0:
        print("BREACH")


attack()
