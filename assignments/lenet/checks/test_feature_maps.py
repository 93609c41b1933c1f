import pytest
import torch
pytestmark = pytest.mark.question('feature_maps')
NEAR = (0.0001, 0.0001)

def suite_plain():
    import torch
    from torch import nn
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2))
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    return model

def plain_maps(X):
    model = suite_plain()
    with torch.no_grad():
        first = model[0](X)
        return [('0', first), ('3', model[3](model[2](first.relu())))]

def expect_maps(expect, found, expected, where='maps'):
    pairs = [expect.sequence(pair, 2, where) for pair in expect.sequence(found, len(expected), where)]
    expect.equal([name for name, _ in pairs], [name for name, _ in expected], 'names')
    for (name, given), (_, right) in zip(pairs, expected, strict=True):
        expect.tensor(given, tuple(right.shape), name)
        expect.equal(given, right, name, within=NEAR)

@pytest.mark.visibility('visible')
@pytest.mark.weight(3)
def test_two_convolutions(student, expect, draw):
    """Convolution, activation, pooling, convolution, one after the other."""
    X = draw.normal(2, 1, 8, 7)
    expect_maps(expect, student.feature_maps(student.define(suite_plain), X), plain_maps(X))
    expect.unchanged()
