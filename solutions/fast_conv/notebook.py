# %% [markdown]
# # Fast convolution
#
# You know what a convolution computes, and you have written it down as loops. Loops in Python are
# slow: a small network would need hours for what takes seconds. In this notebook you turn the same
# sums into a matrix product, which computers are very good at. Then you run the idea backwards and
# compute the gradients that autograd has been computing for you all along. At the end wait five
# famous variations, for bonus points.
#
# There are 16 points, and 33 bonus points:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 6.1 | `im2col` | 2 |  | 40 | ●● |
# | 6.2 | `conv2d_fast` | 3, and bonus 3 for its speed, and 3 on a GPU | 6.1 | 30 | ●● |
# | 6.3 | `col2im` | 2 | 6.1 | 35 | ●● |
# | 6.4 | `conv2d_backward` | 6 | 6.1, 6.3 | 75 | ●●● |
# | 6.5 | `maxpool_backward` | 3 |  | 40 | ●● |
# | 6.6 | `conv2d_dilated` | bonus 4 |  | 30 | ●● |
# | 6.7 | `conv2d_grouped` | bonus 5 |  | 35 | ●● |
# | 6.8 | `conv2d_transposed` | bonus 6 | 6.3 | 50 | ●●● |
# | 6.9 | `conv2d_fft` | bonus 6 |  | 45 | ●●● |
# | 6.10 | `conv2d_winograd` | bonus 6 |  | 75 | ●●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** batched convolution with stride and padding (3.4), matrix products, `reshape` and `permute`,
# and the chain rule.
#
# The bonus questions do not build on each other. Take the ones you like.

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function and the order of its arguments.
#
# Below each function stands a cell of **examples**. If it runs without a complaint, your function
# passes them. Grading uses these examples and others that you cannot see: several images and
# channels, wide images and tall kernels, strides that do not divide the size. What they check is
# written in the function's docstring. **What is not written there, or in this notebook, is not
# graded.**
#
# **Predict before you run** marks a question to answer, on paper, before you run the cell below
# it.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# ### Words used in the docstrings
#
# * A batch of images `X` has the shape $(N, C, H, W)$, kernels `W` have the shape
#   $(C_{out}, C, k_h, k_w)$, and $(H', W')$ are the height and width of the answer. (Inside a shape,
#   $W$ is the width; as an argument, `W` is the kernels, the *weights*.)
# * A kernel, stride, padding, dilation or size is **an int or a pair** (height, width), unless it
#   says otherwise. Padding is zeros, added on *each* side.
# * **Follows the input**: the answer has the dtype of the first tensor and lives on its device.
#   Doubles stay doubles. (The device may be `"meta"`, which keeps shapes and no numbers. Code that
#   creates its tensors on the CPU whatever `X` says fails there.)
# * **Whole numbers**: int64 tensors work too, give int64, and are exact.
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Any memory layout**: a transposed view, a slice or a channels-last tensor is as good as a
#   contiguous one.
# * **Empty batch**: with $N = 0$ the answer is empty too, and has the right shape.
# * **Differentiable**: autograd can compute gradients through your function, for every
#   floating-point argument.
# * **Refused**: the call raises an exception. `ValueError` and `RuntimeError` are the natural
#   ones; `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well.
#   `NotImplementedError`, `NameError` and `AttributeError` do not: they look like an accident.
#
# Floating-point answers may differ from ours by rounding. You need not handle mixed dtypes, NaN,
# infinity, or a single image without its batch axis.

# %%
import time

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

try:
    from autograder.notebook import observe, predict
except ImportError:  # nbjudge is not installed: nothing is kept or compared
    def predict(*said, **how):
        """Do nothing."""

    observe = predict

torch.manual_seed(0)


