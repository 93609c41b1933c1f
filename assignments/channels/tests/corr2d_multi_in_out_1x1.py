from otter.test_files import test_case

OK_FORMAT = False

name = 'corr2d_multi_in_out_1x1'
points = 4.0


@test_case(name="examples")
def test_examples(corr2d_multi_in_out_1x1, mixing, refuses, small, torch):
    mixing = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 2.0]]).reshape(3, 2, 1, 1)
    assert corr2d_multi_in_out_1x1(small, mixing).tolist() == [
        [[6.0, 8.0, 10.0], [12.0, 14.0, 16.0]],
        [[6.0, 6.0, 6.0], [6.0, 6.0, 6.0]],
        [[12.0, 14.0, 16.0], [18.0, 20.0, 22.0]],
    ]
    assert corr2d_multi_in_out_1x1(small, mixing[:1]).shape == (1, 2, 3)
    assert refuses(corr2d_multi_in_out_1x1, torch.ones(2, 4, 4), torch.ones(3, 2, 3, 3))
