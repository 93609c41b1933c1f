import pytest
import torch
pytestmark = pytest.mark.question('maxpool_backward')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """A 4×4 image in 2×2 windows: each gradient goes to the largest pixel of its window."""
    X = torch.tensor([[1.0, 3.0, 2.0, 0.0], [4.0, 2.0, 1.0, 5.0], [0.0, 1.0, 7.0, 6.0], [2.0, 8.0, 3.0, 4.0]])
    check.maxpool_backward(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), X[None, None], 2, 2)
