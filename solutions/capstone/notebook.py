# %% [markdown]
# # The best reader under a budget
#
# The last notebook is a contest. You design a network that reads coloured runes and train it. Its
# size is yours to choose, within a **budget**: 750 000 products for one image. That is two and a half
# times what LeNet would take. A good design reads more than twice as much as LeNet.
#
# All 8 points are bonus points: nobody loses any who leaves this notebook out.
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 7.1 | `network_macs`, `network_field` | bonus 2 |  | 40 | ●● |
# | 7.2 | `make_reader`, `train` | bonus 6 |  | 120 | ●●● |
# | 7.3 | where im2col begins to win | none |  | 20 | ●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** costs and receptive fields (2.5, 2.6), pooling (assignment 4), LeNet and its training
# (5.1, 5.2), and, for 7.3, windows as columns (6.1).

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function or class and the order of its arguments. "Run all" stops at
# the first stub that is not written yet.
#
# Below each stub stands a cell of **examples**. Grading uses these examples and others that you cannot
# see. What they check is written in the docstrings. **What is not written there, or in this notebook,
# is not graded.** In this notebook everything is allowed: all of torch.
#
# **Predict before you run** marks a question to answer before you run the cell below it. Where a cell
# with `predict(...)` follows, write your answer in the place of the dots and run that cell first; the
# cell below it says whether you were right. This needs `nbjudge`, and does nothing without it. What you
# predict is never graded.
#
# ### Words used in the docstrings
#
# * **Products**, or MACs: multiplications, each with its addition.
# * **Logits**: ten numbers for each image, one for each rune, of any size and sign.
# * **Unchanged**: after the call, what you were given holds what it held before.
# * **Refused**: the call raises an exception. `ValueError` is the natural one; `RuntimeError`,
#   `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well. `NotImplementedError`,
#   `NameError` and `AttributeError` do not: they look like an accident.

# %%
import time

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


def refuses(function, *arguments):
    """Whether the call raises one of the exceptions that count as a refusal."""
    try:
        function(*arguments)
    except (NotImplementedError, RecursionError):  # kinds of RuntimeError that look like an accident
        raise
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError, AssertionError):
        return True
    return False


BUDGET = 750_000

# %% [markdown]
# ## 7.1 `network_macs` and `network_field` (bonus 2 points)
#
# Before you build a network, know what it costs and how far it sees. In assignment 2 you worked both
# out for chains of layers. Two things are new here.
#
# **Batch normalisation** (Ioffe and Szegedy, 2015) takes each channel of a map, subtracts its mean over
# the batch and divides by its standard deviation; then it multiplies by a learned weight and adds a
# learned bias. In evaluation it uses means that it kept while it was trained, so that only one
# multiplication and one addition are left: $y = a_c x + b_c$, **one product for each number**.
#
# **A residual block** (He, Zhang, Ren and Sun, 2015) has two branches that begin at the same maps. The
# body has the layers that learn; the shortcut has nothing, or a 1×1 convolution where shapes have to
# change. In the end both are added. What the body has to learn is what is missing, and gradients find a
# way around it. The sum takes one step for each number. It is no multiplication, but we count it as a
# product: whatever joins two tensors shall cost something.
#
# A network is described by a list of its layers. What is free (activations, flattening) is left out.
#
# | layer | is | products for one image |
# | --- | --- | --- |
# | `("conv", filters, kernel, stride, padding)` | a convolution, kernel × kernel | those of its sums; no biases |
# | `("pool", kernel, stride)` | pooling, without padding; a last window that is not filled is dropped | none |
# | `("norm",)` | a normalisation | one for each number of its maps |
# | `("residual", body, shortcut)` | two lists of layers, added up | those of both, and one for each number of the sum |
# | `("global",)` | global pooling: maps of 1×1 | none |
# | `("dense", units)` | a dense layer on all numbers of the maps; its answer counts as maps of 1×1 | a weight for each pair |
#
# **By hand:** a residual block on 2 maps of 4×4, whose body is `("conv", 2, 3, 1, 1)` and `("norm",)`,
# and whose shortcut is empty. The convolution takes $2 \cdot 2 \cdot 9 \cdot 16 = 576$ products, the
# normalisation $32$, and the sum $32$: together $640$. Its receptive field is 3: the shortcut sees 1, the
# body 3, and a sum depends on both.


