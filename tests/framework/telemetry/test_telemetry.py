"""What a run tells programs: one id in every process, and figures as Prometheus reads them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import fake_judge
import pytest
import warm
from prometheus_client.parser import text_string_to_metric_families

from autograder.course import Course, load
from autograder.telemetry.run_metrics import Tally, exposition

GRADER_TOML = """
[course]
name = "Convolution"
secret_file = "secret"
[assignments.correlation]
title = "Cross-correlation"
questions = [{ name = "corr2d", title = "Cross-correlation", points = 4 }]
"""


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    (tmp_path / "grader.toml").write_text(GRADER_TOML)
    lab = load(tmp_path / "grader.toml")
    (lab.root / "secret").write_text("a secret that is long enough")
    (lab.root / "secret").chmod(0o600)
    return lab


def grade(lab: Course, students: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    folder = lab.root / "handed-in"
    folder.mkdir(exist_ok=True)
    for student in students:
        (folder / f"{student}.py").write_text(f"# {student}")
    return warm.program("fake_judge:main", "autograder", "grade", "correlation", str(folder),
                        "--course", str(lab.root / "grader.toml"), *options, cwd=lab.root)


def figures(file: Path) -> dict[tuple[str, str], float]:
    return {(sample.name.removeprefix("autograder_run_"), sample.labels.get("status", "")):
            sample.value for family in text_string_to_metric_families(file.read_text())
            for sample in family.samples}


def test_each_line_is_json_with_the_id_of_its_run_from_every_process(lab: Course) -> None:
    done = grade(lab, ["ann", "bob", "internal-eve"], "-j", "2", "--log-format", "json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]  # all of it: nothing between
    assert len({line["run"] for line in lines}) == 1
    events = [line["event"] for line in lines]
    assert events.count("judged") == events.count("kept") == 3
    assert events[-1] == "run ends"
    seated, judged, kept = ({line["process"] for line in lines if line["event"] == event}
                            for event in ("judge ready", "judged", "kept"))
    assert judged <= seated
    assert seated.isdisjoint(kept)
    assert len(kept) == 1
    assert [line["status"] for line in lines if line["event"] == "judged"].count("internal") == 1
    assert "ann" not in "".join(json.dumps(line) for line in lines if line["event"] != "said")
    [other] = {json.loads(line)["run"] for line in
               grade(lab, [], "-j", "1", "--log-format", "json").stderr.splitlines()}
    assert other != lines[0]["run"]


def test_a_mistake_is_a_line_of_the_log_too(lab: Course) -> None:
    done = grade(lab, ["ann"], "--log-format", "json", "--sandbox", "none")
    [line] = map(json.loads, done.stderr.splitlines())
    assert (done.returncode, line["level"], line["event"]) == (2, "error", "said")
    assert "tier none" in line["text"]


def test_as_text_a_line_is_keys_and_values_and_without_the_option_there_is_none(
    lab: Course
) -> None:
    done = grade(lab, ["ann"], "-j", "1", "--log-format", "text")
    logged = [line for line in done.stderr.splitlines() if " event=" in line]
    assert all(re.match(r"time=\S+ level=\w+ run=[0-9a-f]{16} host=\S+ process=\d+ event=", line)
               for line in logged)
    assert any('event="run ends"' in line and line.endswith("done=1") for line in logged)
    assert "event=" not in grade(lab, ["ann"], "-j", "1").stderr


def test_figures_are_read_by_prometheus_and_by_other_accounts(lab: Course) -> None:
    file = lab.root / "autograder.prom"
    assert grade(lab, ["ann", "internal-eve"], "-j", "1", "--metrics", str(file)).returncode == 3
    found = figures(file)
    assert {name: found["submissions", name] for name in ("graded", "unreadable", "internal")} == {
        "graded": 1, "unreadable": 0, "internal": 1}
    assert (found["internal_faults", ""], found["judged", ""], found["queue", ""]) == (1, 2, 0)
    assert found["complete", ""] == 1
    assert found["seconds", ""] > 0
    assert file.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in lab.root.glob(".*.tmp")] == []
    assert grade(lab, [], "-j", "1", "--metrics", str(file)).returncode == 0
    assert figures(file)["judged", ""] == 1  # who was `internal`, again; the other is kept


def test_a_run_that_is_cut_off_says_what_is_left(lab: Course) -> None:
    file = lab.root / "autograder.prom"
    done = grade(lab, ["ann", "interrupts-bob", "zoe"], "-j", "1", "--metrics", str(file))
    assert done.returncode == 130
    found = figures(file)
    assert found["complete", ""] == 0
    assert found["queue", ""] + found["judged", ""] == 3
    assert found["queue", ""] >= 1


def test_a_folder_that_is_not_there_is_told_before_a_class_is_graded(lab: Course) -> None:
    done = grade(lab, ["ann"], "--metrics", str(lab.root / "no" / "x.prom"))
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
    assert fake_judge.graded(lab.root) == []


def test_a_name_cannot_forge_a_figure() -> None:
    name = 'a"} 1\nautograder_run_complete{assignment="b'
    text = exposition([Tally(name, 1)])
    assert {sample.labels["assignment"] for family in text_string_to_metric_families(text)
            for sample in family.samples if "assignment" in sample.labels} == {name}
    assert os.linesep not in text.splitlines()
