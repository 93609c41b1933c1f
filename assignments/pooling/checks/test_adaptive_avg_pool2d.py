import pytest
import torch
pytestmark = pytest.mark.question('adaptive_avg_pool2d')

@pytest.mark.visibility('visible')
def test_four_to_two(check):
    """The image 0, 1, …, 15 in four quarters."""
    check.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 1, 4, 4), (2, 2))