# %%
def network_macs(layers, channels, size):
    """How many products a network takes for one image.

    Arguments:
        layers: list of layers, as in the table above, the one next to the image first. Within
            "residual" stand lists of the same kind. Kernels, strides and paddings are ints.
        channels: channels of the image.
        size: (height, width) of the image.
    Returns:
        int: the sum over all layers, within residual blocks too.

    Also graded:
        * The answer is an int.
        * A normalisation, and the sum at the end of a residual block, take one product for each number.
        * layers is unchanged.
        * Refused: a residual block whose branches end in different shapes; a window larger than
          the padded map. Raise ValueError.
    """
    ### BEGIN SOLUTION
    def walk(layers, maps):
        """(products, maps) behind these layers."""
        products = 0
        for kind, *rest in layers:
            c, height, width = maps
            if kind == "residual":
                (body, after), (shortcut, other) = (walk(branch, maps) for branch in rest)
                if after != other:
                    raise ValueError(f"cannot add maps of {after} and {other}")
                maps = after
                products += body + shortcut + maps[0] * maps[1] * maps[2]
            elif kind in ("conv", "pool"):
                filters, kernel, stride, padding = rest if kind == "conv" else (c, *rest, 0)
                if min(height, width) + 2 * padding < kernel:
                    raise ValueError(f"a window of {kernel} is larger than maps of {maps}")
                height, width = (
                    (side + 2 * padding - kernel) // stride + 1 for side in (height, width))
                if kind == "conv":
                    products += c * filters * kernel**2 * height * width
                maps = filters, height, width
            elif kind == "norm":
                products += c * height * width
            elif kind == "global":
                maps = c, 1, 1
            else:
                products += c * height * width * rest[0]
                maps = rest[0], 1, 1
        return products, maps

    return walk(layers, (channels, *size))[0]
    ### END SOLUTION


def network_field(layers):
    """How many neighbouring pixels, along one axis, a number of the last maps depends on.

    Arguments:
        layers: a list that network_macs takes for some image.
    Returns:
        int. A residual block sees what its branches see: the larger field counts. Without any
        layer it is 1.

    Also graded:
        * The answer is an int.
        * It is the field before the places are merged: layers from the first "global" or "dense"
          on are not looked at.
        * layers is unchanged.

    Nothing has to be refused. No "global" or "dense" stands within a block, and both branches of a
    block have the same product of strides.
    """
    ### BEGIN SOLUTION
    def walk(layers, field, step):
        """(field, step) behind these layers."""
        for kind, *rest in layers:
            if kind == "residual":
                ends = [walk(branch, field, step) for branch in rest]
                field, step = max(end[0] for end in ends), ends[0][1]
            elif kind in ("conv", "pool"):
                kernel, stride = rest[1:3] if kind == "conv" else rest
                field, step = field + (kernel - 1) * step, step * stride
            elif kind != "norm":
                break
        return field, step

    return walk(layers, 1, 1)[0]
    ### END SOLUTION


# %%
block = ("residual", [("conv", 2, 3, 1, 1), ("norm",)], [])
assert network_macs([block], 2, (4, 4)) == 640
assert network_field([block]) == 3
assert network_macs([("conv", 8, 3, 2, 1), ("pool", 2, 2), ("dense", 10)], 3, (20, 20)) == 23600
assert network_field([("conv", 8, 3, 2, 1), ("pool", 2, 2), ("dense", 10)]) == 5
assert network_field([]) == 1 and type(network_field([block])) is int

assert refuses(network_macs, [("residual", [("conv", 4, 3, 1, 1)], [])], 2, (4, 4)), "4 maps plus 2?"
assert refuses(network_macs, [("pool", 5, 1)], 2, (4, 9)), "a window that does not fit?"

# %% [markdown]
# **Predict before you run.** A first convolution makes 32 maps of the three colours, 3×3, at all 20×20
# places; a second makes 32 maps of these 32, likewise. Which part of the budget do the two take? And
# how many percent of that is left if the first one has a stride of 2, so that both work at 10×10 places?

# %%
predict("budgets that two convolutions take at all places", ...)
predict("percent of it that is left at every second place", ...)

# %%
everywhere = network_macs([("conv", 32, 3, 1, 1), ("conv", 32, 3, 1, 1)], 3, (20, 20))
halved = network_macs([("conv", 32, 3, 2, 1), ("conv", 32, 3, 1, 1)], 3, (20, 20))
print(f"{everywhere:,} and {halved:,} products, of {BUDGET:,}")
observe("budgets that two convolutions take at all places", everywhere / BUDGET, within=0.1)
observe("percent of it that is left at every second place", 100 * halved / everywhere, within=0.1)

# %% [markdown]
# More than five budgets, and a quarter of that with the stride. Places are what costs most, so shrink the
# maps early, and spend where they are small: a layer with twice the filters at a quarter of the places
# costs as much, since products grow with the channels before *and* behind.

# %% [markdown]
# ## 7.2 The contest: `make_reader` and `train` (bonus 6 points)
#
# ### Runes
#
# A rune is four lines between neighbouring points of a 3×3 grid. Ten of them make an **alphabet**. Each
# picture shows one, at some place, of some size, tilted by up to 17°, in colours drawn at random on a
# background drawn at random, with two lines that belong to no rune, and with noise. Whether a rune is
# brighter or darker than its background says nothing, nor does any single pixel.

# %%
SIZE = 20  # pixels, in height and in width
POINTS = torch.cartesian_prod(torch.arange(3), torch.arange(3)).float() - 1  # (9, 2): y, x
LINES = torch.tensor([(a, b) for a in range(9) for b in range(a + 1, 9)
                      if (POINTS[a] - POINTS[b]).abs().max() == 1])  # between neighbours


def alphabet(generator):
    """Ten runes: (10, 4, 2, 2), four lines each, from (y, x) to (y, x), within -1 to 1."""
    chosen = []
    while len(chosen) < 10:
        rune = set(torch.randperm(len(LINES), generator=generator)[:4].tolist())
        if all(len(rune ^ other) >= 4 for other in chosen):
            chosen.append(rune)
    return torch.stack([POINTS[LINES[sorted(rune)]] for rune in chosen])


def pictures(runes, labels, generator):
    """A picture for each label: (N, 3, 20, 20), float32, from 0 to 1.

    Place, size, tilt, thickness and colours of a rune are drawn, and so are its background and two
    lines that belong to none.
    """
    count = len(labels)

    def drawn(low, high, *shape):
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    def far(distance):
        direction = drawn(-1, 1, 3, 1, 1)
        return distance * direction / direction.norm(dim=1, keepdim=True)

    def ink(lines, width):
        """(N, L, 2, 2) in pixels -> how far each pixel is covered, (N, 1, 20, 20)."""
        axis = torch.arange(SIZE) + 0.5
        y, x, dy, dx = (
            each[:, :, None, None] for each in (*lines[:, :, 0].unbind(-1),
                                                *(lines[:, :, 1] - lines[:, :, 0]).unbind(-1)))
        y, x = axis[:, None] - y, axis - x
        along = ((y * dy + x * dx) / (dy**2 + dx**2)).clamp(0, 1)
        distance = ((y - along * dy) ** 2 + (x - along * dx) ** 2).amin(1).sqrt()
        return (width / 2 + 0.5 - distance).clamp(0, 1)[:, None]

    tilt = drawn(-0.3, 0.3)
    turned = torch.stack([tilt.cos(), -tilt.sin(), tilt.sin(), tilt.cos()], 1).reshape(-1, 1, 2, 2)
    lines = runes[labels] * drawn(4, 6.5, 1, 1, 2) @ turned
    room = (SIZE / 2 - 0.5 - lines.abs().amax((1, 2))).clamp(min=0)
    lines = lines + (SIZE / 2 + room * drawn(-1, 1, 2))[:, None, None]
    width = drawn(1.2, 2.2, 1, 1)
    start = drawn(0, SIZE, 2, 1, 2)
    others = torch.cat([start, start + drawn(-6, 6, 2, 1, 2)], 2)
    slope, axis = drawn(-0.15, 0.15, 2, 3, 1, 1), torch.linspace(-1, 1, SIZE)
    paper = drawn(0.2, 0.8, 3, 1, 1) + slope[:, 0] * axis[:, None] + slope[:, 1] * axis
    picture = paper + ink(others, width) * far(0.35)
    picture = picture + ink(lines, width) * (paper + far(0.6) - picture)
    noise = torch.randn(picture.shape, generator=generator)
    return (picture + 0.07 * noise).clamp(0, 1)


generator = torch.Generator().manual_seed(7)
runes = alphabet(generator)
labels = torch.randint(0, 10, (3000,), generator=generator)
images = pictures(runes, labels, generator)
seen_images, seen_labels = images[:2000], labels[:2000]
unseen_images, unseen_labels = images[2000:], labels[2000:]

axes = plt.subplots(3, 10, figsize=(10, 3.4))[1]
for number in range(10):
    for axis, picture in zip(axes[:, number], seen_images[seen_labels == number], strict=False):
        axis.imshow(picture.permute(1, 2, 0))
        axis.set(xticks=[], yticks=[])
    axes[0, number].set_title(str(number))
plt.show()

# %% [markdown]
# Grading has **another alphabet**, which nobody knows beforehand: ten other runes of the same grid. So
# weights that were trained at home are of no use, and neither is a list of these ten. It draws 2 000
# images for your `train` and 1 000 that your code never sees.
#
# ### What normalisation is good for
#
# Here is LeNet for these images, and LeNet with a batch normalisation behind each of its two
# convolutions. Both are trained alike, on 1 000 images for six epochs. **Predict before you run:** how
# many percent of the unseen images does each of them read? Guessing reads 10.

# %%
predict("percent that LeNet reads, without and with normalisation", ...)


# %%
def lenet(*norms):
    """LeNet for images (N, 3, 20, 20); what stands behind its convolutions is given."""
    maps = nn.Sequential(
        nn.Conv2d(3, 6, 5, padding=2), norms[0], nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), norms[1], nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    return maps.extend([
        nn.Linear(144, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)])


def simply(model, images, labels, rounds):
    """The training of assignment 5."""
    adam = torch.optim.Adam(model.parameters(), lr=2e-3)
    for chosen in [batch for _ in range(rounds) for batch in torch.randperm(len(images)).split(64)]:
        adam.zero_grad()
        F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
        adam.step()


def percent(model, images, labels):
    """How many of the images a model reads."""
    model.eval()
    with torch.no_grad():
        return 100 * (model(images).argmax(1) == labels).double().mean().item()


# %%
read = []
for norms in ([nn.Identity(), nn.Identity()], [nn.BatchNorm2d(6), nn.BatchNorm2d(16)]):
    torch.manual_seed(0)
    model = lenet(*norms)
    simply(model, seen_images[:1000], seen_labels[:1000], rounds=6)
    read.append(percent(model, unseen_images, unseen_labels))
print("without: {:.0f} %, with: {:.0f} %".format(*read))
observe("percent that LeNet reads, without and with normalisation", read, within=0.3)

# %% [markdown]
# Without normalisation LeNet is still guessing; with it, it has begun to learn. The colours of the
# backgrounds differ more than runes from backgrounds, so that the first maps are nearly all mean, and a
# step that is right for one channel is too large for the next. Normalisation takes the mean away and
# makes all channels alike, layer by layer.
#
# ### What is asked
#
# `make_reader()` answers a new network, and `train(model, images, labels)` trains it. The grader does
# not believe your network when it says what it costs. It has the trained network write down what it
# computes, operator by operator, counts the products in that, and runs it by itself on the images that
# your code never sees. So write it as you like: modules, functions, loops, classes of your own. What the
# grader cannot follow it names: an operator that it does not know, or random numbers in evaluation.
# It does not know attention, recurrent and 3D layers, `Fold`, `Bilinear`, `RReLU`,
# `LocalResponseNorm`, bicubic upsampling and `weight_norm`, nor whatever chooses by what it finds:
# indexing by a tensor or a list, sorting, `.item()`. In training everything is allowed.
#
# | read of the unseen images | points |
# | --- | --- |
# | admitted, trained, data unchanged | 1.5 |
# | 20 % | 1 |
# | 57 % | 1 |
# | 80 % | 1.5 |
# | 84 % | 1 |
#
# **Chance.** Everybody is graded on one alphabet and the same images, and torch's generator is seeded
# alike before each call. Over twelve alphabets the model solution read 92 to 98 %, and LeNet, trained
# plainly, 24 to 55 %. The steps stand where few designs do; who lies within a few percents of one may
# be above it on one alphabet and below it on another.
#
# **The leaderboard** ranks by whole percents those who asked to be on it.
#
# **Where to begin.** Spend the budget where maps are small. Put a normalisation behind every convolution.
# Merge places by their maximum: a rune is somewhere. Let the learning rate grow and then shrink
# (`torch.optim.lr_scheduler.OneCycleLR`; Smith and Topin, 2017). And vary the images: shifted by two
# pixels, with its colours exchanged or inverted, a rune is still the same rune, and the image is a new one.

# %%
class Residual(nn.Module):
    """A block for your network, if you want one: two convolutions beside a 1×1 convolution."""

    def __init__(self, c_in, c_out):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(),
            nn.Conv2d(c_out, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out))
        self.shortcut = nn.Conv2d(c_in, c_out, 1)

    def forward(self, X):
        """(N, c_in, H, W) -> (N, c_out, H, W)."""
        return F.relu(self.body(X) + self.shortcut(X))


