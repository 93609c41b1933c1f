from otter.test_files import test_case

OK_FORMAT = False

name = 'corr2d_multi_in_out'
points = 4.0


@test_case(name="examples")
def test_examples(K, X, column, corr2d_multi_in_out, flags, kernels, pair_of_columns, refuses, torch):
    kernels = torch.stack([K, K + 1, K + 2])
    assert kernels.shape == (3, 2, 2, 2)
    assert corr2d_multi_in_out(X, kernels).tolist() == [
        [[56.0, 72.0], [104.0, 120.0]],
        [[76.0, 100.0], [148.0, 172.0]],
        [[96.0, 128.0], [192.0, 224.0]],
    ]

    # One kernel makes one map; the axis of the output channels stays.
    assert corr2d_multi_in_out(X, kernels[1:2]).tolist() == [[[76.0, 100.0], [148.0, 172.0]]]

    # Three channels in, two out. The first map is that of 3.1; the second adds up the pixels below.
    pair_of_columns = torch.stack([column, torch.tensor([[[0.0], [1.0]]] * 3)])
    assert corr2d_multi_in_out(flags, pair_of_columns).tolist() == [
        [[1.0, 0.0, -1.0, 4.0]],
        [[1.0, 2.0, 1.0, 2.0]],
    ]

    assert refuses(corr2d_multi_in_out, torch.ones(3, 4, 4), torch.ones(5, 2, 2, 2))
