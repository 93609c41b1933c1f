from otter.test_files import test_case

OK_FORMAT = False

name = 'parameters'
points = 2.0


@test_case(name="examples")
def test_examples(convolution_parameters, fully_connected_parameters, locally_connected_parameters):
    assert fully_connected_parameters(10**6, 100) == 10**8
    assert locally_connected_parameters((3, 3), (2, 2)) == 16
    assert convolution_parameters((2, 2)) == 4
    assert convolution_parameters(5) == 25
