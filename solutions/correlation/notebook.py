# %% [markdown]
# # Cross-correlation
#
# A convolutional network looks at a picture through a small window. It slides the window over the
# picture and, at every stop, multiplies what it sees by a few weights and adds up. That one
# operation is called *cross-correlation*. In this notebook you write it yourself, turn it into a
# layer, use it to find edges, and finally let gradient descent discover its weights.
#
# There are 18 points, two more that a person gives, and 1 bonus point:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 1.1 | `corr2d` | 4 |  | 40 | ●● |
# | 1.2 | `conv2d_true` | 2 | 1.1 | 15 | ● |
# | 1.3 | `Conv2D` | 3 | 1.1 | 30 | ●● |
# | 1.4 | `edge_kernel` | 3 |  | 15 | ● |
# | 1.5 | `learn_kernel` | 4 | 1.1, or `nn.Conv2d` | 45 | ●●● |
# | 1.6 | `fully_connected_parameters`, `locally_connected_parameters`, `convolution_parameters` | 2 |  | 15 | ● |
# | 1.7 | two or three sentences | 2, by hand | 1.6 | 10 | ● |
# | 1.8 | `test_corr2d`, tests of `corr2d` | bonus 1 | 1.1 | 30 | ●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** Python's functions, loops and classes; tensors with their shape, slices and dtype; and, for
# 1.5, what a derivative is.

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function and the order of its arguments.
#
# Below each function stands a cell of **examples**. If it runs without a complaint, your function
# passes them. Grading uses these examples and others that you cannot see: wide images and tall
# kernels, negative numbers, other dtypes. What they check is written in the function's docstring.
# **What is not written there, or in this notebook, is not graded.**
#
# **Predict before you run** marks a question to answer, on paper, before you run the cell below
# it. A wrong prediction is the best thing that can happen to you here: it shows you exactly what
# to think about.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# ### Words used in the docstrings
#
# This is the small print. First make the numbers right, which is most of the points; come back here
# for the rest.
#
# * An image `X` has the shape $(H, W)$, height first. A kernel `K` has the shape $(k_h, k_w)$.
# * **Follows the input**: the answer has the dtype of `X` and lives on the device of `X`. Whole
#   numbers stay whole, doubles stay doubles. (The device may be `"meta"`, which keeps shapes and no
#   numbers. Code that creates its tensors on the CPU whatever `X` says fails there.)
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Differentiable**: autograd can compute gradients through your function, for every
#   floating-point argument.
# * **Refused**: the call raises an exception. `ValueError` and `RuntimeError` are the natural
#   ones; `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well.
#   `NotImplementedError`, `NameError` and `AttributeError` do not: they look like an accident.
#
# Floating-point answers may differ from ours by rounding; integer answers must be exact. You need
# not handle mixed dtypes, NaN or infinity.

# %%
import matplotlib.pyplot as plt
import torch
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
# ## Why a window?
#
# Suppose you want to recognise a cat in a photograph of one million pixels. A dense layer gives
# every hidden unit its own weight for every pixel. That is a million weights for one unit, and
# nothing in them knows that two pixels are neighbours. Shuffle the pixels of all your photographs
# in the same way, and the layer would learn just as well.
#
# Pictures are not shuffled, and two facts about them save us almost all of those weights.
#
# 1. **Locality.** Whether there is an edge *here* depends on the pixels around here, not on the
#    far corner. So a unit needs weights for a small window only.
# 2. **Sameness.** What makes an edge an edge is the same everywhere. So all units can share one
#    set of weights. (Search for **weight sharing** or *parameter sharing*; and for *local
#    connectivity* or *sparse interactions*, which is the other one.)
#
# Write it down. A dense layer from an image to a map of hidden units is
#
# $$Y[i, j] = \sum_{a} \sum_{b} V[i, j, a, b] \; X[i + a,\, j + b],$$
#
# where $a$ and $b$ are offsets, counted from the place $(i, j)$ of the unit. Sameness says that
# $V$ does not depend on $(i, j)$: call it $K[a, b]$. Locality says that only a few offsets matter:
# $0 \le a < k_h$ and $0 \le b < k_w$. What remains is cross-correlation.

# %% [markdown]
# ## 1.1 `corr2d` (4 points)
#
# $$Y[i, j] = \sum_{a=0}^{k_h - 1} \sum_{b=0}^{k_w - 1} X[i + a,\, j + b] \; K[a, b]$$
#
# Put the kernel's top left corner on pixel $(i, j)$. Multiply each pixel under the kernel by the
# weight on top of it. Add up. Move on. (In papers, the answer is a **feature map** or *activation map*,
# and the kernel a *filter*.)
#
# ### One example by hand
#
# $$X = \begin{pmatrix} 0 & 1 & 2 \\ 3 & 4 & 5 \\ 6 & 7 & 8 \end{pmatrix}, \qquad
# K = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$$
#
# | window at | pixels | times weights | sum |
# | --- | --- | --- | --- |
# | $(0, 0)$ | 0, 1, 3, 4 | $0 \cdot 0 + 1 \cdot 1 + 3 \cdot 2 + 4 \cdot 3$ | 19 |
# | $(0, 1)$ | 1, 2, 4, 5 | $1 \cdot 0 + 2 \cdot 1 + 4 \cdot 2 + 5 \cdot 3$ | 25 |
# | $(1, 0)$ | 3, 4, 6, 7 | $3 \cdot 0 + 4 \cdot 1 + 6 \cdot 2 + 7 \cdot 3$ | 37 |
# | $(1, 1)$ | 4, 5, 7, 8 | $4 \cdot 0 + 5 \cdot 1 + 7 \cdot 2 + 8 \cdot 3$ | 43 |
#
# ### How large is the answer?
#
# Only windows that lie wholly inside the image count. Along an axis of 3 pixels a window of 2 can
# start at 0 or at 1: two places. In general a window of $k$ has $n - k + 1$ places among $n$
# pixels. You count *places*, not the gaps between them; that is where the $+1$ comes from. Height
# and width are counted separately:
#
# $$(H, W) \text{ and } (k_h, k_w) \quad\longrightarrow\quad (H - k_h + 1,\; W - k_w + 1).$$
#
# And if the kernel is larger than the image? Then there is no place for it at all. An empty answer
# would travel silently through the rest of a program, so `corr2d` refuses.
#
# ### Two hints
#
# You can visit every place of the window, or you can visit every *weight*: the weight $K[a, b]$
# meets a whole rectangle of pixels at once. Both are fine.
#
# `torch.zeros(...)` makes float32 on the CPU, whatever your image is. Think about where the dtype
# of your answer comes from.

