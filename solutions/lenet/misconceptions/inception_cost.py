"""Cost of parallel branches: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above those of a
question stands what is right in all of them, so that each one shows nothing but its mistake.
"""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


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
