# %% [markdown]
# # Padding, strides and receptive fields
#
# Before a network has learned anything, a good deal about it is settled: how large each map is,
# which pixels an output can see, how many weights there are to learn, and how long you will wait.
# All of it follows from a handful of whole numbers, and none of it needs a GPU. In this notebook
# you work these things out, once and properly, so that you never have to guess at a shape again.
#
# There are 18 points, and 3 bonus points:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 2.1 | `conv_output_size` | 3 |  | 25 | ●● |
# | 2.2 | `same_padding` | 3 | 2.1 | 20 | ●● |
# | 2.3 | `per_side`, `pixel_uses` | 2 |  | 30 | ●● |
# | 2.4 | `pad2d` | 3 |  | 35 | ●● |
# | 2.5 | `receptive_field` | 3 | 2.1 | 30 | ●● |
# | 2.6 | `parameter_count`, `macs`, `flops` | 4 |  | 30 | ●● |
# | 2.7 | `verdicts`, `counterexamples` on somebody's notes | bonus 2 | all of them | 40 | ●● |
# | 2.8 | `test_conv_output_size`, tests of `conv_output_size` | bonus 1 | 2.1 | 25 | ●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** whole numbers and `//`; loops; for 2.4 slices of tensors; and cross-correlation, which is
# assignment 1.

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function and the order of its arguments.
#
# Below each function stands a cell of **examples**. If it runs without a complaint, your function
# passes them. Grading uses these examples and others that you cannot see: odd and even sizes,
# strides that do not divide, four different sides. What they check is written in the function's
# docstring. **What is not written there, or in this notebook, is not graded.**
#
# **Predict before you run** marks a question to answer, on paper, before you run the cell below
# it. A wrong prediction is the best thing that can happen to you here: it shows you exactly what
# to think about.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# Nothing is forbidden in this notebook. You may ask `nn.Conv2d` for an answer, use `F.pad`, or
# count on your fingers with a loop. But do derive the formulas: you will want them at two in the
# morning, when the error says `mat1 and mat2 shapes cannot be multiplied`.
#
# ### Words used in the docstrings
#
# * **One axis.** Height and width never mix, so most questions are about one axis of $n$ pixels.
#   For an image, ask twice.
# * **int**: the answer is a Python `int` (or numpy's). The right number as a float, such as `4.0`,
#   or as a tensor costs a little.
# * **Refused**: the call raises an exception. `ValueError` and `RuntimeError` are the natural
#   ones; `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well.
#   `NotImplementedError`, `NameError` and `AttributeError` do not: they look like an accident.
# * **Follows the input**: the answer has the dtype of `X` and lives on the device of `X`. (The
#   device may be `"meta"`, which keeps shapes and no numbers. Code that creates its tensors on the
#   CPU whatever `X` says fails there.)
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Differentiable**: autograd can compute gradients through your function.

# %%
import warnings

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn

try:
    from autograder.notebook import observe, predict
except ImportError:  # nbjudge is not installed: nothing is kept or compared
    def predict(*said, **how):
        """Do nothing."""

    observe = predict


def as_pair(size):
    """(height, width) of a size that may be one int, meaning a square, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def refuses(function, *arguments):
    """Whether the call raises one of the exceptions that count as a refusal."""
    try:
        function(*arguments)
    except (NotImplementedError, RecursionError):  # kinds of RuntimeError that look like an accident
        raise
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError, AssertionError):
        return True
    return False


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


# %% [markdown]
# ## 2.1 `conv_output_size` (3 points)
#
# A window slides along an axis. At how many places does it stop?
#
# Four numbers say how it moves:
#
# * $k$, the **kernel**: how many weights the window has along this axis.
# * $p$, the **padding**: so many pixels are added *before* the image, and as many *after* it. The
#   axis grows from $n$ to $n + 2p$. (Some books call the *sum* of both sides the padding. Here, as
#   in torch, $p$ is per side.)
# * $s$, the **stride**: the window moves by $s$ pixels at a time.
# * $d$, the **dilation**: neighbouring weights lie on pixels that are $d$ apart. With $d = 1$ the
#   kernel is dense, which is the ordinary case.
#
# ### How long is a dilated kernel?
#
# Three weights with $d = 2$ lie on pixels 0, 2 and 4, so the window covers five. Count the *gaps*:
# between $k$ weights there are $k - 1$ of them, each a step of $d$. The window reaches over
#
# $$\ell = d\,(k - 1) + 1$$
#
# pixels, which is its **length**. Not $d\,k$: nothing follows the last weight.
#
# ### How many places?
#
# The first window starts at the first pixel of the padded axis. From there it can still move by
# $n + 2p - \ell$ pixels before it would stick out. It moves in steps of $s$, and a step that no longer
# fits is not taken:
#
# $$\text{steps} = \left\lfloor \frac{n + 2p - \ell}{s} \right\rfloor.$$
#
# The first window needs no step. So there is one more window than there are steps:
#
# $$\boxed{\; n' = \left\lfloor \frac{n + 2p - d\,(k - 1) - 1}{s} \right\rfloor + 1 \;}$$
#
# ### By hand
#
# | $n$ | $k$ | $p$ | $s$ | room to move, $n + 2p - k$ | steps | windows |
# | --- | --- | --- | --- | --- | --- | --- |
# | 8 | 3 | 1 | 1 | 7 | 7 | 8 |
# | 8 | 5 | 2 | 1 | 7 | 7 | 8 |
# | 8 | 3 | 1 | 2 | 7 | 3 (one pixel is left over) | 4 |
# | 8 | 3 | 0 | 3 | 5 | 1 (two are left over) | 2 |
# | 8 | 5 | 1 | 4 | 5 | 1 (one is left over) | 2 |
#
# Read the last two together, and you have an 8×8 image under a kernel of 3×5 with padding (0, 1)
# and stride (3, 4). The answer is 2×2.
#
# If there is no room at all, $n + 2p < \ell$, then there is no window, and the question has no answer:
# refuse. A formula alone would tell you 0, or even −1, and you would find out much later.

# %%
def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    """How many places a window has along one axis: the size of a convolution's output.

    Arguments:
        n: number of pixels along the axis, an int, at least 1.
        k: number of weights of the kernel along this axis, an int.
        padding: pixels added on each side, an int. The axis grows by twice as many.
        stride: how far the window moves at a time, an int.
        dilation: distance of neighbouring weights, an int; 1 is the ordinary, dense kernel.
    Returns:
        int: the number of windows that lie wholly on the padded axis. Pixels left over at the end
        are dropped, as torch does.

    Also graded:
        * All five numbers together, up to the size of photographs.
        * The answer is an int.
        * Refused: a kernel that, with its dilation, is longer than the padded axis; a negative
          padding; a stride below one; a dilation below one. Raise ValueError (RuntimeError,
          TypeError, IndexError, KeyError and AssertionError count; NotImplementedError, NameError
          and AttributeError do not).

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    if min(k, stride, dilation) < 1 or padding < 0:
        raise ValueError(f"no such window: {k=}, {padding=}, {stride=}, {dilation=}")
    reach = dilation * (k - 1) + 1
    room_to_move = n + 2 * padding - reach
    if room_to_move < 0:
        raise ValueError(f"a window over {reach} pixels has no place on {n} + 2·{padding}")
    return room_to_move // stride + 1
    ### END SOLUTION


