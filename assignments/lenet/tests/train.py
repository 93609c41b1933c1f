from otter.test_files import test_case

OK_FORMAT = False

name = 'train'
points = 6.0


@test_case(name="examples")
def test_examples(F, before, curve, dense, label, nn, rows, torch, train, untrained, value):
    rows = torch.zeros(10, 1, 28, 28)
    for label in range(10):
        rows[label, 0, 2 * label + 4] = 1

    torch.manual_seed(0)
    dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    untrained = F.cross_entropy(dense(rows), torch.arange(10)).item()
    curve = train(dense, rows, torch.arange(10), 20, 1e-2)
    assert len(curve) == 20 and all(type(value) is float for value in curve)
    assert abs(curve[0] - untrained) < 1e-4, "the first loss is that of the model as it arrives"
    assert curve[-1] < curve[0] / 2
    assert torch.equal(dense(rows).argmax(1), torch.arange(10))

    before = dense[1].weight.clone()
    train(dense, rows, torch.arange(10), 2, 0.0)
    assert torch.equal(dense[1].weight, before), "with a learning rate of 0 nothing moves"
