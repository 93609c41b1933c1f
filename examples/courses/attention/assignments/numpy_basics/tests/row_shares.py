from otter.test_files import test_case

OK_FORMAT = False

name = 'row_shares'
points = 3.0


@test_case(name="examples")
def test_examples(np, row_shares):
    assert np.allclose(row_shares(np.array([[1.0, 3.0], [2.0, 2.0]])), [[0.25, 0.75], [0.5, 0.5]])
