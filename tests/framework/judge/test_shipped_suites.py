"""The suites of the seven assignments here ask each student of each course something else."""

from __future__ import annotations

import pytest
from labs import REPOSITORY, Bench

from autograder import course
from autograder.result import Visibility
from autograder.sandbox.client import Zygote

COURSE = course.load(REPOSITORY / "grader.toml")

# Hidden checks that ask the same under every key, and why: who fails one reads its title alone.
THREE_WORDS = "there are three words to ask, and their answers are the model solution"
NOTES = "the notes are the same for everybody"
FIXED = {
    "correlation": {
        "edge_kernel.test_horizontal_edges": THREE_WORDS,
        "edge_kernel.test_diagonal_edges": THREE_WORDS,
        "edge_kernel.test_constant_images_give_nothing": THREE_WORDS,
        "edge_kernel.test_kernels_are_float32": THREE_WORDS,
    },
    "geometry": {f"notes.test_{check}": NOTES for check in (
        "every_line_has_a_verdict", "sizes", "uses", "parameters", "shifts_and_pooling", "code",
        "line_b", "line_f", "line_i", "line_q", "line_r", "line_s", "rounding_up_is_refuted",
        "dividing_by_the_stride_is_refuted", "layers_until_nothing_is_left",
        "equal_use_is_refuted", "counting_kernels_is_refuted", "one_window_for_all_is_refuted",
        "a_complaint_is_refuted")},
}


@pytest.mark.parametrize("assignment", COURSE.assignments)
def test_hidden_checks_draw_what_they_ask(assignment: str, zygote: Zygote) -> None:
    bench = Bench(COURSE, assignment, zygote)
    try:
        examiner = bench.panel.explaining
        fixed = {f"{question.name}.{check.id}" for question in examiner.assignment.questions
                 for check in examiner.suite.checks[question.name]
                 if check.visibility is Visibility.HIDDEN and not examiner.draws(question, check)}
    finally:
        bench.close()
    assert fixed == FIXED.get(assignment, {}).keys()
