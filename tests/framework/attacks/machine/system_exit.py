"""Raise SystemExit and KeyboardInterrupt.

control: row
tiers: namespaces landlock
"""

import sys


def corr2d(X, K):
    sys.exit(0)


def conv2d_true(X, K):
    raise KeyboardInterrupt


sys.exit(0)
