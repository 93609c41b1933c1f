# %% [markdown]
# # Many channels
#
# A grey picture is one sheet of numbers. A colour picture is three of them, and inside a
# convolutional network a picture may have hundreds: one sheet for every kind of thing the network
# has learned to look for. These sheets are called *channels*, or **feature maps**. In this notebook you carry
# cross-correlation over to several channels in, several channels out, and a whole batch of images,
# with bias, stride and padding. At the end you have written what `nn.Conv2d` does.
#
# There are 16 points:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 3.1 | `corr2d_multi_in` | 3 | `corr2d`, given | 20 | ● |
# | 3.2 | `corr2d_multi_in_out` | 4 | 3.1 | 20 | ● |
# | 3.3 | `corr2d_multi_in_out_1x1` | 4 |  | 35 | ●● |
# | 3.4 | `conv2d` | 5 | 3.2 | 60 | ●●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** cross-correlation (assignment 1), the size of its answer (2.1), broadcasting, and the product
# of two matrices.

# %% [markdown]
# ## How to work with this notebook
#
# Replace every line `raise NotImplementedError(...)` by your own code. Keep the names of the
# functions and the order of their arguments.
#
# Below each function stands a cell of **examples**. When it runs without a complaint, your function
# passes them. Grading uses these and others that you cannot see, and checks what the function's
# docstring says. **What is not written there, or in this notebook, is not graded.**
#
# **Predict before you run** means: write your answer on paper first. If the cell then surprises
# you, you have found something worth ten minutes.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# ### Words used in the docstrings
#
# * One image is $(C, H, W)$: channels, height, width. A batch of $N$ images is $(N, C, H, W)$.
# * Weights are $(C_{out}, C, k_h, k_w)$. This is torch's order; other libraries have others.
# * **Follows the input**: the answer has the dtype and the device of the image. Whole numbers stay
#   whole and exact, doubles stay doubles. (The device may be `"meta"`, which keeps shapes and no
#   numbers. Code that makes its tensors on the CPU whatever the image says fails there.)
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Differentiable**: autograd can compute gradients through your function, for every
#   floating-point argument.
# * **Refused**: the call raises an exception. `ValueError` and `RuntimeError` are the natural
#   ones; `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well.
#   `NotImplementedError`, `NameError` and `AttributeError` do not, and neither does a division by
#   zero: they look like an accident.
#
# Floating-point answers may differ from ours by rounding; integer answers must be exact. You need
# not handle mixed dtypes, NaN, infinity, or tensors without any channel.

# %% [markdown]
# ### You are given `corr2d`
#
# You know it from the first assignment: one image $(H, W)$, one kernel $(k_h, k_w)$. Here is one
# that works, so that today does not depend on what you handed in then. It is not graded, and
# whether you call it is up to you.

# %%
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

try:
    from autograder.notebook import observe, predict
except ImportError:  # nbjudge is not installed: nothing is kept or compared
    def predict(*said, **how):
        """Do nothing."""

    observe = predict


def corr2d(X, K):
    """Cross-correlation of one image (H, W) with one kernel (kh, kw) -> (H - kh + 1, W - kw + 1).

    Follows X in dtype and device, is differentiable, and refuses a kernel that does not fit.
    """
    if X.dim() != 2 or K.dim() != 2:
        raise ValueError(f"corr2d needs two-dimensional tensors, not {X.dim()}-D and {K.dim()}-D")
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)  # (H', W', kh, kw), a view
    return (windows * K).sum((2, 3))


def as_pair(size):
    """(height, width) of a size that may be one int, for both axes, or already a pair."""
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
    """Draw pictures side by side. pictures: title -> (H, W), grey, or (3, H, W), red-green-blue.

    All grey ones have one scale: black is 0, or the least value if that is negative, and white the
    greatest. With own_scale each has a scale of its own, and its title says which.
    """
    figure, axes = plt.subplots(1, len(pictures), figsize=(2.6 * len(pictures), 2.8),
                                squeeze=False, layout="constrained")
    grey = [picture for picture in pictures.values() if picture.dim() == 2]
    drawn = None
    for axis, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        axis.set(title=title, xticks=[], yticks=[])
        if picture.dim() == 3:
            axis.imshow(picture.permute(1, 2, 0).clamp(0, 1))
            continue
        scale = [picture] if own_scale else grey
        black = min(0.0, *(float(each.min()) for each in scale))
        white = max(float(each.max()) for each in scale)
        drawn = axis.imshow(picture, cmap="gray", vmin=black,
                            vmax=white if white > black else black + 1)
        if own_scale:
            axis.set_title(f"{title}\nblack {black:.3g}, white {white:.3g}")
    if drawn is not None and not own_scale:
        figure.colorbar(drawn, ax=axes)
    plt.show()


