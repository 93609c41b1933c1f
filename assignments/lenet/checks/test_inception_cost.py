import pytest
pytestmark = pytest.mark.question('inception_cost')

@pytest.mark.visibility('visible')
def test_a_bottleneck_saves_nine_tenths(check):
    """32 filters of 5×5 on 28×28×192: 120 422 400 MACs, or 12 443 648 through 16 channels."""
    check.inception_cost(192, 28, [[(32, 5)]])
    check.inception_cost(192, 28, [[(16, 1), (32, 5)]])
