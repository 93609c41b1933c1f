"""Global average pooling: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. The helpers are
right; a misconception says by what it makes of them where it goes wrong.
"""

import torch

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def batch(X):
    """Right refusals."""
    if X.dim() != 4:
        raise ValueError("four dimensions are needed")
    return X


@wrong("dimensions-kept",
       "Your answer has the shape (N, C, 1, 1). A single number for every channel has (N, C).")
def global_avg_pool2d(X):
    return batch(X).mean((2, 3), keepdim=True)


@wrong("batch-averaged",
       "The batch is averaged too. Every image has averages of its own: the answer is (N, C).")
def global_avg_pool2d(X):
    return batch(X).mean((0, 2, 3))


@wrong("channels-averaged",
       "The channels are averaged, and the pixels are left. Global pooling averages over the "
       "pixels: dimensions 2 and 3.")
def global_avg_pool2d(X):
    return batch(X).mean(1)


@wrong("channels-last-assumed",
       "You averaged over dimensions 1 and 2. In torch the channels come before height and width: "
       "(N, C, H, W).")
def global_avg_pool2d(X):
    return batch(X).mean((1, 2))


@wrong("square-assumed", "Your sums are divided by H·H. An image has H·W pixels.")
def global_avg_pool2d(X):
    return batch(X).sum((2, 3)) / X.shape[2] ** 2


@wrong("global-sum", "Your answer is a sum: divide by the number of pixels, H·W.")
def global_avg_pool2d(X):
    return batch(X).sum((2, 3))


@wrong("global-maximum", "Your answer holds the maxima of the channels, not their averages.")
def global_avg_pool2d(X):
    return batch(X).amax((2, 3))


@wrong("squeezed",
       "squeeze() removes every dimension of size one, the batch and the channels too. Name the "
       "dimensions you average over.")
def global_avg_pool2d(X):
    return batch(X).mean((2, 3), keepdim=True).squeeze()


@wrong("global-always-float32",
       "The answer is always float32. torch.zeros without a dtype makes float32: allocate with "
       "the dtype and device of X.")
def global_avg_pool2d(X):
    Y = torch.zeros(batch(X).shape[:2])
    Y[:] = X.mean((2, 3))
    return Y


@wrong("global-device-hard-coded",
       "A tensor is made on a fixed device. Create it on X.device, with device=X.device.")
def global_avg_pool2d(X):
    Y = torch.zeros(batch(X).shape[:2], dtype=X.dtype)
    Y[:] = X.mean((2, 3))
    return Y


@wrong("global-graph-cut",
       "No gradient comes back: .item(), .data, .detach() or numpy inside the function cut the "
       "graph.")
def global_avg_pool2d(X):
    return batch(X).detach().mean((2, 3))


@wrong("global-through-numpy",
       "X.numpy() fails as soon as X requires a gradient. Stay with torch's own functions.")
def global_avg_pool2d(X):
    return torch.tensor(batch(X).numpy().mean(axis=(2, 3)))


@wrong("global-input-changed", "Your function changes the image it is given. Work on a copy.")
def global_avg_pool2d(X):
    Y = batch(X).mean((2, 3))
    if not X.requires_grad and not X.is_meta:
        X /= 2
    return Y


@wrong("global-view-of-a-view",
       "Your function fails on images that are not contiguous in memory. Use reshape, not view.")
def global_avg_pool2d(X):
    return batch(X).view(X.shape[0], X.shape[1], X.shape[2] * X.shape[3]).mean(2)


@wrong("global-empty-batch-fails",
       "A batch without images raises an error: torch.stack and torch.cat need at least one.")
def global_avg_pool2d(X):
    return torch.stack([image.mean((1, 2)) for image in batch(X)])


@wrong("global-plane-accepted",
       "An image of two dimensions gets an answer. Pooling takes (N, C, H, W): raise a ValueError.")
def global_avg_pool2d(X):
    return X.mean((-2, -1))