# %% [markdown]
# ## A picture has depth
#
# Here is a small landscape: a blue sky, a red sun, a green meadow. As a tensor it is $(3, 32, 48)$:
# three sheets of $32 \times 48$ numbers between 0 and 1.
#
# **Predict before you run:** in which of the three grey sheets is the sun brighter than the sky
# around it, and in which is it darker?

# %%
predict("sheets in which the sun is brighter", ...)

# %%
rows, columns = torch.meshgrid(torch.arange(32), torch.arange(48), indexing="ij")
landscape = torch.empty(3, 32, 48)
landscape[:] = torch.tensor([0.45, 0.65, 0.95])[:, None, None]
landscape[:, rows > 20 + 2 * torch.sin(columns / 6)] = torch.tensor([0.25, 0.65, 0.2])[:, None]
landscape[:, (rows - 9) ** 2 + (columns - 34) ** 2 < 30] = torch.tensor([0.95, 0.3, 0.15])[:, None]
show({"landscape": landscape, "red": landscape[0], "green": landscape[1], "blue": landscape[2]})
sheets = dict(zip(("red", "green", "blue"), landscape, strict=True))
observe("sheets in which the sun is brighter",
        {name for name, sheet in sheets.items() if sheet[9, 34] > sheet[0, 0]})

# %% [markdown]
# The sun is brighter than the sky in the red sheet, 0.95 against 0.45, and darker in the green and in
# the blue one.
#
# Look at the green sheet: the border between sky and meadow is not there at all. No kernel, however
# clever, could find the horizon in that sheet alone. A network has to look at *all* channels, and
# it has to be able to treat each of them differently.

# %% [markdown]
# ## 3.1 `corr2d_multi_in` (3 points)
#
# So the window goes through all sheets at once, like a drill. The kernel gets as many sheets as the
# image: one slice of weights **for each channel**. Each slice meets its own channel, and the
# results are **added up**:
#
# $$Y[i, j] = \sum_{c=0}^{C-1} \; \sum_{a=0}^{k_h - 1} \sum_{b=0}^{k_w - 1}
# X[c,\, i + a,\, j + b] \; K[c, a, b].$$
#
# What comes out has *one* channel, however many went in.
#
# ### One example by hand
#
# $$X[0] = \begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \\ 6 & 7 & 8 \end{pmatrix}, \quad
# X[1] = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \\ 7 & 8 & 9 \end{pmatrix}, \quad
# K[0] = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}, \quad
# K[1] = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$
#
# | window at | channel 0 | channel 1 | together |
# | --- | --- | --- | --- |
# | $(0, 0)$ | 19 | $1 \cdot 1 + 2 \cdot 2 + 4 \cdot 3 + 5 \cdot 4 = 37$ | 56 |
# | $(0, 1)$ | 25 | $2 \cdot 1 + 3 \cdot 2 + 5 \cdot 3 + 6 \cdot 4 = 47$ | 72 |
# | $(1, 0)$ | 37 | $4 \cdot 1 + 5 \cdot 2 + 7 \cdot 3 + 8 \cdot 4 = 67$ | 104 |
# | $(1, 1)$ | 43 | $5 \cdot 1 + 6 \cdot 2 + 8 \cdot 3 + 9 \cdot 4 = 77$ | 120 |
#
# ### Two traps
#
# * Python's `zip` stops at the shorter of its arguments and says nothing. Three channels of image
#   and two of kernel would give a plausible picture in which one channel never took part.
# * Broadcasting does the opposite: a kernel of one channel is silently stretched over all of them.
#
# Either way somebody searches for days. A number of channels that does not match is a mistake of
# the caller's: say so at once.

# %%
def corr2d_multi_in(X, K):
    """Cross-correlation of an image of several channels with a kernel of as many.

        Y[i, j] = sum over c, a and b of X[c, i + a, j + b] * K[c, a, b]

    Arguments:
        X: image, tensor of shape (C, H, W).
        K: kernel, tensor of shape (C, kh, kw), with X's dtype and on X's device.
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1): one channel, without an axis for it.

    Also graded:
        * Any number of channels: one, two, many.
        * The answer follows X in dtype and device: int64 stays int64 (and exact, also for large
          numbers), float64 stays float64, "meta" stays "meta".
        * X and K are unchanged.
        * Differentiable with respect to X and K.
        * X and K need not be contiguous in memory: a permuted view or a slice is as good.
        * Refused: different numbers of channels, also where one of them is 1; a kernel taller or
          wider than X; an X or K that is not three-dimensional. Raise ValueError or RuntimeError
          (TypeError, IndexError, KeyError and AssertionError count; NotImplementedError,
          NameError and AttributeError do not).

    Not allowed: torch's convolution operators (nn.Conv2d, F.conv2d and the like, by any name).
    """
    ### BEGIN SOLUTION
    if X.dim() != 3 or K.dim() != 3:
        raise ValueError(f"need (C, H, W) and (C, kh, kw), got {X.dim()}-D and {K.dim()}-D")
    if X.shape[0] != K.shape[0]:
        raise ValueError(f"{X.shape[0]} channels of image, {K.shape[0]} of kernel")
    return sum(corr2d(channel, kernel) for channel, kernel in zip(X, K, strict=True))
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(3, 3)
K = torch.arange(4.0).reshape(2, 2)
X, K = torch.stack([X, X + 1]), torch.stack([K, K + 1])
assert torch.equal(corr2d_multi_in(X, K), torch.tensor([[56.0, 72.0], [104.0, 120.0]]))

