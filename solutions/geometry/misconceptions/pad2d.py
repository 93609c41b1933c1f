"""Padding an image: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


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
       "A negative number, a mode that does not exist or a reflection wider than the image still "
       "gets an answer: raise a ValueError there.")
def pad2d(X, padding, mode="zeros"):
    if mode == "reflect":
        return reflected(X, padding,
                         lambda i, n: n - 1 - abs(n - 1 - i % (2 * n - 2)) if n > 1 else 0)
    return grown(X, padding, mode)