# %%
assert conv_output_size(8, 3) == 6
assert conv_output_size(8, 3, padding=1) == 8
assert (conv_output_size(8, 5, padding=2), conv_output_size(8, 3, padding=1)) == (8, 8)
assert conv_output_size(8, 3, padding=1, stride=2) == 4
assert (conv_output_size(8, 3, 0, 3), conv_output_size(8, 5, 1, 4)) == (2, 2)
assert conv_output_size(8, 3, dilation=2) == 4
assert conv_output_size(5, 3, dilation=2) == 1, "a window that just fits has one place"
assert isinstance(conv_output_size(8, 3, 1, 2), int)

for impossible in ((3, 4), (4, 3, 0, 1, 2), (8, 3, -1), (8, 3, 0, 1, 0)):
    assert refuses(conv_output_size, *impossible), f"conv_output_size{impossible} has no answer"

# %% [markdown]
# Now look at it. The picture draws as many windows as *your* function says, one below the other.
# White pixels are the image, grey ones the padding, blue ones lie under a weight. If your function
# is right, no window sticks out to the right, and there is no room for another.

# %%
def draw_windows(n, k, padding=0, stride=1, dilation=1):
    """Draw an axis, and below it the windows that conv_output_size counts."""
    windows = conv_output_size(n, k, padding, stride, dilation)
    axis = plt.subplots(figsize=(0.4 * (n + 2 * padding), 0.4 * (windows + 1)))[1]
    for pixel in range(-padding, n + padding):
        color = "white" if 0 <= pixel < n else "lightgrey"
        axis.add_patch(plt.Rectangle((pixel, 0), 1, 1, facecolor=color, edgecolor="black"))
    for window in range(windows):
        for weight in range(k):
            left = window * stride + weight * dilation - padding
            axis.add_patch(plt.Rectangle((left, -1 - window), 1, 0.8, facecolor="tab:blue",
                                         edgecolor="white"))
    axis.set_xlim(-padding - 0.5, n + padding + 0.5)
    axis.set_ylim(-windows - 0.5, 1.5)
    axis.set_title(f"n={n}, k={k}, padding={padding}, stride={stride}, dilation={dilation}",
                   loc="left", fontsize="small")
    axis.axis("off")
    plt.show()


draw_windows(8, 3, padding=1, stride=2)
draw_windows(8, 3, dilation=2)

# %% [markdown]
# Two axes at once: this is the 8×8 image of the table, under a kernel of 3×5, with padding (0, 1) and
# stride (3, 4). Each pixel is numbered by its row and column (23 is in row 2, column 3), so that you see
# where you are. **Predict before you run:** which pixels does no window see, and which are seen twice?
# Then click a number of the output and move the window by the arrow keys. (It needs the package `nbjudge`,
# as `%check` does. Without it the cell says so, and nothing else depends on it.)

# %%
try:
    from autograder.notebook import window
except ImportError:
    def window(*what, **how):
        """In place of the real one."""
        print("nbjudge is not installed: draw the four windows on paper.")

numbered = 10 * torch.arange(8.0)[:, None] + torch.arange(8.0)
window(numbered, torch.ones(3, 5), padding=(0, 1), stride=(3, 4))

# %% [markdown]
# Rows 6 and 7 are seen by no window: they are the two that are left over. Of the columns, the one that is
# left over is padding, on the right. Column 3 is seen twice, by the left windows and by the right ones,
# since the stride across is one less than the kernel.

# %% [markdown]
# **Predict before you run.** An image of 8 pixels, a kernel of 3, no padding, stride 2. "Two goes
# into eight four times", somebody says. How many windows are there really, and how many pixels are
# left over?

# %%
predict("windows", ...)

# %%
draw_windows(8, 3, stride=2)
observe("windows", conv_output_size(8, 3, stride=2))

# %% [markdown]
# Three windows. "$n/s$" is right with the padding that keeps the size, and wrong without.
#
# **Predict before you run.** These are first layers of well-known networks, on photographs of
# 224×224 pixels. Write down the sizes of their outputs before torch and your function do.

# %%
predict("sizes of the four outputs", ...)

# %%
sizes = []
for name, layer in {
    "11×11, stride 4, padding 2": nn.Conv2d(3, 64, 11, stride=4, padding=2, device="meta"),
    "7×7, stride 2, padding 3": nn.Conv2d(3, 64, 7, stride=2, padding=3, device="meta"),
    "3×3, padding 1": nn.Conv2d(3, 64, 3, padding=1, device="meta"),
    "16×16, stride 16": nn.Conv2d(3, 64, 16, stride=16, device="meta"),
}.items():
    torch_says = layer(torch.empty(1, 3, 224, 224, device="meta")).shape[-1]
    mine = conv_output_size(224, layer.kernel_size[0], layer.padding[0], layer.stride[0])
    print(f"{name:28} torch {torch_says:4}   yours {mine:4}")
    sizes.append(torch_says)
observe("sizes of the four outputs", sizes)

# %% [markdown]
# They are the first layers of AlexNet as torchvision has it, ResNet, VGG and the Vision Transformer,
# and their sizes are 55, 112, 224 and 14. A layer that makes its map smaller does what is called
# **downsampling** or *subsampling*.
#
# (The layers above live on the device `"meta"`: torch works out every shape there and computes
# nothing. It is a pocket calculator for shapes, and it costs no memory.)

# %% [markdown]
# ## 2.2 `same_padding` (3 points)
#
# Without padding every layer nibbles at the image. A dense 3×3 kernel takes two pixels from each
# axis, and a network of fifty such layers takes a hundred. To go deep, you want the size to stay.
#
# With stride 1 the output has $n + P - d\,(k - 1)$ pixels, where $P$ is the padding of *both sides
# together*. It equals $n$ when
#
# $$P = d\,(k - 1).$$
#
# It remains to share $P$ out. For $k = 3$ it is 2: one pixel before, one after. For $k = 5$ it is 4:
# two and two. An odd kernel always gets an even $P$, and both sides are alike. That is the main
# reason why kernels are odd.
#
# ### Even kernels
#
# For $k = 2$ and $d = 1$ there is $P = 1$, and one pixel cannot be shared. Put it *before*, and
# every output looks at its own pixel and the one to its left. Put it *after*, and it looks to the
# right. Both keep the size; one has to choose. torch puts the odd pixel **after**:
#
# | $k$ | $d$ | $P$ | (before, after) |
# | --- | --- | --- | --- |
# | 3 | 1 | 2 | (1, 1) |
# | 5 | 1 | 4 | (2, 2) |
# | 2 | 1 | 1 | (0, 1) |
# | 4 | 1 | 3 | (1, 2) |
# | 3 | 2 | 4 | (2, 2) |
# | 2 | 2 | 2 | (1, 1) |
#
# Look at the last line. The kernel is even, but it takes away an even number of pixels, and nothing
# is left over. It is $P$ that has to be odd for that, not $k$.

