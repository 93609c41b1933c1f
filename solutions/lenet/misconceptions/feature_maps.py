"""The maps within a network: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above them stands
what is right in all of them, so that each one shows nothing but its mistake.
"""

import torch
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def convolutions(model):
    """(name, module) of every convolution."""
    return [(name, module) for name, module in model.named_modules()
            if isinstance(module, nn.Conv2d)]


def kept(model, X, watched, keep=lambda name, inputs, output: (name, output.clone()),
         evaluate=True, restore=True, clean=True):
    """Run the model; what ``keep(name, inputs, output)`` makes of every call of ``watched``."""
    found, hooks, was_training = [], [], model.training
    for name, module in watched:
        hooks.append(module.register_forward_hook(
            lambda module, inputs, output, name=name: found.append(keep(name, inputs, output))))
    if evaluate:
        model.eval()
    with torch.no_grad():
        model(X)
    if restore:
        model.train(was_training)
    if clean:
        for hook in hooks:
            hook.remove()
    return found


@wrong("maps-of-every-layer",
       "Activations, pooling and dense layers are in the list too. Keep what convolutions answer.")
def feature_maps(model, X):
    return kept(model, X, [(name, module) for name, module in model.named_modules()
                           if not list(module.children())])


@wrong("convolutions-called-in-turn",
       "You call the model's children one after the other. Only forward knows in which order layers"
       " are called, and on what: let the model run, and use hooks.")
def feature_maps(model, X):
    was_training, found = model.training, []
    model.eval()
    with torch.no_grad():
        for name, layer in model.named_children():
            X = layer(X)
            if isinstance(layer, nn.Conv2d):
                found.append((name, X.clone()))
    model.train(was_training)
    return found


@wrong("deeper-convolutions-missed",
       "Only the model's own children are watched. Convolutions lie deeper, too: "
       "model.named_modules() has all.")
def feature_maps(model, X):
    return kept(model, X, [(name, module) for name, module in model.named_children()
                           if isinstance(module, nn.Conv2d)])


@wrong("each-convolution-once",
       "A convolution that is called twice stands in your list once. Note every call: a dictionary "
       "keeps one map for each name.")
def feature_maps(model, X):
    return list(dict(kept(model, X, convolutions(model))).items())


@wrong("maps-in-order-of-definition",
       "The list has the order in which the convolutions were defined. It should have that of the "
       "calls.")
def feature_maps(model, X):
    found = kept(model, X, convolutions(model))
    return [pair for name, _ in convolutions(model) for pair in found if pair[0] == name]


@wrong("maps-that-go-in",
       "Your list holds what goes into each convolution. It should hold what comes out.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: (name, inputs[0].clone()))


@wrong("maps-after-activation",
       "The negative numbers of your maps are gone. Keep what the convolution itself answers: an "
       "activation comes after it.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: (name, output.clone().relu()))


@wrong("maps-overwritten",
       "A later layer has changed your maps: nn.ReLU(inplace=True) overwrites what it is given. "
       "Keep a copy, by clone().")
def feature_maps(model, X):
    return kept(model, X, convolutions(model), lambda name, inputs, output: (name, output.detach()))


@wrong("mean-of-the-maps",
       "You average a layer's maps into one. Each channel is a map of its own: keep all.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: (name, output.mean(1, keepdim=True)))


@wrong("first-image-only", "Your maps are those of the first image. Keep the whole batch.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: (name, output[:1].clone()))


@wrong("names-bound-late",
       "Every name is that of the last layer: a hook looks up what it reads when it is called, and "
       "the loop has ended by then. Bind the name where the hook is made, by name=name.")
def feature_maps(model, X):
    *_, (last, _) = model.named_modules()
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: (last, output.clone()))


@wrong("names-of-classes",
       "Every name is that of the class, Conv2d. The name that model.named_modules() gives the "
       "layer is asked for, such as features.0.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model),
                lambda name, inputs, output: ("Conv2d", output.clone()))


@wrong("looked-at-in-training-mode",
       "The model runs in training mode, where dropout and batch normalisation answer otherwise, "
       "and the statistics change. Call model.eval() first.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model), evaluate=False)


@wrong("maps-leave-evaluation-mode",
       "The model is in evaluation mode afterwards. Put it back into the mode it was in.")
def feature_maps(model, X):
    return kept(model, X, convolutions(model), restore=False)


@wrong("map-hooks-left-behind",
       "The hooks stay in the model. Keep their handles and remove them when you are done.")
def feature_maps(model, X):
    return list(kept(model, X, convolutions(model), clean=False))


@wrong("graph-kept",
       "Your maps require gradients, and so keep the whole graph behind them alive. Run the model "
       "under torch.no_grad(), or detach them.")
def feature_maps(model, X):
    found, was_training = [], model.training
    hooks = [module.register_forward_hook(
        lambda module, inputs, output, name=name: found.append((name, output.clone())))
        for name, module in convolutions(model)]
    model.eval()
    model(X)
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return found
