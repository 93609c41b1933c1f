"""Crash in C.

control: row
tiers: namespaces landlock
"""

import ctypes


def corr2d(X, K):
    ctypes.string_at(0)