# %%
def same_padding(k, dilation=1):
    """The padding with which a convolution of stride 1 keeps the size of an axis.

    Arguments:
        k: number of weights of the kernel along the axis, an int.
        dilation: distance of neighbouring weights, an int.
    Returns:
        (before, after): a pair of ints (a list of two is as good). Together they are exactly what
        the kernel takes away; when that is odd, the odd pixel comes after, as torch has it.

    Also graded:
        * Odd and even kernels, dense and dilated.
        * Both numbers are ints.
        * Refused: a k below one; a dilation below one. Raise ValueError (RuntimeError, TypeError,
          IndexError, KeyError and AssertionError count; NotImplementedError, NameError and
          AttributeError do not).

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    if k < 1 or dilation < 1:
        raise ValueError(f"no such kernel: {k=}, {dilation=}")
    taken_away = dilation * (k - 1)
    before = taken_away // 2
    return before, taken_away - before
    ### END SOLUTION


# %%
assert tuple(same_padding(3)) == (1, 1)
assert tuple(same_padding(5)) == (2, 2)
assert tuple(same_padding(2)) == (0, 1)
assert tuple(same_padding(4)) == (1, 2)
assert tuple(same_padding(3, dilation=2)) == (2, 2)
assert tuple(same_padding(2, dilation=2)) == (1, 1)

# torch pads as you do. (For even kernels it warns that it has to copy the image: no concern of ours.)
image, kernel = torch.arange(6.0).reshape(1, 1, 6), torch.tensor([[[1.0, 10.0, 100.0, 1000.0]]])
padded = F.pad(image, tuple(same_padding(4)))
with warnings.catch_warnings(action="ignore"):
    assert torch.equal(F.conv1d(padded, kernel), F.conv1d(image, kernel, padding="same"))

# %% [markdown]
# Many programs write `padding=k // 2` and call it "same". **Predict before you run:** for which
# kernels does that keep the size 10? What happens with the others?

# %%
predict("kernels, from 1 to 7, that keep the size", ...)

# %%
for k in range(1, 8):
    print(f"k = {k}: padding {k // 2} per side gives {conv_output_size(10, k, padding=k // 2)}")
observe("kernels, from 1 to 7, that keep the size",
        [k for k in range(1, 8) if conv_output_size(10, k, padding=k // 2) == 10])

# %% [markdown]
# For an even kernel the output is one too large. In a network with a skip connection, where the
# input is added to the output, that is an error at once. In one without, it is a map that grows by
# a pixel in every layer, and nobody notices.

# %% [markdown]
# ## 2.3 `per_side` and `pixel_uses` (2 points)
#
# ### Two conventions
#
# Some texts say "padding" and mean the sum $P$ of both sides; others, like torch, mean the number
# $p$ on each side. `per_side` translates from the first to the second,
# and the odd pixel comes after, as before.
#
# ### Who is seen how often?
#
# Let a window of $k = 3$ move over $n = 7$ pixels without padding, one pixel at a time. There are
# five windows: 0–2, 1–3, 2–4, 3–5, 4–6. Pixel 0 lies in the first only. Pixel 1 lies in two, pixel 2
# in three, and so it goes on until the other end:
#
# | pixel | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# | --- | --- | --- | --- | --- | --- | --- | --- |
# | windows that see it | 1 | 2 | 3 | 3 | 3 | 2 | 1 |
#
# The border counts for less. Information there has fewer ways into the network, and fewer gradients
# come back from it.
#
# In general the window that starts at $j$ sees pixel $i$ when $j \le i \le j + k - 1$. With padding
# $p$ per side, $j$ runs from $-p$ to $n + p - k$. Count the $j$ that fulfil both.
#
# Long kernels deserve a thought: with $n = 4$, $k = 4$ and no padding there is a single window, so
# nobody can be seen twice.

# %%
def per_side(total):
    """Share the padding of an axis between its two sides.

    Arguments:
        total: pixels of padding in all, an int.
    Returns:
        (before, after): a pair of ints (a list of two is as good) whose sum is total. They are
        equal, or after is larger by one.

    Also graded:
        * Both numbers are ints.
        * Refused: a negative total. Raise ValueError (RuntimeError, TypeError, IndexError,
          KeyError and AssertionError count; NotImplementedError, NameError and AttributeError
          do not).
    """
    ### BEGIN SOLUTION
    if total < 0:
        raise ValueError(f"{total} pixels cannot be added")
    return total // 2, (total + 1) // 2
    ### END SOLUTION


def pixel_uses(n, k, padding=0):
    """How many windows see each pixel of an axis. The windows move by one pixel at a time.

    Arguments:
        n: number of pixels of the image along the axis, an int, at least 1.
        k: number of pixels that a window sees, an int, at least 1.
        padding: pixels added on each side, an int; any number of them, also k and more.
    Returns:
        A list (or tuple) of n ints, one for each pixel of the image. The padding's own pixels are
        not in it.

    Also graded:
        * Windows longer than half the image, and windows longer than the image that fit because
          of the padding.
        * All numbers are ints.
        * Refused: a window longer than the padded axis; a negative padding. Raise ValueError
          (RuntimeError, TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).
    """
    ### BEGIN SOLUTION
    last = n + padding - k
    if padding < 0 or last < -padding:
        raise ValueError(f"a window of {k} has no place on {n} pixels with padding {padding}")
    return [min(i, last) - max(i - k + 1, -padding) + 1 for i in range(n)]
    ### END SOLUTION


# %%
assert tuple(per_side(2)) == (1, 1)
assert tuple(per_side(3)) == (1, 2)
assert list(pixel_uses(7, 3)) == [1, 2, 3, 3, 3, 2, 1]
assert list(pixel_uses(7, 3, padding=1)) == [2, 3, 3, 3, 3, 3, 2]
assert list(pixel_uses(4, 4)) == [1, 1, 1, 1]

# %% [markdown]
# "With padding, every pixel is used equally often." **Predict before you run:** is that true for
# the padding that keeps the size? How much padding does it take, for $k = 5$, until all pixels are
# used equally often?

# %%
predict("padding until all pixels are used equally often", ...)

# %%
for padding in range(6):
    print(f"padding {padding}: {pixel_uses(10, 5, padding)}")
observe("padding until all pixels are used equally often",
        [padding for padding in range(6) if len(set(pixel_uses(10, 5, padding))) == 1][:1])

# %% [markdown]
# Padding by 2, which keeps the size, helps the border and does not make it equal. It takes
# $k - 1 = 4$: **full padding**, where a window may touch the image with a single pixel. Then every
# pixel is seen $k$ times, and more padding adds only windows that see no image at all.
#
# On an image, a pixel's uses along both axes multiply. **Predict before you run:** which pixels of
# the picture are brightest, and how many times brighter than the corners are they, without padding
# and with padding 2?

# %%
predict("times brighter than the corners: without padding, with padding 2", ...)

# %%
def uses_of_image(n, k, padding):
    """Windows of k×k that see each pixel of an n×n image: tensor (n, n)."""
    along = torch.tensor(pixel_uses(n, k, padding))
    return along[:, None] * along


show({f"padding {padding}": uses_of_image(12, 5, padding) for padding in (0, 2, 4)})
for padding in (0, 2, 4):
    uses = uses_of_image(12, 5, padding)
    print(f"padding {padding}: middle {uses[6, 6]}, corner {uses[0, 0]}")
observe("times brighter than the corners: without padding, with padding 2", [
    (uses[6, 6] / uses[0, 0]).item() for uses in (uses_of_image(12, 5, 0), uses_of_image(12, 5, 2))],
    within=0.05)

# %% [markdown]
# The middle is brightest: $5 \cdot 5 = 25$ windows see a pixel there, and a corner lies in one
# window only, or in 9 with padding 2. So the middle counts 25 times as much, or 2.8 times. With
# full padding the picture is flat.

# %% [markdown]
# ## 2.4 `pad2d` (3 points)
#
# Now put the pixels there. Four numbers say how many rows come on *top* and at the *bottom*, and how
# many columns to the *left* and to the *right*, in this order. What the new pixels hold depends on
# the mode.
#
# **Zeros** are the usual choice. With one row on top and two columns to the right,
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \quad\longrightarrow\quad
# \begin{pmatrix} 0 & 0 & 0 & 0 & 0 \\ 1 & 2 & 3 & 0 & 0 \\ 4 & 5 & 6 & 0 & 0 \end{pmatrix}.$$
#
# To a network, a border of zeros looks like an edge. **Reflection** is gentler: the image goes on as
# in a mirror that stands *on* the outermost pixels. They are the mirror, so they do not come twice:
#
# $$3 \;\; 2 \;\; | \;\; 1 \;\; 2 \;\; 3 \;\; | \;\; 2 \;\; 1$$
#
# Behind a border there are only $n - 1$ pixels to reflect. Whoever asks for more is refused. Rows
# and columns are reflected one after the other, in either order, and that settles the corners.
#
# ### Two hints
#
# Whatever stands before height and width, images in a batch, channels, nothing at all, is to be left
# alone. `X.shape[-2:]` is height and width of any of them, and `X[..., rows, columns]` indexes them.
#
# `F.pad` can do all this, but look up the order of *its* four numbers first, and what it makes of
# negative ones.

# %%
def pad2d(X, padding, mode="zeros"):
    """Put a border around images.

    Arguments:
        X: floating-point or integer tensor of shape (..., H, W). With "zeros" any number of axes
            may come first, none included; "reflect" is graded for (C, H, W) and (N, C, H, W).
        padding: (top, bottom, left, right), four ints: rows above and below, columns to the left
            and to the right.
        mode: "zeros", or "reflect" for a mirror on the outermost pixels, which do not come twice.
    Returns:
        Tensor of shape (..., top + H + bottom, left + W + right).

    Also graded:
        * Four different numbers, zeros among them. All four can be 0.
        * The answer follows X in dtype and device: int64 stays int64 (and exact), float64 stays
          float64, "meta" stays "meta".
        * X is unchanged, and need not be contiguous in memory: a transposed view or a slice is as
          good. (The answer may share memory with X.)
        * Differentiable with respect to X, in both modes.
        * An empty batch of shape (0, C, H, W) gives an empty batch.
        * Refused: a negative number in padding; a mode other than these two; a reflection with as
          many rows or columns as the image has, or more. Raise ValueError (RuntimeError, TypeError,
          IndexError, KeyError and AssertionError count; NotImplementedError, NameError and
          AttributeError do not).

    Allowed: everything, F.pad included.
    """
    ### BEGIN SOLUTION
    top, bottom, left, right = padding
    height, width = X.shape[-2:]
    if min(padding) < 0:
        raise ValueError(f"padding must not be negative, as in {padding}")
    if mode == "zeros":
        bordered = X.new_zeros(*X.shape[:-2], top + height + bottom, left + width + right)
        bordered[..., top:top + height, left:left + width] = X
        return bordered
    if mode != "reflect":
        raise ValueError(f'mode must be "zeros" or "reflect", not {mode!r}')

    def mirrored(n, before, after):
        """The pixels of an axis of n in the order in which its padded version shows them."""
        if max(before, after) >= n:
            raise ValueError(f"{n} pixels cannot be reflected by {before} and {after}")
        return [*range(before, 0, -1), *range(n), *range(n - 2, n - 2 - after, -1)]

    rows, columns = mirrored(height, top, bottom), mirrored(width, left, right)
    return X[..., rows, :][..., columns]
    ### END SOLUTION


# %%
X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
assert torch.equal(pad2d(X, (1, 0, 0, 2)), torch.tensor(
    [[0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 0.0, 0.0], [4.0, 5.0, 6.0, 0.0, 0.0]]))
assert pad2d(X, (1, 2, 3, 4)).shape == (5, 10)
assert pad2d(torch.ones(2, 3, 4, 5), (1, 2, 3, 4)).shape == (2, 3, 7, 12)

whole = pad2d(X.long()[None], (0, 1, 2, 1), "reflect")
assert whole.dtype == torch.int64
assert whole.tolist() == [[[3, 2, 1, 2, 3, 2], [6, 5, 4, 5, 6, 5], [3, 2, 1, 2, 3, 2]]]

for impossible in (((-1, 0, 0, 0),), ((1, 1, 1, 1), "mirror"), ((2, 0, 0, 0), "reflect")):
    assert refuses(pad2d, X[None], *impossible), f"pad2d(X, {impossible}) makes no sense"

# %% [markdown]
# **Predict before you run.** Below, a picture is padded by 6 in both ways, and then the vertical
# edges are computed: each pixel minus the one to its right. In which of the two edge images does the
# *frame* show up, and on which sides?

# %%
rows, columns = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
picture = 1 + torch.sin(rows / 3) * torch.cos(columns / 4)
zeros, mirror = (pad2d(picture[None], (6, 6, 6, 6), mode)[0] for mode in ("zeros", "reflect"))
show({"picture": picture, "zeros": zeros, "reflect": mirror})
show({"edges of zeros": zeros[:, :-1] - zeros[:, 1:],
      "edges of reflect": mirror[:, :-1] - mirror[:, 1:]})

# %% [markdown]
# The frame of zeros shows up on the left, dark, where black turns into picture, and on the right,
# bright. Above and below it does not: the border runs from left to right there, and a pixel is
# compared with its neighbour in the same row. Next to that frame the edges of the picture itself
# are faint. The mirror adds no edge: a slope turns round there, and nothing jumps.

# %% [markdown]
# ## 2.5 `receptive_field` (3 points)
#
# One number in a deep layer: how many pixels of the image can it know about? That stretch is its
# **receptive field**. If it is smaller than the thing you want to recognise, no amount of training
# will help.
#
# Work your way from the image inwards, and keep two numbers for the map you stand in:
#
# * the **field** $r$: how many pixels of the image one of its numbers sees;
# * the **step** $j$: how many pixels of the image lie between the fields of two neighbours.
#
# In the image itself, $r = 1$ and $j = 1$. A layer with kernel $k$, stride $s$ and dilation $d$ looks
# at $k$ numbers of that map, of which the outermost are $d\,(k - 1)$ neighbours apart, so $j$ times
# as many pixels of the image. Its own neighbours are $s$ of the old steps apart:
#
# $$r \leftarrow r + d\,(k - 1)\,j, \qquad\text{and then}\qquad j \leftarrow j\,s.$$
#
# The order of the two matters: a layer's own stride does not widen its own window, it spreads the
# windows *behind* it. And strides multiply, over all layers before. Pooling is a layer like any
# other; only kernel, stride and dilation count here.
#
# ### By hand
#
# | layer | kernel | stride | $r$ | $j$ |
# | --- | --- | --- | --- | --- |
# | image | | | 1 | 1 |
# | convolution | 3 | 1 | $1 + 2 \cdot 1 = 3$ | 1 |
# | pooling | 2 | 2 | $3 + 1 \cdot 1 = 4$ | 2 |
# | convolution | 3 | 1 | $4 + 2 \cdot 2 = 8$ | 2 |
# | pooling | 2 | 2 | $8 + 1 \cdot 2 = 10$ | 4 |
#
# You can also come from the other end. One output sees $\ell = d\,(k - 1) + 1$ numbers of the
# map before. If you know that it sees $r$ numbers of a map, then, one layer closer to the image, it
# sees $(r - 1)\,s + \ell$: there are $r - 1$ strides from the first window to the last, and a window to end
# with. Both ways give the same answer.

# %%
def receptive_field(layers):
    """How many neighbouring pixels of the input one output depends on, along one axis.

    Dilated kernels and large strides may skip pixels: those between the first and the last one
    that matter count too.

    Arguments:
        layers: list of layers, the one next to the input first. A layer is a tuple (kernel,
            stride) or (kernel, stride, dilation) of ints; without a dilation it is 1. Both kinds
            may stand in one list. Pooling layers are given in the same way.
    Returns:
        int. Without any layer it is 1: an output is an input.

    Also graded:
        * The answer is an int.
        * Refused: a kernel below one; a stride below one; a dilation below one. Raise ValueError
          (RuntimeError, TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    field, step = 1, 1
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        if min(kernel, stride, dilation) < 1:
            raise ValueError(f"no such layer: {kernel=}, {stride=}, {dilation=}")
        field += dilation * (kernel - 1) * step
        step *= stride
    return field
    ### END SOLUTION


# %%
assert receptive_field([]) == 1
assert receptive_field([(2, 1), (2, 1)]) == 3
assert receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)]) == 10
assert receptive_field([(3, 2), (3, 2), (3, 2)]) == 15
assert receptive_field([(3, 1), (3, 1, 2)]) == 7
assert receptive_field([(3, 1), (3, 5)]) == receptive_field([(3, 1), (3, 1)]), "the last stride"