whole = corr2d_multi_in(X.long(), K.long())
assert whole.dtype == torch.int64
assert whole.tolist() == [[56, 72], [104, 120]]

# Three channels of 2×4 pixels, and a kernel of one column: first minus second, and twice the third.
flags = torch.tensor([[[1.0, 1, 0, 0], [1, 1, 0, 0]],
                      [[0.0, 1, 1, 0], [0, 1, 1, 0]],
                      [[0.0, 0, 0, 1], [0, 0, 0, 2]]])
column = torch.tensor([[[1.0], [0.0]], [[-1.0], [0.0]], [[0.0], [2.0]]])
assert corr2d_multi_in(flags, column).tolist() == [[1.0, 0.0, -1.0, 4.0]]

assert refuses(corr2d_multi_in, torch.ones(3, 4, 4), torch.ones(2, 2, 2)), "zip drops a channel"
assert refuses(corr2d_multi_in, torch.ones(3, 4, 4), torch.ones(1, 2, 2)), "one channel stretched"

# %% [markdown]
# A kernel of one pixel and three channels cannot see shapes, but it can see colours. Take
# $K = (1, -1, 0)$: at every pixel the red value minus the green one.
#
# **Predict before you run:** order sun, sky and meadow from bright to dark. Then do the same for
# $(-0.5, -0.5, 1)$.

# %%
predict("red − green: sun, sky and meadow from bright to dark", ...)
predict("blue − the others: from bright to dark", ...)

# %%
show({"landscape": landscape,
      "red − green": corr2d_multi_in(landscape, torch.tensor([1.0, -1, 0]).reshape(3, 1, 1)),
      "blue − the others": corr2d_multi_in(landscape, torch.tensor([-0.5, -0.5, 1]).reshape(3, 1, 1))})
for name, weights in {"red − green: sun, sky and meadow from bright to dark": [1.0, -1, 0],
                      "blue − the others: from bright to dark": [-0.5, -0.5, 1]}.items():
    drawn = corr2d_multi_in(landscape, torch.tensor(weights).reshape(3, 1, 1))
    greys = {"sun": drawn[9, 34], "sky": drawn[0, 0], "meadow": drawn[31, 0]}
    observe(name, sorted(greys, key=greys.get, reverse=True))

# %% [markdown]
# Red minus green: the sun (0.65), the sky (−0.2), the meadow (−0.4). Blue minus the others: the sky
# (0.4), the meadow (−0.25), the sun (−0.475). Black, grey and white in these maps are no colours any
# more; they say how much of something there is.

# %% [markdown]
# And the horizon, which the green sheet did not show? Compare each pixel with the one below, in
# *all* channels. **Predict before you run:** the second kernel uses the green slice only. What is
# left of the horizon?

# %%
downwards = torch.tensor([[1.0], [-1.0]])
nothing = torch.zeros(2, 1)
show({"all channels": corr2d_multi_in(landscape, torch.stack([downwards] * 3)).abs(),
      "green only": corr2d_multi_in(landscape, torch.stack([nothing, downwards, nothing])).abs()})

# %% [markdown]
# Nothing is left of the horizon. The rim of the sun is still there, as sun and sky differ in green,
# and only half as bright, as the two other channels no longer add to it.

# %% [markdown]
# ## 3.2 `corr2d_multi_in_out` (4 points)
#
# One kernel finds one kind of thing. A layer wants to find many kinds: so it has many kernels, each
# of them with a slice for every input channel, and each of them makes one map of its own. The maps
# are not added; they are the channels of the answer:
#
# $$Y[o, i, j] = \sum_{c} \sum_{a} \sum_{b} X[c,\, i + a,\, j + b] \; K[o, c, a, b],
# \qquad o = 0, \dots, C_{out} - 1.$$
#
# **Inputs are summed, outputs are stacked.** That sentence is the whole question. The weights now
# have four axes, in torch's order: output channel, input channel, row, column.
#
# How many weights is that? $C_{out} \cdot C \cdot k_h \cdot k_w$. Eight kernels of $5 \times 5$ for
# a colour picture hold $8 \cdot 3 \cdot 25 = 600$ weights: the number of kernels is not the number
# of parameters, and the 3 is easily forgotten.
#
# ### By hand
#
# Take $X$ and $K$ from 3.1, and the three kernels $K$, $K + 1$ and $K + 2$. The first map you know:
# $\begin{pmatrix} 56 & 72 \\ 104 & 120 \end{pmatrix}$. Adding 1 to *every* weight adds every pixel
# under the window once, in both channels. At $(0, 0)$ these are $0 + 1 + 3 + 4 = 8$ and
# $1 + 2 + 4 + 5 = 12$, together 20: the second map starts with $56 + 20 = 76$.
#
# **Predict before you run** the examples: the other three numbers of the second map, and with what
# the third map starts.

