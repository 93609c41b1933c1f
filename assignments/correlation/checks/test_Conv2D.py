import pytest
import torch
pytestmark = pytest.mark.question('Conv2D')

@pytest.mark.visibility('visible')
def test_forward_example(check):
    """A 2×2 layer of ones with bias 1, on the image 0, 1, …, 8."""
    layer = check.Conv2D.new((2, 2))
    layer.load(weight=torch.ones(2, 2), bias=torch.ones(1))
    layer(torch.arange(9.0).reshape(3, 3))
