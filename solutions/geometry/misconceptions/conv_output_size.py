"""Output size of a convolution: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import math

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def room(n, k, padding=0, stride=1, dilation=1):
    """How many pixels the first window can still move."""
    free = n + 2 * padding - dilation * (k - 1) - 1
    if min(k, stride, dilation) < 1 or padding < 0 or free < 0:
        raise ValueError("no window has a place")
    return free


@wrong("size-rounded-up",
       "You round up, and count a last window that sticks out at the end. A window that does not "
       "fit is dropped: round down.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return math.ceil(room(n, k, padding, stride, dilation) / stride) + 1


@wrong("size-rounded-to-nearest",
       "You round to the nearest whole number. A window that does not fit is dropped, however "
       "little is missing: round down.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return int(room(n, k, padding, stride, dilation) / stride + 0.5) + 1


@wrong("one-added-before-dividing",
       "You add one before you divide by the stride. Divide and round down first, then add one "
       "for the first window.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) + 1) // stride


@wrong("steps-counted",
       "One is missing. You count the steps from window to window, and the first window needs no "
       "step.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return room(n, k, padding, stride, dilation) // stride


@wrong("padding-is-a-total",
       "You add the padding once. p pixels are added on each side: n + 2p.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) - padding) // stride + 1


@wrong("padding-doubled-twice",
       "You add too much padding. p is meant per side already, so the axis grows by 2p.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) + 2 * padding) // stride + 1


@wrong("size-ignores-padding",
       "The padding makes no difference to your answer. It adds p pixels on each side: n + 2p.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) - 2 * padding) // stride + 1


@wrong("size-ignores-stride",
       "The stride makes no difference to your answer. With stride s only every s-th place of the "
       "window counts.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return room(n, k, padding, stride, dilation) + 1


@wrong("size-is-n-over-s",
       "n/s is the size only for one special padding. Kernel and padding count too.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    free = room(n, k, padding, stride, dilation)
    return free + 1 if stride == 1 else n // stride


@wrong("padding-and-stride-exchanged",
       "Padding and stride are exchanged: here the padding comes first, (n, k, padding, stride, "
       "dilation). nn.Conv2d has them the other way round.")
def conv_output_size(n, k, stride=1, padding=0, dilation=1):
    return room(n, k, padding, stride, dilation) // stride + 1


@wrong("size-ignores-dilation",
       "The dilation makes no difference to your answer. It pulls the kernel apart: its k weights "
       "reach over d·(k − 1) + 1 pixels.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    room(n, k, padding, stride, dilation)
    return (n + 2 * padding - k) // stride + 1


@wrong("dilation-times-kernel",
       "A dilated kernel does not reach over d·k pixels: behind its last weight there is no gap. "
       "There are k − 1 steps of d between k weights.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) - dilation + 1) // stride + 1


@wrong("dilation-zero-is-dense",
       "Your gaps are one too wide. Dilation 1 means no gap: neighbouring weights are d pixels "
       "apart, not d + 1.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (room(n, k, padding, stride, dilation) - (k - 1)) // stride + 1


@wrong("dilation-opens-one-gap",
       "You widen the kernel by one gap only. There is a gap between any two neighbouring weights: "
       "k − 1 of them.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    room(n, k, padding, stride, dilation)
    return max(0, n + 2 * padding - k - (dilation - 1) * min(1, k - 1)) // stride + 1


@wrong("size-is-a-float",
       "Your size is a float. A number of windows is an int: use //, or convert the end result.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return np.floor(room(n, k, padding, stride, dilation) / stride) + 1


@wrong("oversized-kernel-has-a-size",
       "A kernel longer than the padded axis gets a size of zero or less. No window fits: raise a "
       "ValueError.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    room(max(n, dilation * (k - 1) + 1), k, padding, stride, dilation)
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("undilated-kernel-compared",
       "A kernel that fits is accepted although it no longer fits when it is pulled apart. Compare "
       "what the dilated kernel reaches over with the padded axis.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    room(max(n, dilation * (k - 1) + 1), k, padding, stride, dilation)
    if k > n + 2 * padding:
        raise ValueError("no window has a place")
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("only-the-plain-kernel-compared",
       "A kernel can be too long when it is dilated, and padding, stride or dilation can make no "
       "sense: raise a ValueError for these, too.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    if k > n + 2 * padding:
        raise ValueError("no window has a place")
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("impossible-options-have-a-size",
       "An impossible padding, stride or dilation is accepted. Raise a ValueError for a negative "
       "padding, and for a stride or dilation below one.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    if padding < 0 or stride < 1 or dilation < 1:
        return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    return room(n, k, padding, stride, dilation) // stride + 1


@wrong("size-never-refused",
       "Where no window has a place, or where the options make no sense, there is still an answer: "
       "raise a ValueError there.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