# %%
def corr2d_multi_in_out(X, K):
    """Cross-correlation of an image of several channels with several kernels: one map for each.

        Y[o, i, j] = sum over c, a and b of X[c, i + a, j + b] * K[o, c, a, b]

    Arguments:
        X: image, tensor of shape (C, H, W).
        K: kernels, tensor of shape (C_out, C, kh, kw), with X's dtype and on X's device.
    Returns:
        Tensor of shape (C_out, H - kh + 1, W - kw + 1), three-dimensional also where C_out is 1.

    Also graded:
        * Any numbers of input and output channels: more, fewer, equal, one.
        * As in corr2d_multi_in, the answer follows X in dtype and device.
        * X and K are unchanged, and need not be contiguous in memory.
        * Differentiable with respect to X and K.
        * Refused, in the same way: kernels for another number of input channels than X has, also
          where one of the two is 1; kernels taller or wider than X; an X that is not
          three-dimensional; a K that is not four-dimensional.

    Not allowed: torch's convolution operators. Calling your own corr2d_multi_in is welcome.
    """
    ### BEGIN SOLUTION
    if K.dim() != 4:
        raise ValueError(f"K must be (C_out, C, kh, kw), not {K.dim()}-D")
    return torch.stack([corr2d_multi_in(X, kernel) for kernel in K])
    ### END SOLUTION


# %%
predict("the second map", ...)
predict("first number of the third map", ...)

# %%
kernels = torch.stack([K, K + 1, K + 2])
assert kernels.shape == (3, 2, 2, 2)
assert corr2d_multi_in_out(X, kernels).tolist() == [
    [[56.0, 72.0], [104.0, 120.0]],
    [[76.0, 100.0], [148.0, 172.0]],
    [[96.0, 128.0], [192.0, 224.0]],
]

# One kernel makes one map; the axis of the output channels stays.
assert corr2d_multi_in_out(X, kernels[1:2]).tolist() == [[[76.0, 100.0], [148.0, 172.0]]]

# Three channels in, two out. The first map is that of 3.1; the second adds up the pixels below.
pair_of_columns = torch.stack([column, torch.tensor([[[0.0], [1.0]]] * 3)])
assert corr2d_multi_in_out(flags, pair_of_columns).tolist() == [
    [[1.0, 0.0, -1.0, 4.0]],
    [[1.0, 2.0, 1.0, 2.0]],
]

assert refuses(corr2d_multi_in_out, torch.ones(3, 4, 4), torch.ones(5, 2, 2, 2))

# %%
observe("the second map", corr2d_multi_in_out(X, kernels)[1])
observe("first number of the third map", corr2d_multi_in_out(X, kernels)[2, 0, 0])

# %% [markdown]
# Look at the first of these examples from inside: two channels, three kernels, three maps. Page Up and Page
# Down go from map to map. **Predict before you run:** the window stays where it is, and the map changes. What
# changes with it: the pixels, the weights, or both? (It needs the package `nbjudge`, as `%check` does. Without
# it the cell says so, and nothing else depends on it.)

# %%
try:
    from autograder.notebook import window
except ImportError:
    def window(*what, **how):
        """In place of the real one."""
        print("nbjudge is not installed: the sums by hand above are what it would show.")

window(X, kernels, yours=corr2d_multi_in_out(X, kernels))

# %% [markdown]
# The weights alone: all maps look at the same pixels, of all channels, each through a kernel of its own. That
# is why one kernel has as many slices as the image has channels.

# %% [markdown]
# Three kernels at once: one that blurs all channels, one for vertical edges of any colour, and one
# that looks for red which turns into blue from left to right.
#
# **Predict before you run:** the last two kernels both answer at the edge of the sun. On which side
# of it does the third one answer bright?

# %%
predict("side of the sun where the third kernel answers bright", ...)

# %%
blur = torch.full((3, 3, 3), 1 / 27)
edges = torch.tensor([[1.0, 0, -1]] * 3).expand(3, 3, 3)
red_to_blue = torch.zeros(3, 3, 3)
red_to_blue[0, :, 0] = 1
red_to_blue[2, :, 2] = 1
red_to_blue -= red_to_blue.mean()
maps = corr2d_multi_in_out(landscape, torch.stack([blur, edges, red_to_blue]))
show({"landscape": landscape, "blurred": maps[0], "vertical edges": maps[1], "red → blue": maps[2]},
     own_scale=True)
print("third map, left rim of the sun {:.2f}, sky {:.2f}, right rim {:.2f}".format(
    *(maps[2, 8, column] for column in (27, 5, 38))))
