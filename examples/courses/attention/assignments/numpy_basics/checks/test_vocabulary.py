import pytest
pytestmark = pytest.mark.question('vocabulary')

@pytest.mark.visibility('visible')
def test_a_sentence(check):
    """A rose is a rose."""
    check.vocabulary(['a', 'rose', 'is', 'a', 'rose'])
