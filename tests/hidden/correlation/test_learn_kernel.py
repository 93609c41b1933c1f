"""learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10): find K with corr2d(X, K) = Y by gradient
descent on the summed squared error."""

import pytest
import torch
import torch.nn.functional as F

from autograder.suite import sentence

pytestmark = pytest.mark.question("learn_kernel")

RISES = sentence("The loss does not fall: look at the sign and the size of the step.")


def edges():
    """The textbook's image, (6, 8): ones with columns 2 to 5 zero."""
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    return X


def target(X, K):
    """corr2d(X, K)."""
    return F.conv2d(X[None, None], K[None, None])[0, 0]


def curvature(X, size):
    """Eigenvalues and eigenvectors of the loss's Hessian 2·A·Aᵀ, A the windows of X as columns."""
    windows = F.unfold(X[None, None].double(), size)[0]
    return torch.linalg.eigh(2 * windows @ windows.T)


def within(X, K, lr=3e-2, epochs=10):
    """How far a learned kernel may be from K."""
    return 1.01 * worst_error(X, K, lr, epochs) + 1e-3


def worst_error(X, K, lr, epochs):
    """How far each element of the learned kernel can be off, for any start that nn.Conv2d's
    default allows: along each eigenvector the error shrinks by 1 − lr·λ in every step."""
    values, vectors = curvature(X, tuple(K.shape))
    start = 1 / K.numel() ** 0.5
    apart = (vectors.T @ K.double().reshape(-1)).abs() + start * vectors.abs().sum(0)
    return float((vectors.abs() @ ((1 - lr * values).abs() ** epochs * apart)).max())


def learned(student, expect, X, K, Y=None, lr=3e-2, epochs=10):
    """Learn K back from X and Y, which is corr2d(X, K), and judge kernel and losses."""
    Y = target(X, K) if Y is None else Y
    answer = student.learn_kernel(X, Y, tuple(K.shape), lr=lr, epochs=epochs)
    kernel, losses = expect.sequence(answer, 2, "answer")
    expect.near(kernel, K, within(X, K, lr, epochs), "kernel")
    losses = expect.numbers(losses, epochs, "losses")
    expect.unchanged()
    return losses


@pytest.mark.visibility("visible")
@pytest.mark.weight(2)
def test_the_edge_task(student, expect):
    """Ten epochs at learning rate 0.03 find the edge kernel [1, −1]."""
    learned(student, expect, edges(), torch.tensor([[1.0, -1.0]]))


@pytest.mark.weight(3)
@pytest.mark.proves("any image")
def test_other_kernels(student, expect, draw):
    """The same image, with kernels that are not in the examples."""
    X, K = edges(), 2 * draw.normal(1, 2)
    learned(student, expect, X, K)
    first = student.learn_kernel.new(X, target(X, K), (1, 2))
    for _ in range(2):
        learned(student, expect, X, 2 * draw.normal(1, 2))
    kernel, _ = expect.sequence(first.value(), 2, "answer")
    expect.near(kernel, K, within(X, K), "the first kernel, after other calls")


@pytest.mark.weight(2)
@pytest.mark.proves("any image")
def test_other_images_and_sizes(student, expect, draw):
    """A random image, a view, and a 2×3 kernel, with a step small enough to converge."""
    # So bright that with a bias beside the kernel the same step is too large: by a factor of 1.6 in
    # every epoch, or more (of 2 000 images).
    X, K = draw.view(7, 9).mul_(0.35).add_(0.3), draw.normal(2, 3)
    Y = draw.view(6, 7).copy_(target(X, K))
    values, _ = curvature(X, (2, 3))
    learned(student, expect, X, K, Y, lr=float(1.6 / values[-1]),
            epochs=int(3 * values[-1] / values[0]))


