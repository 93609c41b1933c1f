from otter.test_files import test_case

OK_FORMAT = False

name = 'reader'
points = 6.0


@test_case(name="examples")
def test_examples(few, make_reader, new, old, parameter, reader, seen_images, seen_labels, torch, train, untrained):
    reader = make_reader()
    reader.eval()
    with torch.no_grad():
        assert reader(seen_images[:5]).shape == (5, 10)

    torch.manual_seed(0)
    few = make_reader()
    untrained = [parameter.clone() for parameter in few.parameters()]
    train(few, seen_images[:80], seen_labels[:80])
    assert any(not torch.equal(old, new) for old, new in zip(untrained, few.parameters(), strict=True))