# %%
def corr2d(X, K):
    """Two-dimensional cross-correlation of one image with one kernel.

        Y[i, j] = sum over a and b of X[i + a, j + b] * K[a, b]

    Arguments:
        X: image, tensor of shape (H, W).
        K: kernel, tensor of shape (kh, kw), with X's dtype and on X's device.
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * The answer follows X in dtype and device: int64 stays int64 (and exact), float64 stays
          float64, "meta" stays "meta".
        * X and K are unchanged.
        * Differentiable with respect to X and K.
        * X and K need not be contiguous in memory: a transposed view or a slice is as good.
        * Refused: a kernel taller or wider than X; an X or K without any element; an X or K
          that is not two-dimensional. Raise ValueError or RuntimeError (TypeError, IndexError,
          KeyError and AssertionError count; NotImplementedError, NameError and AttributeError
          do not).

    Not allowed: torch's convolution operators (nn.Conv2d, F.conv2d and the like, by any name).
    """
    ### BEGIN SOLUTION
    if X.dim() != 2 or K.dim() != 2:
        raise ValueError(f"need two 2-D tensors, got {X.dim()}-D and {K.dim()}-D")
    kh, kw = K.shape
    height, width = X.shape[0] - kh + 1, X.shape[1] - kw + 1
    if K.numel() == 0 or height < 1 or width < 1:
        raise ValueError(f"a {kh}×{kw} kernel has no place in a {X.shape[0]}×{X.shape[1]} image")
    Y = X.new_zeros(height, width)
    for a in range(kh):
        for b in range(kw):
            # The weight K[a, b] meets this rectangle of X, one pixel for every place.
            Y = Y + K[a, b] * X[a:a + height, b:b + width]
    return Y
    ### END SOLUTION


# %% [markdown]
# Run the examples. The last one has an image wider than tall and a kernel taller than wide: the
# kind of input that tells rows from columns.

# %%
X = torch.arange(9.0).reshape(3, 3)
K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
assert torch.equal(corr2d(X, K), torch.tensor([[19.0, 25.0], [37.0, 43.0]]))

whole = corr2d(X.long(), K.long())
assert whole.dtype == torch.int64
assert whole.tolist() == [[19, 25], [37, 43]]

wide = torch.tensor([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 4.0], [5.0, 0.0, 6.0, 0.0]])
tall = torch.tensor([[1.0], [-1.0]])
assert corr2d(wide, tall).tolist() == [[1.0, -3.0, 2.0, -4.0], [-5.0, 3.0, -6.0, 4.0]]

assert refuses(corr2d, torch.ones(3, 3), torch.ones(4, 2)), "a 4×2 kernel in a 3×3 image?"
assert refuses(corr2d, torch.ones(3, 3), torch.ones(0, 2)), "a kernel without any weight?"
assert refuses(corr2d, torch.ones(2, 3, 3), torch.ones(2, 2)), "an image of three dimensions?"

# %% [markdown]
# Now move the window yourself. The cell below shows the example of 1.1, your own output beside it, and
# marks what differs: click a number of the output, and go on with the arrow keys. (It needs the package
# `nbjudge`, as `%check` does. Without it the cell says so, and nothing else depends on it.)

# %%
try:
    from autograder.notebook import window
except ImportError:
    def window(*what, **how):
        """In place of the real one."""
        print("nbjudge is not installed: the table of 1.1 shows the same four places.")

window(X, K, yours=corr2d(X, K))

# %% [markdown]
# **Predict before you run.** The image is
#
# $$\begin{pmatrix} 0 & 1 & 2 & 3 \\ 4 & 5 & 6 & 7 \\ 8 & 9 & 10 & 11 \end{pmatrix}.$$
#
# For each kernel, write down the *shape* of the answer and its *first row*:
#
# 1. $\begin{pmatrix} 1 \end{pmatrix}$
# 2. $\begin{pmatrix} 0 & 1 \end{pmatrix}$
# 3. $\begin{pmatrix} 1 \\ -1 \end{pmatrix}$
#
# Which of the three moves the picture, and to which side?

# %%
predict("shape for the third kernel", ...)
predict("first row for the third kernel", ...)

# %%
steps = torch.arange(12.0).reshape(3, 4)
for kernel in ([[1.0]], [[0.0, 1.0]], [[1.0], [-1.0]]):
    answer = corr2d(steps, torch.tensor(kernel))
    print(f"{kernel!s:16} shape {tuple(answer.shape)}   first row {answer[0].tolist()}")
observe("shape for the third kernel", answer.shape)
observe("first row for the third kernel", answer[0])

# %% [markdown]
# The second kernel looks one pixel to the right of where it stands. What was at column 1 lands in
# column 0: the picture moves *left*.
#
# Now a picture. Every weight of this kernel is $1/9$, so the answer is the average over a 3×3
# window. **Predict before you run:** what happens to a sharp border, and to a single bright dot?

# %%
picture = torch.zeros(16, 16)
picture[4:12, 3:9] = 1
picture[3, 12] = 1
show({"image": picture, "averaged": corr2d(picture, torch.full((3, 3), 1 / 9))})

# %% [markdown]
# The sharp border has become a slope: two steps of grey, 1/3 and 2/3, lie between black and white.
# The dot has become a square of 3×3 pixels, each 1/9: nine windows see it, and each divides it by
# nine. Its light is the same in all, spread out.

# %% [markdown]
# ## 1.2 `conv2d_true` (2 points)
#
# The network is named after *convolution*, which is not quite what you just wrote. In mathematics
# the kernel's index runs the other way:
#
# $$(f * g)[i, j] = \sum_{a} \sum_{b} f[i - a,\, j - b] \; g[a, b].$$
#
# As $a$ grows, you walk *up* the image. Turn the kernel by 180°, that is, reverse its rows and its
# columns, and you walk down again: true convolution is cross-correlation with the turned kernel.
# On the windows that lie inside the image,
#
# $$Y[i, j] = \sum_{a=0}^{k_h - 1} \sum_{b=0}^{k_w - 1} X[i + a,\, j + b] \;
# K[k_h - 1 - a,\; k_w - 1 - b].$$
#
# ### The same example by hand
#
# $$K = \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix} \quad\text{turned:}\quad
# \begin{pmatrix} 3 & 2 \\ 1 & 0 \end{pmatrix}$$
#
# The window at $(0, 0)$ now gives $0 \cdot 3 + 1 \cdot 2 + 3 \cdot 1 + 4 \cdot 0 = 5$ instead of
# 19. Turning by 180° is neither transposing nor a mirror image: *both* axes are reversed, and
# nothing trades places between rows and columns.

