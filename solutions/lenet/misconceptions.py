"""Wrong ideas about LeNet, training and Inception that students have.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above those of a
question stands what is right in all of them, so that each one shows nothing but its mistake.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


# ---------------------------------------------------------------- LeNet


def layers(kernel=5, padding=(2, 0), bends=(nn.ReLU,) * 4, pool=lambda: nn.MaxPool2d(2),
           dense=(400, 120, 84, 10), bias=True):
    """The layers of a right LeNet, in their order."""
    built = []
    for channels, pad, bend in zip(((1, 6), (6, 16)), padding, bends, strict=False):
        built += [nn.Conv2d(*channels, kernel, padding=pad, bias=bias), bend(), pool()]
    built.append(nn.Flatten())
    for before, after, bend in zip(dense, dense[1:], (*bends[2:], nn.Identity), strict=False):
        built += [nn.Linear(before, after, bias=bias), bend()]
    return built[:-1]  # nothing follows the last layer


@wrong("padding-forgotten",
       "The first convolution lacks its padding of 2, so that the dense layers get 256 numbers, "
       "not 400. Trace the shapes.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(padding=(0, 0), dense=(256, 120, 84, 10)))


@wrong("both-convolutions-padded",
       "The second convolution has padding too: its maps should shrink from 14 to 10.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(padding=(2, 2), dense=(784, 120, 84, 10)))


@wrong("pooling-left-out",
       "There is pooling behind one convolution only. Both are followed by pooling.")
class LeNet(nn.Sequential):
    def __init__(self):
        right = layers(dense=(1600, 120, 84, 10))
        super().__init__(*right[:5], *right[6:])


@wrong("kernels-of-three", "The convolutions have 3×3 kernels. LeNet's kernels are 5×5.")
class LeNet(nn.Sequential):
    def __init__(self):
        right = layers(kernel=3, padding=(1, 0))
        super().__init__(*right[:5], nn.AdaptiveMaxPool2d(5), *right[6:])


@wrong("dense-layer-missing", "A dense layer is missing: from 400 numbers to 120, to 84, to 10.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(dense=(400, 120, 10)))


@wrong("dense-layers-swapped",
       "The dense layers have 84 and then 120 units. It is 120 first, then 84.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(dense=(400, 84, 120, 10)))


@wrong("biases-left-out", "The layers have no biases. Each of the five has a weight and a bias.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bias=False))


@wrong("strides-instead-of-pooling",
       "The convolutions move by two pixels, and nothing is pooled. The shapes come out right, "
       "but a feature sees 13×13 pixels and not 16×16.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(pool=nn.Identity))
        self[0].stride = self[3].stride = (2, 2)


@wrong("pooling-windows-overlap",
       "Pooling looks at 3×3 windows. LeNet pools 2×2 windows that do not overlap.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(pool=lambda: nn.MaxPool2d(3, stride=2, padding=1)))


@wrong("no-activation",
       "There is no activation: linear layers one after the other are a single linear layer. Put "
       "an activation after each layer but the last.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bends=(nn.Identity,) * 4, pool=lambda: nn.AvgPool2d(2)))


@wrong("convolutions-not-activated",
       "No activation follows the convolutions. Pooling is none: an average is linear, and a "
       "maximum alone does not replace one.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bends=(nn.Identity, nn.Identity, nn.ReLU, nn.ReLU)))


@wrong("dense-layers-not-activated",
       "No activation stands between the dense layers: together they are one linear layer.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bends=(nn.ReLU, nn.ReLU, nn.Identity, nn.Identity)))


@wrong("one-dense-layer-not-activated",
       "An activation is missing between the dense layers of 84 and 10 units.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bends=(nn.ReLU, nn.ReLU, nn.ReLU, nn.Identity)))


@wrong("softmax-at-the-end",
       "The network answers probabilities. It should answer logits: the softmax is in the loss.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(), nn.Softmax(dim=1))


@wrong("log-softmax-at-the-end",
       "The network answers logarithms of probabilities. It should answer logits: the "
       "log-softmax is in the loss.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(), nn.LogSoftmax(dim=1))


@wrong("softmax-over-the-batch",
       "A softmax runs over the images of the batch. There should be no softmax, and an image's "
       "answer must not depend on other images.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(), nn.Softmax(dim=0))


@wrong("logits-cut-at-zero",
       "A ReLU follows the last layer, so that no logit is ever negative. Nothing follows it.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(), nn.ReLU())


@wrong("dropout-added", "The answers are random. This LeNet has no dropout.")
class LeNet(nn.Sequential):
    def __init__(self):
        right = layers()
        super().__init__(*right[:9], nn.Dropout(0.5), *right[9:])


@wrong("batch-normalisation-added",
       "This LeNet has no batch normalisation: it adds parameters, and makes an image's answer "
       "depend on the other images of the batch.")
class LeNet(nn.Sequential):
    def __init__(self):
        right = layers()
        super().__init__(right[0], nn.BatchNorm2d(6), *right[1:4], nn.BatchNorm2d(16), *right[4:])


@wrong("layers-in-a-list",
       "Nothing is registered: the layers stand in a Python list, where torch does not see them, "
       "or forward makes them anew in every call. Use nn.Sequential, nn.ModuleList or attributes.")
class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = layers()

    def forward(self, X):
        for layer in self.layers:
            X = layer(X)
        return X


@wrong("weights-start-at-zero",
       "All weights start at 0. Then no gradient comes through, and all units of a layer stay "
       "alike: start from random weights.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers())
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@wrong("lenet-cuts-the-graph",
       "No gradient reaches the convolutions: .data, .detach(), .item() or numpy in forward cut "
       "the graph.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers())

    def forward(self, X):
        for number, layer in enumerate(self):
            X = layer(X.detach() if number == 6 else X)
        return X


@wrong("batch-flattened-too",
       "The images of a batch are flattened into one. Keep the first axis: nn.Flatten does, or "
       "X.flatten(1).")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers())

    def forward(self, X):
        for number, layer in enumerate(self):
            X = X.flatten() if number == 6 else layer(X)
        return X


# ---------------------------------------------------------------- shape_trace


def leaves(model):
    """The modules that hold no others."""
    return [module for module in model.modules() if not list(module.children())]


def entry(module, inputs, output):
    return (type(module).__name__, tuple(output.shape))


def noted(model, X, modules, entry=entry):
    """Run the model; what ``entry(module, inputs, output)`` says for every call of ``modules``."""
    trace = []
    hooks = [module.register_forward_hook(lambda *call: trace.append(entry(*call)))
             for module in modules]
    with torch.no_grad():
        model(X)
    for hook in hooks:
        hook.remove()
    return trace


@wrong("children-called-in-turn",
       "You call the children one after the other. That is how nn.Sequential works, and nothing "
       "else: let the model run, and use hooks.")
def shape_trace(model, X):
    trace = []
    with torch.no_grad():
        for layer in model.children():
            X = layer(X)
            trace.append((type(layer).__name__, tuple(X.shape)))
    return trace


@wrong("leaves-called-in-turn",
       "You call the leaves in the order of their definition. Only forward knows in which order "
       "they are called: let the model run, and use hooks.")
def shape_trace(model, X):
    trace = []
    with torch.no_grad():
        for layer in leaves(model):
            X = layer(X)
            trace.append((type(layer).__name__, tuple(X.shape)))
    return trace


@wrong("containers-included",
       "Modules that hold other modules are in the list too. Only leaves belong there.")
def shape_trace(model, X):
    return noted(model, X, model.modules())


@wrong("second-level-missed",
       "Only the model's own children are watched. Leaves lie deeper, too: model.modules() has "
       "all.")
def shape_trace(model, X):
    return noted(model, X, model.children())


@wrong("layers-without-weights-left-out",
       "Only layers with parameters are in the list. Activations and pooling are leaves, too.")
def shape_trace(model, X):
    return noted(model, X, [leaf for leaf in leaves(model) if list(leaf.parameters())])


@wrong("each-layer-once", "A layer that is called twice stands in your list once. Note every call.")
def shape_trace(model, X):
    last = dict(noted(model, X, leaves(model), lambda *call: (call[0], entry(*call))))
    return list(last.values())


@wrong("order-of-definition",
       "The list has the order in which the layers were defined. It should have that of the "
       "calls.")
def shape_trace(model, X):
    calls = noted(model, X, leaves(model), lambda *call: (call[0], entry(*call)))
    return [found for leaf in leaves(model) for module, found in calls if module is leaf]


@wrong("shapes-of-inputs",
       "Your list holds what goes into each layer. It should hold what comes out.")
def shape_trace(model, X):
    return noted(model, X, leaves(model), lambda module, inputs, output: entry(module, (), *inputs))


@wrong("batch-axis-left-out", "The shapes lack their first axis, the images of the batch.")
def shape_trace(model, X):
    return [(name, shape[1:]) for name, shape in noted(model, X, leaves(model))]


@wrong("names-of-attributes",
       "Your list holds the names of the attributes, as named_modules has them. The names of "
       "the classes are asked for: type(layer).__name__.")
def shape_trace(model, X):
    names = {module: name for name, module in model.named_modules()}
    return noted(model, X, leaves(model), lambda module, inputs, output:
                 (names[module], tuple(output.shape)))


@wrong("layers-instead-of-names",
       "Your list holds descriptions of the layers, like Linear(in_features=…). The name of the "
       "class is asked for: type(layer).__name__.")
def shape_trace(model, X):
    return noted(model, X, leaves(model), lambda module, inputs, output:
                 (str(module), tuple(output.shape)))


@wrong("image-of-its-own",
       "The trace is that of a single 28×28 image of your own making. Send X through the model.")
def shape_trace(model, X):
    return noted(model, torch.rand(1, 1, 28, 28), leaves(model))


@wrong("trace-printed", "The trace is printed and not returned.")
def shape_trace(model, X):
    noted(model, X, leaves(model))


@wrong("hooks-left-behind",
       "The hooks stay in the model. Keep their handles and remove them when you are done.")
def shape_trace(model, X):
    trace = []
    for leaf in leaves(model):
        leaf.register_forward_hook(lambda *call: trace.append(entry(*call)))
    with torch.no_grad():
        model(X)
    return list(trace)


@wrong("left-in-evaluation-mode",
       "The model is in evaluation mode after the trace. Leave it in the mode it was in.")
def shape_trace(model, X):
    model.eval()
    return noted(model, X, leaves(model))


@wrong("trace-kept-between-calls",
       "A second trace begins with the first one: the list outlives the call. Make it inside.")
def shape_trace(model, X, trace=[]):  # noqa: B006  # the mistake
    trace.extend(noted(model, X, leaves(model)))
    return trace


# ---------------------------------------------------------------- train


def shuffled(images):
    """The numbers of the images of each batch, in a new random order."""
    return torch.randperm(len(images)).split(64)


def mean(seen):
    """The mean loss of an epoch; ``seen``: the loss and the number of images of each batch."""
    return sum(loss * count for loss, count in seen) / sum(count for _, count in seen)


def fit(model, images, labels, epochs, lr, *, make=torch.optim.Adam, batches=shuffled,
        loss_of=F.cross_entropy, report=mean, mode=True):
    """A right training, whose parts can be exchanged."""
    optimizer = make(model.parameters(), lr=lr)
    model.train(mode)
    reports = []
    for _ in range(epochs):
        seen = []
        for batch in batches(images):
            loss = loss_of(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append((loss.item(), len(batch)))
        reports.append(report(seen))
    return reports


@wrong("softmax-before-the-loss",
       "Softmax is applied before F.cross_entropy, which applies it again. Hand it the logits.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               loss_of=lambda logits, right: F.cross_entropy(logits.softmax(dim=1), right))


@wrong("logits-in-nll-loss",
       "F.nll_loss wants logarithms of probabilities and gets logits, so that the loss falls "
       "without end. Use F.cross_entropy.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, loss_of=F.nll_loss)


@wrong("squared-error",
       "The loss is a squared error between logits and one-hot labels. Cross-entropy is asked "
       "for.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               loss_of=lambda logits, right: F.mse_loss(logits, F.one_hot(right, 10).float()))


class Hoarding(torch.optim.Adam):
    """Never forgets a gradient."""

    def zero_grad(self, set_to_none=True):
        pass


@wrong("gradients-not-zeroed",
       "Gradients accumulate: the ones of earlier batches are still there. Call zero_grad "
       "before backward.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=Hoarding)


class Standing(torch.optim.Adam):
    """Never moves a parameter."""

    def step(self, closure=None):
        pass


@wrong("optimizer-never-steps",
       "The parameters never change: call the optimizer's step after backward, and before the "
       "gradients are set to zero.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=Standing)


@wrong("one-step-an-epoch",
       "The optimizer steps once an epoch, after its last batch. It has to step after every "
       "batch.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in shuffled(images):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            total += loss.item() * len(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(total / len(images))
    return losses


@wrong("copy-trained",
       "A copy is trained, and the model stays as it was. Train the model you are given.")
def train(model, images, labels, epochs, lr):
    return fit(copy.deepcopy(model), images, labels, epochs, lr)


@wrong("weights-made-anew",
       "The model's parameters are thrown away before training. Start from the ones it has.")
def train(model, images, labels, epochs, lr):
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
    return fit(model, images, labels, epochs, lr)


@wrong("gradient-descent-instead-of-adam",
       "The optimizer is plain gradient descent (SGD). Adam is asked for.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, make=torch.optim.SGD)


@wrong("optimizer-made-every-epoch",
       "A new optimizer is made in every epoch, so that Adam loses its running averages. Make "
       "one, before the epochs.")
def train(model, images, labels, epochs, lr):
    return [fit(model, images, labels, 1, lr)[0] for _ in range(epochs)]


@wrong("learning-rate-ignored", "The learning rate is Adam's default, whatever lr says.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, 1e-3)


@wrong("epochs-ignored", "It always trains for ten epochs, whatever epochs says.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, 10, lr)


@wrong("labels-not-shuffled-along",
       "The images are shuffled and the labels are not, so that they no longer belong together.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch, targets in zip(shuffled(images), labels.split(64), strict=True):
            loss = F.cross_entropy(model(images[batch]), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(images))
    return losses


@wrong("not-shuffled",
       "The images come in the same order as they are stored, in every epoch. Shuffle them.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.arange(len(images)).split(64))


@wrong("shuffled-once",
       "The images are shuffled once, and every epoch takes them in that order. Shuffle in each.")
def train(model, images, labels, epochs, lr):
    once = shuffled(images)
    return fit(model, images, labels, epochs, lr, batches=lambda images: once)


@wrong("drawn-with-replacement",
       "Batches are drawn anew each time, so that an epoch uses some images twice and others "
       "never. Go through a random order.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.randint(len(images), (len(images),)).split(64))


@wrong("last-batch-dropped",
       "The last batch is left out when it has fewer than 64 images. Every image counts.")
def train(model, images, labels, epochs, lr):
    if len(images) < 64:
        return [0.0] * epochs
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: [b for b in shuffled(images) if len(b) == 64])


@wrong("everything-in-one-batch",
       "All images are one batch, so that an epoch is a single step. Take batches of 64.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: [torch.randperm(len(images))])


@wrong("batches-of-32", "The batches hold 32 images. They should hold 64.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               batches=lambda images: torch.randperm(len(images)).split(32))


@wrong("first-batch-only",
       "Every epoch ends after its first batch: a break or return stands one level too deep.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, batches=lambda images: shuffled(images)[:1])


@wrong("measured-with-gradients",
       "The model is called again on the batch, outside torch.no_grad(). What is not part of "
       "the step belongs under it.")
def train(model, images, labels, epochs, lr):
    def twice(X):
        logits = model(X)
        model(X)
        return logits

    twice.parameters, twice.train = model.parameters, model.train
    return fit(twice, images, labels, epochs, lr)


@wrong("images-divided-by-255",
       "The images are divided by 255 before the model sees them. Hand them on as they are.")
def train(model, images, labels, epochs, lr):
    return fit(model, images / 255, labels, epochs, lr)


@wrong("images-changed",
       "Your function changes the images it is given. The caller still needs them.")
def train(model, images, labels, epochs, lr):
    losses = fit(model, images, labels, epochs, lr)
    images -= images.mean()
    return losses


@wrong("evaluation-mode-kept",
       "The model is not put into training mode: call model.train() before you begin.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, mode=model.training)


@wrong("loss-of-the-last-batch",
       "The loss you report is that of each epoch's last batch. Average over the epoch.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr, report=lambda seen: seen[-1][0])


@wrong("losses-summed", "The losses of the batches are added up and not divided. Report the mean.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               report=lambda seen: sum(loss for loss, _ in seen))


@wrong("batch-means-over-images",
       "The batches' mean losses are added up and divided by the number of images. They are "
       "means already: divide by the number of batches, or weigh each with its images.")
def train(model, images, labels, epochs, lr):
    return fit(model, images, labels, epochs, lr,
               report=lambda seen: sum(loss for loss, _ in seen) / len(images))


@wrong("losses-accumulate",
       "The sum of losses is not set back between epochs: each number contains the ones before.")
def train(model, images, labels, epochs, lr):
    losses = fit(model, images, labels, epochs, lr)
    return [sum(losses[: epoch + 1]) for epoch in range(epochs)]


@wrong("loss-after-the-step",
       "The losses are measured after the step. Report the ones from before, which the step was "
       "computed from.")
def train(model, images, labels, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in shuffled(images):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += F.cross_entropy(model(images[batch]), labels[batch]).item() * len(batch)
        losses.append(total / len(images))
    return losses


@wrong("loss-of-every-batch",
       "You report one loss for every batch. One for every epoch is asked for: the mean.")
def train(model, images, labels, epochs, lr):
    every = fit(model, images, labels, epochs, lr, report=lambda seen: [loss for loss, _ in seen])
    return [loss for epoch in every for loss in epoch]


@wrong("losses-are-tensors",
       "The losses are tensors, which keep their graphs in memory. Turn them into numbers with "
       ".item().")
def train(model, images, labels, epochs, lr):
    return [torch.tensor(loss) for loss in fit(model, images, labels, epochs, lr)]


@wrong("nothing-returned", "It returns nothing. The mean losses of the epochs are asked for.")
def train(model, images, labels, epochs, lr):
    fit(model, images, labels, epochs, lr)


# ---------------------------------------------------------------- inception_cost


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def convolutions(c_in, branches):
    """(channels, c_out, kh, kw) of every convolution."""
    for branch in branches:
        channels = c_in
        for c_out, kernel in branch:
            yield channels, c_out, *pair(kernel)
            channels = c_out


def refuse(c_in, size, branches):
    """Refuse what has to be refused."""
    numbers = [n for convolution in convolutions(c_in, branches) for n in convolution]
    if min(c_in, *pair(size), *numbers) < 1:
        raise ValueError("numbers of channels and sizes are at least 1")


def macs(c_in, size, branches):
    """The right answer."""
    height, width = pair(size)
    return sum(height * width * channels * c_out * kh * kw
               for channels, c_out, kh, kw in convolutions(c_in, branches))


@wrong("every-layer-sees-the-input",
       "Every convolution is counted with the block's c_in channels. Within a branch it works "
       "on the channels of the one before it.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, size, [[layer] for branch in branches for layer in branch])


@wrong("branches-in-a-chain",
       "A branch starts from the channels of the branch before it. Every branch starts from the "
       "block's input.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, size, [[layer for branch in branches for layer in branch]])


@wrong("last-layers-only", "Only the last convolution of each branch is counted.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return sum(macs(c_in, size, [branch]) - macs(c_in, size, [branch[:-1]]) for branch in branches)


@wrong("first-branch-only", "Only the first branch is counted: a return stands one level too deep.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, size, branches[:1])


@wrong("parameters-instead-of-macs",
       "That is the number of weights. Each of them is used at every place of the image: times "
       "H·W.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, 1, branches)


@wrong("input-channels-forgotten",
       "The number of input channels is missing: every output sums over all of them.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    height, width = pair(size)
    return sum(height * width * c_out * kh * kw
               for _, c_out, kh, kw in convolutions(c_in, branches))


@wrong("kernel-not-squared", "A kernel of size k is counted with k weights. It has k·k.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, size, [[(c_out, (k, 1) if isinstance(k, int) else k) for c_out, k in branch]
                             for branch in branches])


@wrong("image-not-squared", "An image of size n is counted with n pixels. It has n·n.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, (size, 1) if isinstance(size, int) else size, branches)


@wrong("height-for-width",
       "The image is taken for a square. Its width is the second number of size.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, pair(size)[0], branches)


@wrong("square-kernels-assumed",
       "Kernels are taken for squares. A kernel may be a pair, (height, width).")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return macs(c_in, size, [[(c_out, pair(k)[0]) for c_out, k in branch] for branch in branches])


@wrong("pairs-not-understood",
       "Pairs for the image's or the kernel's size fail. Both may be an int or a pair.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    cost = 0
    for branch in branches:
        channels = c_in
        for c_out, kernel in branch:
            cost += size**2 * channels * c_out * kernel**2
            channels = c_out
    return cost


@wrong("image-shrinks",
       "The image is counted smaller behind every kernel. Padding keeps its size here.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    cost = 0
    for branch in branches:
        (height, width), channels = pair(size), c_in
        for c_out, kernel in branch:
            kh, kw = pair(kernel)
            height, width = max(height - kh + 1, 0), max(width - kw + 1, 0)
            cost += height * width * channels * c_out * kh * kw
            channels = c_out
    return cost


@wrong("flops-instead-of-macs",
       "Your number is twice the right one: a multiplication and its addition count as one MAC.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return 2 * macs(c_in, size, branches)


@wrong("biases-counted", "Adding the biases is counted too. MACs leave them out.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    height, width = pair(size)
    biases = sum(c_out for branch in branches for c_out, _ in branch)
    return macs(c_in, size, branches) + height * width * biases


@wrong("cost-as-float",
       "The cost is a float. Whole numbers stay exact as int: multiply and add, and do not "
       "divide.")
def inception_cost(c_in, size, branches):
    refuse(c_in, size, branches)
    return float(macs(c_in, size, branches))


@wrong("impossible-sizes-accepted",
       "Numbers of channels and sizes below 1 give a cost. There is no such convolution: raise "
       "a ValueError.")
def inception_cost(c_in, size, branches):
    return macs(c_in, size, branches)


# ---------------------------------------------------------------- Inception


class Branches(nn.Module):
    """A right Inception block, for the misconceptions to get one thing wrong."""

    def __init__(self, c_in, c1, c2, c3, c4, bias=True):
        super().__init__()
        self.one = nn.Conv2d(c_in, c1, 1, bias=bias)
        self.two = nn.Conv2d(c_in, c2[0], 1, bias=bias)
        self.two_after = nn.Conv2d(c2[0], c2[1], 3, padding=1, bias=bias)
        self.three = nn.Conv2d(c_in, c3[0], 1, bias=bias)
        self.three_after = nn.Conv2d(c3[0], c3[1], 5, padding=2, bias=bias)
        self.four = nn.Conv2d(c_in, c4, 1, bias=bias)

    def first(self, X):
        return F.relu(self.one(X))

    def second(self, X):
        return F.relu(self.two_after(F.relu(self.two(X))))

    def third(self, X):
        return F.relu(self.three_after(F.relu(self.three(X))))

    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(X, 3, stride=1, padding=1)))

    def forward(self, X):
        return torch.cat([self.first(X), self.second(X), self.third(X), self.fourth(X)], dim=1)


@wrong("stacked-along-the-width",
       "The branches are put side by side along an axis of the image. Stack their channels: "
       "dim=1.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.first(X), self.second(X), self.third(X), self.fourth(X)], dim=-1)


@wrong("pooling-branch-first",
       "The pooling branch comes first. The order is: 1×1, 3×3, 5×5, pooling.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.fourth(X), self.first(X), self.second(X), self.third(X)], dim=1)


@wrong("middle-branches-swapped",
       "The 5×5 branch comes before the 3×3 branch. The order is: 1×1, 3×3, 5×5, pooling.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.first(X), self.third(X), self.second(X), self.fourth(X)], dim=1)


@wrong("no-bottlenecks",
       "The 3×3 and 5×5 convolutions work on the input itself. A 1×1 convolution comes before "
       "each.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, (c_in, c2[1]), (c_in, c3[1]), c4)
        del self.two, self.three

    def second(self, X):
        return F.relu(self.two_after(X))

    def third(self, X):
        return F.relu(self.three_after(X))


@wrong("bottlenecks-swapped",
       "The pairs c2 and c3 are mixed up: c2 belongs to the 3×3 branch, c3 to the 5×5 branch.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c3, c2, c4)


@wrong("pairs-reversed",
       "The pairs are read backwards: c2[0] channels come out of the 1×1 convolution, c2[1] out "
       "of the branch.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2[::-1], c3[::-1], c4)


@wrong("five-by-five-is-three-by-three", "Branch 3 has 3×3 kernels. They should be 5×5.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.three_after = nn.Conv2d(c3[0], c3[1], 3, padding=1)


@wrong("large-windows-not-padded",
       "The 3×3 and 5×5 convolutions have no padding, so that their answers are smaller and "
       "cannot be stacked.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.two_after.padding = self.three_after.padding = (0, 0)


@wrong("pooling-takes-steps",
       "Pooling moves by the size of its window, which is the default. Here it moves by one "
       "pixel: stride=1.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(X, 3, padding=1)))


@wrong("no-activations", "There is no ReLU. One follows each of the six convolutions.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X), self.two_after(self.two(X)), self.three_after(self.three(X)),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)),
        ], dim=1)


@wrong("bottlenecks-not-activated",
       "No ReLU follows the first convolutions of branches 2 and 3. One follows each of the six.")
class Inception(Branches):
    def second(self, X):
        return F.relu(self.two_after(self.two(X)))

    def third(self, X):
        return F.relu(self.three_after(self.three(X)))


@wrong("only-bottlenecks-activated",
       "The last convolutions of the branches have no ReLU. One follows each of the six.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X), self.two_after(F.relu(self.two(X))),
            self.three_after(F.relu(self.three(X))),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)),
        ], dim=1)


@wrong("sigmoids-in-the-block", "The activations are sigmoids. Here they are ReLUs.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X).sigmoid(), self.two_after(self.two(X).sigmoid()).sigmoid(),
            self.three_after(self.three(X).sigmoid()).sigmoid(),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)).sigmoid(),
        ], dim=1)


@wrong("averages-pooled", "Branch 4 pools averages. It takes the maximum.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.avg_pool2d(X, 3, stride=1, padding=1)))


@wrong("pooling-forgotten", "Branch 4 does not pool: it is a second branch 1.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(X))


@wrong("pooled-after-the-convolution", "Branch 4 pools after its convolution. It pools first.")
class Inception(Branches):
    def fourth(self, X):
        return F.max_pool2d(F.relu(self.four(X)), 3, stride=1, padding=1)


@wrong("maximum-over-zeros",
       "The padding of branch 4 holds zeros, which win wherever the image is negative. Pad with "
       "−∞, as nn.MaxPool2d does.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(F.pad(X, (1, 1, 1, 1)), 3, stride=1)))


@wrong("pooling-branch-without-convolution",
       "Branch 4 has no convolution, so that all channels of the input come out of it.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        del self.four

    def fourth(self, X):
        return F.max_pool2d(X, 3, stride=1, padding=1)


@wrong("one-bottleneck-for-both", "Branches 2 and 3 share a 1×1 convolution. Each has its own.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, (c2[0], c3[1]), c4)
        self.three = self.two


@wrong("block-without-biases", "The convolutions have no biases. Each of the six has one.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4, bias=False)


@wrong("block-with-batch-normalisation",
       "Batch normalisation is from later versions of the block. Here, convolutions are all "
       "that has parameters.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.norm = nn.BatchNorm2d(c1 + c2[1] + c3[1] + c4)

    def forward(self, X):
        return self.norm(super().forward(X))


@wrong("branches-in-a-list",
       "The branches stand in a Python list, where torch does not see them: nothing is "
       "registered. Use nn.ModuleList, or attributes.")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.hidden = [Branches(c_in, c1, c2, c3, c4)]

    def forward(self, X):
        return self.hidden[0](X)


@wrong("block-cuts-the-graph",
       "No gradient comes through one of the branches: .data, .detach() or numpy in forward cut "
       "the graph.")
class Inception(Branches):
    def third(self, X):
        return F.relu(self.three_after(F.relu(self.three(X)))).detach()


@wrong("block-changes-its-input",
       "The block changes the images it is given. An in-place ReLU on X does that, for example.")
class Inception(Branches):
    def forward(self, X):
        answer = super().forward(X)
        if not X.requires_grad:
            X.relu_()
        return answer