def as_pair(size):
    """(height, width) of a size that may be one int, meaning both, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def surround(X, padding):
    """X (N, C, H, W) with zeros around it, padding on each side. The padding is an int or a pair."""
    rows, columns = as_pair(padding)
    return F.pad(X, (columns, columns, rows, rows))


def places(size, kernel, stride=1, padding=0, dilation=1):
    """(H', W'): how many places a window has along the height and width of an image.

    size is the image's (H, W), all arguments are ints or pairs. Raises ValueError if there is no
    place at all, or if a stride or dilation below 1 or a negative padding is asked for.
    """
    found = []
    for n, k, s, p, d in zip(as_pair(size), as_pair(kernel), as_pair(stride), as_pair(padding),
                             as_pair(dilation), strict=True):
        span = d * (k - 1) + 1
        if k < 1 or s < 1 or p < 0 or d < 1 or span > n + 2 * p:
            raise ValueError(f"no window {kernel}, stride {stride}, padding {padding}, "
                             f"dilation {dilation} on an image of {tuple(size)}")
        found.append((n + 2 * p - span) // s + 1)
    return tuple(found)


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


def seconds(function, *arguments):
    """How long a call takes, the fastest of three."""
    took = []
    for _ in range(3):
        started = time.perf_counter()
        function(*arguments)
        took.append(time.perf_counter() - started)
    return min(took)


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
# `as_pair`, `surround` and `places` are yours to use. `places` also refuses what has to be refused.
#
# ## Where the time goes
#
# Here is the convolution as its definition says it: a loop over images, output channels, rows and
# columns, and a sum over channels and window. It is right, and you may compare your work with it.

# %%
def conv2d_loops(X, W, b=None, stride=1, padding=0):
    """The convolution, window by window: slow and right."""
    out_rows, out_columns = places(X.shape[2:], W.shape[2:], stride, padding)
    down, across = as_pair(stride)
    padded = surround(X, padding)
    Y = X.new_zeros(X.shape[0], W.shape[0], out_rows, out_columns)
    for n in range(X.shape[0]):
        for o in range(W.shape[0]):
            for i in range(out_rows):
                for j in range(out_columns):
                    top, left = i * down, j * across
                    seen = padded[n, :, top:top + W.shape[2], left:left + W.shape[3]]
                    Y[n, o, i, j] = (seen * W[o]).sum() + (0 if b is None else b[o])
    return Y


images, kernels = torch.randn(2, 3, 12, 12), torch.randn(4, 3, 3, 3)
loops_took = seconds(conv2d_loops, images, kernels)
print(f"800 windows took {1000 * loops_took:.1f} ms: "
      f"{1e6 * loops_took / 800:.0f} µs for 27 products and sums each")

# %% [markdown]
# Each window costs microseconds, most of which Python spends on finding out what to do. The
# products and sums themselves would take a few *nano*seconds. So the cure is not a faster sum. It is
# to say everything in **one** sentence that torch can then carry out without asking Python again.
#
# That sentence is a matrix product.

# %% [markdown]
# ## 6.1 `im2col` (2 points)
#
# One output pixel is a sum over a window: over its channels, rows and columns. Lay the window out as
# one long column of $C \cdot k_h \cdot k_w$ numbers, and that sum is the product of a row (the
# kernel) and a column (the window). Put the columns of **all** windows side by side, and all output
# pixels are one product of a row and a matrix. Making that matrix is called *im2col*, or *unrolling*
# (Chellapilla, Puri and Simard, 2006).
#
# ### One example by hand
#
# The image 0, 1, …, 8 has four windows of 2×2:
#
# | place | (0, 0) | (0, 1) | (1, 0) | (1, 1) |
# | --- | --- | --- | --- | --- |
# | top left pixel | 0 | 1 | 3 | 4 |
# | top right | 1 | 2 | 4 | 5 |
# | bottom left | 3 | 4 | 6 | 7 |
# | bottom right | 4 | 5 | 7 | 8 |
#
# The lower four lines of this table are the answer. Every column is a window, read row by row; the
# columns follow the places, row by row too.
#
# ### The order matters
#
# With several channels, a column holds the window of channel 0, then that of channel 1, and so on:
# channel, kernel row, kernel column. That is the order in which `W[o].reshape(-1)` holds the weights
# of a kernel, so that weight and pixel meet.
#
# ### Two hints
#
# `X.unfold(2, size, step)` shows windows along the height without copying anything, and adds an axis
# at the end. Two of them give all windows. Or visit every *weight*: the pixels that the weight
# $(a, b)$ meets form a grid, `X[:, :, a::stride, b::stride]`, cut to size.
#
# A **reshape** never moves a number past another, it only draws the brackets anew. If the axes are in
# the wrong order, `permute` first.

# %%
def im2col(X, kernel, stride=1, padding=0):
    """Every window of every image as a column.

    Arguments:
        X: images, tensor of shape (N, C, H, W).
        kernel: size of the window, (kh, kw).
        stride: distance between windows, 1 unless said.
        padding: rows and columns of zeros on each side, none unless said.
    Returns:
        Tensor of shape (N, C * kh * kw, L), where L = H' * W' is the number of windows.
        Row (c * kh + a) * kw + e of column i * W' + j is the pixel of channel c that stands in
        row a and column e of the window at the place (i, j).

    Also graded:
        * kernel, stride and padding are ints or pairs.
        * Rows and columns that do not fill another window are left out.
        * No Python loop over pixels or places: the number of Python lines that run does not grow
          with the image. Loops over kernel rows and columns, images or channels are fine.
        * The answer follows X in dtype and device; whole numbers; X is unchanged and may have any
          memory layout; an empty batch; differentiable.
        * Refused: a window larger than the padded image; a stride below 1; a negative padding; an
          X that is not four-dimensional. (places refuses all of these.)

    Not allowed: F.unfold, F.fold and nn.Unfold, nn.Fold (by any name), and torch's convolution
    operators. Tensor.unfold, as_strided and indexing are welcome.
    """
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(stride)
    height, width = places(X.shape[2:], kernel, stride, padding)
    windows = surround(X, padding).unfold(2, kh, sh).unfold(3, kw, sw)
    # (N, C, H', W', kh, kw): bring the window's axes in front of the places.
    columns = windows.permute(0, 1, 4, 5, 2, 3)
    return columns.reshape(X.shape[0], X.shape[1] * kh * kw, height * width)
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(1, 1, 3, 3)
assert im2col(X, 2).tolist() == [[[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]]
assert im2col(X, 2, 2).tolist() == [[[0], [1], [3], [4]]], "only one window starts at a multiple of 2"
assert im2col(X, (1, 3), 1, (0, 1)).shape == (1, 3, 9)

two_channels = torch.stack([X[0, 0], X[0, 0] + 100])[None]
assert im2col(two_channels, 2)[0, :, 0].tolist() == [0, 1, 3, 4, 100, 101, 103, 104]

random = torch.randn(2, 3, 7, 10)
assert torch.equal(im2col(random, (3, 2), (2, 3), (1, 0)),
                   F.unfold(random, (3, 2), stride=(2, 3), padding=(1, 0)))
assert im2col(X.long(), 2).dtype == torch.int64
assert refuses(im2col, X, 4)

# %% [markdown]
# **Predict before you run.** A batch of 8 colour images of 32×32 and a 3×3 window: which shape has
# the matrix? And how many times more numbers is that than the images themselves hold?

# %%
predict("shape of the matrix", ...)
predict("numbers in it, for each of the images", ...)

# %%
batch = torch.randn(8, 3, 32, 32)
columns = im2col(batch, 3)
print(tuple(columns.shape), f"{columns.numel() / batch.numel():.1f} times as many numbers")
observe("shape of the matrix", columns.shape)
observe("numbers in it, for each of the images", columns.numel() / batch.numel(), within=0.1)

# %% [markdown]
# Nearly eight times: inside the image every pixel is seen by nine windows and copied nine times, at
# its border by fewer.
# That is the price of im2col, paid in memory.
#
# Here is a picture of it. **Predict before you run:** the image holds one bright column of pixels.
# Which rows of the matrix light up, and where?

# %%
predict("number of rows that light up", ...)

# %%
stripe = torch.zeros(1, 1, 6, 6)
stripe[..., 3] = 1
show({"image": stripe[0, 0], "im2col, 3×3 window": im2col(stripe, 3)[0]})
observe("number of rows that light up", int((im2col(stripe, 3)[0].sum(1) > 0).sum()))

# %% [markdown]
# All nine rows do. A row of the matrix is one place *within* the window, and the window moves over
# the bright column with each of its three columns in turn: with its right column when it stands at
# $j = 1$, with the middle one at $j = 2$, with the left one at $j = 3$. So each row lights up at one
# $j$, in each of the four rows of places: 4 times in 16.

# %% [markdown]
# ## 6.2 `conv2d_fast` (3 points)
#
# Now the convolution is one line of mathematics. Call the matrix of windows $\mathbf{C}$, of shape
# $(C k_h k_w, L)$, and reshape the kernels to a matrix $\mathbf{W}$ of shape
# $(C_{out}, C k_h k_w)$: one kernel per row. Then
#
# $$\mathbf{Y} = \mathbf{W} \, \mathbf{C} + \mathbf{b}$$
#
# has one row per output channel and one column per place: $(C_{out}, L)$. All that is left is to draw
# the brackets of $(H', W')$ into its last axis.
#
# ### By hand
#
# The kernel $\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ becomes the row $(0, 1, 2, 3)$:
#
# $$\begin{pmatrix} 0 & 1 & 2 & 3 \end{pmatrix}
# \begin{pmatrix} 0 & 1 & 3 & 4 \\ 1 & 2 & 4 & 5 \\ 3 & 4 & 6 & 7 \\ 4 & 5 & 7 & 8 \end{pmatrix}
# = \begin{pmatrix} 19 & 25 & 37 & 43 \end{pmatrix},$$
#
# which you have met before as $\begin{pmatrix} 19 & 25 \\ 37 & 43 \end{pmatrix}$.
#
# ### Mind the axes
#
# Three slips give the right *shape* and wrong numbers:
#
# * `W.reshape(-1, C_out)` instead of `W.reshape(C_out, -1)`: a reshape is not a transpose.
# * Turning $(N, L, C_{out})$ into $(N, C_{out}, H', W')$ by a reshape.
# * `Y + b`, when the width of the answer happens to be $C_{out}$. Broadcasting lines up the *last*
#   axes, so give `b` axes of size 1 behind it.

# %%
def conv2d_fast(X, W, b=None, stride=1, padding=0):
    """Two-dimensional convolution (cross-correlation) of a batch, without loops over pixels.

    Arguments:
        X: images, tensor of shape (N, C, H, W).
        W: kernels, tensor of shape (C_out, C, kh, kw), with X's dtype and on X's device.
        b: biases, tensor of shape (C_out,), or None for no bias.
        stride: distance between windows, 1 unless said.
        padding: rows and columns of zeros on each side, none unless said.
    Returns:
        Tensor of shape (N, C_out, H', W').

    Also graded:
        * stride and padding are ints or pairs.
        * No Python loop over pixels or places: the number of Python lines that run does not grow
          with the image. Loops over kernel rows and columns, images or channels are fine.
        * The answer follows X in dtype and device; whole numbers; X, W and b are unchanged and may
          have any memory layout; an empty batch; differentiable with respect to X, W and b.
        * Refused: a kernel larger than the padded image; a stride below 1; a negative padding; an
          X and W with different numbers of channels (also if one of them has just one).

    Not allowed: torch's convolution operators (nn.Conv2d, F.conv2d and the like, by any name).
    Your own im2col is welcome.
    """
    ### BEGIN SOLUTION
    C_out, C, kh, kw = W.shape
    if X.shape[1] != C:
        raise ValueError(f"X has {X.shape[1]} channels, but W is made for {C}")
    height, width = places(X.shape[2:], (kh, kw), stride, padding)
    Y = W.reshape(C_out, -1) @ im2col(X, (kh, kw), stride, padding)
    if b is not None:
        Y = Y + b[:, None]
    return Y.reshape(X.shape[0], C_out, height, width)
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(1, 1, 3, 3)
K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
assert conv2d_fast(X, K).tolist() == [[[[19, 25], [37, 43]]]]
assert conv2d_fast(X, K, torch.tensor([0.5])).tolist() == [[[[19.5, 25.5], [37.5, 43.5]]]]

square = torch.arange(16.0).reshape(1, 1, 4, 4)
ones = torch.ones(1, 1, 3, 3)
assert conv2d_fast(square, ones, torch.tensor([0.5]), 2, 1).tolist() == [[[[10.5, 24.5],
                                                                         [51.5, 90.5]]]]

images, kernels, bias = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 3, 2), torch.randn(4)
for stride, padding in ((1, 0), ((2, 3), (1, 0)), ((1, 2), (2, 1))):
    assert torch.allclose(conv2d_fast(images, kernels, bias, stride, padding),
                          conv2d_loops(images, kernels, bias, stride, padding), atol=1e-4)
assert refuses(conv2d_fast, images, torch.randn(4, 1, 3, 2))

# %% [markdown]
# **Predict before you run.** How many times faster than the loops will it be, on the images from the
# beginning? Ten times? A hundred? A thousand?

# %%
predict("times faster than the loops", ...)

# %%
images, kernels = torch.randn(2, 3, 12, 12), torch.randn(4, 3, 3, 3)
fast_took = seconds(conv2d_fast, images, kernels)
print(f"loops {1000 * loops_took:.1f} ms, matrix product {1000 * fast_took:.2f} ms: "
      f"{loops_took / fast_took:.0f} times faster")
observe("times faster than the loops", round(loops_took / fast_took), within=0.5)

# %% [markdown]
# The number of multiplications is the same. What has gone is the talking.
#
# ### The clock (bonus 3)
#
# If `conv2d_fast` answers rightly, it is also timed, on one CPU core, on images and kernels of ordinary
# sizes in float32, next to our own solution, which makes columns and multiplies. Your time divided by
# ours decides, for each of three sizes: up to 1.25 gives all of its points, up to 1.75 gives 90 %, up
# to 3 gives 70 %, up to 6 gives 40 %, and up to 10 gives 20 %. Every call gets new numbers, every number
# of every answer is checked, and torch's convolution operators stay forbidden.
#
# ### The clock on a GPU (bonus 3)
#
# Where your course has a GPU to grade with, `conv2d_fast` is timed there, too, in the same way, on
# larger images; until then nothing is missing from your points. What it is given lies on the GPU, and
# whatever it makes has to be made there (`X.new_zeros(...)`, or `device=X.device`). The answers are
# checked as closely as on the CPU: in full float32, so that TensorFloat-32, which gets 3 digits right,
# is wrong. All your work has to be done when the function returns: what it leaves running on the
# device is found.

# %% [markdown]
# ## 6.3 `col2im` (2 points)
#
# `im2col` copies pixels into columns. For gradients you will need the way back: something arrives at
# every entry of the columns, and has to be handed to the pixel that was copied there. A pixel that
# was copied four times collects four contributions. They **add up**.
#
# ### By hand
#
# Take a 3×3 image, 2×2 windows, and columns that are all ones. Every pixel gets the number of windows
# that see it:
#
# $$\begin{pmatrix} 1 & 2 & 1 \\ 2 & 4 & 2 \\ 1 & 2 & 1 \end{pmatrix}$$
#
# So `col2im` does **not** undo `im2col`: `col2im(im2col(X))` is $X$ times these counts. It is its
# *adjoint*, or transpose. As `im2col` only copies, it is a linear map, some huge matrix
# $\mathbf{A}$ of zeros and ones; `col2im` is $\mathbf{A}^\top$. What characterises the transpose of a
# matrix is that it can change sides in an inner product,
#
# $$\langle \mathbf{A} x, \, y \rangle = \langle x, \, \mathbf{A}^\top y \rangle
# \qquad \text{for all } x \text{ and } y,$$
#
# where $\langle u, v \rangle$ is the sum of all $u_i v_i$. You never need to write that matrix down.
#
# ### Three hints
#
# * Work on the *padded* image and cut the padding off at the end. `image[p:-p]` is empty when
#   `p` is 0; `image[p:p + H]` is not.
# * The answer has the size that the caller asks for. Pixels that no window sees are zero.
# * Within one `+=` to an indexed tensor, a pixel that is named twice is changed once. Visit weight by
#   weight (the pixels under one weight are all different), window by window, or use an operation that
#   accumulates, such as `index_add`.

# %%
def col2im(columns, size, kernel, stride=1, padding=0):
    """Every column added back into the image, where im2col took it from: the adjoint of im2col.

    Arguments:
        columns: tensor of shape (N, C * kh * kw, L), in the order of im2col.
        size: (H, W) of the images, without padding.
        kernel, stride, padding: as for im2col.
    Returns:
        Tensor of shape (N, C, H, W): each pixel is the sum of all entries of its image's columns
        that im2col would have copied it to. What belongs to the padding is dropped.

    Also graded:
        * size, kernel, stride and padding are ints or pairs.
        * The answer follows columns in dtype and device; whole numbers; columns are unchanged and
          may have any memory layout; an empty batch; differentiable.
        * Refused: columns whose number L is not the number of windows that size, kernel, stride and
          padding give; a window larger than the padded image.

    Not allowed: F.unfold, F.fold and nn.Unfold, nn.Fold (by any name), and torch's convolution
    operators. Loops are allowed here.
    """
    ### BEGIN SOLUTION
    (H, W), (ph, pw) = as_pair(size), as_pair(padding)
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(stride)
    height, width = places((H, W), kernel, stride, padding)
    N, rows, L = columns.shape
    if height * width != L or rows % (kh * kw):
        raise ValueError(f"{rows} rows and {L} columns are not {height}×{width} windows of {kh}×{kw}")
    columns = columns.reshape(N, rows // (kh * kw), kh, kw, height, width)
    image = columns.new_zeros(N, columns.shape[1], H + 2 * ph, W + 2 * pw)
    for a in range(kh):
        for e in range(kw):
            # The pixels that weight (a, e) meets, all different.
            image[:, :, a:a + sh * height:sh, e:e + sw * width:sw] += columns[:, :, a, e]
    return image[:, :, ph:ph + H, pw:pw + W]
    ### END SOLUTION


# %%
assert col2im(torch.ones(1, 4, 4), 3, 2).tolist() == [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]

# Windows side by side: every pixel is copied once, and comes back once.
images = torch.randn(2, 3, 4, 6)
assert torch.equal(col2im(im2col(images, (2, 3), (2, 3)), (4, 6), (2, 3), (2, 3)), images)

# Pixels that no window sees, and padding.
assert col2im(torch.ones(1, 1, 4), (4, 4), 1, 2).tolist() == [[[[1, 0, 1, 0], [0, 0, 0, 0]] * 2]]
assert col2im(torch.ones(1, 4, 4), (2, 2), 2, 2, 1).tolist() == [[[[1, 1], [1, 1]]]]
assert refuses(col2im, torch.ones(1, 4, 5), 3, 2)

# %% [markdown]
# **Predict before you run.** The two inner products below are taken over different shapes: 2·12·30
# numbers on one side, 2·3·6·7 on the other. How close will they be, if your `col2im` is right? How
# close would they be if it kept only the last of several contributions?

# %%
x = torch.randn(2, 3, 6, 7, dtype=torch.float64)
y = torch.randn(2, 12, 30, dtype=torch.float64)
print(f"⟨im2col(x), y⟩ = {(im2col(x, 2) * y).sum():.12f}")
print(f"⟨x, col2im(y)⟩ = {(x * col2im(y, (6, 7), 2)).sum():.12f}")

# %% [markdown]
# Equal, but for rounding in the last digits of a double: both are sums of the same products. If only the
# last contribution to a pixel were kept, most of these products would be missing from the second sum,
# and the two would have nothing to do with each other.

# %% [markdown]
# ## 6.4 `conv2d_backward` (6 points)
#
# Training needs gradients. Somewhere behind the convolution a loss $\ell$ is computed, and the layers
# there have told you how it changes with every output pixel: $G = \partial \ell / \partial Y$, the
# *incoming* (or upstream) gradient `grad`, of the shape of $Y$. Your task is to pass it on: how does
# the loss change with every pixel of $X$, every weight and every bias?
#
# ### What each of them collects
#
# Look at one product in one sum: output $Y[o, i, j]$ contains $W[o, c, a, e]$ times the pixel
# $X[c, i s_h + a, j s_w + e]$. If the weight grows a little, the output grows by that pixel times as
# much, and the loss by $G[o, i, j]$ times that. Every place contributes, so they add up:
#
# $$\frac{\partial \ell}{\partial W[o, c, a, e]} = \sum_{n, i, j} G[n, o, i, j] \;
# X[n, c, \; i s_h + a, \; j s_w + e], \qquad
# \frac{\partial \ell}{\partial b[o]} = \sum_{n, i, j} G[n, o, i, j].$$
#
# For a pixel it is the other way round: it gets, from every window that saw it, the weight it met
# there, times that window's $G$. In other words, every output pixel **stamps** its kernel, times its
# $G$, onto the pixels of its window, and stamps add up. The kernel is stamped as it is, without a
# flip.
#
# ### By hand
#
# $$X = \begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \\ 6 & 7 & 8 \end{pmatrix}, \quad
# W = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}, \quad
# G = \begin{pmatrix} 1 & -1 \\ 0 & 2 \end{pmatrix}$$
#
# * $\mathrm{d}b = 1 - 1 + 0 + 2 = 2$.
# * $\mathrm{d}W$: window (0, 0), minus window (0, 1), plus twice window (1, 1):
#   $\begin{pmatrix} 0 & 1 \\ 3 & 4 \end{pmatrix} - \begin{pmatrix} 1 & 2 \\ 4 & 5 \end{pmatrix}
#   + 2 \begin{pmatrix} 4 & 5 \\ 7 & 8 \end{pmatrix}
#   = \begin{pmatrix} 7 & 9 \\ 13 & 15 \end{pmatrix}$.
# * $\mathrm{d}X$: the kernel stamped at (0, 0), minus the kernel at (0, 1), plus twice the kernel at
#   (1, 1):
#   $\begin{pmatrix} 0 & 1 & 0 \\ 2 & 3 & 0 \\ 0 & 0 & 0 \end{pmatrix}
#   - \begin{pmatrix} 0 & 0 & 1 \\ 0 & 2 & 3 \\ 0 & 0 & 0 \end{pmatrix}
#   + \begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 2 \\ 0 & 4 & 6 \end{pmatrix}
#   = \begin{pmatrix} 0 & 1 & -1 \\ 2 & 1 & -1 \\ 0 & 4 & 6 \end{pmatrix}$.
#
# ### With matrices
#
# The forward pass was $\mathbf{Y} = \mathbf{W} \mathbf{C} + \mathbf{b}$ with
# $\mathbf{C} = \mathbf{A} x$. For a matrix product the rule is short. Check it with the shapes:
#
# $$\mathrm{d}\mathbf{W} = \mathbf{G} \, \mathbf{C}^\top, \qquad
# \mathrm{d}\mathbf{C} = \mathbf{W}^\top \mathbf{G}, \qquad
# \mathrm{d}x = \mathbf{A}^\top \mathrm{d}\mathbf{C}.$$
#
# You have written $\mathbf{A}$ and $\mathbf{A}^\top$ already.
#
# ### What goes wrong
#
# * Trying it with a `grad` of ones only. A function that ignores `grad` passes that test.
# * $\mathrm{d}X$ of the padded image's shape, or too small where the stride does not divide: it has
#   the shape of $X$, with zeros where no window was.
# * `=` where it must be `+=`; a mean over the batch where it must be a sum.

# %%
def conv2d_backward(grad, X, W, stride=1, padding=0):
    """The gradients of a convolution Y = conv2d(X, W, b, stride, padding).

    Arguments:
        grad: gradient of the loss with respect to Y, tensor of shape (N, C_out, H', W').
        X: images that the convolution saw, tensor of shape (N, C, H, W).
        W: its kernels, tensor of shape (C_out, C, kh, kw).
        stride, padding: as the convolution had them.
    Returns:
        (dX, dW, db): the gradients of the loss with respect to X, W and b, of the shapes of X, W
        and b: (N, C, H, W), (C_out, C, kh, kw) and (C_out,). A tuple or a list.

    Also graded:
        * stride and padding are ints or pairs.
        * The three gradients earn points separately.
        * All three follow X in dtype and device (floating-point tensors only); grad, X and W are
          unchanged and may have any memory layout; an empty batch, for which dW and db are zeros.
        * Refused: a grad that has not the shape of the output; an X and W with different numbers
          of channels.

    The function need not be differentiable itself.

    Not allowed: autograd (backward, torch.autograd.grad, torch.func and the like), and torch's
    convolution operators, also those for gradients. im2col, col2im, F.unfold, F.fold and loops
    are welcome.
    """
    ### BEGIN SOLUTION
    C_out, C, kh, kw = W.shape
    size = places(X.shape[2:], (kh, kw), stride, padding)
    if X.shape[1] != C or grad.shape != (X.shape[0], C_out, *size):
        raise ValueError(f"grad {tuple(grad.shape)}, X {tuple(X.shape)} and W {tuple(W.shape)} "
                         "do not belong to one convolution")
    columns = im2col(X, (kh, kw), stride, padding)
    G = grad.reshape(X.shape[0], C_out, columns.shape[2])
    dW = (G @ columns.transpose(1, 2)).sum(0).reshape(W.shape)
    dX = col2im(W.reshape(C_out, -1).T @ G, X.shape[2:], (kh, kw), stride, padding)
    return dX, dW, grad.sum((0, 2, 3))
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(1, 1, 3, 3)
K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
grad = torch.tensor([[[[1.0, -1.0], [0.0, 2.0]]]])
of_image, of_kernel, of_bias = conv2d_backward(grad, X, K)
assert of_image.tolist() == [[[[0, 1, -1], [2, 1, -1], [0, 4, 6]]]]
assert of_kernel.tolist() == [[[[7, 9], [13, 15]]]]
assert of_bias.tolist() == [2]

of_image, of_kernel, of_bias = conv2d_backward(torch.ones(1, 1, 4, 4), X, K, 1, 1)
assert of_image.shape == X.shape, "the padding has no gradient to give"
assert of_image.unique().tolist() == [6], "here every pixel meets every weight: 0 + 1 + 2 + 3"
assert of_kernel.unique().tolist() == [36], "and every weight meets every pixel: 0 + 1 + … + 8"
assert of_bias.tolist() == [16]
assert refuses(conv2d_backward, torch.ones(1, 1, 3, 3), X, K)

# %% [markdown]
# **Compare with autograd.** Your `conv2d_fast` is differentiable, so autograd can compute the same
# gradients. (Here you may use it; inside `conv2d_backward` you may not.)

# %%
X = torch.randn(2, 3, 8, 10, dtype=torch.float64, requires_grad=True)
W = torch.randn(4, 3, 3, 2, dtype=torch.float64, requires_grad=True)
b = torch.randn(4, dtype=torch.float64, requires_grad=True)
for stride, padding in ((1, 0), (1, 1), ((2, 3), (1, 0)), (3, (0, 1))):
    Y = conv2d_fast(X, W, b, stride, padding)
    grad = torch.randn(Y.shape, dtype=torch.float64)
    right = torch.autograd.grad(Y, (X, W, b), grad)
    yours = conv2d_backward(grad, X.detach(), W.detach(), stride, padding)
    for name, given, wanted in zip(("dX", "dW", "db"), yours, right, strict=True):
        assert torch.allclose(given, wanted), f"{name} is wrong for stride {stride}, padding {padding}"

# %% [markdown]
# And if there were no autograd? Then wiggle one weight by a little in both directions and see how the
# loss changes. **Predict before you run:** the wiggle below is $10^{-4}$. To how many digits will the
# two numbers agree?

# %%
X, W, b = X.detach(), W.detach(), b.detach()
grad = torch.randn(2, 4, 6, 9, dtype=torch.float64)


def loss(weights):
    """A loss whose gradient with respect to the convolution's output is ``grad``."""
    return (conv2d_fast(X, weights, b) * grad).sum()