# %%
def conv2d_true(X, K):
    """Two-dimensional convolution as mathematics defines it, where K lies wholly inside X.

        Y[i, j] = sum over a and b of X[i + a, j + b] * K[kh - 1 - a, kw - 1 - b]

    Arguments:
        X: image, tensor of shape (H, W).
        K: kernel, tensor of shape (kh, kw), with X's dtype and on X's device. You turn it by
            180°; the caller does not.
    Returns:
        Tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * On images padded with enough zeros the two arguments can trade places, f * g = g * f,
          as shown below. This follows from the formula.
        * As in corr2d, the answer follows X in dtype and device.
        * X and K are unchanged, and need not be contiguous in memory.
        * Differentiable with respect to X and K.
        * Refused, as in corr2d: a kernel taller or wider than X; an X or K without any element;
          an X or K that is not two-dimensional.

    Not allowed: torch's convolution operators. Calling your own corr2d is welcome.
    """
    ### BEGIN SOLUTION
    return corr2d(X, K.flip(0, 1))
    ### END SOLUTION


# %%
X = torch.arange(9.0).reshape(3, 3)
K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
assert torch.equal(conv2d_true(X, K), torch.tensor([[5.0, 11.0], [23.0, 29.0]]))
assert K.tolist() == [[0.0, 1.0], [2.0, 3.0]], "the caller's kernel has changed"

dot = torch.zeros(3, 3)
dot[1, 1] = 1
assert torch.equal(conv2d_true(dot, K), K), "a single bright dot is answered by the kernel itself"

# %% [markdown]
# Why did mathematicians choose the flipped version? Because then image and kernel are equals:
# $f * g = g * f$. To see it, every overlap must count, not only the complete ones, so `full` first
# surrounds the image with zeros, one row or column less than the kernel on each side.
#
# **Predict before you run.** Which of the two lines below prints `True`?

# %%
predict("the operation that commutes", ...)

# %%
def full(operation, f, g):
    """The operation at every place where g overlaps f at all, with zeros outside f."""
    rows, columns = g.shape[0] - 1, g.shape[1] - 1
    return operation(nn.functional.pad(f, (columns, columns, rows, rows)), g)


f = torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])
g = torch.tensor([[2.0, 1.0], [0.0, 5.0], [-3.0, 4.0]])
print("convolution commutes:      ", torch.equal(full(conv2d_true, f, g), full(conv2d_true, g, f)))
print("cross-correlation commutes:", torch.equal(full(corr2d, f, g), full(corr2d, g, f)))
observe("the operation that commutes", [
    name for name, operation in {"convolution": conv2d_true, "cross-correlation": corr2d}.items()
    if torch.equal(full(operation, f, g), full(operation, g, f))])

# %% [markdown]
# A network *learns* its kernel. If the task wants a turned kernel, training finds the turned one,
# and nobody can tell the difference from outside. So deep learning drops the flip, keeps the name
# "convolution", and so do the layers of torch: `nn.Conv2d` computes cross-correlations.

# %% [markdown]
# ### One dimension, and the integral behind the sum
#
# The name comes from functions on a line. Their convolution is an integral,
#
# $$(f * g)(x) = \int f(x - z)\, g(z)\, dz,$$
#
# and if you know $f$ and $g$ only every $h$, at $f_i = f(i h)$ and $g_a = g(a h)$, it becomes a sum:
# $h \sum_a f_{i - a}\, g_a$. That is the formula of 1.2 along one axis. A row of numbers is an image of one
# row, so your functions know **one-dimensional convolution** already: torch calls it `nn.Conv1d`, and it
# serves for sound, heartbeats and text as this one does for images.
#
# Take a box: $f = g = 1$ between 0 and 1, and 0 elsewhere. $(f * g)(x)$ is the length on which one box
# overlaps the other, turned round and moved by $x$: it grows from 0 to 1, and falls back to 0 at $x = 2$. Two
# boxes make a **triangle**.
#
# **Predict before you run.** With $h = 1/4$ a box is four ones. What is the sum, before it is multiplied by
# $h$, at its largest? How many numbers are there?

# %%
for h in (1 / 4, 1 / 100):
    box = torch.ones(1, round(1 / h))
    sums = full(conv2d_true, box, box)[0]
    x = h * torch.arange(1, len(sums) + 1)
    print(f"h = {h:<5} {len(sums):3} numbers, the largest sum {sums.max():3.0f}, times h {h * sums.max():.2f}, "
          f"farthest from the triangle {(h * sums - (1 - (x - 1).abs())).abs().max():.0e}")
print((full(conv2d_true, torch.ones(1, 4), torch.ones(1, 4)) / 4).tolist())

# %% [markdown]
# Four, and seven numbers, 1 to 4 and back to 1. Times $h$ they lie on the triangle, up to rounding.
#
# ### A window with a middle
#
# Where this is derived on paper, the window often has its middle on the pixel, and the offsets run from
# $-\Delta$ to $\Delta$:
#
# $$Y[i, j] = \sum_{a=-\Delta}^{\Delta} \sum_{b=-\Delta}^{\Delta} X[i + a,\, j + b] \; V[a, b].$$
#
# It is the same window, of $2\Delta + 1$ weights along each axis, with $K[a, b] = V[a - \Delta, b - \Delta]$.
# Only the name of the place differs: your `corr2d` names a window after its corner, and the formula above
# after its middle, $\Delta$ further down and to the right. Only an odd kernel has a middle. And at the
# border the formula asks for pixels that are not there, which is what assignment 2 calls padding.
#
# **Predict before you run.** A signal of 60 numbers has a bump whose top is at 30, with noise on it. You
# average over nine neighbours. Where is the top of the answer, counted from its first number?

# %%
places = torch.arange(60.0)
bump = torch.exp(-((places - 30) / 6) ** 2)
signal = bump + 0.2 * torch.randn(60, generator=torch.Generator().manual_seed(0))
smooth = corr2d(signal[None], torch.full((1, 9), 1 / 9))[0]
figure, axis = plt.subplots(figsize=(7, 3))
axis.plot(places, signal, ".", color="grey", label="signal")
axis.plot(range(len(smooth)), smooth, "--", label="average, at the window's corner")
axis.plot([place + 4 for place in range(len(smooth))], smooth, label="at its middle")
axis.set(xlabel="place", ylabel="value")
axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
plt.show()
print(f"{len(smooth)} numbers, the largest is number {smooth.argmax()}")

