import pytest
import torch
pytestmark = pytest.mark.question('conv2d_fft')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel."""
    check.conv2d_fft(torch.arange(9.0).reshape(1, 1, 3, 3), torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
