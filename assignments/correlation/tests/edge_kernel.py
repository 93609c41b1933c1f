from otter.test_files import test_case

OK_FORMAT = False

name = 'edge_kernel'
points = 3.0


@test_case(name="examples")
def test_examples(corr2d, edge_kernel, edges, stripe, torch):
    stripe = torch.ones(6, 8)
    stripe[:, 2:6] = 0
    edges = corr2d(stripe, edge_kernel("vertical"))
    assert edges.shape == (6, 7)
    assert torch.equal(edges[:, 1], torch.ones(6))
    assert torch.equal(edges[:, 5], -torch.ones(6))
    assert edges.abs().sum() == 12, "edges where there are none"

    assert edge_kernel("horizontal").shape == (2, 1)
    assert edge_kernel("diagonal").shape == (2, 2)
    assert not corr2d(torch.full((4, 5), 0.5), edge_kernel("diagonal")).any()
