"""Stop itself, so that it neither answers nor ends.

control: row
tiers: namespaces landlock
"""

import os
import signal


def corr2d(X, K):
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        pass
