from otter.test_files import test_case

OK_FORMAT = False

name = 'pixel_uses'
points = 2.0


@test_case(name="examples")
def test_examples(per_side, pixel_uses):
    assert tuple(per_side(2)) == (1, 1)
    assert tuple(per_side(3)) == (1, 2)
    assert list(pixel_uses(7, 3)) == [1, 2, 3, 3, 3, 2, 1]
    assert list(pixel_uses(7, 3, padding=1)) == [2, 3, 3, 3, 3, 3, 2]
    assert list(pixel_uses(4, 4)) == [1, 1, 1, 1]
