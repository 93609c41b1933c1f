"""Recurse until the stack overflows.

control: row
tiers: namespaces landlock
"""

import sys


def corr2d(X, K):
    return corr2d(X, K)


sys.setrecursionlimit(10**9)
corr2d(1, 1)
