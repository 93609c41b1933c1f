import pytest
import torch
pytestmark = pytest.mark.question('conv2d')

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_small_example(check):
    """A 4×4 image, a 3×3 kernel of ones, padding 1, stride 2."""
    check.conv2d(torch.arange(16.0).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3), stride=2, padding=1)
