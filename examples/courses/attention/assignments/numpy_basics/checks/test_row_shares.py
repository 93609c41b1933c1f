import numpy as np
import pytest
pytestmark = pytest.mark.question('row_shares')

@pytest.mark.visibility('visible')
def test_whole_numbers(check):
    """Two rows of three whole numbers."""
    check.row_shares(np.array([[1.0, 2.0, 5.0], [2.0, 2.0, 4.0]]))
