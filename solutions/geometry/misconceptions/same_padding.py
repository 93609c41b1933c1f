"""Padding that keeps the size: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def lost(k, dilation=1):
    """How many pixels a kernel takes away."""
    if k < 1 or dilation < 1:
        raise ValueError("kernel and dilation must be positive")
    return dilation * (k - 1)


@wrong("half-the-kernel-on-each-side",
       "k // 2 on both sides is too much for an even kernel: the output grows by one. An even "
       "kernel needs unequal sides.")
def same_padding(k, dilation=1):
    side = (lost(k, dilation) + 1) // 2
    return side, side


@wrong("half-of-what-is-lost-on-each-side",
       "(k − 1) // 2 on both sides is too little for an even kernel: the output shrinks by one. "
       "Put the pixel that is left over after the image.")
def same_padding(k, dilation=1):
    side = lost(k, dilation) // 2
    return side, side


@wrong("extra-padding-before",
       "The odd pixel of the padding is on the wrong side. It goes after the image, as in torch.")
def same_padding(k, dilation=1):
    total = lost(k, dilation)
    return total - total // 2, total // 2


@wrong("all-the-padding-on-each-side",
       "Each side gets the whole padding. Together the two sides make up for the d·(k − 1) pixels "
       "that the kernel takes away.")
def same_padding(k, dilation=1):
    return lost(k, dilation), lost(k, dilation)


@wrong("all-the-padding-after",
       "All of the padding is on one side. Share it: half before, half after.")
def same_padding(k, dilation=1):
    return 0, lost(k, dilation)


@wrong("one-number-for-two-sides",
       "You answer one number. Two are asked for, (before, after), for they can be different.")
def same_padding(k, dilation=1):
    return lost(k, dilation) // 2


@wrong("same-padding-ignores-dilation",
       "The dilation makes no difference to your answer. A dilated kernel takes away d·(k − 1) "
       "pixels.")
def same_padding(k, dilation=1):
    lost(k, dilation)
    return (k - 1) // 2, k // 2


@wrong("same-padding-of-d-times-k",
       "A dilated kernel reaches over d·(k − 1) + 1 pixels, not over d·k: behind its last weight "
       "there is no gap.")
def same_padding(k, dilation=1):
    total = lost(k, dilation) + dilation - 1
    return total // 2, total - total // 2


@wrong("same-padding-with-wide-gaps",
       "Your gaps are one too wide. Dilation 1 means no gap, so d·(k − 1) pixels are taken away.")
def same_padding(k, dilation=1):
    total = lost(k, dilation) + k - 1
    return total // 2, total - total // 2


@wrong("halves-dilated",
       "You halve first and multiply by the dilation then, so that the sides of an even kernel are "
       "d pixels apart. Multiply first: d·(k − 1) in all, and at most one pixel of difference.")
def same_padding(k, dilation=1):
    lost(k, dilation)
    return dilation * ((k - 1) // 2), dilation * (k // 2)


@wrong("kernel-made-odd",
       "You treat an even kernel like the odd one below it. It takes away d·(k − 1) pixels, an odd "
       "number when d is odd, and all of them are needed.")
def same_padding(k, dilation=1):
    lost(k, dilation)
    return dilation * ((k - 1) // 2), dilation * ((k - 1) // 2)


@wrong("padding-cut-in-half-pixels",
       "You divide with /, which cuts an odd padding into half pixels. Divide with //, and put the "
       "pixel that is left over after the image.")
def same_padding(k, dilation=1):
    return lost(k, dilation) / 2, lost(k, dilation) / 2


@wrong("same-padding-as-floats",
       "Your numbers are right, but floats. Pixels are counted with ints: use //.")
def same_padding(k, dilation=1):
    return np.floor(lost(k, dilation) / 2), np.ceil(lost(k, dilation) / 2)


@wrong("same-padding-of-no-kernel",
       "A kernel of size zero gets a padding. Raise a ValueError.")
def same_padding(k, dilation=1):
    total = lost(max(k, 1), dilation) + dilation * min(k - 1, 0)
    return total // 2, total - total // 2


@wrong("same-padding-of-no-dilation",
       "A dilation of zero gets a padding. Dilation starts at one, which is the ordinary kernel: "
       "raise a ValueError.")
def same_padding(k, dilation=1):
    total = lost(k, max(dilation, 1)) + (k - 1) * min(dilation - 1, 0)
    return total // 2, total - total // 2


@wrong("same-padding-never-refused",
       "For a kernel size or a dilation below one there is still an answer: raise a ValueError "
       "there.")
def same_padding(k, dilation=1):
    total = dilation * (k - 1)
    return total // 2, total - total // 2
