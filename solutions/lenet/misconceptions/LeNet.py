"""LeNet and the shapes in it: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above those of a
question stands what is right in all of them, so that each one shows nothing but its mistake.
"""

import torch
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


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


@wrong("mean-of-the-batch-subtracted",
       "The mean of the batch is subtracted from every image, so that an image's answer depends on "
       "the others, and an image alone becomes black. Leave the images as they are.")
class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(*layers(bends=(nn.Sigmoid,) * 4, pool=lambda: nn.AvgPool2d(2)))

    def forward(self, X):
        return super().forward(X - X.mean(0))


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
