"""`autograder bench` runs the real command, `tests/bench/graders.py` those of other graders too.
What they show and keep is what was measured. No figure is asserted but that it is one.
`tests/bench/watch.py` says what became slower, of figures that are given."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from labs import REPOSITORY, Lab

from autograder import cli, course
from autograder.authoring import cost
from autograder.authoring.cost import BenchmarkError
from autograder.course import Course

sys.path.append(str(REPOSITORY / "tests" / "bench"))
import graders
import watch

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


BENCHES = sorted(file.name for file in (REPOSITORY / "tests/bench").glob("*.py"))
SMALLEST: dict[str, tuple[str, ...]] = {
    "deadline.py": ("--students", "4", "--seconds", "1", "--pages", "8"),
    "diagnosis.py": ("geometry",), "door.py": ("--rounds", "1", "--count", "20"),
    "learners.py": ("--totals", "--only", "correlation/bias_as_factor"), "published.py": (),
    "reading.py": ("--alphabets", "1", "--only", "model solution"),
    "repair.py": ("{folder}",),
    "term.py": ("--people", "20", "--assignments", "2", "--hand-ins", "1")}


def ran(bench: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, f"tests/bench/{bench}", *arguments], cwd=REPOSITORY,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_says_what_it_takes(name: str) -> None:
    assert ran(name, "--help").startswith(f"usage: {name}")


@pytest.mark.parametrize("name", SMALLEST)
def test_a_bench_measures_the_course_that_is_shipped(name: str, tmp_path: Path) -> None:
    """As little as it can. The others take minutes however little."""
    wrong = tmp_path / "correlation" / "wrong.py"
    wrong.parent.mkdir()
    wrong.write_text("def corr2d(X, K):\n    return X\n")
    said = ran(name, *(each.format(folder=tmp_path) for each in SMALLEST[name]))
    assert re.search(r"\d", said)


@pytest.mark.parametrize("way", ["pytest", "pytest, collected once"])
def test_a_shipped_suite_runs_without_the_judge(way: str) -> None:
    """Beside questions that no suite examines."""
    with cost.workshop(course.load(REPOSITORY / "grader.toml"), "correlation") as shop:
        assert graders.WAYS[way](shop, 1).cpu > 0


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


def told(
    monkeypatch: pytest.MonkeyPatch, lab: Course, now: watch.Measurement, *options: str
) -> int:
    """How ``watch.py`` ends where ``now`` is what it measures."""
    monkeypatch.setattr(watch, "measure", lambda *_, **__: now)
    return watch.main([now.assignment, "--course", str(lab.root / "grader.toml"), *options])


def test_what_takes_a_tenth_more_than_what_was_kept_last_is_said(
    lab: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def measured(day: int, assignment: str, **ratios: float) -> watch.Measurement:
        return watch.Measurement(f"2026-01-{day:02}T00:00:00Z", f"commit{day}", assignment,
                                 {"cores": 2}, 0.1, ratios)

    monkeypatch.setattr(watch, "KEPT", tmp_path / "kept")
    for first in (measured(1, "lab", grade=4.0, check=3.0), measured(2, "other", grade=40.0),
                  measured(3, "lab", grade=5.0, check=3.0)):
        assert told(monkeypatch, lab, first, "--keep") == (first.commit == "commit3")
    capsys.readouterr()
    assert told(monkeypatch, lab, measured(4, "lab", grade=5.4, check=2.0, new=9.0)) == 0
    assert "slower" not in capsys.readouterr().out
    slower = replace(measured(4, "lab", grade=5.0, check=3.4), machine={"cores": 4})
    assert told(monkeypatch, lab, slower) == 1
    said = capsys.readouterr().out
    assert "slower than in commit3: check, 1.13 times" in said and "grade," not in said
    assert "another machine: {'cores': 2}" in said
