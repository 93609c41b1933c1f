from otter.test_files import test_case

OK_FORMAT = False

name = 'vocabulary'
points = 2.0


@test_case(name="examples")
def test_examples(vocabulary):
    assert vocabulary(["a", "rose", "is", "a", "rose"]) == {"a": 0, "rose": 1, "is": 2}
