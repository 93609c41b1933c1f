import pytest
import torch
import torch.nn.functional as F
pytestmark = pytest.mark.question('edge_kernel')

def responses(kernel, X):
    return F.conv2d(X[None, None], kernel[None, None].to(X.dtype))[0, 0]

@pytest.mark.visibility('visible')
@pytest.mark.weight(2)
def test_vertical_edges_of_the_textbook_image(student, expect):
    """A 6×8 image of ones with columns 2 to 5 zero: 1 at the falling edge, −1 at the rising."""
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    expected = torch.zeros(6, 7)
    expected[:, 1], expected[:, 5] = (1, -1)
    kernel = expect.tensor(student.edge_kernel('vertical'), (1, 2), 'kernel')
    expect.equal(responses(kernel, X), expected, 'response')
