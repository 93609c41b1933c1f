import pytest
import torch
pytestmark = pytest.mark.question('conv2d_true')

@pytest.mark.visibility('visible')
def test_flipped_example(check):
    """The textbook's image and kernel, flipped."""
    check.conv2d_true(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
