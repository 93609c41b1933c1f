import pytest
import torch
pytestmark = pytest.mark.question('corr2d')

@pytest.mark.visibility('visible')
def test_textbook_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel."""
    check.corr2d(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
