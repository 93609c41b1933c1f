# %% [markdown]
# # Pooling
#
# A convolution tells you *what* is in a picture and *exactly where*. Often you want less: that
# there is an eye in the upper left, give or take a few pixels. Pooling takes a small window and
# keeps one number of it, the largest or the average. The map gets smaller (**downsampling**, or
# *subsampling*), what follows gets cheaper, and small shifts of the picture matter less. In this notebook you write pooling in all
# the forms that networks use.
#
# There are 16 points, and 1 bonus point:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 4.1 | `pool2d` | 2 |  | 20 | ● |
# | 4.2 | `pool2d_full` | 6 | 4.1 | 60 | ●●● |
# | 4.3 | `adaptive_avg_pool2d` | 4 |  | 40 | ●● |
# | 4.4 | `global_avg_pool2d` | 2 |  | 10 | ● |
# | 4.5 | `pool_output_size` | 2 |  | 30 | ●● |
# | 4.6 | `test_pool2d_full`, tests of `pool2d_full` | bonus 1 | 4.2 | 40 | ●●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** slices of tensors, the size of a convolution's answer (2.1), and batches with channels (3.4).

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function and the order of its arguments.
#
# Below each function stands a cell of **examples**. If it runs without a complaint, your function
# passes them. Grading uses these examples and others that you cannot see: wide images, tall
# windows, negative numbers, other dtypes. What they check is written in the function's docstring.
# **What is not written there, or in this notebook, is not graded.**
#
# **Predict before you run** marks a question to answer, on paper, before you run the cell below
# it. If your prediction is wrong, good: you have found the thing to think about.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# In 4.1 to 4.4, torch's own pooling operators are **not allowed** inside your functions, by any
# name: `nn.MaxPool2d`, `F.avg_pool2d`, `F.adaptive_avg_pool2d`, `F.interpolate(mode="area")`, which
# is adaptive pooling in disguise, and so on. Everything else is: loops, slices, `Tensor.unfold`,
# `F.unfold`, `as_strided`, `F.pad`, `amax`, `mean`, einsum, even convolutions.
#
# ### Words used in the docstrings
#
# * An image `X` has the shape $(H, W)$, height first; a batch of images has the shape
#   $(N, C, H, W)$: image, channel, row, column.
# * **Follows the input**: the answer has the dtype of `X` and lives on the device of `X`. Doubles
#   stay doubles. The device may be `"meta"`, which keeps shapes and no numbers. Two things fail
#   there: code that creates its tensors on the CPU whatever `X` says, and code that asks a single
#   number a question, such as `if x > best` (`torch.maximum` asks none).
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Differentiable**: autograd can compute the gradient of your answer with respect to `X`. Where
#   several pixels of a window share the maximum, any gradient that adds up to the incoming one is
#   fine.
# * **Refused**: the call raises an exception. `ValueError` and `RuntimeError` are the natural
#   ones; `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well.
#   `NotImplementedError`, `NameError` and `AttributeError` do not: they look like an accident.
#
# Floating-point answers may differ from ours by rounding; integer answers must be exact. You need
# not handle averages of integers, NaN or infinity.

# %%
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

try:
    from autograder.notebook import observe, predict
except ImportError:  # nbjudge is not installed: nothing is kept or compared
    def predict(*said, **how):
        """Do nothing."""

    observe = predict


