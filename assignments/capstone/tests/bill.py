from otter.test_files import test_case

OK_FORMAT = False

name = 'bill'
points = 2.0


@test_case(name="examples")
def test_examples(block, network_field, network_macs, refuses):
    block = ("residual", [("conv", 2, 3, 1, 1), ("norm",)], [])
    assert network_macs([block], 2, (4, 4)) == 640
    assert network_field([block]) == 3
    assert network_macs([("conv", 8, 3, 2, 1), ("pool", 2, 2), ("dense", 10)], 3, (20, 20)) == 23600
    assert network_field([("conv", 8, 3, 2, 1), ("pool", 2, 2), ("dense", 10)]) == 5
    assert network_field([]) == 1 and type(network_field([block])) is int

    assert refuses(network_macs, [("residual", [("conv", 4, 3, 1, 1)], [])], 2, (4, 4)), "4 maps plus 2?"
    assert refuses(network_macs, [("pool", 5, 1)], 2, (4, 9)), "a window that does not fit?"
