import pytest
import torch
pytestmark = pytest.mark.question('MultiHeadAttention')
LAYERS = ('query.weight', 'key.weight', 'value.weight', 'out.weight')

@pytest.mark.visibility('visible')
def test_identities(check):
    """Two heads of two features; all four layers change nothing."""
    layer = check.MultiHeadAttention.new(4, 2)
    layer.load(**dict.fromkeys(LAYERS, torch.eye(4)))
    layer(torch.arange(12.0).reshape(1, 3, 4) / 4)
