from otter.test_files import test_case

OK_FORMAT = False

name = 'Conv2D'
points = 3.0


@test_case(name="examples")
def test_examples(Conv2D, Y, layer, name, p, torch):
    layer = Conv2D((2, 2))
    assert {name: tuple(p.shape) for name, p in layer.named_parameters()} == {
        "weight": (2, 2), "bias": (1,)}
    assert layer.bias.item() == 0
    assert tuple(Conv2D(3).weight.shape) == (3, 3)
    assert tuple(Conv2D((1, 4)).weight.shape) == (1, 4)

    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
        layer.bias.fill_(0.5)
    Y = layer(torch.arange(9.0).reshape(3, 3))
    assert torch.equal(Y, torch.tensor([[19.5, 25.5], [37.5, 43.5]]))

    Y.sum().backward()
    assert layer.bias.grad.tolist() == [4.0]
