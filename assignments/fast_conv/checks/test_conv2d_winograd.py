import pytest
import torch
pytestmark = pytest.mark.question('conv2d_winograd')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """The image 0, 1, …, 15 and a 3×3 kernel of ones: one tile, four outputs."""
    check.conv2d_winograd(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3))
