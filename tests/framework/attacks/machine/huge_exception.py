"""Raise exceptions with endless text, and one that hangs where it is read.

control: row
tiers: namespaces landlock
"""

import time


class Endless(Exception):
    def __str__(self):
        time.sleep(1e6)


def corr2d(X, K):
    raise ValueError("x" * 50_000_000)


def conv2d_true(X, K):
    if X[0, 0] == 0:  # of one check
        raise Endless
    raise ValueError("x" * 50_000_000)


raise type("E" * 1_000_000, (Exception,), {})
