import pytest
import torch
pytestmark = pytest.mark.question('conv2d_grouped')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """Two channels, each with a 2×2 kernel of its own."""
    X = torch.arange(18.0).reshape(1, 2, 3, 3)
    W = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]], [[[1.0, 0.0], [0.0, -1.0]]]])
    check.conv2d_grouped(X, W, groups=2)
