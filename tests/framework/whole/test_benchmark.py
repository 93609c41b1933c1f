"""`autograder bench` runs the real commands, and its tables, JSON and plot hold what it measured.
No figure is asserted but that it is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from labs import Lab

from autograder import cli
from autograder.benchmark import measuring
from autograder.benchmark.measuring import BenchmarkError
from autograder.course import Course

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


@pytest.mark.parametrize("way", [
    "autograder, one process", "nbgrader", "otter", "pytest", "pytest, collected once"])
def test_other_ways_of_grading_are_really_run(lab: Course, way: str) -> None:
    with measuring._workshop(lab, "lab") as shop:
        cost = measuring.WAYS[way](shop, 1)
    assert cost.cpu > 0 and cost.wall > 0 and cost.memory > 10


def test_the_figures_are_shown_kept_and_drawn(
    lab: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in lab.root.rglob("*") if "__pycache__" not in path.parts)
    file, plot = tmp_path / "cost.json", tmp_path / "cost.svg"
    code = bench(lab, "lab", "--against", "pytest", "--size", "1", "--size", "3", "-o", str(file),
                 "--plot", str(plot))
    shown = capsys.readouterr().out
    assert code == 0 and "pytest" in shown and "calls across the boundary" in shown
    figures = json.loads(file.read_text())
    assert [way["name"] for way in figures["ways"]] == ["autograder", "pytest"]
    assert [size["submissions"] for size in figures["sizes"]] == [1, 3]
    assert all(size["cost"]["cpu"] > 0 for size in figures["sizes"])
    assert "<svg" in plot.read_text()
    assert sorted(path for path in lab.root.rglob("*")
                  if "__pycache__" not in path.parts) == before  # nobody's grades


def test_a_wrong_model_solution_is_not_measured(lab: Course) -> None:
    master = lab.solutions("lab") / "notebook.py"
    master.write_text(master.read_text().replace("x + x", "x + x + 1"))
    with measuring._workshop(lab, "lab") as shop, pytest.raises(BenchmarkError, match="audit lab"):
        measuring.WAYS["autograder"](shop, 1)


def test_an_unknown_way_is_named(lab: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(lab, "lab", "--against", "moodle") == 2
    told = capsys.readouterr().err
    assert "no way 'moodle'; there are: 'autograder', 'autograder, one process', " in told
