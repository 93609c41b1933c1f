from otter.test_files import test_case

OK_FORMAT = False

name = 'Inception'
points = 3.0


@test_case(name="examples")
def test_examples(Inception, Y, block, ones, parameter, tiny, torch):
    torch.manual_seed(0)
    block = Inception(192, 64, (96, 128), (16, 32), 32)
    assert sum(parameter.numel() for parameter in block.parameters()) == 163696
    assert len(list(block.parameters())) == 12

    Y = block(torch.randn(2, 192, 5, 7))
    assert Y.shape == (2, 256, 5, 7)
    assert (Y >= 0).all() and (Y > 0).any(), "a ReLU ends every branch"

    tiny = Inception(3, 1, (2, 3), (2, 4), 5)
    with torch.no_grad():
        for parameter in tiny.parameters():
            parameter.fill_(1.0)
    ones = tiny(torch.ones(1, 3, 1, 1)).flatten().tolist()
    assert ones == [4.0] + [9.0] * 3 + [9.0] * 4 + [4.0] * 5
