from otter.test_files import test_case

OK_FORMAT = False

name = 'notes'
points = 2.0


@test_case(name="examples")
def test_examples(conv_output_size, counterexamples, k, n, p, refuting, s, verdicts):
    assert sorted(verdicts()) == list("ABCDEFGHIJKLMNOPQRS")
    assert set(verdicts().values()) <= {"right", "wrong", "convention"}

    refuting = counterexamples()
    assert sorted(refuting) == list("ACDEGLN")
    n, k, p, s = refuting["A"]
    assert conv_output_size(n, k, p, s) != -(-(n + 2 * p - k) // s) + 1, "line A is right there"