wiggle = torch.zeros_like(W)
wiggle[2, 1, 0, 1] = 1e-4
print("wiggled: ", ((loss(W + wiggle) - loss(W - wiggle)) / 2e-4).item())
print("computed:", conv2d_backward(grad, X, W)[1][2, 1, 0, 1].item())

# %% [markdown]
# The loss is *linear* in one weight, so that the wiggle makes no error at all but rounding. This
# check costs two forward passes for every single weight. Backpropagation gets all of them for about
# the price of two.

# %% [markdown]
# ## 6.5 `maxpool_backward` (3 points)
#
# The maximum of a window is one of its pixels. If that pixel grows, the maximum grows with it; if
# another one grows a little, nothing happens. So each window hands its whole gradient to its winner,
# and nothing to the others.
#
# ### By hand
#
# $$X = \begin{pmatrix} 1 & 3 & 2 & 0 \\ 4 & 2 & 1 & 5 \\ 0 & 1 & 7 & 6 \\ 2 & 8 & 3 & 4 \end{pmatrix},
# \quad G = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
# \quad\longrightarrow\quad
# \mathrm{d}X = \begin{pmatrix} 0 & 0 & 0 & 0 \\ 1 & 0 & 0 & 2 \\ 0 & 0 & 4 & 0 \\ 0 & 3 & 0 & 0
# \end{pmatrix}$$
#
# with 2×2 windows side by side: the winners are 4, 5, 8 and 7.
#
# * **Overlaps.** When windows overlap, one pixel can win several of them. It gets all their
#   gradients, added up.
# * **Ties.** When two pixels of a window are equally large, the maximum has a corner there, and no
#   derivative. Convention decides: as in torch, the **first** of them wins, reading the window row by
#   row.
# * **The rest.** Pixels that no window sees get zero.

