import pytest
import torch
pytestmark = pytest.mark.question('conv2d_transposed')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """A 2×2 image and a 2×2 kernel give a 3×3 answer: four stamps that overlap."""
    check.conv2d_transposed(torch.arange(4.0).reshape(1, 1, 2, 2), torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
