"""MultiHeadAttention(features, heads): self-attention in parts of the features."""

import pytest
import torch

pytestmark = pytest.mark.question("MultiHeadAttention")

LAYERS = ("query.weight", "key.weight", "value.weight", "out.weight")


def suite_two_calls():
    """Both answers of a layer, looked at after the second."""
    return lambda layer, X, Y: (layer(X), layer(Y))


def loaded(check, draw, features, heads):
    layer = check.MultiHeadAttention.new(features, heads)
    layer.load(**{name: draw.normal(features, features) / features**0.5 for name in LAYERS})
    return layer


@pytest.mark.visibility("visible")
def test_identities(check):
    """Two heads of two features; all four layers change nothing."""
    layer = check.MultiHeadAttention.new(4, 2)
    layer.load(**dict.fromkeys(LAYERS, torch.eye(4)))
    layer(torch.arange(12.0).reshape(1, 3, 4) / 4)


@pytest.mark.weight(3)
def test_any_parameters(check, draw):
    """Any parameters, two and three heads."""
    loaded(check, draw, 8, 2)(draw.normal(2, 5, 8))
    loaded(check, draw, 6, 3)(draw.normal(3, 4, 6))


@pytest.mark.weight(2)
def test_masked(check, draw):
    """No position looks ahead; or each at itself and at one more."""
    layer, ahead = loaded(check, draw, 6, 2), torch.ones(4, 4).tril().bool()
    layer(draw.normal(2, 4, 6), ahead)
    # In every second element of its memory, with the axes the other way round.
    two = (torch.eye(4) + torch.eye(4).roll(draw.number(1, 3), 1)).bool()
    layer(draw.normal(2, 4, 6), torch.stack([~two.T, two.T], -1)[..., 1].T)


def test_answers_stay(check, student, expect, draw):
    """Two calls in a row, on views."""
    layer = loaded(check, draw, 4, 2)
    X, Y = draw.view(2, 3, 4), draw.view(2, 3, 4)
    layer(X)
    layer(Y)
    answers = student.define(suite_two_calls)(layer.student, X, Y)
    before, _ = expect.sequence(answers, 2, "answers")
    expect.near(before, layer.reference(X).detach(), 1e-4, "the first answer, after a second call")


def test_parameters_are_registered(check, draw):
    """Four layers without bias, found by an optimizer."""
    heads = draw.number(2, 4)
    check.MultiHeadAttention.new(heads * draw.number(2, 5), heads).parameters()


def test_gradients_reach_the_parameters(check, draw):
    """Autograd reaches the input and all four layers."""
    loaded(check, draw, 4, 2).gradients(draw.normal(2, 3, 4))


def test_heads_that_do_not_divide_are_refused(student, refuses, draw):
    """7 features and 2 heads raise an error."""
    heads = draw.number(2, 5)
    student.MultiHeadAttention.new(heads * 3, heads)  # it has to answer something
    refuses.MultiHeadAttention(heads * 3 + 1, heads)
