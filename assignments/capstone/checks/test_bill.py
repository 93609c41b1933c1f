import pytest
pytestmark = pytest.mark.question('bill')
BRANCHED = [('conv', 16, 3, 2, 1), ('norm',), ('residual', [('conv', 24, 3, 1, 1), ('norm',), ('conv', 24, 3, 1, 1)], [('conv', 24, 1, 1, 0)]), ('pool', 2, 2), ('global',), ('dense', 10)]

@pytest.mark.visibility('visible')
def test_a_network_with_a_residual_block(check):
    """A small network with normalisation, a residual block, pooling and a dense layer."""
    check.network_macs(BRANCHED, 3, (20, 20))
    check.network_field(BRANCHED)
