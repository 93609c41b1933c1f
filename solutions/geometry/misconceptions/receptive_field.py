"""Receptive field: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import math

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def triples(layers):
    """Every layer as (kernel, stride, dilation), unless it must be refused."""
    found = [(*layer, 1)[:3] for layer in layers]
    if any(min(layer) < 1 for layer in found):
        raise ValueError("kernel, stride and dilation must be positive")
    return found


@wrong("only-the-last-stride",
       "You multiply by the stride of the layer before only. All earlier strides multiply.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step = stride
    return field


@wrong("strides-added",
       "You add the strides up. A step in a layer is a stride of steps in the layer before: they "
       "multiply.")
def receptive_field(layers):
    field, step = 1, 0
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * max(step, 1)
        step += stride if stride > 1 else 0
    return field


@wrong("own-stride-counted",
       "You count a layer's own stride for its own window. It spreads the windows of the layers "
       "behind it: multiply after you have added.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        step *= stride
        field += dilation * (kernel - 1) * step
    return field


@wrong("strides-ignored",
       "The strides make no difference to your answer. Behind a stride of s, neighbours are s "
       "pixels of the input apart.")
def receptive_field(layers):
    return 1 + sum(dilation * (kernel - 1) for kernel, stride, dilation in triples(layers))


@wrong("kernels-added",
       "You add whole kernels. A window of k grows the field by k − 1 steps: one of its pixels was "
       "there already. (From the output back: between RF windows there are RF − 1 strides.)")
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in triples(layers):
        field += (dilation * (kernel - 1) + 1) * step
        step *= stride
    return max(field, 1)


@wrong("own-pixel-forgotten",
       "One is missing. The field starts at 1, the pixel itself.")
def receptive_field(layers):
    field, step = 0, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("kernels-multiplied",
       "You multiply the kernels. Each grows the field by k − 1 steps: add those.")
def receptive_field(layers):
    return math.prod(dilation * (kernel - 1) + 1 for kernel, stride, dilation in triples(layers))


@wrong("layers-backwards",
       "You go through the layers in the wrong direction. The first of the list is next to the "
       "image. Multiply strides from there on, or use (RF − 1)·s + K from the last layer back.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in reversed(triples(layers)):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("only-the-last-layer",
       "Your answer is the last layer's window, measured in the map before it. Go back to the "
       "image, through all layers.")
def receptive_field(layers):
    return max((dilation * (kernel - 1) + 1 for kernel, _, dilation in triples(layers)[-1:]),
               default=1)


@wrong("field-ignores-dilation",
       "The dilation makes no difference to your answer. A dilated window reaches over "
       "d·(k − 1) + 1 pixels.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, _ in triples(layers):
        field += (kernel - 1) * step
        step *= stride
    return field


@wrong("field-of-d-times-k",
       "A dilated window does not reach over d·k pixels: behind its last weight there is no gap. "
       "It grows the field by d·(k − 1) steps.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += (dilation * kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-counted-from-zero",
       "Your gaps are one too wide. Dilation 1 means no gap: neighbouring weights are d pixels "
       "apart, not d + 1.")
def receptive_field(layers):
    field, step = 1, 1
    for (kernel, stride, dilation), layer in zip(triples(layers), layers, strict=True):
        field += (dilation if len(layer) == 2 else dilation + 1) * (kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-is-a-stride",
       "Dilation spreads the layer's own window only. You let it spread the layers behind it too, "
       "as a stride does.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride * dilation
    return field


@wrong("dilation-not-expected",
       "A layer with a dilation makes it fail. A layer is (kernel, stride) or (kernel, stride, "
       "dilation).")
def receptive_field(layers):
    triples(layers)
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


@wrong("dilation-expected",
       "A layer without a dilation makes it fail. A layer is (kernel, stride) or (kernel, stride, "
       "dilation).")
def receptive_field(layers):
    triples(layers)
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field


@wrong("no-layers-no-field",
       "Without any layer the receptive field is 1: an output is an input, one pixel.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, dilation in triples(layers):
        field += dilation * (kernel - 1) * step
        step *= stride
    return field if layers else 0


@wrong("field-is-a-float",
       "Your number is right, but a float. Pixels are counted with ints.")
def receptive_field(layers):
    strides = np.array([1.0] + [stride for _, stride, _ in triples(layers)])
    steps = np.cumprod(strides)
    return 1 + sum(dilation * (kernel - 1) * step
                   for (kernel, _, dilation), step in zip(triples(layers), steps, strict=False)) \
        if layers else 1.0


@wrong("impossible-layers-have-a-field",
       "A kernel, stride or dilation below one gets an answer. Raise a ValueError.")
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride, *dilation in layers:
        field += (dilation[0] if dilation else 1) * (kernel - 1) * step
        step *= stride
    return field
