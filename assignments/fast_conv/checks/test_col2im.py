import pytest
import torch
pytestmark = pytest.mark.question('col2im')

@pytest.mark.visibility('visible')
def test_worked_example(check):
    """Columns of ones: each pixel of a 3×3 image gets the number of 2×2 windows that cover it."""
    check.col2im(torch.ones(1, 4, 4), 3, 2)
