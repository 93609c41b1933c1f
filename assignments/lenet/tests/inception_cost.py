from otter.test_files import test_case

OK_FORMAT = False

name = 'inception_cost'
points = 3.0


@test_case(name="examples")
def test_examples(inception_cost, refuses):
    assert inception_cost(192, 28, [[(32, 5)]]) == 120422400
    assert inception_cost(192, 28, [[(16, 1), (32, 5)]]) == 12443648
    assert inception_cost(1, (2, 3), [[(1, (1, 2))], [(2, 1), (1, 3)]]) == 12 + 12 + 108

    assert refuses(inception_cost, 192, 28, [[(0, 1), (32, 5)]]), "a convolution without filters?"
