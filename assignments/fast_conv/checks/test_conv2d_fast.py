import pytest
import torch
pytestmark = pytest.mark.question('conv2d_fast')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """The image 0, 1, …, 15 through a 3×3 window of ones: stride 2, padding 1, bias 0.5."""
    check.conv2d_fast(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3), torch.tensor([0.5]), stride=2, padding=1)
