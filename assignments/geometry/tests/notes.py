from otter.test_files import test_case

OK_FORMAT = False

name = 'notes'
points = 2.0


@test_case(name="examples")
def test_examples(counterexamples, verdicts):
    assert sorted(verdicts()) == list("ABCDEFGHIJKLMNOPQRS")
    assert set(verdicts().values()) <= {"right", "wrong", "convention"}
    assert sorted(counterexamples()) == list("ACDEGLN")
