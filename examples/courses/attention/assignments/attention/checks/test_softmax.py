import pytest
import torch
pytestmark = pytest.mark.question('softmax')

@pytest.mark.visibility('visible')
def test_three_scores(check):
    """The scores 0, 1 and 2, and twice the same."""
    check.softmax(torch.tensor([[0.0, 1.0, 2.0], [3.0, 3.0, 3.0]]))
