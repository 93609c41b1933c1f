import pytest
pytestmark = pytest.mark.question('same_padding')

@pytest.mark.visibility('visible')
def test_odd_examples(check):
    """Kernels of three and five pixels."""
    check.same_padding(3)
    check.same_padding(5)
