import pytest
import torch
pytestmark = pytest.mark.question('corr2d_multi_in_out')

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_textbook_example(check):
    """The textbook's example: the kernels K, K + 1 and K + 2, and so three output channels."""
    X, K = (torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2))
    K = torch.stack([K, K + 1])
    check.corr2d_multi_in_out(torch.stack([X, X + 1]), torch.stack([K, K + 1, K + 2]))