# %%
def maxpool_backward(grad, X, kernel, stride=None):
    """The gradient of max pooling without padding, with respect to its input.

    Arguments:
        grad: gradient of the loss with respect to the pooled images, tensor of shape
            (N, C, H', W').
        X: images that were pooled, tensor of shape (N, C, H, W).
        kernel: size of the pooling window.
        stride: distance between windows; None means the kernel's size.
    Returns:
        Tensor of shape (N, C, H, W): for every pixel, the sum of the gradients of all windows that
        it won. The first largest pixel of a window wins, row by row.

    Also graded:
        * kernel and stride are ints or pairs.
        * Windows may overlap, or leave gaps. Pixels may all be negative.
        * The answer follows X in dtype and device (floating-point tensors only), and doubles are
          compared as doubles; grad and X are unchanged and may have any memory layout; an empty
          batch.
        * Refused: a grad that has not the shape of the pooled images; a window larger than the
          image.

    The function need not be differentiable itself.

    Not allowed: autograd (backward, torch.autograd.grad, torch.func and the like). Loops are
    allowed.
    """
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = as_pair(kernel), as_pair(kernel if stride is None else stride)
    height, width = places(X.shape[2:], kernel, (sh, sw))
    if grad.shape != (*X.shape[:2], height, width):
        raise ValueError(f"grad {tuple(grad.shape)} is not the pooled {tuple(X.shape)}")
    windows = X.unfold(2, kh, sh).unfold(3, kw, sw)
    winner = windows.flatten(4).argmax(-1)  # the first largest, counted within its window
    rows = sh * torch.arange(height, device=X.device)[:, None] + winner // kw
    columns = sw * torch.arange(width, device=X.device) + winner % kw
    pixels = (rows * X.shape[3] + columns).flatten(2)  # counted within the image
    dX = X.new_zeros(*X.shape[:2], X.shape[2] * X.shape[3])
    return dX.scatter_add(2, pixels, grad.flatten(2)).reshape(X.shape)
    ### END SOLUTION


