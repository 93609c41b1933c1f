"""How often a pixel is used: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def halved(total):
    """Half of a padding, rounded down."""
    if total < 0:
        raise ValueError("padding must not be negative")
    return total // 2


def counted(n, k, padding=0):
    """The number of windows, where there is one."""
    if n < 1 or k < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("no window has a place")
    return n + 2 * padding - k + 1


@wrong("odd-pixel-before",
       "The odd pixel of the padding is on the wrong side. It goes after the image.")
def per_side(total):
    return total - halved(total), halved(total)


@wrong("odd-pixel-lost",
       "When the padding is odd one pixel is lost: both sides are rounded down.")
def per_side(total):
    return halved(total), halved(total)


@wrong("odd-pixel-twice",
       "When the padding is odd there is one pixel too many: both sides are rounded up.")
def per_side(total):
    return halved(total + 1), halved(total) + total % 2


@wrong("total-on-each-side",
       "Each side gets the whole padding. total is what the two sides are together.")
def per_side(total):
    halved(total)
    return total, total


@wrong("half-pixels",
       "You divide with /, which cuts an odd padding into half pixels. Divide with //, and put the "
       "pixel that is left over after the image.")
def per_side(total):
    halved(total)
    return total / 2, total / 2


@wrong("sides-are-floats",
       "Your numbers are right, but floats. Pixels are counted with ints: use //.")
def per_side(total):
    halved(total)
    return np.floor(total / 2), np.ceil(total / 2)


@wrong("one-side-only",
       "You answer one number. Two are asked for, (before, after), for they can be different.")
def per_side(total):
    return halved(total)


@wrong("negative-padding-shared",
       "A negative padding is shared out like any other. Raise a ValueError.")
def per_side(total):
    return total // 2, total - total // 2


@wrong("uses-ignore-padding",
       "The padding makes no difference to your answer. It lets windows start before the image and "
       "end behind it.")
def pixel_uses(n, k, padding=0):
    counted(n, k, padding)
    starts = range(n - k + 1)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("padding-makes-uses-equal",
       "You give every pixel k uses as soon as the size is kept. Padding by half a kernel gives "
       "border pixels more windows, but fewer than the middle has. Only a padding of k − 1 makes "
       "them equal.")
def pixel_uses(n, k, padding=0):
    windows = counted(n, k, padding)
    starts = range(-padding, windows - padding)
    if windows >= n:
        return [k] * n
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("padding-before-only",
       "You pad before the image only. The padding is per side: windows end behind the image too.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, counted(n, k, padding) - 2 * padding)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("padding-counted-as-pixels",
       "Your list counts the padding's pixels too. It has one number for each pixel of the image: "
       "n of them.")
def pixel_uses(n, k, padding=0):
    starts = range(counted(n, k, padding))
    return [sum(start <= i < start + k for start in starts) for i in range(n + 2 * padding)]


@wrong("uses-of-the-wrong-pixels",
       "Your list is the one of the first n pixels of the padded axis. Pixel 0 of the image stands "
       "at place p there.")
def pixel_uses(n, k, padding=0):
    starts = range(counted(n, k, padding))
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("last-window-forgotten",
       "The last window is missing. Between the first start and the last there are n + 2p − k "
       "steps: one window more than steps.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, counted(n, k, padding) - padding - 1)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("windows-not-limited",
       "You count from the two borders and from k, which is right for small kernels. When the "
       "kernel is long, there are fewer windows in all than that.")
def pixel_uses(n, k, padding=0):
    counted(n, k, padding)
    return [min(i + 1 + padding, k, n - i + padding) for i in range(n)]


@wrong("pixels-of-each-window",
       "You say for each window how many pixels it sees. The question is the other way round: for "
       "each pixel, how many windows see it.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, counted(n, k, padding) - padding)
    return [min(start + k, n) - max(start, 0) for start in starts]


@wrong("every-pixel-used-k-times",
       "You give every pixel k uses. Near the border there are fewer windows.")
def pixel_uses(n, k, padding=0):
    counted(n, k, padding)
    return [k] * n


@wrong("windows-side-by-side",
       "Your windows lie side by side. They move by one pixel, so they overlap.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, counted(n, k, padding) - padding, k)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("uses-are-floats",
       "Your numbers are right, but floats. Windows are counted with ints.")
def pixel_uses(n, k, padding=0):
    windows = torch.ones(1, 1, counted(n, k, padding))
    return F.conv_transpose1d(windows, torch.ones(1, 1, k), padding=padding)[0, 0].tolist()


@wrong("oversized-window-used",
       "A window longer than the padded axis gets an answer. It does not fit: raise a ValueError.")
def pixel_uses(n, k, padding=0):
    if k > n + 2 * padding >= 0:
        return [0] * n
    starts = range(-padding, counted(n, k, padding) - padding)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("negative-padding-used",
       "A negative padding gets an answer. Raise a ValueError.")
def pixel_uses(n, k, padding=0):
    counted(n, k, max(padding, 0))
    starts = range(-padding, n + padding - k + 1)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


@wrong("uses-never-refused",
       "For a window that does not fit, or a negative padding, there is still an answer: raise a "
       "ValueError there.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, n + padding - k + 1)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]
