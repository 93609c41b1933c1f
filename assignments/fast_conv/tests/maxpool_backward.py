from otter.test_files import test_case

OK_FORMAT = False

name = 'maxpool_backward'
points = 3.0


@test_case(name="examples")
def test_examples(X, grad, maxpool_backward, refuses, row, torch):
    X = torch.tensor([[1.0, 3.0, 2.0, 0.0], [4.0, 2.0, 1.0, 5.0],
                      [0.0, 1.0, 7.0, 6.0], [2.0, 8.0, 3.0, 4.0]])[None, None]
    grad = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    assert maxpool_backward(grad, X, 2, 2).tolist() == [[[
        [0, 0, 0, 0], [1, 0, 0, 2], [0, 0, 4, 0], [0, 3, 0, 0]]]]
    assert torch.equal(maxpool_backward(grad, X, 2), maxpool_backward(grad, X, 2, 2))

    # The 3 in the middle wins both windows.
    row = torch.tensor([[[[1.0, 3.0, 2.0]]]])
    assert maxpool_backward(torch.tensor([[[[5.0, 7.0]]]]), row, (1, 2), 1).tolist() == [[[[0, 12, 0]]]]

    # Nobody is largest: the first one wins.
    assert maxpool_backward(torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 2, 2), 2).tolist() == [[[
        [1, 0], [0, 0]]]]
    assert refuses(maxpool_backward, torch.ones(1, 1, 3, 3), X, 2)