observe("side of the sun where the third kernel answers bright",
        "left" if maps[2, 8, 27] > maps[2, 8, 38] else "right")

# %% [markdown]
# On the right: there the window has the red sun in its left column and the blue sky in its right
# one. On the left rim it is the other way round, and the answer is dark.

# %% [markdown]
# ### Find the mistakes in the notes
#
# A handout on this chapter has this formula for a layer with bias:
#
# $$Y[o, i, j] = \sum_{a} \sum_{b} X[i + a,\, j + b] \; K[o, a, b] + \beta.$$
#
# Two things in it are wrong as soon as there is more than one channel. Which? (The answer stands
# below question 3.4.)

# %% [markdown]
# ## 3.3 `corr2d_multi_in_out_1x1` (4 points)
#
# A kernel of $1 \times 1$ pixel sounds useless: it does not look at any neighbour. But it still
# looks at all *channels*. At every pixel it takes the $C$ numbers that lie on top of each other and
# mixes them into $C_{out}$ new ones, with the same weights everywhere:
#
# $$Y[o, i, j] = \sum_{c} K[o, c, 0, 0] \; X[c, i, j].$$
#
# That is a small dense layer, applied to each pixel. Networks use it to change the number of
# channels cheaply: from 256 to 64, say, before an expensive $3 \times 3$ convolution. (The idea is from
# *Network in Network*, Lin, Chen and Yan, 2013; papers say **pointwise convolution**.)
#
# Now look at the formula with other eyes. Write the pixels in one long row, number them
# $p = 0, \dots, HW - 1$, and forget the two axes of length one:
#
# $$Y[o, p] = \sum_{c} K[o, c] \; X[c, p].$$
#
# This is the definition of a **matrix product**, $(C_{out} \times C) \cdot (C \times HW)$. One call
# replaces all loops, and matrix products are what processors do best. This question wants exactly
# that: no Python loop, neither over pixels nor over channels.
#
# ### By hand
#
# An image of two channels and $2 \times 3$ pixels, and three kernels: the sum of the channels, the
# second minus the first, and twice the second.
#
# $$\begin{pmatrix} 1 & 1 \\ -1 & 1 \\ 0 & 2 \end{pmatrix} \cdot
# \begin{pmatrix} 0 & 1 & 2 & 3 & 4 & 5 \\ 6 & 7 & 8 & 9 & 10 & 11 \end{pmatrix} =
# \begin{pmatrix} 6 & 8 & 10 & 12 & 14 & 16 \\ 6 & 6 & 6 & 6 & 6 & 6 \\
# 12 & 14 & 16 & 18 & 20 & 22 \end{pmatrix}$$
#
# Cut each row back into $2 \times 3$ pixels, and you have the three maps.
#
# ### A reshape is not a transpose
#
# `reshape` keeps the numbers in their order and cuts them anew. It never moves a number past
# another. **Predict before you run:** you want a matrix with one *row* for each pixel and one
# *column* for each channel. Which of the two lines makes it?

# %%
predict("the line that makes it, 1 or 2", ...)

# %%
small = torch.arange(12.0).reshape(2, 2, 3)
print("reshape(6, 2)    ", small.reshape(6, 2).tolist())
print("reshape(2, 6).T  ", small.reshape(2, 6).T.tolist())
observe("the line that makes it, 1 or 2", 1 if small.reshape(6, 2)[0].tolist() == [0, 6] else 2)

# %% [markdown]
# The pixel at the top left is 0 in the first channel and 6 in the second, so its row must be
# `[0, 6]`. The first line pairs 0 with 1, two pixels of the same channel: the right shape with the
# wrong numbers in it, which no check of shapes will ever find. Keep the channels first, and you
# need no transpose at all.
#
# One more: an image may be a permuted view or a slice, whose numbers do not lie side by side in
# memory. `view` then fails; `reshape` copies when it has to.

# %%
def corr2d_multi_in_out_1x1(X, K):
    """Cross-correlation with kernels of one pixel, as one matrix product.

        Y[o, i, j] = sum over c of K[o, c, 0, 0] * X[c, i, j]

    Arguments:
        X: image, tensor of shape (C, H, W).
        K: kernels, tensor of shape (C_out, C, 1, 1), with X's dtype and on X's device.
    Returns:
        Tensor of shape (C_out, H, W), three-dimensional whatever the sizes are.

    Also graded:
        * Any numbers of input and output channels, one included; images of any size, a single
          row, column or pixel included.
        * As in corr2d_multi_in, the answer follows X in dtype and device.
        * X and K are unchanged, and need not be contiguous in memory.
        * Differentiable with respect to X and K.
        * No Python loop over pixels or channels (see below).
        * Refused, in the same way: kernels for another number of input channels than X has, also
          where one of the two is 1; kernels of any other size than 1×1; an X that is not
          three-dimensional.

    Not allowed: torch's convolution operators; and Python loops over pixels or over channels, in
    any form (for, while, comprehensions, recursion, a call of corr2d_multi_in_out). The number of
    lines that Python runs is counted: it must not grow with the image or with the channels.
    Everything else is welcome: @, matmul, einsum, tensordot, products and sums of whole tensors.
    """
    ### BEGIN SOLUTION
    if X.dim() != 3 or K.dim() != 4 or K.shape[2:] != (1, 1):
        raise ValueError(f"need (C, H, W) and (C_out, C, 1, 1), got {X.shape} and {K.shape}")
    (outputs, inputs, _, _), (channels, height, width) = K.shape, X.shape
    if inputs != channels:
        raise ValueError(f"{channels} channels of image, {inputs} of kernel")
    Y = K.reshape(outputs, inputs) @ X.reshape(channels, height * width)
    return Y.reshape(outputs, height, width)
    ### END SOLUTION


