import pytest
import torch
pytestmark = pytest.mark.question('im2col')

@pytest.mark.visibility('visible')
@pytest.mark.weight(1.5)
def test_worked_example(check):
    """The image 0, 1, …, 8 through a 2×2 window: four columns of four pixels."""
    check.im2col(torch.arange(9.0).reshape(1, 1, 3, 3), 2)
