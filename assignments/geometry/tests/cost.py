from otter.test_files import test_case

OK_FORMAT = False

name = 'cost'
points = 4.0


@test_case(name="examples")
def test_examples(flops, macs, parameter_count, refuses):
    assert parameter_count(3, 8, 5) == 608
    assert parameter_count(3, 64, (5, 5), bias=False) == 4_800
    assert parameter_count(12, 6, 3, groups=3) == 222
    assert macs(3, 64, 5, 128) == 78_643_200
    assert macs(3, 8, (3, 1), (10, 20)) == 14_400
    assert macs(12, 6, 3, 10, groups=3) == 21_600
    assert flops(3, 64, 5, 128) == 157_286_400

    assert refuses(parameter_count, 12, 8, 3, True, 3), "3 groups do not divide 8 channels"
    assert refuses(macs, 8, 12, 3, 10, 3), "3 groups do not divide 8 channels"
