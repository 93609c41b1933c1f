from otter.test_files import test_case

OK_FORMAT = False

name = 'pool_output_size'
points = 2.0


@test_case(name="examples")
def test_examples(pool_output_size, refuses):
    assert pool_output_size(5, 2, 2) == 2
    assert pool_output_size(5, 2, 2, ceil_mode=True) == 3
    assert pool_output_size(10, 1, 2, ceil_mode=True) == 5
    assert pool_output_size(4, 3, 2, padding=1) == 2
    assert pool_output_size(5, 2, 3, padding=1) == 2
    assert pool_output_size(5, 2, 3, padding=1, ceil_mode=True) == 2
    assert pool_output_size(5, 3, 5, padding=1) == 1
    assert pool_output_size(5, 3, 5, padding=1, ceil_mode=True) == 2
    assert type(pool_output_size(7, 3, 2)) is int
    assert refuses(pool_output_size, 3, 4, 1)
