from otter.test_files import test_case

OK_FORMAT = False

name = 'receptive_field'
points = 3.0


@test_case(name="examples")
def test_examples(receptive_field):
    assert receptive_field([]) == 1
    assert receptive_field([(2, 1), (2, 1)]) == 3
    assert receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)]) == 10
    assert receptive_field([(3, 2), (3, 2), (3, 2)]) == 15
    assert receptive_field([(3, 1), (3, 1, 2)]) == 7
    assert receptive_field([(3, 1), (3, 5)]) == receptive_field([(3, 1), (3, 1)]), "the last stride"
