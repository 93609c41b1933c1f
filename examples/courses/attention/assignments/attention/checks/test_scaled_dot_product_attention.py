import pytest
import torch
pytestmark = pytest.mark.question('scaled_dot_product_attention')

@pytest.mark.visibility('visible')
def test_two_queries(check):
    """Two queries, three keys, whole numbers."""
    check.scaled_dot_product_attention(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 1.0], [0.0, 1.0], [2.0, 0.0]]), torch.tensor([[1.0], [2.0], [4.0]]))
