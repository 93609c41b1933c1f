"""`autograder bench` runs the real command, `tests/bench/graders.py` those of other graders too.
What they show and keep is what was measured. No figure is asserted but that it is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from labs import REPOSITORY, Lab

from autograder import cli
from autograder.authoring import cost
from autograder.authoring.cost import BenchmarkError
from autograder.course import Course

sys.path.append(str(REPOSITORY / "tests" / "bench"))
import graders

EXAMPLES = "\n# %%\nassert twice(2) == 4\n"


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    lab = Lab(tmp_path / "course")
    lab.notebook = lab.notebook.replace("\n# %%\ndef thrice", f"{EXAMPLES}\n# %%\ndef thrice")
    return lab.write()


def bench(course: Course, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["bench", *arguments, "--course", str(course.root / "grader.toml"),
                  "--rounds", "1", "--count", "5"])
    return int(ended.value.code or 0)


def files(course: Course) -> list[Path]:
    return sorted(path for path in course.root.rglob("*") if "__pycache__" not in path.parts)


@pytest.mark.parametrize("way", [
    "autograder, one process", "nbgrader", "otter", "pytest", "pytest, collected once"])
def test_other_ways_of_grading_are_really_run(lab: Course, way: str) -> None:
    with cost.workshop(lab, "lab") as shop:
        found = graders.WAYS[way](shop, 1)
    assert found.cpu > 0 and found.wall > 0 and found.memory > 10


def test_the_figures_of_this_machine_are_shown_and_kept(
    lab: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, file = files(lab), tmp_path / "cost.json"
    assert bench(lab, "lab", "--size", "1", "--size", "3", "-o", str(file)) == 0
    shown, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert "One right submission" in shown and "Whole classes" in shown
    # Of one submission, start-up taken off: on a busy machine it may come out below 0.
    assert [set(cost) for cost in figures["assignments"]["lab"]] == [{"wall", "cpu", "memory"}]
    assert [size["submissions"] for size in figures["sizes"]] == [1, 3]
    assert all(size["cost"]["cpu"] > 0 for size in figures["sizes"])
    assert files(lab) == before  # nobody's grades


def test_the_figures_of_other_graders_are_shown_kept_and_drawn(
    lab: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ours grades in one process here: to start two costs as much again, and shows no more."""
    monkeypatch.setitem(graders.WAYS, "autograder", graders.WAYS["autograder, one process"])
    file, plot = tmp_path / "cost.json", tmp_path / "cost.svg"
    graders.main(["lab", "--course", str(lab.root / "grader.toml"), "--rounds", "1", "--count", "5",
                  "--against", "pytest", "--size", "1", "-o", str(file), "--plot", str(plot)])
    shown, figures = capsys.readouterr().out, json.loads(file.read_text())
    assert "pytest" in shown and "calls across the boundary" in shown
    assert [way["name"] for way in figures["ways"]] == ["autograder", "pytest"]
    assert "<svg" in plot.read_text()


def test_a_wrong_model_solution_is_not_measured(lab: Course) -> None:
    master = lab.solutions("lab") / "notebook.py"
    master.write_text(master.read_text().replace("x + x", "x + x + 1"))
    with cost.workshop(lab, "lab") as shop, pytest.raises(BenchmarkError, match="audit lab"):
        cost.grade_class(shop, 1)


def test_a_class_of_no_assignment_is_refused(
    lab: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(lab, "--size", "3") == 2
    assert "name it" in capsys.readouterr().err
