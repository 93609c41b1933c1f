"""Raise exceptions with endless text, and one that hangs where it is read.

control: row
tiers: namespaces landlock
"""


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def corr2d(X, K):
    raise ValueError("x" * 50_000_000)


def conv2d_true(X, K):
    raise Endless


raise type("E" * 1_000_000, (Exception,), {})
