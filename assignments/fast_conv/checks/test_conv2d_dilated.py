import pytest
import torch
pytestmark = pytest.mark.question('conv2d_dilated')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """The image 0, 1, …, 24 and a 2×2 kernel whose weights are two pixels apart."""
    check.conv2d_dilated(torch.arange(25.0).reshape(1, 1, 5, 5), torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]), dilation=2)
