import pytest
import torch
pytestmark = pytest.mark.question('pool2d')

@pytest.mark.visibility('visible')
def test_textbook_examples(check):
    """The image 0, 1, …, 8 and a 2×2 window: maximum, which is the default, and average."""
    X = torch.arange(9.0).reshape(3, 3)
    check.pool2d(X, (2, 2))
    check.pool2d(X, (2, 2), 'avg')