# %%
mixing = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 2.0]]).reshape(3, 2, 1, 1)
assert corr2d_multi_in_out_1x1(small, mixing).tolist() == [
    [[6.0, 8.0, 10.0], [12.0, 14.0, 16.0]],
    [[6.0, 6.0, 6.0], [6.0, 6.0, 6.0]],
    [[12.0, 14.0, 16.0], [18.0, 20.0, 22.0]],
]
assert corr2d_multi_in_out_1x1(small, mixing[:1]).shape == (1, 2, 3)
assert refuses(corr2d_multi_in_out_1x1, torch.ones(2, 4, 4), torch.ones(3, 2, 3, 3))

# %% [markdown]
# And it has to agree with 3.2, which knows nothing of matrices. (If 3.2 is not done yet, come back
# to this cell.)

# %%
generator = torch.Generator().manual_seed(0)
image = torch.randn(5, 7, 4, generator=generator)
weights = torch.randn(3, 5, 1, 1, generator=generator)
assert torch.allclose(
    corr2d_multi_in_out_1x1(image, weights), corr2d_multi_in_out(image, weights), atol=1e-5)

# %% [markdown]
# With $1 \times 1$ kernels from three channels to three you can do to a picture what its colour
# menu does. **Predict before you run:** what does each of these matrices do to the landscape?
#
# $$\begin{pmatrix} 0.3 & 0.6 & 0.1 \\ 0.3 & 0.6 & 0.1 \\ 0.3 & 0.6 & 0.1 \end{pmatrix} \qquad
# \begin{pmatrix} 0 & 0 & 1 \\ 0 & 1 & 0 \\ 1 & 0 & 0 \end{pmatrix} \qquad
# \begin{pmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \\ 0 & 0 & 0 \end{pmatrix}$$

# %%
matrices = {
    "first": [[0.3, 0.6, 0.1]] * 3,
    "second": [[0.0, 0, 1], [0, 1, 0], [1, 0, 0]],
    "third": [[1.0, 0, 0], [0, 1, 0], [0, 0, 0]],
}
show({"landscape": landscape} | {
    name: corr2d_multi_in_out_1x1(landscape, torch.tensor(matrix).reshape(3, 3, 1, 1))
    for name, matrix in matrices.items()})

# %% [markdown]
# The first gives all three channels the same mixture: a grey picture. The second swaps red and blue:
# a blue sun in an orange sky. The third takes the blue away: sky and meadow become shades of green
# and yellow.

