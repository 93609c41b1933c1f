import pytest
import torch
pytestmark = pytest.mark.question('conv2d_backward')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """A 3×3 image, a 2×2 kernel, and a gradient with both signs."""
    check.conv2d_backward(torch.tensor([[[[1.0, -1.0], [0.0, 2.0]]]]), torch.arange(9.0).reshape(1, 1, 3, 3), torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
