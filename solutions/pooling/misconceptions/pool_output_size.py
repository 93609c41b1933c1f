"""Output size of pooling: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers are
right; a misconception says by what it makes of them where it goes wrong.
"""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def places(n, k, stride, padding=0, ceil_mode=False):
    """The right number of windows."""
    if k < 1 or stride < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("no window has a place")
    free = n + 2 * padding - k
    if not ceil_mode:
        return free // stride + 1
    last = -(-free // stride)
    return last if last * stride >= n + padding else last + 1


@wrong("ceil-formula-taken-literally",
       "⌈(n + 2p − k)/s⌉ + 1 can be one too many: a window that would start behind the image, in "
       "the padding on the right, does not count.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return -(-(n + 2 * padding - k) // stride) + 1 if ceil_mode else places(n, k, stride, padding)


@wrong("ceil-mode-ignored", "ceil_mode changes nothing: round up when it is true.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding)


@wrong("always-rounded-up", "You always round up. Without ceil_mode sizes are rounded down.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding, True)


@wrong("ceil-mode-by-default", "Without ceil_mode you round up. Its default is False.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=True):
    return places(n, k, stride, padding, ceil_mode)


@wrong("left-padding-forgotten",
       "The last window may start in the padding on the left too: its start counts from the "
       "padding's first element, so compare it with n + p and not with n.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    size = places(n, k, stride, padding)
    free = n + 2 * padding - k
    if ceil_mode:
        size = -(-free // stride) + 1
        if (size - 1) * stride >= n:
            size -= 1
    return size


@wrong("last-start-one-too-far",
       "A window that starts exactly at n + p lies behind the image. Compare with ≥, not with >.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    size = places(n, k, stride, padding)
    if ceil_mode:
        size = -(-(n + 2 * padding - k) // stride) + 1
        if (size - 1) * stride > n + padding:
            size -= 1
    return size


@wrong("padding-is-a-total", "Padding is counted once. It is added on each side: n + 2p.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    free = n + padding - k
    return (-(-free // stride) if ceil_mode else free // stride) + 1


@wrong("size-padding-ignored", "The padding is ignored. It adds p places on each side: n + 2p.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    free = n - k
    last = -(-free // stride) if ceil_mode else free // stride
    return last if ceil_mode and last * stride >= n else last + 1


@wrong("one-added-before-dividing",
       "You add one before dividing. Divide by the stride, round, then add one.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if ceil_mode:
        return places(n, k, stride, padding, ceil_mode)
    places(n, k, stride, padding)
    return (n + 2 * padding - k + 1) // stride


@wrong("gaps-counted", "You count the steps between windows. The first window counts too: add one.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return places(n, k, stride, padding, ceil_mode) - 1


@wrong("n-over-s", "n/s is the size only for one special padding. The kernel counts too.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return -(-n // stride) if ceil_mode else n // stride


@wrong("stride-is-the-kernel", "The stride is ignored: you divide by the kernel's size.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    places(n, k, stride, padding)
    return places(n, k, k, padding, ceil_mode)


@wrong("size-as-a-float", "The size is a float. Divide with //, or convert with int.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    return float(places(n, k, stride, padding, ceil_mode))


@wrong("oversized-kernel-counted",
       "A kernel larger than the padded image gets a size of zero or less. Raise a ValueError.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if k > n + 2 * padding and not ceil_mode:
        return (n + 2 * padding - k) // stride + 1
    return places(n, k, stride, padding, ceil_mode)


@wrong("negative-numbers-accepted",
       "A negative stride or padding gets an answer. Raise a ValueError.")
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    if stride < 0 or padding < 0:
        return (n + 2 * padding - k) // stride + 1
    return places(n, k, stride, padding, ceil_mode)
