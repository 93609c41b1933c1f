"""Parameters, MACs and FLOPs: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers stand
for what the student got right: the arguments they refuse.
"""

import math

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def pair(size):
    """(height, width) of a size that may be one int."""
    return (size, size) if isinstance(size, int) else tuple(size)


def divisible(c_in, c_out, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError("groups must divide the channels")


def weights(c_in, c_out, kernel_size, groups):
    """How many weights a convolution has."""
    divisible(c_in, c_out, groups)
    return c_out * (c_in // groups) * math.prod(pair(kernel_size))


@wrong("input-channels-forgotten",
       "Your filters are flat. A filter spans all input channels: it has c_in · kh · kw weights.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("output-channels-forgotten",
       "Your answer is for one filter. There is one filter for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // c_out + (1 if bias else 0)


@wrong("kernels-counted",
       "You count kernels. Each kernel has kh · kw parameters.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, 1, groups) + (c_out if bias else 0)


@wrong("one-bias-for-all",
       "You count one bias for the layer. Each output channel has its own.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + bool(bias)


@wrong("a-bias-for-each-kernel",
       "You count a bias for each input channel of a filter. The bias is added once, after the sum "
       "over the channels: one for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out * c_in // groups if bias else 0)


@wrong("a-bias-for-each-input",
       "You count a bias for each input channel. The bias is added to the output: one for each "
       "output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_in if bias else 0)


@wrong("biases-never-counted",
       "The biases are missing. With bias=True there is one for each output channel.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups)


@wrong("biases-always-counted",
       "You count biases even with bias=False.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + c_out


@wrong("no-bias-by-default",
       "Without the argument bias you count no biases. The default is bias=True, as in torch.")
def parameter_count(c_in, c_out, kernel_size, bias=False, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out if bias else 0)


@wrong("parameters-of-a-square-kernel",
       "You take the kernel for a square of its height. Multiply height and width.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    height, _ = pair(kernel_size)
    return weights(c_in, c_out, height, groups) + (c_out if bias else 0)


@wrong("parameters-want-pairs",
       "A kernel size of one int makes it fail. 5 means 5×5.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    kh, kw = kernel_size
    return weights(c_in, c_out, (kh, kw), groups) + (c_out if bias else 0)


@wrong("parameters-want-ints",
       "A kernel size of two numbers makes it fail. It can be an int or a pair (height, width).")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, 1, groups) * kernel_size ** 2 + (c_out if bias else 0)


@wrong("parameters-ignore-groups",
       "The groups make no difference to your answer. With g groups a filter sees c_in / g "
       "channels only.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return weights(c_in, c_out, kernel_size, 1) + (c_out if bias else 0)


@wrong("parameters-of-one-group",
       "You count one group. Both channel counts are divided by g, and then there are g such "
       "groups.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // groups + (c_out if bias else 0)


@wrong("groups-share-biases",
       "You divide the biases by the groups too. Each output channel keeps its own.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return weights(c_in, c_out, kernel_size, groups) + (c_out // groups if bias else 0)


@wrong("parameters-are-floats",
       "Your number is right, but a float. Divide with //.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * (c_in / groups) * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("uneven-groups-have-parameters",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def parameter_count(c_in, c_out, kernel_size, bias=True, groups=1):
    return c_out * (c_in // groups) * math.prod(pair(kernel_size)) + (c_out if bias else 0)


@wrong("macs-without-input-channels",
       "Your filters are flat. Each output number is a sum over all input channels: "
       "c_in · kh · kw products.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return c_out * math.prod(pair(kernel_size)) * math.prod(pair(output_size))


@wrong("macs-of-one-channel",
       "Your answer is for one output channel. There are c_out of them.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // c_out * math.prod(pair(output_size))


@wrong("macs-are-weights",
       "You count the weights. Each of them is used once for every position of the window: "
       "multiply by the size of the output.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups)


@wrong("kernel-forgotten-in-macs",
       "You count output numbers and channels. Each output number needs kh · kw products for every "
       "channel.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, 1, groups) * math.prod(pair(output_size))


@wrong("biases-in-macs",
       "You count the biases. Adding a bias multiplies nothing: here MACs are the products only.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return (weights(c_in, c_out, kernel_size, groups) + c_out) * math.prod(pair(output_size))


@wrong("macs-are-flops",
       "Your number is twice as large as it should be: those are FLOPs. One MAC is a "
       "multiplication and an addition together.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * weights(c_in, c_out, kernel_size, groups) * math.prod(pair(output_size))


@wrong("output-is-a-square",
       "You take the output for a square of its height. Multiply height and width.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) * pair(output_size)[0] ** 2


@wrong("macs-of-a-square-kernel",
       "You take the kernel for a square of its height. Multiply height and width.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    height, _ = pair(kernel_size)
    return weights(c_in, c_out, height, groups) * math.prod(pair(output_size))


@wrong("output-size-is-the-inputs",
       "You take output_size for the size of the input. It is the output's already: do not "
       "subtract the kernel again.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    sizes = zip(pair(output_size), pair(kernel_size), strict=True)
    return weights(c_in, c_out, kernel_size, groups) * math.prod(n - k + 1 for n, k in sizes)


@wrong("macs-want-pairs",
       "A size of one int makes it fail. 5 means 5×5, for the kernel and for the output.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    (kh, kw), (h, w) = kernel_size, output_size
    return weights(c_in, c_out, (kh, kw), groups) * h * w


@wrong("macs-want-ints",
       "A size of two numbers makes it fail. It can be an int or a pair (height, width).")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, 1, groups) * kernel_size ** 2 * output_size ** 2


@wrong("macs-ignore-groups",
       "The groups make no difference to your answer. With g groups an output number is a sum over "
       "c_in / g channels only.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return weights(c_in, c_out, kernel_size, 1) * math.prod(pair(output_size))


@wrong("macs-of-one-group",
       "You count one group. Both channel counts are divided by g, and then there are g such "
       "groups.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    return weights(c_in, c_out, kernel_size, groups) // groups * math.prod(pair(output_size))


@wrong("macs-are-floats",
       "Your number is right, but a float. Divide with //.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    products = c_out * (c_in / groups) * math.prod(pair(kernel_size))
    return products * math.prod(pair(output_size))


@wrong("uneven-groups-have-macs",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def macs(c_in, c_out, kernel_size, output_size, groups=1):
    products = c_out * (c_in // groups) * math.prod(pair(kernel_size))
    return products * math.prod(pair(output_size))


def products(c_in, c_out, kernel_size, output_size, groups):
    """The right number of MACs."""
    return weights(c_in, c_out, kernel_size, groups) * math.prod(pair(output_size))


@wrong("flops-are-macs",
       "One MAC is two floating-point operations, a multiplication and an addition: FLOPs are "
       "twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return products(c_in, c_out, kernel_size, output_size, groups)


@wrong("flops-with-biases",
       "You add the biases. By the convention of this notebook FLOPs are twice the MACs, and "
       "nothing else.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    biases = c_out * math.prod(pair(output_size))
    return 2 * products(c_in, c_out, kernel_size, output_size, groups) + biases


@wrong("flops-with-one-addition-less",
       "You count one addition less for each output number. That is exact, but by the convention "
       "of this notebook FLOPs are twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    numbers = c_out * math.prod(pair(output_size))
    return 2 * products(c_in, c_out, kernel_size, output_size, groups) - numbers


@wrong("flops-halved",
       "You halve the MACs. One MAC is two floating-point operations: FLOPs are twice the MACs.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return products(c_in, c_out, kernel_size, output_size, groups) // 2


@wrong("flops-forget-groups",
       "The groups do not reach the count of FLOPs. Pass them on.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    divisible(c_in, c_out, groups)
    return 2 * products(c_in, c_out, kernel_size, output_size, 1)


@wrong("uneven-groups-have-flops",
       "Groups that do not divide the channels get an answer. Raise a ValueError.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2 * c_out * (c_in // groups) * math.prod(pair(kernel_size)) * math.prod(
        pair(output_size))


@wrong("flops-are-floats",
       "The number of FLOPs is a float. Multiply whole numbers by 2, and not by 2.0.")
def flops(c_in, c_out, kernel_size, output_size, groups=1):
    return 2.0 * products(c_in, c_out, kernel_size, output_size, groups)