# %%
def make_reader():
    """A new reader: a network that is not trained yet.

    Returns:
        An nn.Module that turns images (N, 3, 20, 20), float32, from 0 to 1, into logits (N, 10).

    Also graded:
        * At most 750 000 products for one image, as the grader counts them in evaluation mode.
          Convolutions, dense layers and other products of matrices take their products. Sums and
          products of two tensors, or of a tensor and a number, and normalisations, take one for
          each number that they answer. What adds up numbers of one tensor (sum, mean, variance,
          softmax, average pooling) takes one for each of them. All else (activations, maxima,
          copies) is free. Numbers of 8 bytes, as in float64, count twice.
        * No random numbers in evaluation mode.

    Free: everything else.
    """
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 20, 3, padding=1, bias=False), nn.BatchNorm2d(20), nn.ReLU(),
        nn.MaxPool2d(2), Residual(20, 32), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        nn.Linear(32, 10))
    ### END SOLUTION


def train(model, images, labels):
    """Train a reader in place.

    Arguments:
        model: what make_reader() answered.
        images: tensor (N, 3, 20, 20), float32, from 0 to 1. N is 2 000 in the contest, and may be
            any number from 64 on.
        labels: tensor (N,), int64, from 0 to 9.

    Also graded:
        * The model that is given is trained, in place. What train returns does not matter.
        * images and labels are unchanged.

    It may take 40 seconds of the grader's clock, on one core. The model solution takes 5 there. Choose
    a number of epochs, and do not look at the clock. Who takes longer reads nothing.
    """
    ### BEGIN SOLUTION
    epochs, size = 12, 64
    steps = epochs * -(-len(images) // size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(size):
            down, right = torch.randint(-2, 3, (2,)).tolist()
            X = images[batch].roll((down, right), (2, 3))[:, torch.randperm(3)]
            if torch.rand(()) < 0.5:
                X = 1 - X
            loss = F.cross_entropy(model(X), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    ### END SOLUTION


# %%
reader = make_reader()
reader.eval()
with torch.no_grad():
    assert reader(seen_images[:5]).shape == (5, 10)

torch.manual_seed(0)
few = make_reader()
untrained = [parameter.clone() for parameter in few.parameters()]
train(few, seen_images[:80], seen_labels[:80])
assert any(not torch.equal(old, new) for old, new in zip(untrained, few.parameters(), strict=True))

# %% [markdown]
# Describe your network as a list of layers, and see whether the budget admits it, by your own functions.
# (This is LeNet's list; write yours in its place.)

# %%
layers = [("conv", 6, 5, 1, 2), ("pool", 2, 2), ("conv", 16, 5, 1, 0), ("pool", 2, 2),
          ("dense", 120), ("dense", 84), ("dense", 10)]
cost, field = network_macs(layers, 3, (SIZE, SIZE)), network_field(layers)
print(f"{cost:,} products, {'within' if cost <= BUDGET else 'OVER'} the budget; "
      f"before the places are merged, a number sees {field}×{field} pixels")

# %% [markdown]
# Most runes are 7 to 15 pixels high, and as wide. A reader whose last maps see less of it has to read a rune
# from its parts. The budget decides by products alone; how far a network should see is yours to find out.
#
# Now the contest, at home. **Predict before you run:** how many percent will your reader read?

# %%
predict("percent that my reader reads", ...)

# %%
torch.manual_seed(0)
reader = make_reader()
train(reader, seen_images, seen_labels)
read = percent(reader, unseen_images, unseen_labels)
print(f"seen {percent(reader, seen_images, seen_labels):.1f} %, unseen {read:.1f} %")
observe("percent that my reader reads", read, within=0.05)

# %% [markdown]
# The model solution reads 96 % here. If yours reads far more of the seen images than of the unseen ones,
# it learns them by heart: vary them more. If it reads few of both, it learns too slowly: look at the
# learning rate, and at the normalisation. If both are about the same and not good enough, it is too
# small, or has not been trained for long enough.

# %% [markdown]
# ## 7.3 Where im2col begins to win (not graded)
#
# Products are what a budget counts. What a machine waits for is often something else: numbers on their
# way from memory. Take a convolution with $k \times k$ windows, $c$ channels before and $d$ behind, at
# $P$ places, with 4 bytes for each number. Two ways to compute it take the *same* $k^2 c\, d\, P$ products:
#
# * **shift and add**: for each of the $k^2$ weights' places, a product of matrices of the shifted image,
#   which is added to the answer. It reads the image $k^2$ times, writes the answer $k^2$ times, and reads
#   it $k^2 - 1$ times: $4P\,(k^2 c + (2k^2 - 1)\, d)$ bytes.
# * **im2col**: read the image once, write the columns, read them for one product of matrices, and write
#   the answer: $4P\,((2k^2 + 1)\, c + d)$ bytes.
#
# (Weights are few and left out. We take no cache to help either way.) im2col moves less where
# $(2k^2 - 2)\, d > (k^2 + 1)\, c$.
#
# **Predict before you run.** With 3×3 windows and 64 channels before: from how many channels behind does
# im2col move fewer bytes? And with 1×1 windows?

# %%
predict("channels behind from which im2col moves less, 3×3", ...)
predict("channels behind from which im2col moves less, 1×1: a number, or never", ...)


# %%
def bytes_moved(way, k, c, d, places):
    """Bytes that a convolution reads and writes, by shift and add or by im2col."""
    if way == "im2col":
        return 4 * places * ((2 * k**2 + 1) * c + d)
    return 4 * places * (k**2 * c + (2 * k**2 - 1) * d)


def first_that_wins(k, c, most=4096):
    """The smallest number of channels behind for which im2col moves less, or never."""
    return next((d for d in range(1, most) if bytes_moved("im2col", k, c, d, 1)
                 < bytes_moved("shift and add", k, c, d, 1)), "never")


print({k: first_that_wins(k, 64) for k in (1, 2, 3, 5, 7)})
observe("channels behind from which im2col moves less, 3×3", first_that_wins(3, 64), within=0.05)
observe("channels behind from which im2col moves less, 1×1: a number, or never",
        first_that_wins(1, 64))

# %% [markdown]
# From 41 on, and for 1×1 windows never: there the image *is* its columns, and to copy it is a waste.
#
# ### The roofline
#
# A machine that does at most $R$ products a second and moves at most $B$ bytes a second needs at least
# the longer of $\text{products} / R$ and $\text{bytes} / B$. So a computation with $I$ products for each
# byte runs at $\min(R,\; B \cdot I)$ products a second at best: a slope, and then a flat roof (Williams,
# Waterman and Patterson, 2009). NVIDIA states for its A100, in float32, 19.5 trillion operations a
# second, which are 9.75 trillion products, and 1 555 GB a second. The roof begins at
# $9\,750 / 1\,555 \approx 6.3$ products for each byte.
#
# **Predict before you run.** Take 3×3 windows and as many channels behind as before, $c$. By im2col the
# products for each byte are $9c^2 / (4 \cdot 20c)$. From which $c$ on does the roof hold it back, and no
# longer the memory?

# %%
predict("channels from which im2col reaches the roof", ...)

# %%
ROOF, MEMORY = 9.75e12, 1.555e12
counts = [2**power for power in range(2, 11)]


def intensity(way, c, k=3):
    """Products for each byte, with c channels before and behind."""
    return k**2 * c**2 / bytes_moved(way, k, c, c, 1)


axis = plt.subplots(figsize=(6.4, 4))[1]
line = [0.1 * 1.2**step for step in range(40)]
axis.loglog(line, [min(ROOF, MEMORY * each) for each in line], color="black", label="the roofline")
for way, marker in (("shift and add", "s"), ("im2col", "o")):
    found = [intensity(way, c) for c in counts]
    axis.loglog(found, [min(ROOF, MEMORY * each) for each in found], marker, label=way)
    for c, each in list(zip(counts, found, strict=True))[::2]:
        axis.annotate(str(c), (each, min(ROOF, MEMORY * each)), textcoords="offset points",
                      xytext=(4, -11) if way == "im2col" else (-8, 7))
axis.set(xlabel="products for each byte", ylabel="products a second, at most", xlim=(0.1, 300),
         ylim=(1e11, 3e13), title="3×3 convolutions of 4 to 1024 channels")
axis.legend(loc="lower right")
plt.show()

reaches = {way: next(c for c in range(1, 4096) if MEMORY * intensity(way, c) >= ROOF)
           for way in ("im2col", "shift and add")}
for way, c in reaches.items():
    print(f"{way} reaches the roof from {c} channels on")
observe("channels from which im2col reaches the roof", reaches["im2col"], within=0.1)

# %% [markdown]
# From 56 channels on, and shift and add from 73. Below 56 both ways wait for memory, and the way that moves
# less wins. From 73 on both would be equally fast if a product of matrices reached the roof, and what wins
# is the larger one of the products, which comes nearer to it. With equal channels im2col moves 20 numbers
# for each place and channel, and shift and add 26: a small difference, which is why libraries go further
# and make the columns in a cache, piece by piece, never in memory (Chetlur et al., 2014).
#
# Where there is a GPU, ask it. (Where there is none, the cell says so, and nothing else depends on it.)

# %%
def by_columns(X, W):
    """A convolution 3×3 with padding 1, by im2col."""
    columns = F.unfold(X, 3, padding=1)
    return (W.flatten(1) @ columns).reshape(len(X), len(W), *X.shape[2:])


def by_shifts(X, W):
    """The same, by nine products of matrices."""
    wide, (height, width) = F.pad(X, (1, 1, 1, 1)), X.shape[2:]
    answer = 0
    for row in range(3):
        for column in range(3):
            shifted = wide[:, :, row:row + height, column:column + width].flatten(2)
            answer = answer + W[:, :, row, column] @ shifted
    return answer.reshape(len(X), len(W), height, width)


X, W = torch.randn(2, 3, 8, 9), torch.randn(5, 3, 3, 3)
assert torch.allclose(by_columns(X, W), by_shifts(X, W), atol=1e-4)


def milliseconds(way, *arguments, rounds=10):
    """How long a call takes on a GPU, in the mean. Python goes on while a GPU works, so wait for the
    GPU before each look at the clock."""
    way(*arguments)  # the first call also loads programs and asks for memory
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(rounds):
        way(*arguments)
    torch.cuda.synchronize()
    return 1000 * (time.perf_counter() - started) / rounds


if torch.cuda.is_available():
    for c in (8, 32, 128, 512):
        X, W = torch.randn(32, c, 56, 56, device="cuda"), torch.randn(c, c, 3, 3, device="cuda")
        products = 9 * c**2 * X[:, 0].numel()
        for way in (by_shifts, by_columns):
            took = milliseconds(way, X, W)
            print(f"{c:4} channels, {way.__name__:10} {took:8.2f} ms, "
                  f"{products / took / 1e9:6.2f} trillion products a second")
else:
    print("There is no CUDA here; nothing is timed.")

# %% [markdown]
# The more channels, the more products a second, up to the roof of your GPU, if the picture above is right.
# Two things are not in it. Each operation takes microseconds to begin, however small it is, and for few
# channels that may be most of the time: `by_shifts` begins nine copies, nine products and as many sums, and
# torch makes the columns of each of the 32 images in an operation of its own. And our `by_shifts` moves more
# than was counted, since it copies each shifted image and adds each product in a step of its own. So a
# formula says what a machine cannot beat, and a clock says what it does.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * Batch normalisation: Ioffe and Szegedy,
#   [Batch Normalization: Accelerating Deep Network Training](https://arxiv.org/abs/1502.03167), 2015.
#   Residual blocks: He, Zhang, Ren and Sun,
#   [Deep Residual Learning for Image Recognition](https://arxiv.org/abs/1512.03385), 2015.
# * A learning rate that grows and shrinks: Smith and Topin,
#   [Super-Convergence](https://arxiv.org/abs/1708.07120), 2017.
# * The roofline: Williams, Waterman and Patterson,
#   [Roofline: An Insightful Visual Performance Model](https://doi.org/10.1145/1498765.1498785), 2009. The
#   numbers of the A100: [NVIDIA](https://www.nvidia.com/en-us/data-center/a100/). Columns that are never
#   in memory: Chetlur et al., [cuDNN: Efficient Primitives for Deep Learning](https://arxiv.org/abs/1410.0759),
#   2014.

# %% [markdown]
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `capstone.ipynb`, under that name. Nothing else is needed: your reader
#    is trained anew where it is graded.
#
# You may add cells and helper functions of your own.
