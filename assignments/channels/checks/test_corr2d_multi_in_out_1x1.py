import pytest
import torch
pytestmark = pytest.mark.question('corr2d_multi_in_out_1x1')

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_small_example(check):
    """A 2×3 image of two channels, mixed into three: sum, difference, and twice the second."""
    X = torch.arange(12.0).reshape(2, 2, 3)
    K = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 2.0]])
    check.corr2d_multi_in_out_1x1(X, K[:, :, None, None])
