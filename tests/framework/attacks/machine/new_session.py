"""Leave the process group to survive it.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    if os.getsid(0) != os.getpid():
        os.setsid()
        print("BREACH")


attack()