def as_pair(size):
    """(height, width) of a size that may be one int, meaning a square, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def show(pictures, own_scale=False):
    """Draw small images side by side. pictures: title -> tensor of shape (H, W).

    All have one scale of greys: black is 0, or the least value if that is negative, and white the
    greatest. With own_scale each has a scale of its own, and its title says which.
    """
    figure, axes = plt.subplots(1, len(pictures), figsize=(3 * len(pictures), 3), squeeze=False,
                                layout="constrained")
    for axis, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        scale = [picture] if own_scale else list(pictures.values())
        black = min(0.0, *(float(each.min()) for each in scale))
        white = max(float(each.max()) for each in scale)
        drawn = axis.imshow(picture.detach(), cmap="gray", vmin=black,
                            vmax=white if white > black else black + 1)
        ends = f"\nblack {black:.3g}, white {white:.3g}" if own_scale else ""
        axis.set(title=title + ends, xticks=[], yticks=[])
    if not own_scale:
        figure.colorbar(drawn, ax=axes)
    plt.show()


def refuses(function, *arguments):
    """Whether the call raises one of the exceptions that count as a refusal."""
    try:
        function(*arguments)
    except (NotImplementedError, RecursionError):  # kinds of RuntimeError that look like an accident
        raise
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError, AssertionError):
        return True
    return False


# %% [markdown]
# ## 4.1 `pool2d` (2 points)
#
# Slide a window over an image, as in cross-correlation. But there is no kernel, nothing to multiply
# by and nothing to learn. Of the pixels in the window you keep the largest (**maximum pooling**) or
# their mean (**average pooling**):
#
# $$Y_{\max}[i, j] = \max_{\substack{0 \le a < k_h \\ 0 \le b < k_w}} X[i + a,\, j + b], \qquad
# Y_{\mathrm{avg}}[i, j] = \frac{1}{k_h\, k_w} \sum_{a=0}^{k_h - 1} \sum_{b=0}^{k_w - 1}
# X[i + a,\, j + b].$$
#
# In this first version the window moves by one pixel, so the answer has as many places as in
# cross-correlation: $(H - k_h + 1,\; W - k_w + 1)$.
#
# ### One example by hand
#
# $$X = \begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \\ 6 & 7 & 8 \end{pmatrix}, \qquad
# \text{a 2×2 window}$$
#
# | window at | pixels | maximum | average |
# | --- | --- | --- | --- |
# | $(0, 0)$ | 0, 1, 3, 4 | 4 | 8/4 = 2 |
# | $(0, 1)$ | 1, 2, 4, 5 | 5 | 12/4 = 3 |
# | $(1, 0)$ | 3, 4, 6, 7 | 7 | 20/4 = 5 |
# | $(1, 1)$ | 4, 5, 7, 8 | 8 | 24/4 = 6 |
#
# ### Two hints
#
# This example is treacherous: the numbers grow to the right and downwards, so the maximum is always
# the last pixel, and all are at least zero. Where does a *running* maximum have to start, so that it
# is right for an image of negative numbers?
#
# `torch.zeros(...)` makes float32 on the CPU, whatever your image is. Think about where the dtype
# of your answer comes from.

# %%
def pool2d(X, pool_size, mode="max"):
    """Pooling of one image, by a window that moves by one pixel.

        Y[i, j] = maximum, or average, over a < kh and b < kw of X[i + a, j + b]

    Arguments:
        X: image, tensor of shape (H, W).
        pool_size: size of the window, a pair (kh, kw), or an int, meaning a square.
        mode: "max" or "avg".
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * The answer follows X in dtype and device: float64 stays float64, "meta" stays "meta",
          and the maximum of an int64 image is an int64 image. (Averages of integers are not
          graded.)
        * X is unchanged, and need not be contiguous in memory: a transposed view or a slice is
          as good.
        * Differentiable with respect to X, in both modes.
        * Refused: a window taller or wider than X; any other mode; an X that is not
          two-dimensional. Raise ValueError or RuntimeError (TypeError, IndexError, KeyError and
          AssertionError count; NotImplementedError, NameError and AttributeError do not).

    Not allowed: torch's pooling operators (nn.MaxPool2d, F.avg_pool2d and the like, by any name).
    """
    ### BEGIN SOLUTION
    if X.dim() != 2:
        raise ValueError(f"need an image of shape (H, W), got {X.dim()} dimensions")
    if mode not in ("max", "avg"):
        raise ValueError(f"mode must be 'max' or 'avg', not {mode!r}")
    kh, kw = as_pair(pool_size)
    if kh > X.shape[0] or kw > X.shape[1]:
        raise ValueError(f"a {kh}×{kw} window has no place in a {X.shape[0]}×{X.shape[1]} image")
    windows = X.unfold(0, kh, 1).unfold(1, kw, 1)  # (H', W', kh, kw), a view of X
    return windows.amax((2, 3)) if mode == "max" else windows.mean((2, 3))
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(3, 3)
assert pool2d(X, (2, 2)).tolist() == [[4.0, 5.0], [7.0, 8.0]]
assert pool2d(X, (2, 2), "avg").tolist() == [[2.0, 3.0], [5.0, 6.0]]

dark = torch.tensor([[-5.0, -2.0, -7.0], [-4.0, -6.0, -3.0]])
assert pool2d(dark, (2, 2)).tolist() == [[-2.0, -2.0]]
assert pool2d(dark, (1, 3)).tolist() == [[-2.0], [-3.0]]
assert pool2d(X.long(), 2).dtype == torch.int64

assert refuses(pool2d, X, (4, 2)), "a 4×2 window does not fit into a 3×3 image"
assert refuses(pool2d, X, (2, 2), "median"), "there is no such mode"

# %% [markdown]
# **Predict before you run.** The image is 0 everywhere except for a single 9 in the middle of 5×5
# pixels. What do maximum and average pooling with a 3×3 window make of it? How large is the answer,
# how many of its pixels are not zero, and what are they?

# %%
predict("shape of the answer", ...)
predict("its values: maximum, average", ...)

# %%
dot = torch.zeros(5, 5)
dot[2, 2] = 9
print(pool2d(dot, (3, 3), "max"))
print(pool2d(dot, (3, 3), "avg"))
observe("shape of the answer", pool2d(dot, (3, 3), "max").shape)
observe("its values: maximum, average",
        [pool2d(dot, (3, 3), mode)[1, 1].item() for mode in ("max", "avg")])

# %% [markdown]
# Every 3×3 window sees the dot. The maximum says "it is here somewhere" at full strength; the
# average spreads it thin. That is the difference between the two: the maximum asks *whether*
# something is there, the average asks *how much* of it.
#
# Now a picture with noise. **Predict before you run:** which of the two gets rid of the noise? What
# happens to the thin dark line?

# %%
picture = torch.full((24, 24), 0.7)
picture[5:19, 6:11] = 1
picture[:, 16] = 0
noisy = picture + 0.15 * torch.randn(24, 24, generator=torch.Generator().manual_seed(0))
show({"image": noisy, "maximum, 3×3": pool2d(noisy, 3), "average, 3×3": pool2d(noisy, 3, "avg")})

# %% [markdown]
# The average blurs everything, noise included. The maximum widens what is bright, swallows the thin
# dark line whole, and prefers whatever noise is positive.

# %% [markdown]
# ## 4.2 `pool2d_full` (6 points)
#
# What networks use has a few more knobs.
#
# **Batch and channels.** $X$ is $(N, C, H, W)$, and each channel of each image is pooled *on its
# own*. A convolution adds up over its input channels; pooling does not. As many channels come out
# as went in.
#
# **Stride.** The window moves by $(s_h, s_w)$ pixels. Window $(i, j)$ starts at row $i \cdot s_h$
# and column $j \cdot s_w$. If nobody says a stride, it is **the size of the window**: windows lie
# side by side, each pixel is used once, and a 2×2 window halves height and width.
#
# **Padding.** $p_h$ rows are added at the top *and* at the bottom, $p_w$ columns at the left *and*
# at the right. With that, and $k$ for the window,
#
# $$H' = \left\lfloor \frac{H + 2 p_h - k_h}{s_h} \right\rfloor + 1, \qquad
# W' = \left\lfloor \frac{W + 2 p_w - k_w}{s_w} \right\rfloor + 1.$$
#
# A window that is not filled completely does not count: that is the floor.
#
# ### Padded with what?
#
# * **Maximum:** with something that never wins. That is $-\infty$, not 0. Zero looks harmless as long
#   as all pixels are positive, for instance behind a ReLU, and is wrong as soon as they are not.
#   (An integer tensor has no $-\infty$. It has a smallest number: `torch.iinfo(X.dtype).min`.)
# * **Average:** with zeros, and **by default these zeros count**: the sum is divided by $k_h k_w$
#   in every window. With `count_include_pad=False` it is divided by the number of pixels in the
#   window that really belong to the image (black pixels do).
#
# ### By hand
#
# $$X = \begin{pmatrix} 0 & 1 & 2 & 3 \\ 4 & 5 & 6 & 7 \\ 8 & 9 & 10 & 11 \\ 12 & 13 & 14 & 15
# \end{pmatrix}$$
#
# *A 3×3 window, nothing else said.* The stride is 3, so there is only one place: $\lfloor 1/3 \rfloor
# + 1 = 1$. The maximum is 10, and the last row and column go unused.
#
# *A 3×3 window, stride 2, padding 1.* $\lfloor (4 + 2 - 3)/2 \rfloor + 1 = 2$ places along each axis,
# starting at $-1$ and $1$:
#
# | window at | pixels of the image | maximum | average, zeros count | average, zeros left out |
# | --- | --- | --- | --- | --- |
# | $(-1, -1)$ | 0, 1, 4, 5 | 5 | 10/9 | 10/4 |
# | $(-1, 1)$ | 1, 2, 3, 5, 6, 7 | 7 | 24/9 | 24/6 |
# | $(1, -1)$ | 4, 5, 8, 9, 12, 13 | 13 | 51/9 | 51/6 |
# | $(1, 1)$ | 5, 6, 7, 9, 10, 11, 13, 14, 15 | 15 | 90/9 | 90/9 |

# %%
def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """Pooling of a batch of images with channels, each channel of each image on its own.

    Arguments:
        X: tensor of shape (N, C, H, W).
        kernel: size of the window, an int or a pair (kh, kw).
        stride: an int or a pair (sh, sw); None means the kernel's size.
        padding: rows and columns added on each side, an int or a pair (ph, pw), at most half of
            the kernel. The maximum never sees it; in an average it is made of zeros.
        mode: "max" or "avg".
        count_include_pad: if true, an average divides by kh * kw in every window; if false, by
            the number of pixels of the image in the window. Means nothing to the maximum.
    Returns:
        Tensor of shape (N, C, H', W'), where H' = floor((H + 2 * ph - kh) / sh) + 1 and
        W' = floor((W + 2 * pw - kw) / sw) + 1.

    Also graded:
        * Any mixture of ints and pairs, different for height and width.
        * The answer follows X in dtype and device: float64 stays float64, "meta" stays "meta",
          and the maximum of an int64 tensor is an int64 tensor, padded or not. (Averages of
          integers are not graded.)
        * X is unchanged, and need not be contiguous in memory: transposed, sliced and
          channels_last tensors are as good.
        * Differentiable with respect to X, in both modes.
        * An empty batch, N = 0, gives an empty batch (0, C, H', W').
        * Refused: a kernel larger than the padded image; any other mode; a negative padding; a
          stride below 1; an X of two dimensions. Raise ValueError or RuntimeError (TypeError,
          IndexError, KeyError and AssertionError count; NotImplementedError, NameError and
          AttributeError do not).

    Not allowed: torch's pooling operators (nn.MaxPool2d, F.avg_pool2d and the like, by any name).
    """
    ### BEGIN SOLUTION
    if X.dim() != 4:
        raise ValueError(f"need images of shape (N, C, H, W), got {X.dim()} dimensions")
    H, W = X.shape[2:]
    (kh, kw), (ph, pw) = as_pair(kernel), as_pair(padding)
    sh, sw = (kh, kw) if stride is None else as_pair(stride)
    if mode not in ("max", "avg"):
        raise ValueError(f"mode must be 'max' or 'avg', not {mode!r}")
    if min(kh, kw, sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError("kernel and stride must be at least 1, padding at least 0")
    if kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError(f"a {kh}×{kw} kernel has no place in a padded {H}×{W} image")

    def windows(image, border):
        """The padded image as (N, C, H', W', kh, kw)."""
        padded = F.pad(image, (pw, pw, ph, ph), value=border)
        return padded.unfold(2, kh, sh).unfold(3, kw, sw)

    if mode == "max":
        lowest = -math.inf if X.is_floating_point() else torch.iinfo(X.dtype).min
        return windows(X, lowest).amax((4, 5))
    if count_include_pad:
        return windows(X, 0).mean((4, 5))
    pixels = windows(X.new_ones(1, 1, H, W), 0).sum((4, 5))  # of the image, in each window
    return windows(X, 0).sum((4, 5)) / pixels
    ### END SOLUTION


# %%
X = torch.arange(16.0).reshape(1, 1, 4, 4)
assert pool2d_full(X, 3).tolist() == [[[[10.0]]]]
assert pool2d_full(X, 3, padding=1, stride=2).tolist() == [[[[5.0, 7.0], [13.0, 15.0]]]]

two = torch.cat((X, X + 1), dim=1)
assert pool2d_full(two, 3, padding=1, stride=2).tolist() == [
    [[[5.0, 7.0], [13.0, 15.0]], [[6.0, 8.0], [14.0, 16.0]]]]

counted = pool2d_full(X, 3, 2, 1, "avg")[0, 0]
assert torch.allclose(counted, torch.tensor([[10.0, 24.0], [51.0, 90.0]]) / 9)
left_out = pool2d_full(X, 3, 2, 1, "avg", count_include_pad=False)[0, 0]
assert torch.allclose(left_out, torch.tensor([[2.5, 4.0], [8.5, 10.0]]))

assert pool2d_full(-1 - X, (2, 3), (2, 3), (1, 1)).tolist() == [
    [[[-1.0, -3.0], [-5.0, -7.0], [-13.0, -15.0]]]]
assert pool2d_full(torch.ones(2, 3, 10, 9), (2, 3)).shape == (2, 3, 5, 3)
assert pool2d_full(torch.ones(0, 3, 4, 4), 2).shape == (0, 3, 2, 2)

assert refuses(pool2d_full, X, (7, 2), None, (1, 1)), "7 rows in 4 + 2 rows?"
assert refuses(pool2d_full, X, 2, None, -1), "padding adds rows, it removes none"
assert refuses(pool2d_full, X, 2, 0), "a window that does not move"

# %% [markdown]
# **Predict before you run.** A batch of shape (8, 16, 32, 32) goes through each of these. Write down
# the four shapes.

# %%
predict("the four shapes", ...)

# %%
batch = torch.zeros(8, 16, 32, 32)
shapes = []
for arguments in ((2,), (3, 2), (3, 2, 1), ((1, 4), (1, 4))):
    print(f"pool2d_full(batch, {', '.join(map(str, arguments))}): "
          f"{tuple(pool2d_full(batch, *arguments).shape)}")
    shapes.append(tuple(pool2d_full(batch, *arguments).shape))
observe("the four shapes", shapes)

# %% [markdown]
# Sizes of 16, 15, 16, and 32 by 8. In the second a row and a column are lost; the padding of the third
# saves them.

# %% [markdown]
# Next, an image of ones, averaged with a 3×3 window, stride 1 and padding 1. **Predict before you
# run:** what are the values in a corner, at an edge and in the middle, with the zeros counted and
# without?

# %%
predict("corner, edge and middle, zeros counted", ...)

# %%
ones = torch.ones(1, 1, 8, 8)
counted = pool2d_full(ones, 3, 1, 1, "avg")[0, 0]
left_out = pool2d_full(ones, 3, 1, 1, "avg", False)[0, 0]
print("counted: ", counted[0, 0].item(), counted[0, 1].item(), counted[1, 1].item())
print("left out:", left_out[0, 0].item(), left_out[0, 1].item(), left_out[1, 1].item())
show({"zeros count": counted, "random image, zeros count": pool2d_full(
    torch.rand(1, 1, 40, 40, generator=torch.Generator().manual_seed(1)), 9, 1, 4, "avg")[0, 0]})
observe("corner, edge and middle, zeros counted",
        (counted[0, 0].item(), counted[0, 1].item(), counted[1, 1].item()), within=0.01)

# %% [markdown]
# 4/9, 6/9 and 1, against three ones. Counted zeros darken the border of every map, a little more in
# every layer. That is torch's default all the same, so it is yours.
#
# ### What is it good for?
#
# Here is a row of edge responses, and the same row shifted by one pixel. **Predict before you run:**
# of the 12 responses, how many change? Of the 6 or 4 maxima behind a window of 2 or 3, how many?

# %%
predict("responses that change", ...)
predict("maxima that change: window 2, window 3", ...)

# %%
responses = torch.tensor([0.0, 9, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0])
shifted = torch.tensor([0.0, 0, 9, 0, 0, 0, 0, 7, 0, 0, 0, 8])
print("responses:", int((responses != shifted).sum()), "of 12 change")
observe("responses that change", int((responses != shifted).sum()))
changed = []
for size in (2, 3, 4):
    before, after = (pool2d_full(row[None, None, None], (1, size))[0, 0, 0]
                     for row in (responses, shifted))
    print(f"window {size}: {before.tolist()} -> {after.tolist()}, "
          f"{int((before != after).sum())} of {len(before)} change")
    changed.append(int((before != after).sum()))
observe("maxima that change: window 2, window 3", changed[:2])

# %% [markdown]
# All three peaks moved, so six responses changed. A peak that stays within its window changes
# nothing behind it; one that crosses into the next window changes two maxima. So pooling makes a
# network *tolerant* of small shifts, the more so the larger the window. It does not make it
# indifferent to them: "invariant", as in **translation invariance**, is too strong a word. (How much
# strides break it, and a remedy: Zhang, 2019.)
#
# And you will read that pooling "reduces the number of parameters". It has none to reduce, and
# neither does the convolution behind it mind how large its input is. What gets smaller are the
# *activations*, the time that later layers take, and the first **dense** layer, whose weights are
# one for each of its inputs:

# %%
for size in (28, 14, 7):
    print(f"a map of 64×{size}×{size} into 100 units: {64 * size * size * 100:>9,} weights")

# %% [markdown]
# ### A stride instead of pooling
#
# A convolution with a stride makes maps smaller, too. Then why pool at all? Look at what each of them
# computes. An average over 2×2 is a sum of products with four weights of 1/4: it *is* a convolution of
# stride 2, with one kernel for each channel, whose weights nobody trains.
#
# **Predict before you run.** Is there a kernel of stride 2 whose answer is the *maximum*? (A convolution of
# $X + Z$ is the convolution of $X$ plus that of $Z$.)

# %%
X, Z = torch.randn(2, 1, 3, 6, 8, generator=torch.Generator().manual_seed(4))
quarters = torch.full((3, 1, 2, 2), 1 / 4)
strided = F.conv2d(X, quarters, stride=2, groups=3)
print("average:", torch.allclose(pool2d_full(X, 2, mode="avg"), strided, atol=1e-6))
for mode in ("avg", "max"):
    together = pool2d_full(X + Z, 2, mode=mode)
    apart = pool2d_full(X, 2, mode=mode) + pool2d_full(Z, 2, mode=mode)
    print(f"{mode}: of X + Z it is that of X plus that of Z: {torch.allclose(together, apart, atol=1e-6)}")

# %% [markdown]
# No: a maximum of sums is not the sum of maxima, and no convolution can compute it. So a network without
# pooling, whose convolutions have strides, learns *how* to make its maps smaller, and has to learn it from
# data. Many networks do so today (Springenberg et al., 2014; ResNet makes its maps smaller by pooling only once, at the start).
# What that costs when there is little data, you will see in 5.5.

# %% [markdown]
# ## 4.3 `adaptive_avg_pool2d` (4 points)
#
# A dense layer wants a fixed number of inputs, but pictures come in all sizes. So turn the question
# around. Do not say how large the window is; say how large the **answer** shall be, $o_h \times o_w$,
# and cut the image accordingly. Along an axis of $n$ pixels, window $i$ of $o$ covers the pixels from
# $\mathit{start}_i$ up to, and not including, $\mathit{end}_i$:
#
# $$\mathit{start}_i = \left\lfloor \frac{i \cdot n}{o} \right\rfloor, \qquad
# \mathit{end}_i = \left\lceil \frac{(i + 1) \cdot n}{o} \right\rceil, \qquad i = 0, \dots, o - 1.$$
#
# Imagine a ruler with $o$ equal sections laid along the pixels: every window takes all the pixels
# that its section touches. The answer at $(i, j)$ is the average over the rows of window $i$ and the
# columns of window $j$.
#
# ### By hand
#
# | | window 0 | window 1 | window 2 | window 3 | window 4 |
# | --- | --- | --- | --- | --- | --- |
# | 4 pixels → 2 | 0, 1 | 2, 3 | | | |
# | 5 pixels → 3 | 0, 1 | 1, 2, 3 | 3, 4 | | |
# | 3 pixels → 5 | 0 | 0, 1 | 1 | 1, 2 | 2 |
#
# * If $o$ divides $n$, the windows are alike and lie side by side: ordinary pooling.
# * If not, **their sizes differ** (2, 3, 2), their starts are not evenly spaced (0, 1, 3), and they
#   **overlap**. You will read that adaptive pooling finds "the right kernel and stride". No single
#   kernel and stride gives the second line.
# * The answer may even be larger than the image, as in the third line.
#
# ### A hint
#
# Floors and ceilings of fractions are a matter of whole numbers. In floating point, `11 * (30 / 22)` is
# 14.999999999999998, and its floor is 14, where $11 \cdot 30 / 22 = 15$. Multiply first, and use `//`. (The
# ceiling of $a / b$ is `-(-a // b)`.)

# %%
def adaptive_avg_pool2d(X, output_size):
    """Average pooling to a given size.

    The average at (i, j) is over the rows floor(i * H / oh) up to, not including,
    ceil((i + 1) * H / oh), and over the columns in the same way, of each channel of each image.

    Arguments:
        X: tensor of shape (N, C, H, W).
        output_size: a pair (oh, ow), or an int, meaning a square. It may be larger than the
            image.
    Returns:
        Tensor of shape (N, C, oh, ow).

    Also graded:
        * The windows are exactly those of the formula, for all sizes.
        * The answer follows X in dtype and device: float64 stays float64, "meta" stays "meta".
        * X is unchanged, and need not be contiguous in memory: transposed, sliced and
          channels_last tensors are as good.
        * Differentiable with respect to X.
        * An empty batch, N = 0, gives an empty batch (0, C, oh, ow).
        * Refused: an output height or width below 1; an X of two dimensions. Raise ValueError or
          RuntimeError (TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).

    Not allowed: torch's pooling operators (nn.AdaptiveAvgPool2d, F.interpolate(mode="area") and
    the like, by any name).
    """
    ### BEGIN SOLUTION
    if X.dim() != 4:
        raise ValueError(f"need a batch of shape (N, C, H, W), got {X.dim()} dimensions")
    oh, ow = as_pair(output_size)
    if oh < 1 or ow < 1:
        raise ValueError(f"an output of {oh}×{ow} has no pixels")

    def cut(n, o):
        """The windows of an axis, as slices."""
        return [slice(i * n // o, -(-(i + 1) * n // o)) for i in range(o)]

    # The mean over a rectangle is the mean of its rows' means: do one axis after the other.
    rows = torch.stack([X[:, :, window].mean(2) for window in cut(X.shape[2], oh)], dim=2)
    return torch.stack([rows[..., window].mean(3) for window in cut(X.shape[3], ow)], dim=3)
    ### END SOLUTION


# %%
X = torch.arange(16.0).reshape(1, 1, 4, 4)
assert adaptive_avg_pool2d(X, 2).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]

line = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0])
five_to_three = adaptive_avg_pool2d(line.reshape(1, 1, 1, 5), (1, 3)).flatten()
assert torch.allclose(five_to_three, torch.tensor([1.5, 14 / 3, 12.0]))
five_to_three = adaptive_avg_pool2d(line.reshape(1, 1, 5, 1), (3, 1)).flatten()
assert torch.allclose(five_to_three, torch.tensor([1.5, 14 / 3, 12.0])), "the other way round"
three_to_five = adaptive_avg_pool2d(line[:3].reshape(1, 1, 1, 3), (1, 5)).flatten()
assert three_to_five.tolist() == [1.0, 1.5, 2.0, 3.0, 4.0]
assert adaptive_avg_pool2d(torch.ones(2, 3, 7, 9), (4, 2)).shape == (2, 3, 4, 2)
assert refuses(adaptive_avg_pool2d, X, (0, 2))

# %% [markdown]
# **Predict before you run.** 7 pixels become 5. Write down the five windows. Which pixels are used
# twice?

# %%
predict("pixels that are used twice", ...)

# %%
pixels = torch.eye(7).reshape(1, 7, 1, 7)  # channel c is 1 at pixel c and 0 elsewhere
for i, shares in enumerate(adaptive_avg_pool2d(pixels, (1, 5))[0, :, 0].T):
    print(f"window {i}: pixels {shares.nonzero().flatten().tolist()}, "
          f"weight {shares.max().item():.3f} each")
used = adaptive_avg_pool2d(pixels, (1, 5))[0, :, 0] > 0  # a row for each pixel
observe("pixels that are used twice", (used.sum(1) == 2).nonzero().flatten())

# %% [markdown]
# A section of the ruler is $7/5 = 1.4$ pixels long. The middle one reaches from 2.8 to 4.2 and touches
# three pixels, the others touch two. Pixels 1, 2, 4 and 5 are used twice.
#
# The same picture at four sizes. **Predict before you run:** what will 1×1 look like?

# %%
rows, columns = torch.meshgrid(torch.arange(48.0), torch.arange(48.0), indexing="ij")
rings = torch.cos(((rows - 20) ** 2 + (columns - 30) ** 2).sqrt() / 3)[None, None]
show({f"{size}×{size}": adaptive_avg_pool2d(rings, size)[0, 0] for size in (48, 13, 5, 1)})

# %% [markdown]
# At 1×1 one grey is left: the mean of all pixels, which is near 0, as bright and dark rings cancel.

# %% [markdown]
# ## 4.4 `global_avg_pool2d` (2 points)
#
# The extreme case has a name of its own. One window over the whole map leaves one number for every
# channel of every image:
#
# $$y[n, c] = \frac{1}{H\,W} \sum_{i=0}^{H - 1} \sum_{j=0}^{W - 1} X[n, c, i, j].$$
#
# Many networks since *Network in Network* (2013) end that way: after the last convolution, every channel says *how much* of its
# pattern there is in the picture, and a single dense layer turns these few numbers into classes. A
# last map of 512×7×7 into 1000 classes would need $512 \cdot 7 \cdot 7 \cdot 1000 \approx 25$ million
# weights; behind global pooling it is half a million, and the picture may have any size.
#
# **By hand:** the channels $\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ and
# $\begin{pmatrix} 4 & 5 \\ 6 & 7 \end{pmatrix}$ become $6/4 = 1.5$ and $22/4 = 5.5$.

# %%
def global_avg_pool2d(X):
    """The average of every channel of every image.

    Arguments:
        X: tensor of shape (N, C, H, W).
    Returns:
        Tensor of shape (N, C).

    Also graded:
        * Any height and width, equal or not, 1 included.
        * The answer follows X in dtype and device: float64 stays float64, "meta" stays "meta".
        * X is unchanged, and need not be contiguous in memory: transposed, sliced and
          channels_last tensors are as good.
        * Differentiable with respect to X.
        * An empty batch, N = 0, gives an answer of shape (0, C).
        * Refused: an X of two dimensions, which has no channels. Raise ValueError or RuntimeError
          (TypeError, IndexError, KeyError and AssertionError count; NotImplementedError,
          NameError and AttributeError do not).

    Not allowed: torch's pooling operators. Calling your own functions is welcome.
    """
    ### BEGIN SOLUTION
    if X.dim() != 4:
        raise ValueError(f"need a batch (N, C, H, W), got a tensor of {X.dim()} dimensions")
    return X.mean((2, 3))
    ### END SOLUTION


# %%
X = torch.arange(8.0).reshape(1, 2, 2, 2)
assert global_avg_pool2d(X).tolist() == [[1.5, 5.5]]
assert global_avg_pool2d(X.reshape(2, 1, 1, 4)).tolist() == [[1.5], [5.5]]
assert global_avg_pool2d(torch.ones(5, 3, 1, 7)).shape == (5, 3)

# %% [markdown]
# Unlike a small window, this one cannot be left: if a pattern moves, the average stays. **Predict
# before you run:** which of the two lines prints `True`? (`torch.roll` moves the picture around a
# cylinder; what leaves at the right comes back at the left.)

# %%
predict("the pooling that prints True: global or 2×2", ...)

# %%
image = torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(2))
moved = torch.roll(image, 3, dims=3)
print("global pooling:", torch.allclose(global_avg_pool2d(image), global_avg_pool2d(moved)))
print("2×2 pooling:   ", torch.allclose(pool2d_full(image, 2), pool2d_full(moved, 2)))
observe("the pooling that prints True: global or 2×2", [
    name for name, pooled in {"global": global_avg_pool2d,
                              "2×2": lambda picture: pool2d_full(picture, 2)}.items()
    if torch.allclose(pooled(image), pooled(moved))])

# %% [markdown]
# The first. Where a pixel stands does not matter to a mean over all of them; it does to a mean, or a
# maximum, over a window with a border.

# %% [markdown]
# ## 4.5 `pool_output_size` (2 points)
#
# How many windows fit? In 4.2 the answer was rounded down: a window that is not completely filled
# does not count. Along one axis,
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1.$$
#
# Then the pixels behind the last full window are lost. torch's pooling has a switch, `ceil_mode`, that
# rounds *up* instead: a last window may stick out at the right, and pools what it has got. Windows of
# 2 side by side on 5 pixels:
#
# | | windows | size |
# | --- | --- | --- |
# | `ceil_mode=False` | 0 1, 2 3 | $\lfloor 3/2 \rfloor + 1 = 2$ |
# | `ceil_mode=True` | 0 1, 2 3, 4 | $\lceil 3/2 \rceil + 1 = 3$ |
#
# ### Find the bug in the notes
#
# Some lecture notes give $\lceil (n + 2p - k)/s \rceil + 1$ and stop there. Try it on $n = 10$, $k = 1$,
# $s = 2$, $p = 0$: it says $\lceil 4.5 \rceil + 1 = 6$. But windows of one pixel that start at 0, 2, 4, 6,
# 8 and *10* are one too many: there is no pixel 10. The sixth window would pool nothing at all.
#
# Hence torch's extra rule: **with `ceil_mode`, the last window must start inside the image or in the
# padding on its left.** If the formula's last window starts further right than that, it does not count.
# In the padded row the image's pixels are numbers $p$ to $n + p - 1$, and window $i$ starts at number
# $i \cdot s$.
#
# **By hand:** $n = 5$, $k = 2$, $s = 3$, $p = 1$. The padded row has 7 places, and the image is numbers
# 1 to 5 of them. Windows start at 0 and 3; a third would start at 6, in the padding on the right. So the
# size is 2, with `ceil_mode` too, where the formula says 3. With $k = 3$ and $s = 5$ instead, windows start
# at 0 and 5, and the second sticks out. Number 5 is a pixel: the size is 1 without `ceil_mode`, and 2
# with it.

# %%
def pool_output_size(n, k, stride, padding=0, ceil_mode=False):
    """How many windows pooling has along one axis.

    Arguments:
        n: pixels along the axis.
        k: pixels of the window.
        stride: by how much the window moves.
        padding: what is added on each side, at most half of k.
        ceil_mode: if false, only windows that lie within the padded row count. If true, the
            number is rounded up: a last window may stick out at the right, if it starts inside
            the image or in the padding on its left.
    Returns:
        int: the number of windows.

    Also graded:
        * The answer is an int, and neither a float nor a tensor.
        * The same number as torch's own pooling, for any sizes.
        * Refused: a kernel larger than the padded row (when ceil_mode is false); a negative
          stride; a negative padding. Raise ValueError (RuntimeError, TypeError, IndexError,
          KeyError and AssertionError count; NotImplementedError, NameError and AttributeError do
          not).

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    if k < 1 or stride < 1 or padding < 0:
        raise ValueError("k and stride must be at least 1, padding at least 0")
    if k > n + 2 * padding:
        raise ValueError(f"a window of {k} has no place in {n} pixels with padding {padding}")
    steps = n + 2 * padding - k
    if not ceil_mode:
        return steps // stride + 1
    last = -(-steps // stride)  # the number of the last window, counted from 0
    return last + 1 if last * stride < n + padding else last
    ### END SOLUTION


# %%
assert pool_output_size(5, 2, 2) == 2
assert pool_output_size(5, 2, 2, ceil_mode=True) == 3
assert pool_output_size(10, 1, 2, ceil_mode=True) == 5
assert pool_output_size(4, 3, 2, padding=1) == 2
assert pool_output_size(5, 2, 3, padding=1) == 2
assert pool_output_size(5, 2, 3, padding=1, ceil_mode=True) == 2
assert pool_output_size(5, 3, 5, padding=1) == 1
assert pool_output_size(5, 3, 5, padding=1, ceil_mode=True) == 2
assert type(pool_output_size(7, 3, 2)) is int
assert refuses(pool_output_size, 3, 4, 1)

# %% [markdown]
# Ask torch. The cell below compares your numbers, and those of the notes, with the size of what torch
# really returns. **Predict before you run:** a window that the rule strikes out starts behind the last
# pixel. Can that happen if the stride is no larger than $k - p$?

# %%
predict("it can happen, True or False", ...)

# %%
wrong_notes = []
for n in range(1, 13):
    for k in range(1, min(n, 5) + 1):
        for p in range(k // 2 + 1):
            for s in range(1, 6):
                sizes = [F.max_pool1d(torch.zeros(1, 1, n), k, s, p, ceil_mode=up).shape[-1]
                         for up in (False, True)]
                assert [pool_output_size(n, k, s, p, up) for up in (False, True)] == sizes
                if math.ceil((n + 2 * p - k) / s) + 1 != sizes[True]:
                    wrong_notes.append((n, k, s, p))
print("the notes are wrong for", len(wrong_notes), "of these sizes")
print("smallest stride - (k - p) among them:", min(s - (k - p) for _, k, s, p in wrong_notes))
observe("it can happen, True or False", any(s <= k - p for _, k, s, p in wrong_notes))

# %% [markdown]
# It cannot. Without padding, it takes windows with gaps between them. That is why the wrong formula has
# survived in so many notes: nobody tries such windows.

# %% [markdown]
# ## 4.6 Tests of `pool2d_full` (bonus 1)
#
# So try such windows. `test_pool2d_full` is handed an implementation, somebody's, and finds out whether
# it is right: it comes to its end where nothing is wrong, and raises an exception where something is. A
# failing `assert` raises an `AssertionError`.
#
# A wrong program is right for many inputs. **A test is worth what it tells apart**, and a function with
# five options has much to tell apart. Think of a mistake first, and then of an input on which it makes
# a difference:
#
# | mistake | no difference on | a difference on |
# | --- | --- | --- |
# | zeros around the maximum | pixels above zero, or no padding | negative pixels at a padded border |
# | without a stride, it is 1 | a window of 1×1, or a stride that is said | `f(X, 2)` |
# | the vertical stride in both directions | a stride of 2, or (2, 2) | a stride of (1, 2) |
# | channels are mixed | one channel, or channels that are alike | channels that differ |
# | padding left out of the average | no padding, or `False` | `f(X, 3, 2, 1, "avg")` |
#
# ### How it is graded
#
# Your tests are put to right implementations, which are written in many ways, and to wrong ones, which
# students have written before you. **They have to accept every right one: where they reject one,
# nothing counts.** Of the wrong ones, each that they reject earns as much as the others. So ask for all
# that the docstring of 4.2 promises, and for nothing beyond it. Four traps:
#
# * **Rounding.** An average may be added up in any order. Compare by `torch.allclose(…, atol=1e-4)`.
# * **What is not promised.** Averages of whole numbers, and a padding of more than half the kernel.
# * **Exceptions.** A refusal may be any of six kinds. `refuses` knows them.
# * **What you cannot see.** The implementation runs in another process, and you get its answer and
#   nothing else: neither gradients, nor what it did to its arguments; and it gets yours without their
#   layout in memory. Such mistakes are not asked for.
#
# Within your tests, and nowhere else, torch's own pooling operators are allowed.

# %%
def test_pool2d_full(pool2d_full):
    """Raise an exception where an implementation is wrong, and none where it is right.

    Arguments:
        pool2d_full: the implementation, called as pool2d_full(X, kernel, stride, padding, mode,
            count_include_pad), with two arguments or more. It is to do what the docstring in 4.2
            says, and within this function it takes the place of your own.
    """
    ### BEGIN SOLUTION
    numbers = torch.Generator().manual_seed(4)
    X = torch.randint(-300, 100, (3, 2, 8, 7), generator=numbers).float()
    X[:, :, ::3, ::3] = 0  # black pixels are pixels

    def same(answer, expected):
        assert answer.shape == expected.shape, f"shape {tuple(answer.shape)}"
        assert answer.dtype == expected.dtype, f"dtype {answer.dtype}"
        assert torch.allclose(answer, expected, atol=1e-3), "values"

    for batch in (X, X - 500, X.double(), X[:0]):
        for window in ((2, None, 0), ((3, 2), None, 0), (3, 2, 0), ((2, 3), (1, 2), 0), (3, 2, 1),
                       ((4, 3), 1, (2, 0))):
            same(pool2d_full(batch, *window), F.max_pool2d(batch, *window))
            for counts in (True, False):
                same(pool2d_full(batch, *window, "avg", counts),
                     F.avg_pool2d(batch, *window, False, counts))
    same(pool2d_full(X, 3), F.max_pool2d(X, 3))
    same(pool2d_full(X, 3, 2, 1, "avg"), F.avg_pool2d(X, 3, 2, 1))
    same(pool2d_full(X.long(), 3, 2, 1), F.max_pool2d(X, 3, 2, 1).long())
    assert pool2d_full(X.to("meta"), 2).device.type == "meta"
    for bad in ((X, (9, 2)), (X, (2, 10), None, 1), (X, 2, None, 0, "sum"), (X, 2, 2, -1),
                (X, 2, 0), (X[0, 0], 2)):
        assert refuses(pool2d_full, *bad), f"an answer for {bad[1:]}"
    ### END SOLUTION


# %% [markdown]
# **Predict before you run.** Below stand torch's own pooling and three wrong programs, and `by_hand`, which
# tests what 4.2 works out by hand. Which of the wrong programs does it accept? And what do your own tests
# say of each, and of your own `pool2d_full`?

# %%
predict("wrong programs that by_hand accepts", ...)

# %%
def by_torch(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """Right: torch's own."""
    match mode:
        case "max":
            return F.max_pool2d(X, kernel, stride, padding)
        case "avg":
            return F.avg_pool2d(X, kernel, stride, padding, False, count_include_pad)
    raise ValueError(mode)


def always_maximum(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """Wrong: the mode is ignored."""
    return by_torch(X, kernel, stride, padding)


def zeros_around(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """Wrong: the maximum sees zeros around the image."""
    if mode != "avg":
        (ph, pw), padding = as_pair(padding), 0
        X = F.pad(X, (pw, pw, ph, ph))
    return by_torch(X, kernel, stride, padding, mode, count_include_pad)


def first_image(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    """Wrong: the others are forgotten."""
    return by_torch(X[:1], kernel, stride, padding, mode, count_include_pad)


def by_hand(f):
    """Tests that are too few."""
    grey = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert f(grey, 3).item() == 10
    assert f(grey, 3, 2, 1).flatten().tolist() == [5, 7, 13, 15]
    assert torch.allclose(f(grey, 3, 2, 1, "avg").flatten() * 9, torch.tensor([10.0, 24, 51, 90]))


def says(tests, implementation):
    """What tests say of an implementation."""
    try:
        tests(implementation)
    except NotImplementedError:  # nobody has written them yet
        raise
    except Exception as error:
        return f"rejected, {type(error).__name__}: {error}"[:70].replace("\n", " ")
    return "accepted"


for program in (by_torch, always_maximum, zeros_around, first_image, pool2d_full):
    print(f"{program.__name__:14} by hand: {says(by_hand, program)[:8]}   "
          f"yours: {says(test_pool2d_full, program)}")
observe("wrong programs that by_hand accepts", {
    program.__name__ for program in (always_maximum, zeros_around, first_image)
    if says(by_hand, program) == "accepted"})
assert says(test_pool2d_full, by_torch) == "accepted"
assert says(test_pool2d_full, always_maximum) != "accepted"

# %% [markdown]
# The example finds the mode that is ignored, and accepts the other two: it has no negative pixel, and
# one image. If your tests and your own `pool2d_full` do not get along, one of them is wrong.
#
# **The field's word.** Breaking a program on purpose, to see whether its tests notice, is **mutation
# testing**; each broken program is a *mutant*, and tests *kill* it. An input at the end of what is
# allowed is an **edge case**. Tests that make many inputs and ask each time for what always has to hold
# are **property-based tests**.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * Global average pooling: Lin, Chen and Yan, [Network in Network](https://arxiv.org/abs/1312.4400),
#   2013.
# * Small shifts: Zhang, [Making Convolutional Networks Shift-Invariant Again](https://arxiv.org/abs/1904.11486),
#   2019.
# * Strides for pooling: Springenberg et al., [Striving for Simplicity](https://arxiv.org/abs/1412.6806), 2014.
# * torch's conventions: [`MaxPool2d`](https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html)
#   (`ceil_mode` and its extra rule), [`AvgPool2d`](https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html)
#   (`count_include_pad`), [`AdaptiveAvgPool2d`](https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html).
# * Next: assignment 5 puts the parts together.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `pooling.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own.
