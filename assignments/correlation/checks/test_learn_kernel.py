import pytest
import torch
import torch.nn.functional as F
pytestmark = pytest.mark.question('learn_kernel')

def edges():
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    return X

def target(X, K):
    return F.conv2d(X[None, None], K[None, None])[0, 0]

def curvature(X, size):
    windows = F.unfold(X[None, None].double(), size)[0]
    return torch.linalg.eigh(2 * windows @ windows.T)

def within(X, K, lr=0.03, epochs=10):
    return 1.01 * worst_error(X, K, lr, epochs) + 0.001

def worst_error(X, K, lr, epochs):
    values, vectors = curvature(X, tuple(K.shape))
    start = 1 / K.numel() ** 0.5
    apart = (vectors.T @ K.double().reshape(-1)).abs() + start * vectors.abs().sum(0)
    return float((vectors.abs() @ ((1 - lr * values).abs() ** epochs * apart)).max())

def learned(student, expect, X, K, Y=None, lr=0.03, epochs=10):
    Y = target(X, K) if Y is None else Y
    answer = student.learn_kernel(X, Y, tuple(K.shape), lr=lr, epochs=epochs)
    kernel, losses = expect.sequence(answer, 2, 'answer')
    expect.near(kernel, K, within(X, K, lr, epochs), 'kernel')
    losses = expect.numbers(losses, epochs, 'losses')
    expect.unchanged()
    return losses

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_the_edge_task(student, expect):
    """Ten epochs at learning rate 0.03 find the edge kernel [1, −1]."""
    learned(student, expect, edges(), torch.tensor([[1.0, -1.0]]))