# %% [markdown]
# ## 3.4 `conv2d` (5 points)
#
# Four things are left until you have what networks use.
#
# **A batch.** Images come by the dozen, as $(N, C, H, W)$. Each is answered for itself; they share
# the weights and nothing else.
#
# **A bias.** Each output channel has one number of its own, $b[o]$, which is added once to every
# pixel of its map. (In 1.3, where there was one channel, it was called $u$.)
#
# **Padding.** $p_h$ rows of zeros above *and* as many below, $p_w$ columns of zeros on the left
# *and* as many on the right. So $p$ counts one side, and an axis grows by $2p$.
#
# **Stride.** The window moves on by $s_h$ rows and $s_w$ columns instead of one.
#
# With $X_p$ for the padded batch,
#
# $$Y[n, o, i, j] = b[o] + \sum_{c} \sum_{u} \sum_{v}
# X_p[n,\, c,\, i\, s_h + u,\, j\, s_w + v] \; W[o, c, u, v].$$
#
# The kernels are called $W$ here, for *weights*, as in a layer; they are what was $K$ in 3.2. Inside
# a shape, as in $(N, C, H, W)$, the letter still means the width.
#
# ### How large is the answer?
#
# The last window must still lie inside. From a first place at 0, it can move by at most
# $n + 2p - k$ pixels, in steps of $s$. Steps that would lead beyond do not count, and the first
# place does:
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1.$$
#
# Divide first, round **down**, then add one. Handouts that round up, or add before they divide, are
# right at some sizes and wrong at others. Eight pixels, $k = 3$, $p = 1$, $s = 2$:
# $\lfloor 7 / 2 \rfloor + 1 = 4$ places, at 0, 2, 4 and 6 of the padded ten pixels.
#
# ### By hand
#
# A $4 \times 4$ image, nine weights of 1, padding 1, stride 2. Each answer is the sum of what the
# window covers, and what hangs over the border is zero.
#
# $$X = \begin{pmatrix} 0 & 1 & 2 & 3 \\ 4 & 5 & 6 & 7 \\ 8 & 9 & 10 & 11 \\ 12 & 13 & 14 & 15
# \end{pmatrix}$$
#
# | answer at | window's rows | columns | pixels of the image in it | sum |
# | --- | --- | --- | --- | --- |
# | $(0, 0)$ | −1 to 1 | −1 to 1 | 0, 1, 4, 5 | 10 |
# | $(0, 1)$ | −1 to 1 | 1 to 3 | 1, 2, 3, 5, 6, 7 | 24 |
# | $(1, 0)$ | 1 to 3 | −1 to 1 | 4, 5, 8, 9, 12, 13 | 51 |
# | $(1, 1)$ | 1 to 3 | 1 to 3 | 5, 6, 7, 9, 10, 11, 13, 14, 15 | 90 |
#
# ### Hints
#
# * `F.pad` starts from the *last* axis: its numbers mean left, right, top, bottom. Negative numbers
#   cut away, without a complaint.
# * Stride 2 keeps every second answer of stride 1. Compute all and keep some, or visit only the
#   windows you need: both are fine here. Speed comes in a later assignment.
# * A batch may be **empty**: the last one of a filtered data set, for example. It has an answer,
#   $(0, C_{out}, H', W')$. Not every torch function can stack zero tensors.
# * Broadcasting lines up the *last* axes first. **Predict before you run:** which of these three
#   gives output channel 0 the bias 10, channel 1 the bias 20, and channel 2 the bias 30?

# %%
predict("the shape that is right", ...)

# %%
maps, bias = torch.zeros(1, 3, 3, 3), torch.tensor([10.0, 20.0, 30.0])
for shape in ((3,), (3, 1), (3, 1, 1)):
    print(shape, (maps + bias.reshape(shape))[0], sep="\n")
observe("the shape that is right", [
    shape for shape in ((3,), (3, 1), (3, 1, 1))
    if (maps + bias.reshape(shape))[0, :, 0, 0].tolist() == bias.tolist()])

# %% [markdown]
# The first one adds a ramp from left to right, the second one from top to bottom. Both run only
# because there happen to be as many maps as columns and rows; at other sizes you would at least see
# an error. The third is right, whatever the sizes are.

# %%
def conv2d(X, W, b=None, stride=1, padding=0):
    """Two-dimensional convolution of a batch, as in a layer: cross-correlation plus bias.

        Y[n, o, i, j] = b[o] + sum over c, u and v of Xp[n, c, i*sh + u, j*sw + v] * W[o, c, u, v]

    where Xp is X with ph rows and pw columns of zeros on each side.

    Arguments:
        X: batch of images, tensor of shape (N, C, H, W). N may be 0.
        W: weights, tensor of shape (C_out, C, kh, kw), with X's dtype and on X's device.
        b: bias, tensor of shape (C_out,), or None, meaning no bias.
        stride: an int, meaning both axes, or a pair (sh, sw) = (height, width).
        padding: zeros on EACH side, an int, meaning both axes, or a pair (ph, pw).
    Returns:
        Tensor of shape (N, C_out, H', W'), where H' is (height + 2*ph - kh) // sh + 1 and W' is
        (width + 2*pw - kw) // sw + 1.

    Also graded:
        * The answer follows X in dtype and device: int64 stays int64 (and exact, also for large
          numbers), float64 stays float64, "meta" stays "meta".
        * X, W and b are unchanged, and need not be contiguous.
        * Differentiable with respect to X, W and b.
        * An empty batch gives an empty batch.
        * A kernel larger than the images is fine as long as it fits into the padded ones.
        * Refused: weights for another number of input channels than X has, also where one of the
          two is 1; a W that is not four-dimensional; a b of another shape than (C_out,); a kernel
          taller or wider than the padded images; a stride below 1 along either axis; a negative
          padding along either axis. Raise ValueError or RuntimeError (TypeError, IndexError,
          KeyError and AssertionError count; NotImplementedError, NameError, AttributeError and
          ZeroDivisionError do not).

    Not graded: one image without its batch axis, and other paddings than zeros.

    Not allowed: torch's convolution operators. Calling your own corr2d_multi_in_out is welcome,
    and so is F.pad.
    """
    ### BEGIN SOLUTION
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError(f"images {tuple(X.shape)} and weights {tuple(W.shape)} do not match")
    if b is not None and b.shape != (len(W),):
        raise ValueError(f"need one bias for each of {len(W)} channels, not {tuple(b.shape)}")
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    if min(sh, sw) < 1 or min(ph, pw) < 0:
        raise ValueError(f"stride {stride} must be at least 1, padding {padding} at least 0")
    padded = F.pad(X, (pw, pw, ph, ph))
    height, width = padded.shape[2] - W.shape[2] + 1, padded.shape[3] - W.shape[3] + 1
    if height < 1 or width < 1:
        raise ValueError(f"a kernel of {tuple(W.shape[2:])} has no place in the padded images")
    if len(X) == 0:
        Y = X.new_zeros(0, len(W), height, width)
    else:
        Y = torch.stack([corr2d_multi_in_out(image, W) for image in padded])
    Y = Y[:, :, ::sh, ::sw]
    return Y if b is None else Y + b.reshape(-1, 1, 1)
    ### END SOLUTION