# %% [markdown]
# At about 26: four to the left of the bump, since a window of nine has $\Delta = 4$. Drawn at its middle,
# the average lies on the bump. (The noise moves its top by one or two: with twenty seeds it came out
# between 25 and 28.)

# %% [markdown]
# ## 1.3 `Conv2D` (3 points)
#
# A layer is an operation together with the numbers it may learn. Here those are the kernel and one
# bias $u$, which is added to every pixel of the answer:
#
# $$Y = \mathrm{corr2d}(X, K) + u.$$
#
# For example, with the kernel and image of 1.1 and $u = 0.5$ the answer is
# $\begin{pmatrix} 19.5 & 25.5 \\ 37.5 & 43.5 \end{pmatrix}$.
#
# In torch a layer is a class derived from `nn.Module`. A tensor that you wrap in `nn.Parameter` and
# assign to an attribute is *registered*: it shows up in `layer.parameters()`, where an optimiser
# finds it, and in `layer.state_dict()`, where it is saved. A plain tensor is not, and would never be
# trained.
#
# Inside `forward`, work with the parameters as they are. `.data`, `.item()` or a detour through
# numpy would cut the path along which gradients flow back. And take the image from the argument,
# not from a variable of the notebook that happens to have the same name.

# %%
class Conv2D(nn.Module):
    """A layer that answers corr2d(X, weight) + bias.

    Conv2D(kernel_size): kernel_size is an int, meaning a square kernel, or a pair (kh, kw).

    Parameters, registered under these names and found in state_dict() under them:
        weight: shape (kh, kw), random at the start (torch.rand is fine), float32.
        bias: shape (1,), zero at the start, float32.

    forward(X): image of shape (H, W) → tensor of shape (H - kh + 1, W - kw + 1).

    Also graded:
        * The answer follows X in dtype and device, when the layer has been moved there as usual
          (layer.double(), layer.to("meta")); X is unchanged.
        * Differentiable with respect to X, weight and bias, so that an optimiser can train it.
        * The answer depends on the layer's own parameters and X only. A state_dict loaded into
          another layer makes that one answer the same.
        * Refused, as in corr2d: a weight taller or wider than X; an X that is not
          two-dimensional.

    Not allowed: torch's convolution operators. Calling your own corr2d is welcome.
    """

    def __init__(self, kernel_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.weight = nn.Parameter(torch.rand(as_pair(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return corr2d(X, self.weight) + self.bias
        ### END SOLUTION


# %%
layer = Conv2D((2, 2))
assert {name: tuple(p.shape) for name, p in layer.named_parameters()} == {
    "weight": (2, 2), "bias": (1,)}
assert layer.bias.item() == 0
assert tuple(Conv2D(3).weight.shape) == (3, 3)
assert tuple(Conv2D((1, 4)).weight.shape) == (1, 4)

with torch.no_grad():
    layer.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    layer.bias.fill_(0.5)
Y = layer(torch.arange(9.0).reshape(3, 3))
assert torch.equal(Y, torch.tensor([[19.5, 25.5], [37.5, 43.5]]))

Y.sum().backward()
assert layer.bias.grad.tolist() == [4.0]

# %% [markdown]
# The last line says that the bias has gradient 4. **Predict before you run:** the gradient of the
# sum with respect to the *weight* has four entries. What is the top left one? (Which pixels did
# the weight $K[0, 0]$ meet, at the four places of the window?)

# %%
predict("top left entry of the weight's gradient", ...)

# %%
print(layer.weight.grad)
observe("top left entry of the weight's gradient", layer.weight.grad[0, 0])

# %% [markdown]
# $K[0, 0]$ met the pixels 0, 1, 3 and 4, and their sum is 8. The gradient with respect to the
# kernel is again a cross-correlation, of the image with what arrives from above. You will use that
# in 1.5.

# %% [markdown]
# ## 1.4 `edge_kernel` (3 points)
#
# An edge is where brightness changes. To notice a change, subtract neighbours. The kernel
# $\begin{pmatrix} 1 & -1 \end{pmatrix}$ answers at every place
#
# $$Y[i, j] = X[i, j] - X[i, j + 1],$$
#
# "this pixel minus the one to its right": a derivative in $x$, up to its sign. On a flat region the
# two are equal, and the answer is 0. Where 1 turns into 0, reading from left to right, it is $1$.
# Where 0 turns into 1, it is $-1$.
#
# ### By hand
#
# One row of an image, with a dark stripe in it:
#
# | column | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | $X$ | 1 | 1 | 0 | 0 | 0 | 0 | 1 | 1 |
# | $X[j] - X[j+1]$ | 0 | 1 | 0 | 0 | 0 | −1 | 0 | |
#
# Such a border runs from top to bottom, so it is called a **vertical** edge, although you find it
# by walking *horizontally*. Three kinds matter here:
#
# | edge | you compare a pixel with the one … | kernel's shape |
# | --- | --- | --- |
# | vertical | to its right | (1, 2) |
# | horizontal | below it | (2, 1) |
# | diagonal | below and to the right | (2, 2) |
#
# In every case 1 turning into 0 along that walk must give $+1$. In the diagonal kernel, the two
# pixels in the other corners have no say.

# %%
def edge_kernel(direction):
    """The smallest kernel that finds edges of one direction.

    corr2d(X, edge_kernel(direction)) is 0 wherever the compared pixels are equal, 1 where a 1
    turns into a 0 along the reading direction, and -1 where a 0 turns into a 1.

    Arguments:
        direction: "vertical" (reading left to right), "horizontal" (reading top to bottom) or
            "diagonal" (reading from a pixel to the one below and to the right of it).
    Returns:
        float32 tensor of shape (1, 2), (2, 1) or (2, 2), respectively.

    Also graded:
        * The diagonal kernel compares X[i, j] with X[i + 1, j + 1] and nothing else.
        * A constant image is answered by zeros, for every direction.
        * Refused: any other direction. Raise ValueError or KeyError (RuntimeError, TypeError,
          IndexError and AssertionError count; NotImplementedError, NameError and AttributeError
          do not).
    """
    ### BEGIN SOLUTION
    kernels = {
        "vertical": [[1, -1]],
        "horizontal": [[1], [-1]],
        "diagonal": [[1, 0], [0, -1]],
    }
    if direction not in kernels:
        raise ValueError(f"direction must be one of {', '.join(kernels)}, not {direction!r}")
    return torch.tensor(kernels[direction], dtype=torch.float32)
    ### END SOLUTION


# %%
stripe = torch.ones(6, 8)
stripe[:, 2:6] = 0
edges = corr2d(stripe, edge_kernel("vertical"))
assert edges.shape == (6, 7)
assert torch.equal(edges[:, 1], torch.ones(6))
assert torch.equal(edges[:, 5], -torch.ones(6))
assert edges.abs().sum() == 12, "edges where there are none"

assert edge_kernel("horizontal").shape == (2, 1)
assert edge_kernel("diagonal").shape == (2, 2)
assert not corr2d(torch.full((4, 5), 0.5), edge_kernel("diagonal")).any()

# %% [markdown]
# **Predict before you run.** Transpose the image: the dark stripe now lies across. What does the
# *vertical* kernel answer? And the *horizontal* one, in which rows?

# %%
predict("rows in which the horizontal kernel answers", ...)

# %%
print("vertical kernel, transposed stripe:", corr2d(stripe.T, edge_kernel("vertical")).unique())
print("horizontal kernel, first column:   ", corr2d(stripe.T, edge_kernel("horizontal"))[:, 0])
observe("rows in which the horizontal kernel answers",
        corr2d(stripe.T, edge_kernel("horizontal"))[:, 0].nonzero().flatten())

# %% [markdown]
# The vertical kernel compares pixels within a row, and every row of this image is flat: zeros. The
# horizontal one answers in rows 1 and 5, where the stripe begins and ends.
#
# Here is a disk. Bright is $+1$, dark is $-1$, grey is 0. **Predict before you run:** on which
# side of the disk does each kernel answer bright? And where does the vertical kernel see nothing
# at all?

# %%
predict("side of the disk where the vertical kernel answers bright", ...)

# %%
rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
disk = ((rows - 16) ** 2 + (columns - 16) ** 2 < 100).float()
show({"disk": disk} | {
    direction: corr2d(disk, edge_kernel(direction))
    for direction in ("vertical", "horizontal", "diagonal")})
brightest = corr2d(disk, edge_kernel("vertical"))[16].argmax()
observe("side of the disk where the vertical kernel answers bright",
        "left" if brightest < 16 else "right")

# %% [markdown]
# Each kernel answers bright where the disk *ends* along its reading direction: the vertical kernel
# on the right, the horizontal one at the bottom, the diagonal one at the lower right. On the other
# side, where the disk begins, it answers dark. At the top and at the bottom of the disk the border
# runs from left to right; there the vertical kernel compares equal pixels and sees nothing.

# %% [markdown]
# ### A kernel looks for itself
#
# The edge kernel answers most where the image looks like the kernel: bright under its 1, dark under its
# $-1$. That holds for every kernel. Of all windows $x$ of one energy $\sum x^2$, the one with the largest
# $\sum x\, k$ is a positive multiple of $k$ (this is the Cauchy–Schwarz inequality,
# $\sum x\, k \le \sqrt{\sum x^2} \sqrt{\sum k^2}$). So whoever looks for a pattern takes the pattern itself for a
# kernel: a **matched filter**, or *template matching*.
#
# There is a trap: windows do *not* have one energy. The cross below has nine ones. On a crossing of its own
# kind it answers 9, and on a flat white square, which is no cross, it answers 9 as well. Take the pattern's
# mean away from it, $9/25$, and the weights add up to 0: then a flat region answers 0, as it does with an
# edge kernel.
#
# **Predict before you run.** Below are a cross, a ring, an × and a large white square, in noise. Where does
# each of the two kernels answer most?

# %%
cross = torch.zeros(5, 5)
cross[2, :] = cross[:, 2] = 1
ring = torch.ones(5, 5)
ring[1:4, 1:4] = 0
saltire = (torch.eye(5) + torch.eye(5).flip(1)).clamp(max=1)
scene = torch.zeros(24, 32)
scene[3:8, 4:9], scene[14:19, 3:8], scene[3:8, 15:20] = ring, cross, saltire
scene[12:22, 19:29] = 1
scene += 0.15 * torch.randn(scene.shape, generator=torch.Generator().manual_seed(0))

found = {"the cross": corr2d(scene, cross), "without its mean": corr2d(scene, cross - cross.mean())}
show({"scene": scene} | found, own_scale=True)
for name, answers in found.items():
    row, column = divmod(answers.argmax().item(), answers.shape[1])
    print(f"{name:16} answers most at row {row}, column {column}: {answers.max():.1f}")

# %% [markdown]
# The cross as it is answers most in the square, anywhere in it: noise decides where. Without its mean it
# answers most at row 14, column 3, which is where the cross has its corner; so it did with twenty seeds.
# Without noise that answer is $9 - 9 \cdot 9/25 = 5.76$. Inside the square it is 0, and at the square's
# border, which is an edge, 1.76 at most.
#
# That is a way to read trained networks: the weights of a first layer are pictures of what it waits for, up
# to their mean. You will look at some in 5.5.

# %% [markdown]
# ## 1.5 `learn_kernel` (4 points)
#
# You designed the edge kernel because you knew what you wanted. Suppose you do not, and all you
# have is an image $X$ and the wanted answer $Y$. Then search for the kernel whose answer comes
# closest, measured by the **summed squared loss**
#
# $$L(K) = \sum_{i} \sum_{j} \big(\hat Y[i, j] - Y[i, j]\big)^2, \qquad
# \hat Y = \mathrm{corr2d}(X, K).$$
#
# The gradient says how the loss grows with each weight:
#
# $$\frac{\partial L}{\partial K[a, b]}
# = 2 \sum_{i} \sum_{j} \big(\hat Y[i, j] - Y[i, j]\big) \; X[i + a,\, j + b].$$
#
# (Autograd computes it for you.) **Gradient descent** takes a step against it, with a step size
# $\eta$ called the learning rate, and repeats. One step is one *epoch* here:
#
# $$K \leftarrow K - \eta \; \frac{\partial L}{\partial K}.$$
#
# ### Two steps by hand
#
# Take the stripe of 1.4, its vertical edges as $Y$, $\eta = 0.03$, and start from
# $K = \begin{pmatrix} 0 & 0 \end{pmatrix}$.
#
# * The prediction $\hat Y$ is 0 everywhere. $Y$ holds six times $+1$ and six times $-1$, so
#   $L = 12$.
# * In each row, $Y$ is $+1$ at column 1, where the window sees the pixels $1, 0$, and $-1$ at
#   column 5, where it sees $0, 1$. So
#   $\partial L / \partial K[0, 0] = 2 \cdot 6 \cdot (0 - 1) \cdot 1 = -12$ and
#   $\partial L / \partial K[0, 1] = 2 \cdot 6 \cdot (0 + 1) \cdot 1 = 12$.
# * The step gives $K = \begin{pmatrix} 0.36 & -0.36 \end{pmatrix}$: the right direction at once,
#   36 % of the way.
# * What is missing is now $0.64$ of what it was, and so is the gradient. The loss is
#   $0.64^2 \cdot 12 \approx 4.92$, and the second step gives
#   $K \approx \begin{pmatrix} 0.59 & -0.59 \end{pmatrix}$.
#
# After ten steps $0.64^{10} \approx 0.01$ of the way is missing. In a random start there is a second
# part of the error, equal in both weights, which every step multiplies by $-0.8$. That part decides
# how close you get, and below you will see what it does when the step is a little larger.
#
# ### What must be just so
#
# Ten epochs are few. Each of these slips leaves you visibly far from the kernel, or blows up:
#
# * The loss is a **sum**. The mean over the 42 pixels of the answer makes every step 42 times
#   smaller.
# * Gradients **start at zero** in every epoch. Autograd adds to what is already there.
# * There is **no bias**. With one, this learning rate is too large.
# * **Plain** gradient descent: no momentum, no Adam, no schedule.

# %%
def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    """Learn the kernel that turns X into Y, by plain gradient descent on the summed squared loss.

    Every epoch: predict with the current kernel, without a bias; note the loss, which is the sum
    over all pixels of (prediction - Y) ** 2; subtract lr times the gradient of that loss.
    No momentum, no mean, no schedule, all of X in every step.

    Arguments:
        X: image, floating-point tensor of shape (H, W).
        Y: wanted answer, tensor of shape (H - kh + 1, W - kw + 1), with X's dtype.
        kernel_size: an int, meaning a square kernel, or a pair (kh, kw).
        lr: learning rate.
        epochs: number of steps.
    Returns:
        (kernel, losses): the kernel after the last step, a tensor of shape (kh, kw) with X's
        dtype (it may still require gradients or not); and a list of floats, the loss of every
        epoch, taken before its step.

    Also graded:
        * Start from zeros or from the default initialisation of nn.Conv2d(1, 1, kernel_size):
          nothing larger, and nothing that knows the answer.
        * Any image, kernel size, target, lr and epochs, not only the edges. On the edge task,
          lr=3e-2 and 10 epochs leave each weight within 0.1 of [[1, -1]].
        * X and Y are unchanged, and so is the next call: two calls do not share anything.
        * The kernel follows X in dtype: learned in double precision, it is of double precision.
        * The losses are plain Python floats.
        * Refused: a kernel taller or wider than X; an X or Y that is not two-dimensional. Raise
          ValueError or RuntimeError (TypeError, IndexError, KeyError and AssertionError count;
          NotImplementedError, NameError and AttributeError do not).

    Allowed: everything, nn.Conv2d and torch.optim.SGD included.
    """
    ### BEGIN SOLUTION
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError(f"X and Y must be 2-D, not {X.dim()}-D and {Y.dim()}-D")
    layer = nn.Conv2d(1, 1, as_pair(kernel_size), bias=False, dtype=X.dtype, device=X.device)
    losses = []
    for _ in range(epochs):
        prediction = layer(X[None, None])[0, 0]
        loss = ((prediction - Y) ** 2).sum()
        losses.append(loss.item())
        layer.zero_grad()
        loss.backward()
        with torch.no_grad():
            layer.weight -= lr * layer.weight.grad
    return layer.weight.detach()[0, 0], losses
    ### END SOLUTION


# %%
stripe = torch.ones(6, 8)
stripe[:, 2:6] = 0
edges = torch.zeros(6, 7)
edges[:, 1] = 1
edges[:, 5] = -1

kernel, losses = learn_kernel(stripe, edges, (1, 2))
assert kernel.shape == (1, 2)
assert (kernel - torch.tensor([[1.0, -1.0]])).abs().max() < 0.1
assert len(losses) == 10 and all(type(value) is float for value in losses)
assert losses[-1] < losses[0]

turned, _ = learn_kernel(stripe, -edges, (1, 2))
assert (turned - torch.tensor([[-1.0, 1.0]])).abs().max() < 0.1

# %% [markdown]
# Watch it learn something you did not design. The target is made by a 3×3 kernel; `learn_kernel`
# only gets to see the image and the target.
#
# **Predict before you run:** the curve's vertical axis is logarithmic. If every step took away the
# same *fraction* of the loss, what would the curve look like? Does it?

# %%
secret = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
noise = torch.randn(20, 20, generator=torch.Generator().manual_seed(0))
torch.manual_seed(0)  # the first kernel is random
found, losses = learn_kernel(noise, corr2d(noise, secret), 3, lr=5e-4, epochs=30)
print(found)

figure, axis = plt.subplots()
axis.semilogy(losses)
axis.set_xlabel("epoch")
axis.set_ylabel("summed squared loss")
plt.show()

# %% [markdown]
# It would be a straight line. Some parts of the error shrink faster than others, so the curve bends, and
# later it is nearly straight: there the slowest part is all that is left.
#
# Now the learning rate. On the edge task, the part of the error that is equal in both weights is
# multiplied by $1 - 60\,\eta$ in every step. **Predict before you run:** at which $\eta$ does it stop
# shrinking? What do you expect just below, and just above?

# %%
for lr in (0.003, 0.03, 0.033, 0.034, 0.04):
    torch.manual_seed(0)  # the same first kernel for every rate
    kernel, losses = learn_kernel(stripe, edges, (1, 2), lr=lr, epochs=60)
    weights = ", ".join(f"{weight:.3g}" for weight in kernel.flatten())
    print(f"lr {lr:<6} first loss {losses[0]:6.2f}   last loss {losses[-1]:8.2g}   [{weights}]")

# %% [markdown]
# $|1 - 60\,\eta|$ stays below 1 as long as $\eta < 1/30$. One hair beyond, every step overshoots by
# more than the last. (If your start is zero in both weights, this part of the error starts at zero
# too, and only rounding can wake it up.)
#
# Had the image been all ones, there would have been no edges in it, and nothing to learn from.
# Look at your data before you blame your optimiser.

# %% [markdown]
# ## 1.6 Counting parameters (2 points)
#
# How much did locality and sameness save? Count the weights, without biases, for one input channel
# and one output channel, stride 1 and no padding.
#
# * **Fully connected.** Every output has its own weight for every input. A photograph of $10^6$
#   pixels and a layer of 100 units: $10^6 \cdot 100 = 10^8$ weights.
# * **Locally connected.** Every output looks through a window of its own place, but with weights
#   *of its own*. That is locality without sameness. A 3×3 image and a 2×2 kernel: four places, four
#   weights each, 16 weights.
# * **Convolution.** All places share one kernel. A 2×2 kernel: 4 weights, however large the image.
#
# ### Shift in, shift out
#
# Sharing the weights has a consequence that you can prove in one line. Let $X'$ be $X$ moved down
# by $s$ rows, so that $X'[i + s, j] = X[i, j]$. Then
#
# $$Y'[i + s, j] = \sum_{a, b} X'[i + s + a,\, j + b] \, K[a, b]
# = \sum_{a, b} X[i + a,\, j + b] \, K[a, b] = Y[i, j].$$
#
# Move the input, and the output *moves along*. This is called **translation equivariance**. It is not
# *invariance*, which would mean that the output stays the same. You will often read the wrong
# word.
#
# Your `corr2d` has this property if it follows its formula, and grading checks that, too.

# %%
def fully_connected_parameters(in_features, out_features):
    """Weights of a fully connected layer without bias.

    Arguments:
        in_features, out_features: numbers of inputs and outputs, ints.
    Returns:
        int: the number of weights.

    Also graded:
        * The answer is an int, and neither a float nor a tensor.
    """
    ### BEGIN SOLUTION
    return in_features * out_features
    ### END SOLUTION


def locally_connected_parameters(in_size, kernel_size):
    """Weights of a layer in which every place of the window has a kernel of its own.

    One channel in, one out, stride 1, no padding, no bias.

    Arguments:
        in_size: (height, width) of the image, or an int for a square.
        kernel_size: (height, width) of the window, or an int for a square.
    Returns:
        int: the number of weights.

    Also graded:
        * The answer is an int, and neither a float nor a tensor.
        * Refused: a window taller or wider than the image. Raise ValueError (RuntimeError,
          TypeError, IndexError, KeyError and AssertionError count; NotImplementedError,
          NameError and AttributeError do not).
    """
    ### BEGIN SOLUTION
    (height, width), (kh, kw) = as_pair(in_size), as_pair(kernel_size)
    if kh > height or kw > width:
        raise ValueError(f"a {kh}×{kw} window has no place in a {height}×{width} image")
    return (height - kh + 1) * (width - kw + 1) * kh * kw
    ### END SOLUTION


def convolution_parameters(kernel_size):
    """Weights of a convolution with one channel in and one out, without bias.

    Arguments:
        kernel_size: (height, width) of the kernel, or an int for a square.
    Returns:
        int: the number of weights.

    Also graded:
        * The answer is an int, and neither a float nor a tensor.
    """
    ### BEGIN SOLUTION
    kh, kw = as_pair(kernel_size)
    return kh * kw
    ### END SOLUTION


# %%
assert fully_connected_parameters(10**6, 100) == 10**8
assert locally_connected_parameters((3, 3), (2, 2)) == 16
assert convolution_parameters((2, 2)) == 4
assert convolution_parameters(5) == 25

# %% [markdown]
# **Predict before you run.** An image of 1000×1000 pixels goes through a 5×5 window. Estimate, to
# a power of ten, how many weights each kind of layer needs to make a map of 996×996.

# %%
predict("powers of ten: fully connected, locally connected, convolution", ...)

# %%
print(f"fully connected   {fully_connected_parameters(1000 * 1000, 996 * 996):>16,}")
print(f"locally connected {locally_connected_parameters((1000, 1000), (5, 5)):>16,}")
print(f"convolution       {convolution_parameters((5, 5)):>16,}")
observe("powers of ten: fully connected, locally connected, convolution", [
    round(torch.tensor(float(weights)).log10().item()) for weights in (
        fully_connected_parameters(1000 * 1000, 996 * 996),
        locally_connected_parameters((1000, 1000), (5, 5)), convolution_parameters((5, 5)))])

# %% [markdown]
# $10^{12}$, $10^{7}$ and $10^{1}$, to a power of ten. Locality saves a factor of 40 000, and sameness
# another million.
#
# And the shift. **Predict before you run:** the dot moves two rows down and one column to the
# right. What happens to the answer?

# %%
image = torch.zeros(8, 9)
image[2, 3] = 1
kernel = torch.tensor([[0.25, 0.5], [0.75, 1.0]])
moved = torch.roll(image, (2, 1), dims=(0, 1))
assert torch.equal(corr2d(moved, kernel), torch.roll(corr2d(image, kernel), (2, 1), dims=(0, 1)))
show({"image": image, "answer": corr2d(image, kernel),
      "moved image": moved, "its answer": corr2d(moved, kernel)})

# %% [markdown]
# The answer moves along, by the same two rows and one column. Look at its shape, too: a single dot
# is answered by the kernel turned by 180°. Compare that with the dot in 1.2.

# %% [markdown]
# ## 1.7 In your own words (2 points, graded by hand)
#
# A network is to say "cat" wherever in the picture the cat sits. Its last layer looks at a map that
# `Conv2D` made. Which of the two, the layer or the network, should be *equivariant* to shifts, and
# which *invariant*? What must happen in between? Two or three sentences do.
#
# People read this answer, so the automatic grader's total leaves it out.

# %% [markdown] nbgrader={"grade_id": "shift_words", "points": 2}
# *Your answer, in place of this line.*

# %% [markdown] tags=["staff"]
# Marking: one point for the layer equivariant and the network invariant, with a reason; one for a
# step that forgets *where* (pooling over the map, a maximum, a mean).

# %% [markdown]
# ## 1.8 Tests of `corr2d` (bonus 1)
#
# Up to here, others have tested your functions. Now write the tests. `test_corr2d` is handed an
# implementation, somebody's, and finds out whether it is right: it comes to its end where nothing is
# wrong, and raises an exception where something is. A failing `assert` raises an `AssertionError`.
#
# Why is that hard? Because a wrong program is right for many inputs. **A test is worth what it tells
# apart.** Think of a mistake first, and then of an input on which it makes a difference.
#
# ### By hand
#
# Take the image of 1.1, and three programs: a right one, one that mirrors the kernel left to right, and
# one that exchanges its rows and columns. Here is what they answer at $(0, 0)$:
#
# | kernel | right | mirrored | rows and columns exchanged |
# | --- | --- | --- | --- |
# | $\begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix}$ | 8 | 8 | 8 |
# | $\begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}$ | 4 | 4 | 4 |
# | $\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}$ | 4 | 4 | 4 |
# | $\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}$ | 19 | 17 | 17 |
#
# Ones tell nothing apart, and neither do kernels that are their own mirror image in one way or another.
# (In the second and third line, the mirrored kernel meets other pixels, whose sum happens to be 4, too.)
# Four different weights tell the right answer from both wrong ones. Shapes hide mistakes in the same way: on square images
# and kernels, whoever takes the height for the width gets away with it.
#
# ### How it is graded
#
# Your tests are put to right implementations, which are written in many ways, and to wrong ones, which
# students have written before you. **They have to accept every right one: where they reject one,
# nothing counts.** Of the wrong ones, each that they reject earns as much as the others. So ask for all
# that the docstring of 1.1 promises, and for nothing beyond it. Three traps:
#
# * **Rounding.** A sum may be taken in any order, and an FFT will do as well. Compare floating-point
#   numbers by `torch.allclose(…, atol=1e-4)`, and use `==` for whole numbers alone.
# * **Exceptions.** A refusal may be any of six kinds. `refuses` knows them.
# * **What you cannot see.** The implementation runs in another process, and you get its answer and
#   nothing else: neither gradients, nor what it did to its arguments. Such mistakes are not asked for.

# %%
def test_corr2d(corr2d):
    """Raise an exception where an implementation is wrong, and none where it is right.

    Arguments:
        corr2d: the implementation, called as corr2d(X, K). It is to do what the docstring in 1.1
            says, and within this function it takes the place of your own.
    """
    ### BEGIN SOLUTION
    X = torch.tensor([[1.5, -2.0, 0.0, 4.0], [3.0, 7.0, -1.0, 2.0], [-5.0, 6.0, 8.0, 0.25]])
    for weights in ([[3.0]], [[1.0, 2.0], [4.0, -8.0]], [[1.0], [3.0]], [[1.0, 3.0, 9.0]],
                    X.tolist()):
        for dtype in (torch.float32, torch.float64, torch.int64):
            image, kernel = X.to(dtype), torch.tensor(weights).to(dtype)
            kh, kw = kernel.shape
            expected = torch.tensor(
                [[(image[i:i + kh, j:j + kw] * kernel).sum().item() for j in range(4 - kw + 1)]
                 for i in range(3 - kh + 1)], dtype=dtype)
            answer = corr2d(image, kernel)
            assert answer.shape == expected.shape, f"{kh}×{kw} kernel: {tuple(answer.shape)}"
            assert answer.dtype == dtype, f"{dtype} became {answer.dtype}"
            assert torch.allclose(answer, expected, atol=1e-4), f"{kh}×{kw} kernel"
    assert corr2d(X.to("meta"), X.to("meta")).device.type == "meta"
    assert corr2d(X.T, X.T).shape == (1, 1)
    for height, width in ((4, 1), (1, 5), (0, 2)):
        assert refuses(corr2d, X, torch.ones(height, width)), f"took a {height}×{width} kernel"
    assert refuses(corr2d, X[None], torch.ones(2, 2)), "took three dimensions"
    ### END SOLUTION


# %% [markdown]
# **Predict before you run.** Below stand torch's own cross-correlation and three wrong programs, and
# `one_example`, which tests nothing but the example of 1.1. Which of the wrong programs does it accept?
# And what do your own tests say of each, and of your own `corr2d`?

# %%
predict("wrong programs that one_example accepts", ...)

# %%
def by_torch(X, K):
    """Right: torch's own, which wants floating-point numbers."""
    return nn.functional.conv2d(X[None, None].double(), K[None, None].double())[0, 0].to(X.dtype)


def mirrored(X, K):
    """Wrong: left is right."""
    return by_torch(X, K.flip(1))


def square(X, K):
    """Wrong: the answer is as wide as it is high."""
    answer = by_torch(X, K)
    return answer[:, :len(answer)]


def single(X, K):
    """Wrong: always float32."""
    return by_torch(X, K).float()


def one_example(f):
    """Tests that are too few."""
    answer = f(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    assert answer.tolist() == [[19, 25], [37, 43]]


def says(tests, implementation):
    """What tests say of an implementation."""
    try:
        tests(implementation)
    except NotImplementedError:  # nobody has written them yet
        raise
    except Exception as error:
        return f"rejected, {type(error).__name__}: {error}"[:70].replace("\n", " ")
    return "accepted"


for program in (by_torch, mirrored, square, single, corr2d):
    print(f"{program.__name__:9} one example: {says(one_example, program)[:8]}   "
          f"yours: {says(test_corr2d, program)}")
observe("wrong programs that one_example accepts", {
    program.__name__ for program in (mirrored, square, single)
    if says(one_example, program) == "accepted"})
assert says(test_corr2d, by_torch) == "accepted"
assert says(test_corr2d, mirrored) != "accepted"

# %% [markdown]
# The example finds the mirrored kernel, and accepts the other two: everything in it is square and
# float32. If your tests and your own `corr2d` do not get along, one of them is wrong. Find out which, it
# is worth points in either case.
#
# **The field's word.** Breaking a program on purpose, to see whether its tests notice, is **mutation
# testing**; each broken program is a *mutant*, and tests *kill* it. An input at the end of what is
# allowed is an **edge case**. Tests that make many inputs and ask each time for what always has to hold
# are **property-based tests**.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * The example of 1.1, the edge task and the way from dense layers to kernels are those of
#   *Dive into Deep Learning*, [chapter 7](https://d2l.ai/chapter_convolutional-neural-networks/).
# * Locality and shared weights in networks that are trained: LeCun et al.,
#   [Backpropagation applied to handwritten zip code recognition](https://doi.org/10.1162/neco.1989.1.4.541),
#   1989.
# * What `nn.Conv2d` computes: [torch's reference](https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html).
# * Next: assignment 2 asks how large the answer is when windows leap and images have a border.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `correlation.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own. If a function builds on an earlier one that
# is wrong, it is graded again with a correct one in its place and can still earn most of its
# points. So keep going.
