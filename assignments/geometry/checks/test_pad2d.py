import pytest
import torch
pytestmark = pytest.mark.question('pad2d')

@pytest.mark.visibility('visible')
def test_zeros_around_a_small_image(check):
    """Zeros around a 2×3 image: one row above, two columns to the right."""
    check.pad2d(torch.arange(1.0, 7.0).reshape(2, 3), (1, 0, 0, 2))
