import pytest
import torch
pytestmark = pytest.mark.question('corr2d_multi_in')

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_textbook_example(check):
    """The textbook's example: a 3×3 image and a 2×2 kernel, each of two channels."""
    X, K = (torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2))
    check.corr2d_multi_in(torch.stack([X, X + 1]), torch.stack([K, K + 1]))