# %% [markdown]
# You need not believe a formula: a network can be *asked*. An output depends on a pixel exactly when
# its gradient with respect to that pixel is not zero. The cell below builds convolutions of ones,
# takes one output in the middle, and draws where its gradient goes.
#
# **Predict before you run:** how wide are the three bright squares? In one of them there are holes,
# pixels that are not seen at all (dim ones are). In which?

# %%
predict("widths of the three squares", ...)

# %%
def where_gradients_go(layers, size=31):
    """Gradient of one output of a stack of convolutions of ones, for the image: (size, size)."""
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    maps = image
    for kernel, stride, dilation in layers:
        maps = F.conv2d(maps, torch.ones(1, 1, kernel, kernel), stride=stride, dilation=dilation)
    middle = maps.shape[-1] // 2
    return torch.autograd.grad(maps[0, 0, middle, middle], image)[0][0, 0]


stacks = {
    "three 3×3": [(3, 1, 1)] * 3,
    "strides 2": [(3, 2, 1)] * 3,
    "two dilated": [(3, 1, 4), (3, 1, 2)],
}
for name, stack in stacks.items():
    print(f"{name:12} receptive field {receptive_field(stack)}")
show({name: where_gradients_go(stack) for name, stack in stacks.items()}, own_scale=True)
observe("widths of the three squares", [receptive_field(stack) for stack in stacks.values()])

