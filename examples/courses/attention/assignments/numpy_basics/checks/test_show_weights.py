import pytest
pytestmark = pytest.mark.question('show_weights')

@pytest.mark.visibility('visible')
def test_two_words(check):
    """Two words."""
    check.show_weights.prints(['a', 'rose'], [0.75, 0.25])