# %%
X = torch.tensor([[1.0, 3.0, 2.0, 0.0], [4.0, 2.0, 1.0, 5.0],
                  [0.0, 1.0, 7.0, 6.0], [2.0, 8.0, 3.0, 4.0]])[None, None]
grad = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
assert maxpool_backward(grad, X, 2, 2).tolist() == [[[
    [0, 0, 0, 0], [1, 0, 0, 2], [0, 0, 4, 0], [0, 3, 0, 0]]]]
assert torch.equal(maxpool_backward(grad, X, 2), maxpool_backward(grad, X, 2, 2))

# The 3 in the middle wins both windows.
row = torch.tensor([[[[1.0, 3.0, 2.0]]]])
assert maxpool_backward(torch.tensor([[[[5.0, 7.0]]]]), row, (1, 2), 1).tolist() == [[[[0, 12, 0]]]]

# Nobody is largest: the first one wins.
assert maxpool_backward(torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 2, 2), 2).tolist() == [[[
    [1, 0], [0, 0]]]]
assert refuses(maxpool_backward, torch.ones(1, 1, 3, 3), X, 2)

# %% [markdown]
# **Predict before you run.** A bright disk goes through 2×2 max pooling, and a gradient of ones comes
# back. Inside the disk all pixels are equal, and so are those outside. Which pixels get the
# gradient? Where does the pattern break?

# %%
rows, columns = torch.meshgrid(torch.arange(24), torch.arange(24), indexing="ij")
disk = ((rows - 11.5) ** 2 + (columns - 11.5) ** 2 < 70).float()[None, None]
show({"image": disk[0, 0], "gradient": maxpool_backward(torch.ones(1, 1, 12, 12), disk, 2)[0, 0]})

# %% [markdown]
# In flat regions the top left pixel of every window wins, by convention. Along the disk's border it
# loses where it is dark itself and a later pixel of its window is bright: at the upper left, the upper
# right and the lower left. At the lower right the border leaves it bright, and it keeps winning. Only a quarter of all pixels learns anything: max pooling makes
# gradients sparse.

# %% [markdown]
# # Bonus
#
# Five relatives of the convolution, each with a reason to exist. Loops are allowed, torch's
# convolution operators are not. What the docstrings say about the plain convolution holds here too.

# %% [markdown]
# ## 6.6 `conv2d_dilated` (bonus 4)
#
# To see more of the image, a kernel can be made larger, which costs weights, or **spread out**: with
# *dilation* $d$, neighbouring weights meet pixels that are $d$ apart,
#
# $$Y[i, j] = \sum_{a, e} X[i s_h + a\, d_h, \; j s_w + e\, d_w] \; K[a, e].$$
#
# Dilation 1 is the plain convolution. A spread kernel covers $d (k - 1) + 1$ pixels: the gaps *between*
# $k$ weights, and the last weight itself. The stride still moves the window, pixel by pixel if it is
# 1, and padding is still counted in pixels.
#
# By hand: the image 0, 1, …, 24, the kernel $\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ and
# dilation 2. The window at (0, 0) meets the pixels 0, 2, 10 and 12:
# $0 \cdot 0 + 2 \cdot 1 + 10 \cdot 2 + 12 \cdot 3 = 58$.

# %%
def conv2d_dilated(X, W, b=None, stride=1, padding=0, dilation=1):
    """Convolution with a spread kernel: weights (a, e) and (a + 1, e) meet pixels dilation[0] rows
    apart, weights (a, e) and (a, e + 1) pixels dilation[1] columns apart.

    Arguments:
        X, W, b, stride, padding: as for conv2d_fast.
        dilation: distance between neighbouring weights; 1, the plain convolution, unless said.
    Returns:
        Tensor of shape (N, C_out, H', W'), where H' is (H + 2p - d(kh - 1) - 1) // s + 1, and W'
        likewise.

    Also graded:
        * stride, padding and dilation are ints or pairs.
        * The answer follows X in dtype and device; whole numbers; X, W and b are unchanged and may
          have any memory layout; an empty batch; differentiable with respect to X, W and b.
        * Refused: a kernel that does not fit into the padded image once it is spread; a dilation
          below 1; an X and W with different numbers of channels (also if one of them has just
          one).

    Not allowed: torch's convolution operators.
    """
    ### BEGIN SOLUTION
    C_out, C, kh, kw = W.shape
    if X.shape[1] != C:
        raise ValueError(f"X has {X.shape[1]} channels, but W wants {C}")
    (sh, sw), (dh, dw) = as_pair(stride), as_pair(dilation)
    height, width = places(X.shape[2:], (kh, kw), stride, padding, dilation)
    image = surround(X, padding)
    Y = X.new_zeros(X.shape[0], C_out, height, width)
    for a in range(kh):
        for e in range(kw):
            met = image[:, :, a * dh:, e * dw:][:, :, :sh * height:sh, :sw * width:sw]
            Y = Y + torch.einsum("nchw,oc->nohw", met, W[:, :, a, e])
    return Y if b is None else Y + b[:, None, None]
    ### END SOLUTION


# %%
X = torch.arange(25.0).reshape(1, 1, 5, 5)
K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
assert conv2d_dilated(X, K, None, 1, 0, 2).tolist() == [[[
    [58, 64, 70], [88, 94, 100], [118, 124, 130]]]]
assert torch.equal(conv2d_dilated(X, K), conv2d_loops(X, K))
assert conv2d_dilated(X, K, None, 1, 0, (4, 1)).shape == (1, 1, 1, 4)
assert refuses(conv2d_dilated, X, K, None, 1, 0, 5)
assert refuses(conv2d_dilated, X, K, None, 1, 0, 0)

