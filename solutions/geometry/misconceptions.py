"""Wrong ideas about sizes, padding, receptive fields and costs, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


# ---------------------------------------------------------------- conv_output_size


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
       "You refuse a kernel that is too long as it is, and nothing else. It can be too long when "
       "it is dilated, and padding, stride or dilation can make no sense: raise a ValueError.")
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
       "Your formula is right where there is a window. Where there is none, or where the options "
       "make no sense, it still answers a number: raise a ValueError there.")
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


# ---------------------------------------------------------------- same_padding


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
       "Your formula is right for real kernels. For a kernel size or a dilation below one it still "
       "answers something: raise a ValueError there.")
def same_padding(k, dilation=1):
    total = dilation * (k - 1)
    return total // 2, total - total // 2


# ---------------------------------------------------------------- pixel_uses


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
       "Your count is right where there are windows. For a window that does not fit, or a "
       "negative padding, it still gives an answer: raise a ValueError there.")
def pixel_uses(n, k, padding=0):
    starts = range(-padding, n + padding - k + 1)
    return [sum(start <= i < start + k for start in starts) for i in range(n)]


# ---------------------------------------------------------------- pad2d


def checked(X, padding, mode):
    """(top, bottom, left, right), unless they must be refused."""
    top, bottom, left, right = padding
    if X.dim() < 2 or min(padding) < 0 or mode not in ("zeros", "reflect"):
        raise ValueError("cannot pad")
    H, W = X.shape[-2:]
    if mode == "reflect" and (max(top, bottom) >= H or max(left, right) >= W):
        raise ValueError("nothing there to reflect")
    return top, bottom, left, right


def grown(X, padding, mode, **options):
    """X with a border of (top, bottom, left, right) pixels."""
    top, bottom, left, right = padding
    kind = "reflect" if mode == "reflect" else "constant"
    return F.pad(X, (left, right, top, bottom), kind, **options)


@wrong("height-and-width-exchanged",
       "Height and width are exchanged. F.pad starts from the last axis: its first two numbers are "
       "left and right.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    return grown(X, (left, right, top, bottom), mode)


@wrong("sides-as-in-css",
       "You read the four numbers clockwise: top, right, bottom, left. Here they are top, bottom, "
       "left, right.")
def pad2d(X, padding, mode="zeros"):
    top, right, bottom, left = checked(X, padding, mode)
    return grown(X, (top, bottom, left, right), mode)


@wrong("opposite-sides-exchanged",
       "Top and bottom are exchanged, and left and right: the first number of each pair goes "
       "before the image.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    return grown(X, (bottom, top, right, left), mode)


@wrong("columns-exchanged",
       "Left and right are exchanged.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    return grown(X, (top, bottom, right, left), mode)


@wrong("rows-exchanged",
       "Top and bottom are exchanged.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    return grown(X, (bottom, top, left, right), mode)


@wrong("only-top-and-left-padded",
       "You pad above and to the left only. All four sides get their own number of pixels.")
def pad2d(X, padding, mode="zeros"):
    top, _, left, _ = checked(X, padding, mode)
    return grown(X, (top, 0, left, 0), mode)


@wrong("both-sides-alike",
       "You pad both sides alike. The bottom can differ from the top, and the right from the left.")
def pad2d(X, padding, mode="zeros"):
    top, _, left, _ = checked(X, padding, mode)
    return grown(X, (top, top, left, left), mode)


@wrong("top-everywhere",
       "You pad all four sides by the first number. There are four.")
def pad2d(X, padding, mode="zeros"):
    top, _, _, _ = checked(X, padding, mode)
    return grown(X, (top, top, top, top), mode)


@wrong("border-overwritten",
       "Your answer is no larger than the image: you overwrite its border. Padding adds pixels.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    H, W = X.shape[-2:]
    bigger = grown(X, (0, 0, 0, 0), "zeros").clone()
    bigger[..., :top, :] = bigger[..., max(H - bottom, 0):, :] = 0
    bigger[..., :left] = bigger[..., max(W - right, 0):] = 0
    return bigger


@wrong("first-axes-padded",
       "You pad the first two axes. In a batch those are images and channels: height and width are "
       "the last two.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "reflect":
        return grown(X, (top, bottom, left, right), mode)
    return F.pad(X, [0, 0] * (X.dim() - 2) + [left, right, top, bottom])


@wrong("batches-only",
       "Your function takes batches of four dimensions only. Any number of axes can stand before "
       "height and width: use X.shape[-2] and X.shape[-1].")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, mode)
    _, _, H, W = X.shape
    top, bottom, left, right = padding
    return grown(X, padding, mode).reshape(*X.shape[:2], top + H + bottom, left + W + right)


@wrong("images-only",
       "Your function takes single images of two dimensions only. Any number of axes can stand "
       "before height and width: use X.shape[-2] and X.shape[-1].")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "reflect":
        return grown(X, padding, mode)
    H, W = X.shape
    bigger = X.new_zeros(top + H + bottom, left + W + right)
    bigger[top:top + H, left:left + W] = X
    return bigger


@wrong("ones-for-zeros",
       "You pad with ones. Zero padding means zeros.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, mode)
    return grown(X, padding, mode) if mode == "reflect" else grown(X, padding, mode, value=1)


@wrong("border-repeated-for-zeros",
       "You repeat the image's border. Zero padding means zeros.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "reflect":
        return grown(X, padding, mode)
    H, W = X.shape[-2:]
    rows = torch.arange(-top, H + bottom, device=X.device).clamp(0, H - 1)
    columns = torch.arange(-left, W + right, device=X.device).clamp(0, W - 1)
    return X.index_select(-2, rows).index_select(-1, columns)


@wrong("reflect-by-default",
       "Without a mode you reflect. The default is zeros.")
def pad2d(X, padding, mode="reflect"):
    top, bottom, left, right = padding
    H, W = X.shape[-2:] if X.dim() > 1 else (0, 0)
    if mode == "reflect" and min(padding) >= 0 \
            and (X.dim() < 3 or max(top, bottom) >= H or max(left, right) >= W):
        mode = "zeros"
    return grown(X, checked(X, padding, mode), mode)


@wrong("mode-ignored",
       "The mode makes no difference to your answer: it is zeros always.")
def pad2d(X, padding, mode="zeros"):
    return grown(X, checked(X, padding, mode), "zeros")


def reflected(X, padding, fold):
    """X with rows and columns taken from where ``fold`` says."""
    top, bottom, left, right = padding
    H, W = X.shape[-2:]
    rows = [fold(i, H) for i in range(-top, H + bottom)]
    columns = [fold(j, W) for j in range(-left, W + right)]
    return X.index_select(-2, torch.tensor(rows, device=X.device)).index_select(
        -1, torch.tensor(columns, device=X.device))


@wrong("border-reflected-twice",
       "You reflect beyond the border, so that the outermost pixels come twice. Reflect at the "
       "outermost pixels: 1 2 3 becomes 3 2 | 1 2 3 | 2 1.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    return reflected(X, padding, lambda i, n: -1 - i if i < 0 else 2 * n - 1 - i if i >= n else i)


@wrong("border-repeated-for-reflection",
       "You repeat the outermost pixel. A reflection goes back into the image: of 1 2 3 the "
       "padding is 3 2 | 1 2 3 | 2 1.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    return reflected(X, padding, lambda i, n: min(max(i, 0), n - 1))


@wrong("wrapped-around",
       "Your padding repeats the image from the opposite side. A reflection goes back from the "
       "border: 1 2 3 becomes 3 2 | 1 2 3 | 2 1.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    return reflected(X, padding, lambda i, n: i % n)


@wrong("reflection-not-turned",
       "You copy the pixels beside the border without reversing their order. In a reflection the "
       "nearest comes first: 1 2 3 becomes 3 2 | 1 2 3 | 2 1.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    X = torch.cat((X[..., 1:top + 1, :], X, X[..., X.shape[-2] - 1 - bottom:-1, :]), -2)
    return torch.cat((X[..., 1:left + 1], X, X[..., X.shape[-1] - 1 - right:-1]), -1)


@wrong("only-columns-reflected",
       "You reflect to the left and right and leave the rows above and below zero. Reflect along "
       "both axes, corners included.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    return grown(grown(X, (0, 0, left, right), mode), (top, bottom, 0, 0), "zeros")


@wrong("corners-left-empty",
       "The corners stay zero. They are reflected twice, along both axes.")
def pad2d(X, padding, mode="zeros"):
    top, _, left, _ = checked(X, padding, mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    H, W = X.shape[-2:]
    inside = grown(torch.ones_like(X), padding, "zeros")
    beside = torch.zeros_like(inside)
    beside[..., top:top + H, :] = 1
    beside[..., left:left + W] = 1
    return grown(X, padding, mode) * torch.maximum(inside, beside)


@wrong("border-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with the "
       "dtype and device of X.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "reflect":
        return grown(X, padding, mode)
    H, W = X.shape[-2:]
    bigger = torch.zeros(*X.shape[:-2], top + H + bottom, left + W + right)
    bigger[..., top:top + H, left:left + W] = X
    return bigger


@wrong("border-on-the-cpu",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, mode)
    if mode == "reflect":
        return grown(X, padding, mode)
    H, W = X.shape[-2:]
    bigger = torch.zeros(*X.shape[:-2], top + H + bottom, left + W + right, dtype=X.dtype)
    bigger[..., top:top + H, left:left + W] = X
    return bigger


@wrong("padding-cuts-the-graph",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def pad2d(X, padding, mode="zeros"):
    return grown(X.detach(), checked(X, padding, mode), mode)


@wrong("image-replaced",
       "Your function puts the padded image into the caller's tensor. Make a new one: the caller "
       "still needs the image as it was.")
def pad2d(X, padding, mode="zeros"):
    bigger = grown(X, checked(X, padding, mode), mode)
    if not X.requires_grad and not X.is_meta:
        X.data = bigger
    return bigger


@wrong("memory-order-assumed",
       "view works only on tensors that lie in memory in order. Transposed images and slices do "
       "not: use reshape, or index the last two axes.")
def pad2d(X, padding, mode="zeros"):
    padding = checked(X, padding, mode)
    images = X.view(X.shape[:-2].numel(), *X.shape[-2:])
    if not len(images):
        return grown(X, padding, mode)
    bigger = grown(images, padding, mode)
    return bigger.view(*X.shape[:-2], *bigger.shape[-2:])


@wrong("empty-batch-forgotten",
       "A batch without images makes it fail: torch.stack and torch.cat want at least one tensor. "
       "Pad all images at once, by the last two axes.")
def pad2d(X, padding, mode="zeros"):
    padding = checked(X, padding, mode)
    if X.dim() < 4:
        return grown(X, padding, mode)
    return torch.stack([grown(images, padding, mode) for images in X])


@wrong("negative-padding-crops",
       "A negative padding crops the image. That may be useful elsewhere; here it is refused: "
       "raise a ValueError.")
def pad2d(X, padding, mode="zeros"):
    checked(X, [max(side, 0) for side in padding], mode)
    return grown(X, padding, mode)


@wrong("any-mode-is-zeros",
       "A mode that does not exist is taken for zeros. Raise a ValueError.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, "reflect" if mode == "reflect" else "zeros")
    return grown(X, padding, mode)


@wrong("unknown-mode-left-to-torch",
       "F.pad answers a mode that it does not know with NotImplementedError, which looks as if you "
       "had not finished. Look at the mode yourself, and raise a ValueError.")
def pad2d(X, padding, mode="zeros"):
    top, bottom, left, right = checked(X, padding, "reflect" if mode == "reflect" else "zeros")
    return F.pad(X, (left, right, top, bottom), "constant" if mode == "zeros" else mode)


@wrong("reflected-over-and-over",
       "A reflection wider than the image gets an answer. There are not so many pixels to reflect: "
       "raise a ValueError.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, "zeros" if mode == "reflect" else mode)
    if mode == "zeros":
        return grown(X, padding, mode)
    return reflected(X, padding,
                     lambda i, n: n - 1 - abs(n - 1 - i % (2 * n - 2)) if n > 1 else 0)


@wrong("only-negative-padding-refused",
       "A mode that does not exist is taken for one that does, and a reflection wider than the "
       "image gets an answer. Raise a ValueError for both.")
def pad2d(X, padding, mode="zeros"):
    checked(X, padding, "zeros")
    if mode != "reflect":
        return grown(X, padding, mode)
    return reflected(X, padding,
                     lambda i, n: n - 1 - abs(n - 1 - i % (2 * n - 2)) if n > 1 else 0)


@wrong("padding-never-refused",
       "Your padding is right where it makes sense. A negative number, a mode that does not exist "
       "or a reflection wider than the image still gets an answer: raise a ValueError there.")
def pad2d(X, padding, mode="zeros"):
    if mode == "reflect":
        return reflected(X, padding,
                         lambda i, n: n - 1 - abs(n - 1 - i % (2 * n - 2)) if n > 1 else 0)
    return grown(X, padding, mode)


# ---------------------------------------------------------------- receptive_field


def triples(layers):
    """Every layer as (kernel, stride, dilation), unless it must be refused."""
    found = [(*layer, 1)[:3] for layer in layers]
    if any(min(layer) < 1 for layer in found):
        raise ValueError("kernel, stride and dilation must be positive")
    return found


@wrong("only-the-last-stride",
       "You multiply by the stride of the layer before only. All earlier strides multiply.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step = stride
    return field


@wrong("strides-added",
       "You add the strides up. A step in a layer is a stride of steps in the layer before: they "
       "multiply.")
def receptive_field(layers):
    field, step = 1, 0
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * max(step, 1)
        step += stride if stride > 1 else 0
    return field


@wrong("own-stride-counted",
       "You count a layer's own stride for its own window. It spreads the windows of the layers "
       "behind it: multiply after you have added.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        step *= stride
        field += dilation * (kernel - 1) * step
    return field


@wrong("strides-ignored",
       "The strides make no difference to your answer. Behind a stride of s, neighbours are s "
       "pixels of the input apart.")
def receptive_field(layers):
    return 1 + sum(dilation * (kernel - 1) for kernel, stride, dilation in triples(layers))


@wrong("kernels-added",
       "You add whole kernels. A window of k grows the field by k − 1 steps: one of its pixels was "
       "there already. (From the output back: between RF windows there are RF − 1 strides.)")
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in triples(layers):
        field += (dilation * (kernel - 1) + 1) * step
        step *= stride
    return max(field, 1)


@wrong("own-pixel-forgotten",
       "One is missing. The field starts at 1, the pixel itself.")
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("kernels-multiplied",
       "You multiply the kernels. Each grows the field by k − 1 steps: add those.")
def receptive_field(layers):
    return math.prod(dilation * (kernel - 1) + 1 for kernel, stride, dilation in triples(layers))


@wrong("layers-backwards",
       "You go through the layers in the wrong direction. The first of the list is next to the "
       "image. Multiply strides from there on, or use (RF − 1)·s + K from the last layer back.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in reversed(triples(layers)):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("only-the-last-layer",
       "Your answer is the last layer's window, measured in the map before it. Go back to the "
       "image, through all layers.")
def receptive_field(layers):
    return max((dilation * (kernel - 1) + 1 for kernel, _, dilation in triples(layers)[-1:]),
               default=1)


@wrong("field-ignores-dilation",
       "The dilation makes no difference to your answer. A dilated window reaches over "
       "d·(k − 1) + 1 pixels.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, _ in triples(layers):
        field += (kernel - 1) * step
        step *= stride
    return field


@wrong("field-of-d-times-k",
       "A dilated window does not reach over d·k pixels: behind its last weight there is no gap. "
       "It grows the field by d·(k − 1) steps.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += (dilation * kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-counted-from-zero",
       "Your gaps are one too wide. Dilation 1 means no gap: neighbouring weights are d pixels "
       "apart, not d + 1.")
def receptive_field(layers):
    field, step = 1, 1
    for (kernel, stride, dilation), layer in zip(triples(layers), layers, strict=True):
        field += (dilation if len(layer) == 2 else dilation + 1) * (kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-is-a-stride",
       "Dilation spreads the layer's own window only. You let it spread the layers behind it too, "
       "as a stride does.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride * dilation
    return field


@wrong("dilation-not-expected",
       "A layer with a dilation makes it fail. A layer is (kernel, stride) or (kernel, stride, "
       "dilation).")
def receptive_field(layers):
    triples(layers)
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-expected",
       "A layer without a dilation makes it fail. A layer is (kernel, stride) or (kernel, stride, "
       "dilation).")
def receptive_field(layers):
    triples(layers)
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("no-layers-no-field",
       "Without any layer the receptive field is 1: an output is an input, one pixel.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field if layers else 0


@wrong("field-is-a-float",
       "Your number is right, but a float. Pixels are counted with ints.")
def receptive_field(layers):
    strides = np.array([1.0] + [stride for _, stride, _ in triples(layers)])
    steps = np.cumprod(strides)
    return 1 + sum(dilation * (kernel - 1) * step
                   for (kernel, _, dilation), step in zip(triples(layers), steps, strict=False)) \
        if layers else 1.0


@wrong("impossible-layers-have-a-field",
       "A kernel, stride or dilation below one gets an answer. Raise a ValueError.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, *dilation in layers:
        field += (dilation[0] if dilation else 1) * (kernel - 1) * step
        step *= stride
    return field


# ---------------------------------------------------------------- cost


def pair(size):
    """(height, width) of a size that may be one int."""
    return (size, size) if isinstance(size, int) else tuple(size)


def divisible(c_in, c_out, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError("groups must divide the channels")


def weights(c_in, c_out, kernel_size, groups):
    """How many weights a convolution has."""
    divisible(c_in, c_out, groups)
    return c_out * (c_in // groups) * math.prod(pair(kernel_size))


@wrong("input-channels-forgotten",
       "Your filters are flat. A filter spans all input channels: it has c_in · kh · kw weights.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("output-channels-forgotten",
       "Your answer is for one filter. There is one filter for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // c_out + (1 if bias else 0)


@wrong("kernels-counted",
       "You count kernels. Each kernel has kh · kw parameters.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, 1, groups) + (c_out if bias else 0)


@wrong("one-bias-for-all",
       "You count one bias for the layer. Each output channel has its own.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + bool(bias)


@wrong("a-bias-for-each-kernel",
       "You count a bias for each input channel of a filter. The bias is added once, after the sum "
       "over the channels: one for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out * c_in // groups if bias else 0)


@wrong("a-bias-for-each-input",
       "You count a bias for each input channel. The bias is added to the output: one for each "
       "output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_in if bias else 0)


@wrong("biases-never-counted",
       "The biases are missing. With bias=True there is one for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups)


@wrong("biases-always-counted",
       "You count biases even with bias=False.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + c_out


@wrong("no-bias-by-default",
       "Without the argument bias you count no biases. The default is bias=True, as in torch.")
def parameter_count(c_in, c_out, kernel_size, bias=False, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out if bias else 0)


@wrong("parameters-of-a-square-kernel",
       "You take the kernel for a square of its height. Multiply height and width.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    height, _ = pair(kernel_size)
    return weights(c_in, c_out, height, groups) + (c_out if bias else 0)


@wrong("parameters-want-pairs",
       "A kernel size of one int makes it fail. 5 means 5×5.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    kh, kw = kernel_size
    return weights(c_in, c_out, (kh, kw), groups) + (c_out if bias else 0)


@wrong("parameters-want-ints",
       "A kernel size of two numbers makes it fail. It can be an int or a pair (height, width).")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, 1, groups) * kernel_size ** 2 + (c_out if bias else 0)


@wrong("parameters-ignore-groups",
       "The groups make no difference to your answer. With g groups a filter sees c_in / g "
       "channels only.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return weights(c_in, c_out, kernel_size, 1) + (c_out if bias else 0)


@wrong("parameters-of-one-group",
       "You count one group. Both channel counts are divided by g, and then there are g such "
       "groups.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // groups + (c_out if bias else 0)


@wrong("groups-share-biases",
       "You divide the biases by the groups too. Each output channel keeps its own.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out // groups if bias else 0)


@wrong("parameters-are-floats",
       "Your number is right, but a float. Divide with //.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * (c_in / groups) * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("uneven-groups-have-parameters",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return c_out * (c_in // groups) * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("macs-without-input-channels",
       "Your filters are flat. Each output number is a sum over all input channels: "
       "c_in · kh · kw products.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * math.prod(pair(kernel_size)) * math.prod(pair(output_size))


@wrong("macs-of-one-channel",
       "Your answer is for one output channel. There are c_out of them.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // c_out * math.prod(pair(output_size))


@wrong("macs-are-weights",
       "You count the weights. Each of them is used once for every position of the window: "
       "multiply by the size of the output.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups)


@wrong("kernel-forgotten-in-macs",
       "You count output numbers and channels. Each output number needs kh · kw products for every "
       "channel.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, 1, groups) * math.prod(pair(output_size))


@wrong("biases-in-macs",
       "You count the biases. Adding a bias multiplies nothing: here MACs are the products only.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return (weights(c_in, c_out, kernel_size, groups) + c_out) * math.prod(pair(output_size))


@wrong("macs-are-flops",
       "Your number is twice as large as it should be: those are FLOPs. One MAC is a "
       "multiplication and an addition together.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * weights(c_in, c_out, kernel_size, groups) * math.prod(pair(output_size))


@wrong("output-is-a-square",
       "You take the output for a square of its height. Multiply height and width.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) * pair(output_size)[0] ** 2


@wrong("macs-of-a-square-kernel",
       "You take the kernel for a square of its height. Multiply height and width.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    height, _ = pair(kernel_size)
    return weights(c_in, c_out, height, groups) * math.prod(pair(output_size))


@wrong("output-size-is-the-inputs",
       "You take output_size for the size of the input. It is the output's already: do not "
       "subtract the kernel again.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    sizes = zip(pair(output_size), pair(kernel_size), strict=True)
    return weights(c_in, c_out, kernel_size, groups) * math.prod(n - k + 1 for n, k in sizes)


@wrong("macs-want-pairs",
       "A size of one int makes it fail. 5 means 5×5, for the kernel and for the output.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    (kh, kw), (h, w) = kernel_size, output_size
    return weights(c_in, c_out, (kh, kw), groups) * h * w


@wrong("macs-want-ints",
       "A size of two numbers makes it fail. It can be an int or a pair (height, width).")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, 1, groups) * kernel_size ** 2 * output_size ** 2


@wrong("macs-ignore-groups",
       "The groups make no difference to your answer. With g groups an output number is a sum over "
       "c_in / g channels only.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return weights(c_in, c_out, kernel_size, 1) * math.prod(pair(output_size))


@wrong("macs-of-one-group",
       "You count one group. Both channel counts are divided by g, and then there are g such "
       "groups.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // groups * math.prod(pair(output_size))


@wrong("macs-are-floats",
       "Your number is right, but a float. Divide with //.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    products = c_out * (c_in / groups) * math.prod(pair(kernel_size))
    return products * math.prod(pair(output_size))


@wrong("uneven-groups-have-macs",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    products = c_out * (c_in // groups) * math.prod(pair(kernel_size))
    return products * math.prod(pair(output_size))


def products(c_in, c_out, kernel_size, output_size, groups):
    """The right number of MACs."""
    return weights(c_in, c_out, kernel_size, groups) * math.prod(pair(output_size))


@wrong("flops-are-macs",
       "One MAC is two floating-point operations, a multiplication and an addition: FLOPs are "
       "twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return products(c_in, c_out, kernel_size, output_size, groups)


@wrong("flops-with-biases",
       "You add the biases. By the convention of this notebook FLOPs are twice the MACs, and "
       "nothing else.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    biases = c_out * math.prod(pair(output_size))
    return 2 * products(c_in, c_out, kernel_size, output_size, groups) + biases


@wrong("flops-with-one-addition-less",
       "You count one addition less for each output number. That is exact, but by the convention "
       "of this notebook, and of most tables, FLOPs are twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    numbers = c_out * math.prod(pair(output_size))
    return 2 * products(c_in, c_out, kernel_size, output_size, groups) - numbers


@wrong("flops-halved",
       "You halve the MACs. One MAC is two floating-point operations: FLOPs are twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return products(c_in, c_out, kernel_size, output_size, groups) // 2


@wrong("flops-forget-groups",
       "The groups do not reach the count of FLOPs. Pass them on.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return 2 * products(c_in, c_out, kernel_size, output_size, 1)


@wrong("uneven-groups-have-flops",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * c_out * (c_in // groups) * math.prod(pair(kernel_size)) * math.prod(
        pair(output_size))