# %% [markdown]
# The squares are 7, 15 and 13 pixels wide, as the formula says. The holes are in the last one:
# weights that lie 4 and then 2 pixels apart meet only every second pixel. A receptive field is how
# far a network sees, and not how many pixels it uses.
#
# The pictures show something else, too. The middle is brighter than the rim, since more paths lead
# there. In a deep network the *effective* field is a blurred spot, a good deal smaller than the
# square you computed (Luo et al., 2016). Your number is what a network *can* see, not what it looks at.
#
# **Predict before you run.** Image of 224×224, 3×3 convolutions of stride 1. How many of them does it
# take until one output sees the whole width? And if a 2×2 pooling of stride 2 follows every second
# convolution?

# %%
predict("convolutions without pooling, with pooling", ...)

# %%
plain = next(depth for depth in range(1, 300) if receptive_field([(3, 1)] * depth) >= 224)
pooled = next(blocks for blocks in range(1, 300)
              if receptive_field([(3, 1), (3, 1), (2, 2)] * blocks) >= 224)
print(f"without pooling {plain} convolutions, with pooling {2 * pooled}")
observe("convolutions without pooling, with pooling", (plain, 2 * pooled))

# %% [markdown]
# 112 and 12. Each convolution adds two pixels at the current step, and every pooling doubles the step:
# a receptive field grows with depth, and exponentially with the number of strides.