# %% [markdown]
# **Predict before you run.** Three layers of 3×3 kernels in a row. A single bright pixel goes in; how
# wide is its trace after three layers with dilation 1, 1, 1? And with dilation 1, 2, 4?

# %%
predict("widths: dilation 1, 1, 1 and dilation 1, 2, 4", ...)

# %%
dot = torch.zeros(1, 1, 31, 31)
dot[..., 15, 15] = 1
traces = {"dot": dot[0, 0]}
for dilations in ((1, 1, 1), (1, 2, 4)):
    trace = dot
    for dilation in dilations:
        trace = conv2d_dilated(trace, torch.ones(1, 1, 3, 3), None, 1, dilation, dilation)
    traces[f"dilation {dilations}"] = (trace[0, 0] > 0).float()
    print(dilations, int((trace[0, 0, 15] > 0).sum()), "pixels wide, 27 weights")
show(traces)
observe("widths: dilation 1, 1, 1 and dilation 1, 2, 4",
        [int((trace[15] > 0).sum()) for trace in traces.values()][1:])

# %% [markdown]
# 7 pixels and 15. Doubling the dilation from layer to layer makes the view grow exponentially, for the
# same number of weights and without losing resolution (Yu and Koltun, 2015, who also call it *atrous*).

# %% [markdown]
# ## 6.7 `conv2d_grouped` (bonus 5)
#
# In a plain convolution every output channel looks at every input channel. That is where most
# weights are. With **groups** the channels are divided into $g$ blocks, and a block of outputs sees
# only its own block of inputs: output channels $0, \dots, C_{out}/g - 1$ see the input channels
# $0, \dots, C/g - 1$, the next $C_{out}/g$ outputs see the next $C/g$ inputs, and so on. Nothing else
# changes. A kernel then has $C/g$ channels only, and `W` has the shape $(C_{out}, C/g, k_h, k_w)$.
#
# If every input channel is a group of its own, $g = C$, the convolution is called **depthwise**. There
# may still be several outputs for each input.
#
# By hand: two channels, 0…8 and 9…17, two groups, and the kernels
# $\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ and $\begin{pmatrix} 1 & 0 \\ 0 & -1 \end{pmatrix}$.
# Channel 0 of the answer is the old friend 19, 25, 37, 43. Channel 1 is
# $X[1, i, j] - X[1, i + 1, j + 1]$, which is $-4$ everywhere.

# %%
def conv2d_grouped(X, W, b=None, stride=1, padding=0, groups=1):
    """Convolution in groups of channels that do not see each other.

    Arguments:
        X: images, tensor of shape (N, C, H, W).
        W: kernels, tensor of shape (C_out, C / groups, kh, kw).
        b: biases, tensor of shape (C_out,), or None.
        stride, padding: as for conv2d_fast.
        groups: number of groups, an int. Group g has the input channels from g * C / groups on and
            the output channels from g * C_out / groups on.
    Returns:
        Tensor of shape (N, C_out, H', W').

    Also graded:
        * stride and padding are ints or pairs.
        * groups = C (depthwise), with one output channel for
          each input channel or with several.
        * The answer follows X in dtype and device; whole numbers; X, W and b are unchanged and may
          have any memory layout; an empty batch; differentiable with respect to X, W and b.
        * Refused: groups that do not divide C; groups that do not divide C_out; kernels whose
          number of channels is not C / groups; a kernel larger than the padded image.

    Not allowed: torch's convolution operators.
    """
    ### BEGIN SOLUTION
    C_out, C, kh, kw = W.shape
    if groups < 1 or X.shape[1] != C * groups or C_out % groups:
        raise ValueError(f"{X.shape[1]} channels in and {C_out} out are not {groups} groups of {C}")
    sh, sw = as_pair(stride)
    places(X.shape[2:], (kh, kw), stride, padding)
    windows = surround(X, padding).unfold(2, kh, sh).unfold(3, kw, sw)
    # One more axis, for the groups, in front of the channels of both.
    Y = torch.einsum("ngchwab,gocab->ngohw", windows.unflatten(1, (groups, C)),
                     W.unflatten(0, (groups, C_out // groups))).flatten(1, 2)
    return Y if b is None else Y + b[:, None, None]
    ### END SOLUTION


# %%
X = torch.arange(18.0).reshape(1, 2, 3, 3)
W = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]], [[[1.0, 0.0], [0.0, -1.0]]]])
assert conv2d_grouped(X, W, None, 1, 0, 2).tolist() == [[[[19, 25], [37, 43]],
                                                        [[-4, -4], [-4, -4]]]]
assert conv2d_grouped(torch.randn(2, 3, 5, 5), torch.randn(6, 1, 3, 3), None, 1, 1, 3).shape == (
    2, 6, 5, 5)

images, kernels = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 3, 2)
assert torch.allclose(conv2d_grouped(images, kernels, None, (2, 3), (1, 0)),
                      conv2d_loops(images, kernels, None, (2, 3), (1, 0)), atol=1e-4)
assert refuses(conv2d_grouped, torch.randn(1, 4, 5, 5), torch.randn(5, 2, 3, 3), None, 1, 0, 2)

# %% [markdown]
# **Predict before you run.** A layer from 64 to 128 channels with 3×3 kernels: how many weights has
# it plainly, and how many as a depthwise 3×3 convolution followed by a plain 1×1 one?

# %%
predict("weights: plain, depthwise and pointwise", ...)

# %%
plain = torch.empty(128, 64, 3, 3)
depthwise, pointwise = torch.empty(64, 1, 3, 3), torch.empty(128, 64, 1, 1)
print(f"plain {plain.numel():,}, depthwise and pointwise {depthwise.numel() + pointwise.numel():,}")
observe("weights: plain, depthwise and pointwise",
        (plain.numel(), depthwise.numel() + pointwise.numel()))

# %% [markdown]
# 73 728 weights against 8 768: less than an eighth. MobileNet, made for phones, is built from such
# pairs, which are called **depthwise separable** (Howard et al., 2017).

# %% [markdown]
# ## 6.8 `conv2d_transposed` (bonus 6)
#
# Convolutions shrink images, but a network that paints (a segmentation, say) has to enlarge them
# again. The **transposed convolution** does what $\mathrm{d}X$ did in 6.4: every pixel stamps the
# kernel, times its own value, onto the answer. Stamps stand a stride apart, and where they overlap,
# they add up. A stride of 2 about doubles the size.
#
# By hand, with $X = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ and
# $K = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$:
#
# $$\begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 0 \\ 0 & 0 & 0 \end{pmatrix}
# + \begin{pmatrix} 0 & 0 & 1 \\ 0 & 2 & 3 \\ 0 & 0 & 0 \end{pmatrix}
# + \begin{pmatrix} 0 & 0 & 0 \\ 0 & 2 & 0 \\ 4 & 6 & 0 \end{pmatrix}
# + \begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 3 \\ 0 & 6 & 9 \end{pmatrix}
# = \begin{pmatrix} 0 & 0 & 1 \\ 0 & 4 & 6 \\ 4 & 12 & 9 \end{pmatrix}$$
#
# * **Size.** The last stamp starts at $(H - 1) s$ and is $k$ long: $(H - 1) s + k$ rows.
# * **Padding crops.** It undoes the padding of a convolution: $p$ rows and columns are taken away from
#   *each* side, so that $(H - 1) s - 2p + k$ are left.
# * **Weights.** The input channels come first: $(C_{in}, C_{out}, k_h, k_w)$. That is the weight of
#   the convolution whose adjoint this is.
# * It is **not an inverse**. Shapes come back, numbers do not.

