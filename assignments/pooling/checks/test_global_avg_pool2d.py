import pytest
import torch
pytestmark = pytest.mark.question('global_avg_pool2d')

@pytest.mark.visibility('visible')
def test_square_example(check):
    """Two channels of a 2×2 image: 0, 1, 2, 3 and 4, 5, 6, 7."""
    check.global_avg_pool2d(torch.arange(8.0).reshape(1, 2, 2, 2))
