import pytest
import torch
pytestmark = pytest.mark.question('pool2d_full')

@pytest.mark.visibility('visible')
def test_textbook_examples(check):
    """The image 0, 1, …, 15 with a 3×3 window, and with a second channel."""
    X = torch.arange(16.0).reshape(1, 1, 4, 4)
    check.pool2d_full(X, 3)
    check.pool2d_full(X, 3, 2, 1)
    check.pool2d_full(torch.cat((X, X + 1), 1), 3, 2, 1)
