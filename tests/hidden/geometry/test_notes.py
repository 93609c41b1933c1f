"""verdicts() and counterexamples(): which lines of the notes are right, wrong or a convention, and
numbers on which wrong ones fail.

There is nothing to draw: the notes are the same for everybody. So all checks stay hidden (a visible
one would be handed out with its answer), and students are told which lines to look at again, by the
titles. What is to be said about a line stands in its misconception, for whoever teaches.
"""

import pytest

from autograder.suite import sentence

pytestmark = pytest.mark.question("notes")

LINES = "ABCDEFGHIJKLMNOPQRS"
RIGHT = dict.fromkeys(LINES, "wrong") | dict.fromkeys("FQRS", "right") | dict.fromkeys(
    "BI", "convention")


def is_verdict(said, *words):
    """A verdict may be anything: an array, say, of which nobody can say whether it is true."""
    return isinstance(said, str) and said in words


def judged(student, expect, lines):
    """Hold the verdicts on these lines against the right ones."""
    given = student.verdicts()
    expect.that(isinstance(given, dict), sentence("The verdicts are no dict."))
    expect.that(all(is_verdict(given.get(line), RIGHT[line]) for line in lines),
                sentence("Look at this line again, or these lines."))


def refuted(student, expect, line, count, fails):
    """Hold one counterexample: whole numbers, so many, on which the line fails."""
    given = student.counterexamples()
    expect.that(isinstance(given, dict), sentence("The counterexamples are no dict."))
    numbers = given.get(line)
    expect.that(
        isinstance(numbers, list | tuple) and len(numbers) == count and all(
            type(number) is int and 0 <= number < 10**6 for number in numbers),
        sentence("It takes {count} whole numbers, none below zero.", count=count))
    expect.that(fails(*numbers), sentence(
        "There is no such layer, or the line is right about it."))


def size(n, k, p, s):
    """How many places a window has; 0 where there is no such layer."""
    return (n + 2 * p - k) // s + 1 if min(n, k, s) > 0 and n + 2 * p >= k else 0


@pytest.mark.weight(0.5)
@pytest.mark.proves("all 19 lines")
def test_every_line_has_a_verdict(student, expect):
    """Every line from A to S has one of the three verdicts."""
    given = student.verdicts()
    expect.that(isinstance(given, dict) and sorted(map(str, given)) == list(LINES) and all(
        is_verdict(said, "right", "wrong", "convention") for said in given.values()),
        sentence("There are 19 lines and three verdicts."))


def test_sizes(student, expect):
    """Lines A, C and D, about sizes."""
    judged(student, expect, "ACD")


def test_uses(student, expect):
    """Line E, about the use of pixels."""
    judged(student, expect, "E")


def test_parameters(student, expect):
    """Lines G and H, about kernels, channels and biases."""
    judged(student, expect, "GH")


def test_shifts_and_pooling(student, expect):
    """Lines J, K and L, about shifts and pooling."""
    judged(student, expect, "JKL")


def test_code(student, expect):
    """Lines M to P, about code."""
    judged(student, expect, "MNOP")


@pytest.mark.weight(2)
def test_line_b(student, expect):
    """Line B, about padding."""
    judged(student, expect, "B")


@pytest.mark.weight(2)
def test_line_f(student, expect):
    """Line F, about receptive fields."""
    judged(student, expect, "F")


@pytest.mark.weight(2)
def test_line_i(student, expect):
    """Line I, about the order of axes."""
    judged(student, expect, "I")


@pytest.mark.weight(2)
def test_line_q(student, expect):
    """Line Q, about stacks of kernels."""
    judged(student, expect, "Q")


@pytest.mark.weight(2)
def test_line_r(student, expect):
    """Line R, about groups."""
    judged(student, expect, "R")


@pytest.mark.weight(2)
def test_line_s(student, expect):
    """Line S, about strides."""
    judged(student, expect, "S")


@pytest.mark.proves("a layer that exists")
def test_rounding_up_is_refuted(student, expect):
    """Numbers on which line A gives another size than torch."""
    refuted(student, expect, "A", 4, lambda n, k, p, s: size(n, k, p, s) > 0 and (
        size(n, k, p, s) != -(-(n + 2 * p - k) // s) + 1))


@pytest.mark.proves("a layer that exists")
def test_dividing_by_the_stride_is_refuted(student, expect):
    """Numbers on which line C gives another size than torch."""
    refuted(student, expect, "C", 3, lambda n, k, s: size(n, k, 0, s) > 0 and n % s == 0 and (
        size(n, k, 0, s) != n // s))


def test_layers_until_nothing_is_left(student, expect):
    """The number of layers in line D."""
    refuted(student, expect, "D", 1, lambda layers: 224 - 4 * layers == 4)


def test_equal_use_is_refuted(student, expect):
    """Numbers on which pixels are used unequally, against line E."""
    refuted(student, expect, "E", 2, lambda n, k: 0 < n < 10**4 and k % 2 == 1 and len(
        {min(i, n - 1 - k // 2) - max(i - k + 1, -(k // 2)) for i in range(n)}) > 1)


def test_counting_kernels_is_refuted(student, expect):
    """A layer with more parameters than kernels, against line G."""
    refuted(student, expect, "G", 3, lambda c_in, c_out, k: min(c_in, c_out, k) > 0)


def test_one_window_for_all_is_refuted(student, expect):
    """Sizes between which adaptive pooling has windows of different lengths, against line L."""
    refuted(student, expect, "L", 2, lambda n, o: min(n, o) > 0 and o < 10**4 and len(
        {-(-(i + 1) * n // o) - i * n // o for i in range(o)}) > 1)


def test_a_complaint_is_refuted(student, expect):
    """A kernel that is too large without a complaint, against line N."""
    refuted(student, expect, "N", 2, lambda n, k: n > 0 and k == n + 1)