@pytest.mark.weight(2)
@pytest.mark.proves("nothing that knows the answer")
def test_losses(student, expect, draw):
    """One summed squared error for each epoch, taken before its step, and falling."""
    # Out of reach of any first kernel, and of the one in the examples.
    K = torch.tensor([[-1.0, 1.0]]) * (1 + draw.normal(1, 2).abs())
    losses = learned(student, expect, edges(), K)
    expect.that(losses[-1] < 0.5 * losses[0], RISES)
    first = student.learn_kernel(edges(), target(edges(), K), (1, 2), epochs=1)
    _, single = expect.sequence(first, 2, "answer")
    expect.near(torch.tensor(expect.numbers(single, 1, "losses")), torch.tensor(losses[:1]),
                1e-3 * max(1.0, losses[0]), "first loss")
    still = student.learn_kernel(edges(), target(edges(), K), (1, 2), lr=0.0, epochs=1)
    kernel, single = expect.sequence(still, 2, "answer")
    kernel = expect.tensor(kernel, (1, 2), "kernel").detach().float()
    summed = ((target(edges(), kernel) - target(edges(), K)) ** 2).sum()
    expect.near(torch.tensor(expect.numbers(single, 1, "losses")), summed[None],
                1e-3 * max(1.0, float(summed)), "loss of the kernel at a learning rate of 0")


@pytest.mark.proves("plain Python floats")
def test_losses_are_floats(student, expect, draw):
    """The losses are plain Python floats, not tensors."""
    answer = student.learn_kernel(edges(), target(edges(), draw.normal(1, 2)), (1, 2), epochs=2)
    _, losses = expect.sequence(answer, 2, "answer")
    expect.floats(losses, 2, "losses")


@pytest.mark.proves("any image")
def test_learning_rate_and_epochs_are_used(student, expect, draw):
    """A learning rate of zero learns nothing; one epoch gives one loss."""
    Y = target(edges(), 2 * draw.normal(1, 2))
    answer = student.learn_kernel(edges(), Y, (1, 2), lr=0.0, epochs=3)
    _, losses = expect.sequence(answer, 2, "answer")
    losses = expect.numbers(losses, 3, "losses")
    expect.that(max(losses) - min(losses) <= 1e-3 * max(losses),
                sentence("With a learning rate of 0 the loss has to stay as it is."))


@pytest.mark.weight(0.5)
@pytest.mark.proves("unchanged")
def test_arguments_stay_as_they_are(student, expect, draw):
    """Image and target stay as they are, and two calls share nothing."""
    X, K = edges(), 2 * draw.normal(1, 2)
    first = student.learn_kernel.new(X, target(X, K), (1, 2))
    student.learn_kernel(X, target(X, 2 * draw.normal(1, 2)), (1, 2))
    expect.unchanged()
    kernel, _ = expect.sequence(first.value(), 2, "answer")
    expect.near(kernel, K, within(X, K), "the first kernel, after another call")


@pytest.mark.weight(0.5)
@pytest.mark.proves("follows X in dtype")
def test_double_precision(student, expect, draw):
    """From doubles a kernel of doubles is learned."""
    X, K = edges().double(), 2 * draw.normal(1, 2, dtype=torch.float64)
    # Each step leaves two thirds of the error: at the end there is nothing left but rounding.
    answer = student.learn_kernel(X, target(X, K), (1, 2), lr=1 / 36, epochs=80)
    kernel, _ = expect.sequence(answer, 2, "answer")
    expect.near(kernel, K, within(X, K, 1 / 36, 80), "kernel")
    expect.equal(kernel, kernel.double(), "kernel")
    expect.near(kernel, K, 1e-9, "kernel")


@pytest.mark.weight(0.5)
def test_int_size(student, expect, draw):
    """One number means a square kernel."""
    X, K = draw.normal(8, 9), draw.normal(3, 3)
    values, _ = curvature(X, (3, 3))
    lr, epochs = float(1 / values[-1]), int(4 * values[-1] / values[0])
    answer = student.learn_kernel(X, target(X, K), 3, lr=lr, epochs=epochs)
    kernel, _ = expect.sequence(answer, 2, "answer")
    expect.near(kernel, K, within(X, K, lr, epochs), "kernel")


@pytest.mark.weight(0.5)
@pytest.mark.proves("a kernel taller or wider", "not two-dimensional")
def test_impossible_arguments_are_refused(student, refuses, draw):
    """A kernel larger than the image, or an image or target of other dimensions, raises an error.
    """
    X, Y, size = draw.normal(4, 5), draw.normal(3, 4), (2, 2)
    student.learn_kernel(X, Y, size, 1e-3, 2)
    refuses.learn_kernel(X, Y, (draw.number(5, 9), 2), 1e-3, 2)
    refuses.learn_kernel(X[None].expand(2, 4, 5), Y, size, 1e-3, 2)
    refuses.learn_kernel(X, Y[None], size, 1e-3, 2)