# %% [markdown]
# ## 2.6 What a convolution costs (4 points)
#
# ### Parameters
#
# A filter spans **all** input channels: it is a block of $c_{in} \cdot k_h \cdot k_w$ weights. There
# is one filter for each output channel, and one bias for each output channel, added after the sum
# over the input channels:
#
# $$\text{parameters} = c_{out} \cdot (c_{in} \cdot k_h \cdot k_w + 1).$$
#
# Eight 5×5 filters on an image with three channels: $8 \cdot (3 \cdot 25 + 1) = 608$. Not 208, which
# is what flat filters would have.
#
# The size of the image is not in the formula. All places share the weights.
#
# ### Multiply–accumulates
#
# The time is another matter. Each number of the output is a sum of $c_{in} \cdot k_h \cdot k_w$
# products. To multiply two numbers and add the product to a running sum is called one
# **multiply–accumulate**, or MAC; hardware does it in one go. With an output of $h \times w$ there are
#
# $$\text{MACs} = c_{out} \cdot h \cdot w \;\cdot\; c_{in} \cdot k_h \cdot k_w.$$
#
# In other words, every weight works once at every place of the output. Sixty-four 5×5 filters without
# bias on three channels are $64 \cdot 3 \cdot 25 = 4\,800$ weights. On an output of 128×128 they do
# $4\,800 \cdot 16\,384 = 78\,643\,200$ MACs. The one number is memory, the other is time; do not mix
# them up.
#
# ### Conventions
#
# Papers differ, so here is what holds in this notebook:
#
# * $h \times w$ is the size of the **output**. (Stride and padding have had their say by then.)
# * MACs count products, so **a bias is no MAC**.
# * **FLOPs are twice the MACs**, one multiplication and one addition each, and nothing else is
#   counted. There are tables that say "FLOPs" and show MACs; look for this first when two papers
#   differ by a factor of two.
# * All of it is for **one image**.
#
# ### Groups
#
# With $g$ **groups** the channels are split into $g$ equal parts, and each part is a convolution of
# its own. A filter then sees $c_{in} / g$ channels instead of $c_{in}$. There are still $c_{out}$
# filters and $c_{out}$ biases. So weights and MACs fall to one $g$-th, once and not twice. With
# $g = c_{in} = c_{out}$ every channel is on its own: a **depthwise** convolution.
#
# For example, 12 channels to 6 with 3×3 kernels and three groups:
# $6 \cdot \tfrac{12}{3} \cdot 9 + 6 = 222$ parameters. If $g$ does not divide both channel counts,
# there is no such layer.

