"""What other programs would take out of a notebook is refused, place by place, and never published.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_build import MASTER, course_in, everything, read

from autograder import cli
from autograder.authoring import build
from autograder.authoring.build import BuildError
from autograder.course import load

MARKED = {
    "nbgrader's hidden tests": ("### BEGIN HIDDEN TESTS\nassert double(3) == 6\n"
                                "### END HIDDEN TESTS", 2, "hidden suite"),
    "nbgrader's mark scheme": ("# %% [markdown]\n# === BEGIN MARK SCHEME ===\n"
                               "# One point for the idea.\n# === END MARK SCHEME ===", 2, "rubric"),
    "otter's hidden test": ("# HIDDEN\nassert double(3) == 6", 1, "hidden suite"),
    "otter's solution of a line": ("four = double(2) # SOLUTION", 1, "### BEGIN SOLUTION"),
    "otter's solution without a prompt": ("four = 4  # SOLUTION NO PROMPT", 1, "BEGIN SOLUTION"),
    "otter's solution in a raw cell": ("# %% [raw]\n# # BEGIN SOLUTION", 1, "### BEGIN SOLUTION"),
    "otter's tests": ("# %% [raw]\n# # BEGIN TESTS", 1, "hidden suite"),
    "otter's question": ("# %% [raw]\n# # BEGIN QUESTION\n# name: q1", 1, "grader.toml"),
    "otter's line to be ignored": ("print(4)  # IGNORE", 1, "staff"),
    "otter's seed": ("seed = 42  # SEED", 1, "staff"),
    "a locked cell of nbgrader's": (
        '# %% nbgrader={"grade": true, "locked": true, "solution": false, "grade_id": "t"}\n'
        "assert double(5) == 10", 1, "hidden suite"),
    "a cell that a book leaves out": (
        '# %% tags=["remove-cell"]\nassert double(5) == 10', 1, "staff"),
    "a cell that a book folds": ('# %% tags=["hide-input"]\nassert double(5) == 10', 1, "staff"),
    "a cell that Sphinx hides": ('# %% nbsphinx="hidden"\nassert double(5) == 10', 1, "staff"),
}


@pytest.mark.parametrize(("cell", "places", "remedy"), MARKED.values(), ids=MARKED)
def test_what_others_take_out_is_refused(
    tmp_path: Path, cell: str, places: int, remedy: str
) -> None:
    cell = cell if cell.startswith("# %%") else f"# %%\n{cell}"
    course = course_in(tmp_path, f"{MASTER}\n{cell}\n")
    with pytest.raises(BuildError) as raised:
        build.build(course, "doubling")
    said = str(raised.value).splitlines()
    assert len(said) == places
    for line in said:
        where, _, problem = line.partition(": students would ")
        number = int(where.removeprefix("solutions/doubling/notebook.py:"))
        assert number > len(MASTER.splitlines())
        assert problem and remedy in line.rpartition("; ")[2]


def test_every_place_is_named_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course_in(tmp_path, MASTER + "\n# %%\n# HIDDEN\nx = 1  # SOLUTION\n\n"
                                 '# %% tags=["hide-cell"]\nprint("!")\n')
    with pytest.raises(SystemExit) as ended:
        cli.main(["build", "--course", str(tmp_path / "grader.toml")])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("error: solutions/doubling/notebook.py:") == 3
    assert not (tmp_path / "assignments").exists()


def test_what_stays_at_home_anyway_may_be_marked(tmp_path: Path) -> None:
    """In cells for staff, and between our own markers; and words are no markers."""
    master = MASTER.replace("    return twice_as_much", "    return twice_as_much  # SOLUTION")
    master += ('\n# %% tags=["staff"]\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n'
               "### END HIDDEN TESTS\n\n# %% [markdown]\n# # The solution\n# Find the hidden "
               "tests: your solution is tested.\n\n# %%\nx = 1  # a solution\n")
    received = everything(read(build.build(course_in(tmp_path, master), "doubling")
                               .files["doubling.ipynb"]))
    assert "HIDDEN" not in received and "# a solution" in received


def test_a_variable_and_a_class_are_whole_solutions(tmp_path: Path) -> None:
    """What stands for them tells nothing."""
    master = MASTER.replace("# %%\nassert", (
        "# %%\n### BEGIN SOLUTION\nnumbers = [double(n) for n in range(3)]\n"
        "largest = max(numbers) + 0\n### END SOLUTION\n\n"
        "# %%\n### BEGIN SOLUTION\nclass Counter:\n    def count(self):\n        return 17\n"
        "### END SOLUTION\n\n# %%\nassert"), 1)
    course_in(tmp_path, master)
    (tmp_path / "grader.toml").write_text((tmp_path / "grader.toml").read_text() + "".join(
        f'[[assignments.doubling.questions]]\nname = "{name}"\ntitle = "It"\npoints = 1\n'
        for name in ("largest", "Counter")))
    course = load(tmp_path / "grader.toml")
    made = read(build.build(course, "doubling").files["doubling.ipynb"])
    cells = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in made.cells
             if "nbgrader" in cell.metadata}
    assert cells["largest"] == "largest = ..."
    assert cells["Counter"] == "# Define the class Counter here."
    assert "range(3)" not in everything(made) and "17" not in everything(made)
    solution = everything(read(build.solution_notebook(course, "doubling")))
    assert "SOLUTION" not in solution and "largest = max(numbers) + 0" in solution
