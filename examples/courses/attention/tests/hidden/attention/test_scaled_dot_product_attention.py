"""scaled_dot_product_attention(Q, K, V, mask): each query's mean of values."""

import pytest
import torch

pytestmark = pytest.mark.question("scaled_dot_product_attention")


def allowed(draw, T, S):
    """A mask by which each query may look somewhere, and not everywhere."""
    mask = draw.integers(T, S, low=0, high=1).bool()
    mask[:, draw.number(0, S - 1)] = True
    mask[torch.arange(T), (mask.int().argmax(1) + 1) % S] = False
    return mask


def strided(mask):
    """The same in every second element of its memory, with the axes the other way round."""
    return torch.stack([~mask.T, mask.T], -1)[..., 1].T


@pytest.mark.visibility("visible")
def test_two_queries(check):
    """Two queries, three keys, whole numbers."""
    check.scaled_dot_product_attention(
        torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 1.0], [0.0, 1.0], [2.0, 0.0]]),
        torch.tensor([[1.0], [2.0], [4.0]]))


@pytest.mark.weight(3)
def test_any_queries(check, draw):
    """Fewer queries than keys, values of another length, heads and images before them."""
    check.scaled_dot_product_attention(draw.normal(3, 4), draw.normal(5, 4), draw.normal(5, 6))
    check.scaled_dot_product_attention(
        draw.normal(2, 3, 4, 8), draw.normal(2, 3, 5, 8), draw.normal(2, 3, 5, 2))


@pytest.mark.weight(3)
def test_masked(check, draw):
    """A mask for all, and one for each image."""
    check.scaled_dot_product_attention(
        draw.normal(4, 3), draw.normal(5, 3), draw.normal(5, 2), allowed(draw, 4, 5))
    masks = torch.stack([allowed(draw, 4, 5) for _ in range(2)])
    check.scaled_dot_product_attention(
        draw.normal(2, 4, 3), draw.normal(2, 5, 3), draw.normal(2, 5, 2), masks)


@pytest.mark.proves("are left unchanged")
def test_views_and_repeated_calls(check, draw):
    """Views of other tensors, two calls in a row, double precision."""
    two = [(draw.view(3, 4), draw.view(5, 4), draw.view(5, 2), strided(allowed(draw, 3, 5)))
           for _ in range(2)]
    check.scaled_dot_product_attention.in_turn(
        *two, where="the first answer, after a second call")
    check.scaled_dot_product_attention(*(
        draw.normal(4, 3, dtype=torch.float64) for _ in range(3)))


@pytest.mark.proves("differentiable in Q")
def test_gradients(check, draw):
    """Autograd reaches queries, keys and values."""
    check.scaled_dot_product_attention.gradients(
        draw.normal(3, 4), draw.normal(5, 4), draw.normal(5, 2))