# %%
image = torch.arange(16.0).reshape(1, 1, 4, 4)
ones = torch.ones(1, 1, 3, 3)
assert conv2d(image, ones, None, 2, 1).tolist() == [[[[10.0, 24.0], [51.0, 90.0]]]]
assert conv2d(image, ones, torch.tensor([0.5])).tolist() == [[[[45.5, 54.5], [81.5, 90.5]]]]
assert conv2d(torch.ones(1, 1, 8, 8), ones, stride=2, padding=1).shape == (1, 1, 4, 4)

# Two images, two channels in, three out; height and width go separate ways.
batch = torch.stack([X, 10 * X])
answer = conv2d(batch, kernels, torch.tensor([0.0, 1.0, 2.0]), stride=(1, 2), padding=(1, 0))
assert answer.shape == (2, 3, 4, 1)
assert answer[0, :, :, 0].tolist() == [
    [14.0, 56.0, 104.0, 30.0], [19.0, 77.0, 149.0, 59.0], [24.0, 98.0, 194.0, 88.0]]
assert answer[1, 1, :, 0].tolist() == [181.0, 761.0, 1481.0, 581.0]

assert conv2d(batch[:0], kernels, padding=1).shape == (0, 3, 4, 4)
assert refuses(conv2d, batch, kernels, torch.ones(1)), "one bias is not enough for three channels"
assert refuses(conv2d, batch, kernels, None, 0), "a stride of 0"
assert refuses(conv2d, batch, kernels, None, 1, -1), "a negative padding"

# %% [markdown]
# **Predict before you run.** A batch of 4 colour pictures of $224 \times 224$ goes through 8
# kernels of $7 \times 7$ with stride 2 and padding 3. What is the shape of the answer? (On the
# `meta` device this costs nothing: there are shapes, and no numbers.)

# %%
predict("shape of the answer", ...)

# %%
pictures = torch.empty(4, 3, 224, 224, device="meta")
answer = conv2d(pictures, torch.empty(8, 3, 7, 7, device="meta"), stride=2, padding=3)
print(tuple(answer.shape))
observe("shape of the answer", answer.shape)

# %% [markdown]
# $\lfloor (224 + 6 - 7) / 2 \rfloor + 1 = 112$ along both axes: half as many places, 8 channels, 4 images.

# %% [markdown]
# Now a whole batch of landscapes, at three times of the day, through the edge kernels of 3.2.
# **Predict before you run:** the bias of the second map is 2. What does it do to the drawing?
# (Each map is stretched over a scale of its own.) The first map gets a dark
# line along its top and its left side. Why there, and why not on the right?

# %%
day = torch.stack([landscape, landscape * 0.6, landscape.flip(0)])
maps = conv2d(day, torch.stack([blur, edges]), torch.tensor([0.0, 2.0]), stride=2, padding=1)
for n, time in enumerate(("noon", "evening", "a strange dream")):
    show({time: day[n], "blurred": maps[n, 0], "vertical edges": maps[n, 1]}, own_scale=True)

# %% [markdown]
# The bias shifts all values of its map alike, so the drawing stays as it was. In the next layer
# the shift matters: an activation such as ReLU cuts off at zero, and the bias decides where zero
# is. The dark line comes from the padding: there, zeros are mixed into the averages. And on the
# right? A padded row has 50 pixels, and the windows start at 0, 2, …, 46. The last one covers 46
# to 48; the zero at 49 is a pixel that the stride leaves over.
#
# ### The mistakes in the notes
#
# The formula below 3.2 forgets the sum over the input channels, $\sum_c X[c, \dots] K[o, c, \dots]$,
# and it has one bias $\beta$ for all output channels instead of one for each, $b[o]$.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * The examples of 3.1 and 3.2 are those of *Dive into Deep Learning*,
#   [section 7.4](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
# * 1×1 kernels: Lin, Chen and Yan, [Network in Network](https://arxiv.org/abs/1312.4400), 2013.
# * What you have written: [`torch.nn.functional.conv2d`](https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html).
# * Next: assignment 4 makes maps smaller, and assignment 6 makes `conv2d` fast.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `channels.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own. If a later function builds on an earlier one
# that is wrong, the later one is graded again with a correct one in its place, so keep going.
