"""Have the kernel signal another process when a pipe becomes ready.

control: none
tiers: namespaces landlock
"""

import fcntl
import os


def attack():
    end, _ = os.pipe()
    fcntl.fcntl(end, fcntl.F_SETOWN, os.getppid() or 1)
    if fcntl.fcntl(end, fcntl.F_GETOWN):
        print("BREACH")


attack()