# %%
def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    """Transposed convolution: every pixel stamps the kernel, times its value, onto the answer.

    Arguments:
        X: images, tensor of shape (N, C_in, H, W).
        W: kernels, tensor of shape (C_in, C_out, kh, kw).
        b: biases, tensor of shape (C_out,), or None. Added once to every pixel of the answer.
        stride: distance between stamps.
        padding: rows and columns taken away from each side of the answer.
    Returns:
        Tensor of shape (N, C_out, (H - 1) * s - 2p + kh, ...), with the height's stride and
        padding, and likewise for the width. Pixels that no stamp reaches hold the bias alone.

    Also graded:
        * stride and padding are ints or pairs.
        * It is the adjoint of the convolution with the same
          W, stride and padding: <conv2d(x, W), y> = <x, conv2d_transposed(y, W)>, where conv2d
          reads W as (C_out, C_in, kh, kw).
        * The answer follows X in dtype and device; whole numbers; X, W and b are unchanged and may
          have any memory layout; an empty batch; differentiable with respect to X, W and b.
        * Refused: a padding that leaves no row or no column; a negative padding; an X and W with
          different numbers of input channels (also if W has just one).

    Not allowed: torch's convolution operators. F.fold, and a col2im of your own, are welcome.
    """
    ### BEGIN SOLUTION
    N, C, H, width = X.shape
    C_in, C_out, kh, kw = W.shape
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    rows, columns = (H - 1) * sh + kh, (width - 1) * sw + kw
    if C_in != C or min(sh, sw) < 1 or min(ph, pw) < 0 or rows <= 2 * ph or columns <= 2 * pw:
        raise ValueError(f"X {tuple(X.shape)} and W {tuple(W.shape)} have no transposed convolution "
                         f"with stride {stride} and padding {padding}")
    Y = X.new_zeros(N, C_out, rows, columns)
    for a in range(kh):
        for e in range(kw):
            # Weight (a, e) of all stamps at once: no two of them fall on one pixel.
            share = torch.einsum("nchw,co->nohw", X, W[:, :, a, e])
            Y[:, :, a:a + sh * H:sh, e:e + sw * width:sw] += share
    Y = Y[:, :, ph:rows - ph, pw:columns - pw]
    return Y if b is None else Y + b[:, None, None]
    ### END SOLUTION


# %%
X = torch.arange(4.0).reshape(1, 1, 2, 2)
K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
assert conv2d_transposed(X, K).tolist() == [[[[0, 0, 1], [0, 4, 6], [4, 12, 9]]]]
assert conv2d_transposed(X, K, None, 2).tolist() == [[[
    [0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]]]]
assert conv2d_transposed(X, K, None, 1, 1).tolist() == [[[[4]]]]
assert conv2d_transposed(torch.randn(2, 3, 4, 5), torch.randn(3, 4, 2, 3), None, (3, 1)).shape == (
    2, 4, 11, 7)
assert refuses(conv2d_transposed, X, K, None, 1, 2)

# %% [markdown]
# **Predict before you run.** A flat grey image is enlarged by a stride of 2 with a 3×3 kernel of ones.
# Is the answer flat?

# %%
predict("it is flat, True or False", ...)

# %%
grey = torch.full((1, 1, 8, 8), 0.5)
show({"grey": grey[0, 0], "3×3, stride 2": conv2d_transposed(grey, torch.ones(1, 1, 3, 3), None, 2)[0, 0],
      "2×2, stride 2": conv2d_transposed(grey, torch.ones(1, 1, 2, 2), None, 2)[0, 0]})
inside = conv2d_transposed(grey, torch.ones(1, 1, 3, 3), None, 2)[0, 0, 4:12, 4:12]
observe("it is flat, True or False", bool((inside == inside[0, 0]).all()))

# %% [markdown]
# Not with the 3×3 kernel: 3 is no multiple of 2, so that some pixels get one stamp, others two or four.
# It is a checkerboard, and pictures painted by networks sometimes show this very pattern (Odena,
# Dumoulin and Olah, 2016). Each pixel gets one stamp from the 2×2 kernel, and the answer is flat. Mind
# the sizes, too: 8 pixels become 17 with the one, and 16 with the other.

# %% [markdown]
# ## 6.9 `conv2d_fft` (bonus 6)
#
# A 3×3 kernel costs 9 products per pixel, a 31×31 kernel 961. The Fourier transform makes the price
# independent of the kernel, thanks to the **convolution theorem**: where images are convolved,
# their spectra are multiplied, element by element. For the cross-correlation that you need, one of
# the two spectra is conjugated:
#
# $$\hat Y = \hat X \cdot \overline{\hat K}.$$
#
# Transform both, multiply, transform back. Two things need care.
#
# **It wraps around.** The Fourier transform believes that the image repeats forever. In one
# dimension: $x = (1, 2, 3, 4)$ and $w = (1, -1)$ give the differences $-1, -1, -1$, and, at the border,
# $4 \cdot 1 + 1 \cdot (-1) = 3$, because after 4 comes 1 again. What wrapped around is of no use: keep
# the $H - k_h + 1$ rows and $W - k_w + 1$ columns of windows that lie inside. (If you flip the kernel
# instead of conjugating, they lie elsewhere.)
#
# **Sizes.** Image and kernel need spectra of one size: `torch.fft.rfft2(K, s=(H, W))` fills the kernel
# up with zeros. And `irfft2` cannot know whether the width was even or odd: tell it, with `s=(H, W)`.

# %%
x, w = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, -1.0])
print(torch.fft.irfft(torch.fft.rfft(x) * torch.fft.rfft(w, n=4).conj(), n=4))


# %%
def conv2d_fft(X, W, b=None, padding=0):
    """Convolution (cross-correlation) of stride 1 by way of the Fourier transform.

    Arguments:
        X: images, floating-point tensor of shape (N, C, H, W), N at least 1.
        W: kernels, tensor of shape (C_out, C, kh, kw), of any size up to that of the padded image.
        b: biases, tensor of shape (C_out,), or None.
        padding: rows and columns of zeros on each side.
    Returns:
        Tensor of shape (N, C_out, H', W'), the same as conv2d_fast(X, W, b, 1, padding). It is real,
        not complex.

    Also graded:
        * padding is an int or a pair.
        * The answer follows X in dtype and device, with the precision of that dtype; X, W and b are
          unchanged and may have any memory layout; differentiable with respect to X, W and b.
        * Refused: a kernel larger than the padded image; a negative padding; an X and W with
          different numbers of channels (also if one of them has just one).

    Not allowed: torch's convolution operators.
    """
    ### BEGIN SOLUTION
    if X.shape[1] != W.shape[1]:
        raise ValueError(f"X has {X.shape[1]} channels, but W expects {W.shape[1]}")
    height, width = places(X.shape[2:], W.shape[2:], 1, padding)
    image = surround(X, padding)
    size = image.shape[2:]
    of_images, of_kernels = torch.fft.rfft2(image), torch.fft.rfft2(W, s=size)
    product = torch.einsum("nchw,ochw->nohw", of_images, of_kernels.conj())
    Y = torch.fft.irfft2(product, s=size)[:, :, :height, :width]
    return Y if b is None else Y + b[:, None, None]
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(1, 1, 3, 3)
K = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
assert torch.allclose(conv2d_fft(X, K), torch.tensor([[[[19.0, 25.0], [37.0, 43.0]]]]), atol=1e-4)

images, kernels, bias = torch.randn(2, 3, 7, 10), torch.randn(4, 3, 5, 2), torch.randn(4)
for padding in (0, 1, (0, 3)):
    assert torch.allclose(conv2d_fft(images, kernels, bias, padding),
                          conv2d_loops(images, kernels, bias, 1, padding), atol=1e-4)
assert conv2d_fft(images.double(), kernels.double()).dtype == torch.float64
assert refuses(conv2d_fft, X, torch.ones(1, 1, 4, 2))

# %% [markdown]
# **Predict before you run.** For which kernel size, on images of 64×64, does the Fourier transform
# begin to win against the matrix product?

# %%
predict("kernel size from which the Fourier transform wins", ...)

# %%
photograph = torch.randn(1, 1, 64, 64)
wins = []
for size in (3, 7, 11, 17, 33):
    kernel = torch.randn(1, 1, size, size)
    by_product, by_fourier = (1000 * seconds(convolve, photograph, kernel)
                              for convolve in (conv2d_fast, conv2d_fft))
    print(f"{size:2} × {size:<2}  matrix product {by_product:6.2f} ms   "
          f"Fourier transform {by_fourier:6.2f} ms")
    wins += [size] if by_fourier < by_product else []
observe("kernel size from which the Fourier transform wins", wins[:1], within=0.3)

# %% [markdown]
# The Fourier transform costs about the same for every kernel, the matrix product more and more with
# the kernel's area, until few places are left for the window. Where they cross depends on your
# processor and on what else it does; run the cell twice. For the 3×3 kernels of most networks the
# product wins. (Training by FFT: Mathieu, Henaff and LeCun, 2013.)

