"""Stop, and leave when told to go on.

control: row
tiers: namespaces landlock
"""

import os
import signal
from contextlib import suppress


def corr2d(X, K):
    for stop in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        with suppress(OSError):
            os.kill(os.getpid(), stop)
    os._exit(0)