# %%
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    """How many numbers a two-dimensional convolution can learn.

    Arguments:
        c_in, c_out: numbers of input and output channels, ints.
        kernel_size: (height, width) of the kernel, or an int for a square.
        bias: whether each output channel has a bias.
        groups: into how many groups the channels are split, an int.
    Returns:
        int: weights, and biases where there are any.

    Also graded:
        * The answer is an int.
        * Refused: groups that do not divide c_in; groups that do not divide c_out. Raise ValueError
          (RuntimeError, TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    if c_in % groups or c_out % groups:
        raise ValueError(f"{groups} groups do not divide {c_in} and {c_out} channels")
    kh, kw = as_pair(kernel_size)
    per_filter = c_in // groups * kh * kw
    return c_out * (per_filter + int(bias))
    ### END SOLUTION


def macs(c_in, c_out, kernel_size, output_size, groups=1):
    """How many multiply-accumulates a convolution takes for one image. Biases are not counted.

    Arguments:
        c_in, c_out: numbers of input and output channels, ints.
        kernel_size: (height, width) of the kernel, or an int for a square.
        output_size: (height, width) of the output map, or an int for a square. It is the size of
            the output, whatever stride and padding have led to it.
        groups: into how many groups the channels are split, an int.
    Returns:
        int: the number of products.

    Also graded:
        * The answer is an int.
        * Refused, as above: groups that do not divide c_in; groups that do not divide c_out.

    Allowed: everything.
    """
    ### BEGIN SOLUTION
    if c_in % groups or c_out % groups:
        raise ValueError(f"{groups} groups do not divide {c_in} and {c_out} channels")
    (kh, kw), (height, width) = as_pair(kernel_size), as_pair(output_size)
    return c_out * height * width * (c_in // groups) * kh * kw
    ### END SOLUTION


def flops(c_in, c_out, kernel_size, output_size, groups=1):
    """How many floating-point operations a convolution takes for one image: twice its MACs.

    The arguments are those of macs. Biases are not counted.

    Returns:
        int: twice the number of products.

    Also graded:
        * The answer is an int.
        * Refused, as in macs: groups that do not divide c_in; groups that do not divide c_out.

    Calling your own macs is welcome. If that is wrong, this function is judged by what it makes
    of its answer.
    """
    ### BEGIN SOLUTION
    return 2 * macs(c_in, c_out, kernel_size, output_size, groups)
    ### END SOLUTION


# %%
assert parameter_count(3, 8, 5) == 608
assert parameter_count(3, 64, (5, 5), bias=False) == 4_800
assert parameter_count(12, 6, 3, groups=3) == 222
assert macs(3, 64, 5, 128) == 78_643_200
assert macs(3, 8, (3, 1), (10, 20)) == 14_400
assert macs(12, 6, 3, 10, groups=3) == 21_600
assert flops(3, 64, 5, 128) == 157_286_400

assert refuses(parameter_count, 12, 8, 3, True, 3), "3 groups do not divide 8 channels"
assert refuses(macs, 8, 12, 3, 10, 3), "3 groups do not divide 8 channels"

# %% [markdown]
# **Predict before you run.** Three 3×3 layers in a row see as much as one 7×7 layer: 7 pixels. Each
# has 64 channels in and out. Which of the two has fewer parameters, and by about which factor?

# %%
predict("weights of one 7×7 layer, for each weight of three 3×3 layers", ...)

# %%
three = 3 * parameter_count(64, 64, 3, bias=False)
one = parameter_count(64, 64, 7, bias=False)
print(f"fields {receptive_field([(3, 1)] * 3)} and {receptive_field([(7, 1)])}")
print(f"three 3×3 layers {three:,} weights, one 7×7 layer {one:,}: factor {one / three:.2f}")
observe("weights of one 7×7 layer, for each weight of three 3×3 layers", one / three, within=0.1)

# %% [markdown]
# $49 : 27$, and three nonlinearities instead of one. These are the two reasons that were given for VGG,
# a network of nothing but 3×3 kernels (Simonyan and Zisserman, 2014).
#
# **Predict before you run.** A 3×3 convolution from 32 to 64 channels on a 56×56 map can be taken
# apart: first depthwise, 32 groups, which looks around in each channel; then 1×1, which mixes
# channels. By about which factor do the MACs fall? Which of the two halves takes more of the rest?

# %%
predict("factor by which the MACs fall", ...)

# %%
whole = macs(32, 64, 3, 56)
depthwise, pointwise = macs(32, 32, 3, 56, groups=32), macs(32, 64, 1, 56)
print(f"whole {whole:,}   depthwise {depthwise:,} + pointwise {pointwise:,}: "
      f"factor {whole / (depthwise + pointwise):.1f}")
observe("factor by which the MACs fall", whole / (depthwise + pointwise), within=0.15)

# %% [markdown]
# By almost eight. Of what is left, seven parts in eight are the 1×1 convolution: looking around has
# become cheap, mixing has not. Such pairs are called **depthwise separable** convolutions, and
# MobileNet is built of them (Howard et al., 2017).

# %% [markdown]
# ## 2.7 Find the bugs in the notes (bonus 2)
#
# Here are the notes that somebody took in lectures and from the web. They are confident, and much of
# this you will really find in print. Some lines are right, some are wrong, and some are right in one
# convention only. **Give your verdict on each line before you go on.**
#
# **Sizes**
#
# * **A.** "The output size is $\left\lceil \frac{n + 2p - k}{s} + 1 \right\rceil$."
# * **B.** "With padding $p$ the output has $n - k + p + 1$ pixels, so $p = k - 1$ keeps the size."
# * **C.** "If the stride divides the size, the output has $n / s$ pixels."
# * **D.** "A 224×224 image shrinks by 4 in every 5×5 layer, so after 44 layers it is 4×4."
# * **E.** "Padding that keeps the size makes sure that every pixel is used equally often."
# * **F.** "From the last layer to the first, the receptive field is $r \leftarrow (r - 1)\,s + k$,
#   and you start with the $k$ of the last layer."
#
# **Channels and costs**
#
# * **G.** "A layer with 3 input and 8 output channels has $3 \cdot 8 = 24$ kernels, that is 24
#   parameters."
# * **H.** "$Y[o, i, j] = \sum_{a, b} X[c, i + a, j + b] \, W[o, c, a, b] + u$."
# * **I.** "Images are (height, width, channels), weights (kh, kw, in, out)."
# * **J.** "Convolution is translation *invariant*."
# * **K.** "Pooling layers reduce the number of parameters."
# * **L.** "Adaptive pooling finds the kernel size and the stride that fit."
#
# **Code**
#
# * **M.** "`torch.zeros(h, w)` makes a result that fits any image."
# * **N.** "If the kernel is too large, torch complains by itself: `torch.zeros(n - k + 1, 5)`."
# * **O.** "`for x, k in zip(X, K)` makes sure that there are as many channels as kernels."
# * **P.** "`if mode == "max": … elif mode == "avg": …` fails for any other mode."
#
# **And three more**
#
# * **Q.** "Two 3×3 layers see as far as one 5×5 layer, and have fewer weights, if all channels are as
#   many."
# * **R.** "With twice as many groups a layer has half the weights and half the MACs."
# * **S.** "An odd kernel with the padding that keeps the size at stride 1 gives
#   $\lceil n / s \rceil$ pixels at stride $s$."
#
# A verdict is `"right"`, `"wrong"` or `"convention"`: true where somebody counts or orders otherwise
# than torch does. And a claim about numbers is best refuted by numbers. For seven of the wrong lines
# give some on which the line fails. Any will do. A machine checks them, and so can you, with the
# functions that you have just written.

# %%
def verdicts():
    """What you think of the lines of the notes.

    Returns:
        dict: the letter of a line -> "right", "wrong" or "convention".

    Also graded:
        * All 19 lines, "A" to "S", have one of these three verdicts.
    """
    ### BEGIN SOLUTION
    found = dict.fromkeys("ABCDEFGHIJKLMNOPQRS", "wrong")
    return found | dict.fromkeys("FQRS", "right") | dict.fromkeys("BI", "convention")
    ### END SOLUTION


def counterexamples():
    """Numbers on which wrong lines of the notes fail.

    Returns:
        dict: the letter of a line -> a tuple (or list) of ints.
            "A": (n, k, p, s) for which the line gives another size than torch.
            "C": (n, k, s), where s divides n and nothing is padded, but the size is not n / s.
            "D": (layers,): after how many 5×5 layers 224 pixels have become 4.
            "E": (n, k), k odd: with (k - 1) / 2 pixels on each side, uses are not equal.
            "G": (c_in, c_out, k): a layer whose parameters are not c_in * c_out.
            "L": (n, o): adaptive pooling from n to o pixels whose windows are not equally long.
            "N": (n, k): a kernel that is too large, and torch.zeros(n - k + 1, 5) is made.

    Also graded:
        * The numbers belong to a layer that exists: there is a window, and strides are above zero.
    """
    ### BEGIN SOLUTION
    return {"A": (8, 3, 1, 2), "C": (8, 3, 2), "D": (55,), "E": (9, 5), "G": (3, 8, 5),
            "L": (8, 3), "N": (3, 4)}
    ### END SOLUTION


# %%
assert sorted(verdicts()) == list("ABCDEFGHIJKLMNOPQRS")
assert set(verdicts().values()) <= {"right", "wrong", "convention"}
assert sorted(counterexamples()) == list("ACDEGLN")

# %% [markdown]
# Done? Then let the machine speak. Each line below prints evidence on one claim. Before you run it,
# say what you expect to see, and afterwards look at your verdicts again.

# %%
print("A, C:", [conv_output_size(8, 3, 1, 2), conv_output_size(8, 3, 0, 2)])
print("B:   ", [conv_output_size(8, 3, padding=p) for p in (1, 2)])
size, depths = 224, {}
for depth in range(1, 56):
    size = conv_output_size(size, 5)
    depths[depth] = size
print("D:   ", depths[44], depths[55])
print("E:   ", pixel_uses(9, 5, 2))
print("F:   ", receptive_field([(3, 1), (2, 2), (3, 1)]), "against", ((3 - 1) * 2 + 2 - 1) * 1 + 3)

# %%
layer = nn.Conv2d(3, 8, 5)
print("G, H:", sum(p.numel() for p in layer.parameters()), "parameters, biases",
      tuple(layer.bias.shape))
print("I:   ", tuple(layer.weight.shape))

dot = torch.zeros(1, 1, 7, 7)
dot[0, 0, 2, 2] = 1
average = torch.full((1, 1, 3, 3), 1 / 9)
here, there = (F.conv2d(image, average)[0, 0] for image in (dot, dot.roll(2, dims=-1)))
print("J:    the answer stays:", torch.equal(here, there),
      "- it moves along:", torch.equal(here.roll(2, dims=-1), there))
print("K:   ", sum(p.numel() for p in nn.MaxPool2d(2).parameters()), "parameters in a pooling layer")

pixels = torch.zeros(1, 1, 8, requires_grad=True)
for output in F.adaptive_avg_pool1d(pixels, 3)[0, 0]:
    (gradient,) = torch.autograd.grad(output, pixels, retain_graph=True)
    print("L:    pixels in this window:", gradient.flatten().nonzero().flatten().tolist())

# %%
print("M:   ", torch.zeros(1).dtype, "for an image of", torch.ones(1, dtype=torch.float64).dtype)
print("N:   ", torch.zeros(3 - 4 + 1, 5))
print("O:   ", list(zip(["red", "green", "blue"], ["kernel 0", "kernel 1"])))  # noqa: B905


def pooled_value(window, mode):
    """What such code answers."""
    value = torch.zeros(())
    if mode == "max":
        value = window.max()
    elif mode == "avg":
        value = window.mean()
    return value


print("P:   ", pooled_value(torch.ones(2, 2), "median"))
print("Q:   ", receptive_field([(3, 1)] * 2), "and", receptive_field([(5, 1)]), "pixels,",
      2 * parameter_count(32, 32, 3, False), "and", parameter_count(32, 32, 5, False), "weights")
print("R:   ", [(parameter_count(24, 48, 3, False, g), macs(24, 48, 3, 10, g)) for g in (2, 4)])
print("S:   ", [conv_output_size(n, 5, 2, 3) - -(-n // 3) for n in range(1, 12)])

# %% [markdown] tags=["staff"]
# What is to be said about each line stands in `misconceptions/notes.py`, to be discussed when all have
# handed in: students are told which lines to look at again, and no more. One line in five is simply
# right, and two are a matter of convention.

# %% [markdown]
# Your feedback says which lines to look at again. It is a
# good habit to let a machine check a formula on a few small, odd, unequal numbers before you trust it,
# whoever wrote it down.

# %% [markdown]
# ## 2.8 Tests of `conv_output_size` (bonus 1)
#
# Which numbers are a good choice for that? `test_conv_output_size` is handed somebody's function and
# finds out whether it is right: it comes to its end where nothing is wrong, and raises an exception
# where something is. A failing `assert` raises an `AssertionError`.
#
# A wrong formula is right for many numbers. **A test is worth what it tells apart.** Think of a mistake
# first, and then of numbers on which it makes a difference.
#
# ### By hand
#
# | $n$ | $k$ | $p$ | $s$ | $d$ | right | rounded up | padding added once | length $d\,k$ |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | 8 | 3 | 0 | 1 | 1 | 6 | 6 | 6 | 6 |
# | 8 | 3 | 1 | 1 | 1 | 8 | 8 | **7** | 8 |
# | 8 | 3 | 0 | 2 | 1 | 3 | **4** | 3 | 3 |
# | 8 | 3 | 0 | 1 | 2 | 4 | 4 | 4 | **3** |
#
# The first line tells nothing apart. Each of the others finds one mistake, and lets two through.
#
# ### How it is graded
#
# Your tests are put to right functions, which are written in many ways, and to wrong ones, which
# students have written before you. **They have to accept every right one: where they reject one,
# nothing counts.** Of the wrong ones, each that they reject earns as much as the others. So ask for all
# that the docstring of 2.1 promises, and for nothing beyond it. Three traps:
#
# * **Types.** The right number as a float is wrong, and `4.0 == 4` is true in Python: ask for the type, too.
# * **Names.** The order of the arguments is fixed, and their names are not: write `f(8, 3, 1, 2)`.
# * **Exceptions.** A refusal may be any of six kinds. `refuses` knows them.
#
# And where do the right sizes come from? You may work them out by hand, ask torch, or let a loop count
# the windows. A copy of the formula proves little: it would make the same mistake.

# %%
def test_conv_output_size(conv_output_size):
    """Raise an exception where an implementation is wrong, and none where it is right.

    Arguments:
        conv_output_size: the implementation, called as conv_output_size(n, k, padding, stride,
            dilation), with two numbers or more. It is to do what the docstring in 2.1 says, and
            within this function it takes the place of your own.
    """
    ### BEGIN SOLUTION
    for n in (6, 7):
        for k in (1, 2, 3):
            for p, s, d in ((0, 1, 1), (1, 1, 1), (2, 3, 1), (3, 2, 1), (0, 2, 2), (1, 3, 2)):
                fitting, last = 0, d * (k - 1)  # the pixel under the last weight
                while last < n + 2 * p:
                    fitting, last = fitting + 1, last + s
                size = conv_output_size(n, k, p, s, d)
                assert size == fitting, f"{(n, k, p, s, d)}: {size}, not {fitting}"
                assert not isinstance(size, float), "a size is no float"
    assert conv_output_size(7, 3) == 5
    for arguments in ((2, 3), (4, 3, 0, 1, 2), (6, 2, -1), (6, 2, 0, 0), (6, 2, 0, 1, 0)):
        assert refuses(conv_output_size, *arguments), f"an answer for {arguments}"
    ### END SOLUTION


# %% [markdown]
# **Predict before you run.** Below stand torch's own size and three wrong formulas, and `easy_numbers`,
# which tests the first two lines of the table. Which of the wrong formulas does it accept? And what do
# your own tests say of each, and of your own `conv_output_size`?

# %%
predict("wrong formulas that easy_numbers accepts", ...)

# %%
def by_torch(n, k, padding=0, stride=1, dilation=1):
    """Right: torch says it."""
    return F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), None, stride, padding,
                    dilation).shape[-1]


def rounded_up(n, k, padding=0, stride=1, dilation=1):
    """Wrong: a last window sticks out."""
    by_torch(n, k, padding, stride, dilation)  # it refuses what it has to
    return -(-(n + 2 * padding - dilation * (k - 1) - 1) // stride) + 1


def padded_once(n, k, padding=0, stride=1, dilation=1):
    """Wrong: the padding of one side is forgotten."""
    by_torch(n, k, padding, stride, dilation)
    return (n + padding - dilation * (k - 1) - 1) // stride + 1


def a_float(n, k, padding=0, stride=1, dilation=1):
    """Wrong: no whole number."""
    return float(by_torch(n, k, padding, stride, dilation))


def easy_numbers(f):
    """Tests that are too few."""
    assert f(8, 3) == 6
    assert f(8, 3, 1) == 8


def says(tests, implementation):
    """What tests say of an implementation."""
    try:
        tests(implementation)
    except NotImplementedError:  # nobody has written them yet
        raise
    except Exception as error:
        return f"rejected, {type(error).__name__}: {error}"[:70].replace("\n", " ")
    return "accepted"


for program in (by_torch, rounded_up, padded_once, a_float, conv_output_size):
    print(f"{program.__name__:16} easy numbers: {says(easy_numbers, program)[:8]}   "
          f"yours: {says(test_conv_output_size, program)}")
observe("wrong formulas that easy_numbers accepts", {
    program.__name__ for program in (rounded_up, padded_once, a_float)
    if says(easy_numbers, program) == "accepted"})
assert says(test_conv_output_size, by_torch) == "accepted"
assert says(test_conv_output_size, rounded_up) != "accepted"

# %% [markdown]
# They find the padding that is added once, and accept the other two: with a stride of one there is
# nothing to round, and in Python `6.0 == 6` is true. If your tests and your own function do not get
# along, one of them is wrong.
#
# **The field's word.** Breaking a program on purpose, to see whether its tests notice, is **mutation
# testing**; each broken program is a *mutant*, and tests *kill* it. An input at the end of what is
# allowed is an **edge case**. Tests that make many inputs and ask each time for what always has to hold
# are **property-based tests**.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * All sizes, with pictures: Dumoulin and Visin,
#   [A guide to convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285), 2016.
# * Receptive fields, interactively: Araujo, Norris and Sim,
#   [Computing Receptive Fields of Convolutional Neural Networks](https://distill.pub/2019/computing-receptive-fields/),
#   2019. What networks really look at: Luo et al.,
#   [Understanding the Effective Receptive Field](https://arxiv.org/abs/1701.04128), 2016.
# * First layers: [AlexNet](https://arxiv.org/abs/1404.5997) (as torchvision has it),
#   [VGG](https://arxiv.org/abs/1409.1556), [ResNet](https://arxiv.org/abs/1512.03385),
#   [ViT](https://arxiv.org/abs/2010.11929). Depthwise separable layers:
#   [MobileNets](https://arxiv.org/abs/1704.04861).
# * Next: assignment 3 gives images and kernels their channels.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `geometry.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own.