# %% [markdown]
# ## 6.10 `conv2d_winograd` (bonus 6)
#
# Most kernels are 3×3. For those there is a trick that saves multiplications themselves. Take one
# dimension, four pixels $d$, three weights $g$. The two outputs
#
# $$y_0 = d_0 g_0 + d_1 g_1 + d_2 g_2, \qquad y_1 = d_1 g_0 + d_2 g_1 + d_3 g_2$$
#
# cost six products. Shmuel Winograd found that four are enough:
#
# $$\begin{aligned}
# m_0 &= (d_0 - d_2) \, g_0 & m_1 &= (d_1 + d_2) \, \tfrac{g_0 + g_1 + g_2}{2} \\
# m_3 &= (d_1 - d_3) \, g_2 & m_2 &= (d_2 - d_1) \, \tfrac{g_0 - g_1 + g_2}{2}
# \end{aligned}
# \qquad\quad y_0 = m_0 + m_1 + m_2, \quad y_1 = m_1 - m_2 - m_3.$$
#
# By hand, $d = (1, 2, 3, 4)$ and $g = (1, 2, 0)$: $m = (-2, \, 7.5, \, -0.5, \, 0)$, and so
# $y = (5, 8)$. Indeed $1 \cdot 1 + 2 \cdot 2 = 5$ and $2 \cdot 1 + 3 \cdot 2 = 8$.
#
# The sums of weights are computed once per kernel, and sums are cheaper than products. Written with
# matrices, $y = A^\top \big[ (G g) \odot (B^\top d) \big]$, where $\odot$ multiplies element by element
# and
#
# $$B^\top = \begin{pmatrix} 1 & 0 & -1 & 0 \\ 0 & 1 & 1 & 0 \\ 0 & -1 & 1 & 0 \\ 0 & 1 & 0 & -1
# \end{pmatrix}, \quad
# G = \begin{pmatrix} 1 & 0 & 0 \\ \frac12 & \frac12 & \frac12 \\ \frac12 & -\frac12 & \frac12 \\
# 0 & 0 & 1 \end{pmatrix}, \quad
# A^\top = \begin{pmatrix} 1 & 1 & 1 & 0 \\ 0 & 1 & -1 & -1 \end{pmatrix}.$$
#
# In two dimensions, do it along both axes. A **tile** $d$ of 4×4 pixels and a kernel $g$ of 3×3 give
# 2×2 outputs with 16 products instead of 36:
#
# $$Y = A^\top \Big[ \big(G \, g \, G^\top\big) \odot \big(B^\top d \, B\big) \Big] A.$$
#
# This is called $F(2 \times 2, 3 \times 3)$. With several channels, add up the bracket over the input
# channels, before the output transform.
#
# **Tiles overlap.** Each makes 2×2 outputs, so tiles start 2 pixels apart. When the number of output
# rows or columns is odd, let the last tiles stick out over zeros, and crop at the end.

# %%
BT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
G = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
AT = [[1, 1, 1, 0], [0, 1, -1, -1]]

d, g = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.0, 0.0])
print(torch.tensor(AT).float() @ ((torch.tensor(G) @ g) * (torch.tensor(BT).float() @ d)))


# %%
def conv2d_winograd(X, W, b=None, padding=0):
    """Convolution (cross-correlation) of stride 1 with 3×3 kernels, by Winograd's F(2×2, 3×3).

    Arguments:
        X: images, floating-point tensor of shape (N, C, H, W).
        W: kernels, tensor of shape (C_out, C, 3, 3).
        b: biases, tensor of shape (C_out,), or None.
        padding: rows and columns of zeros on each side.
    Returns:
        Tensor of shape (N, C_out, H', W'), the same as conv2d_fast(X, W, b, 1, padding). H' and W'
        may be odd, and as small as 1. The answer may differ by the rounding of F(2×2, 3×3).

    Also graded:
        * padding is an int or a pair.
        * The answer follows X in dtype and device, with the precision of that dtype; X, W and b are
          unchanged and may have any memory layout; an empty batch; differentiable with respect to
          X, W and b.
        * Refused: kernels that are not 3×3; a padded image smaller than that; a negative padding;
          an X and W with different numbers of channels (also if one of them has just one).

    Not allowed: torch's convolution operators.
    """
    ### BEGIN SOLUTION
    N, C_out = X.shape[0], W.shape[0]
    if W.shape[2:] != (3, 3) or X.shape[1] != W.shape[1]:
        raise ValueError(f"X {tuple(X.shape)} needs kernels of {X.shape[1]}×3×3, not {tuple(W.shape)}")
    height, width = places(X.shape[2:], 3, 1, padding)
    bt, g, at = (torch.tensor(matrix, dtype=X.dtype, device=X.device) for matrix in (BT, G, AT))
    # Zeros at the end, so that whole tiles cover an odd number of outputs.
    image = F.pad(surround(X, padding), (0, width % 2, 0, height % 2))
    tiles = bt @ image.unfold(2, 4, 2).unfold(3, 4, 2) @ bt.T  # (N, C, rows, columns, 4, 4)
    product = torch.einsum("ncijxy,ocxy->noijxy", tiles, g @ W @ g.T)
    blocks = at @ product @ at.T  # (N, C_out, rows, columns, 2, 2)
    rows, columns = blocks.shape[2:4]
    Y = blocks.permute(0, 1, 2, 4, 3, 5).reshape(N, C_out, 2 * rows, 2 * columns)
    Y = Y[:, :, :height, :width]
    return Y if b is None else Y + b[:, None, None]
    ### END SOLUTION


# %%
X = torch.arange(16.0).reshape(1, 1, 4, 4)
assert conv2d_winograd(X, torch.ones(1, 1, 3, 3)).tolist() == [[[[45, 54], [81, 90]]]]

for height, width in ((4, 4), (7, 8), (6, 9), (5, 5), (3, 3)):
    images, kernels, bias = torch.randn(2, 3, height, width), torch.randn(4, 3, 3, 3), torch.randn(4)
    assert torch.allclose(conv2d_winograd(images, kernels, bias),
                          conv2d_loops(images, kernels, bias), atol=1e-4), (height, width)
assert conv2d_winograd(torch.randn(1, 2, 5, 6), torch.randn(3, 2, 3, 3), None, 1).shape == (1, 3, 5, 6)
assert refuses(conv2d_winograd, X, torch.ones(1, 1, 2, 2))

# %% [markdown]
# **Predict before you run.** Winograd's answers are sums of larger numbers that partly cancel. How
# much larger is its error in float32, for one channel, and for 64 of them?

# %%
for channels in (1, 64):
    images, kernels = torch.randn(4, channels, 18, 18), torch.randn(8, channels, 3, 3)
    exact = conv2d_fast(images.double(), kernels.double())
    for method in (conv2d_fast, conv2d_winograd):
        error = (method(images, kernels) - exact).square().mean().sqrt()
        print(f"C = {channels:2}  {method.__name__:16} typical error {error:.1e}")

# %% [markdown]
# For one channel it is about twice as large: one binary digit is the price of the detour. With many
# channels the long sums over the channels err more than the transforms do, and both methods are
# alike. Larger tiles save more products and lose more digits. Libraries make this trade for you when
# they pick an algorithm. (For networks: Lavin and Gray, 2015.)

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * im2col: Chellapilla, Puri and Simard,
#   [High Performance Convolutional Neural Networks for Document Processing](https://inria.hal.science/inria-00112631),
#   2006.
# * Transposed convolutions: Dumoulin and Visin,
#   [A guide to convolution arithmetic](https://arxiv.org/abs/1603.07285), 2016. Checkerboards: Odena,
#   Dumoulin and Olah, [Deconvolution and Checkerboard Artifacts](https://distill.pub/2016/deconv-checkerboard/),
#   2016.
# * Dilation: Yu and Koltun, [Multi-Scale Context Aggregation](https://arxiv.org/abs/1511.07122), 2015.
#   Depthwise separable layers: Howard et al., [MobileNets](https://arxiv.org/abs/1704.04861), 2017.
# * FFT: Mathieu, Henaff and LeCun, [Fast Training through FFTs](https://arxiv.org/abs/1312.5851), 2013.
#   Winograd: Lavin and Gray,
#   [Fast Algorithms for Convolutional Neural Networks](https://arxiv.org/abs/1509.09308), 2015.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `fast_conv.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own. If a later function builds on an earlier one
# that is wrong, the later one is graded again with a correct one in its place, so keep going.
