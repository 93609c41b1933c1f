from otter.test_files import test_case

OK_FORMAT = False

name = 'feature_maps'
points = 2.0


@test_case(name="examples")
def test_examples(after, before, feature_maps, first, found, maps, negative, nn, second, test_images, torch, trained):
    negative = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.ReLU(inplace=True),
                             nn.Conv2d(1, 1, 1, bias=False))
    with torch.no_grad():
        negative[0].weight.fill_(-1)
        negative[2].weight.fill_(2)
    (first, before), (second, after) = feature_maps(negative, torch.full((1, 1, 1, 1), 3.0))
    assert (first, before.item(), second, after.item()) == ("0", -3, "2", 0)
    assert not before.requires_grad and negative.training
    assert len(feature_maps(negative, torch.zeros(1, 1, 1, 1))) == 2, "a hook stayed behind"

    maps = feature_maps(trained["LeNet"], test_images[:2])
    assert [tuple(found.shape) for _, found in maps[:2]] == [(2, 6, 28, 28), (2, 16, 10, 10)]
