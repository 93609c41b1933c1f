from otter.test_files import test_case

OK_FORMAT = False

name = 'MultiHeadAttention'
points = 5.0


@test_case(name="examples")
def test_examples(MultiHeadAttention, torch):
    assert MultiHeadAttention(6, 2)(torch.ones(1, 5, 6)).shape == (1, 5, 6)
