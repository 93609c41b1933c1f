"""One class, graded by every path that a course can take, gets the same score for each question."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
import warm
from labs import REPOSITORY, RIGHT, correlation
from nbformat import v4
from nbgrader.api import Gradebook

from autograder import cli
from autograder.course import load

MISTAKEN = "\ndef conv2d_true(X, K):\n    return corr2d(X, K)\n"
SLOPPY = "\ndef corr2d(X, K):\n    return torch.zeros(X.shape)\n"
CLASS = {
    "ann": RIGHT,
    "ben": RIGHT + MISTAKEN,
    "cem": RIGHT.partition("\ndef edge_kernel")[0],  # half-finished
    "dan": RIGHT + SLOPPY,  # what builds on corr2d is graded again on top of a right one
}
HANDED_IN = "2026-10-10 12:00:00 UTC"  # before it is due
METADATA = {"created_at": "2026-10-10T12:00:00Z", "assignment": {}, "users": [{"sid": "ann"}]}

Scores = dict[str, float]
"""Question -> score."""


@dataclass(frozen=True)
class Classroom:
    """The repository's own course, and what its students handed in for `correlation`."""

    root: Path

    def notebook(self, student: str) -> Path:
        return self.root / "submissions" / f"{student}.ipynb"

    def folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(parents=True)
        return path

    def command(self, *arguments: str | Path, status: int = 0) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main([*map(str, arguments), "--course", str(self.root / "grader.toml")])
        assert (ended.value.code or 0) == status


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    root = tmp_path_factory.mktemp("classroom")
    correlation(root)
    (root / "assignments").symlink_to(REPOSITORY / "assignments")
    classroom = Classroom(root)
    classroom.folder("submissions")
    for student, source in CLASS.items():
        nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(source)]),
                       classroom.notebook(student))
    return classroom


@pytest.fixture(scope="module")
def plain(classroom: Classroom) -> dict[str, Scores]:
    """What `autograder grade` gives."""
    reports = classroom.root / "reports"
    classroom.command("grade", "correlation", classroom.root / "submissions", "-j", "1",
                      "-o", reports)
    records = {student: json.loads((reports / f"correlation/{student}.json").read_text())
               for student in CLASS}
    return {student: {question["name"]: question["score"] for question in record["questions"]}
            for student, record in records.items()}


# The other paths ------------------------------------------------------------------------------

def by_nbgrader(classroom: Classroom, students: list[str]) -> dict[str, Scores]:
    course = classroom.folder("nbgrader")
    for student in students:
        folder = classroom.folder(f"nbgrader/submitted/{student}/correlation")
        (folder / "correlation.ipynb").write_bytes(classroom.notebook(student).read_bytes())
        (folder / "timestamp.txt").write_text(HANDED_IN)
    classroom.command("grade", "--nbgrader", course, "-j", "1", "-o", classroom.root / "other")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {student: {
            grade.name: grade.auto_score for grade in gradebook.find_submission_notebook(
                "correlation", "correlation", student).grades
            if grade.name != "shift_words"}  # graded by hand
            for student in students}


def by_ci(classroom: Classroom, students: list[str]) -> dict[str, Scores]:
    found = {}
    for student in students:
        checkout = classroom.folder(f"checkouts/{student}")
        (checkout / "correlation.ipynb").write_bytes(classroom.notebook(student).read_bytes())
        reports = classroom.root / "ci" / student
        classroom.command("ci", checkout, "--threshold", "0", "-o", reports)
        report = json.loads((reports / "correlation.ctrf.json").read_text())["results"]
        found[student] = {each["name"]: each["score"] for each in report["extra"]["questions"]}
    return found


def by_otter(classroom: Classroom, students: list[str]) -> dict[str, Scores]:
    work = classroom.folder("otter")
    classroom.command("bundle", "otter", "correlation", "-o", work / "autograder.zip")
    found = {}
    for student in students:
        notebook = work / f"{student}.ipynb"
        notebook.write_bytes(classroom.notebook(student).read_bytes())
        warm.program("otter.cli:cli", "otter", "run", "-a", "autograder.zip", notebook.name,
                     cwd=work).check_returncode()
        found[student] = {test["name"]: test["score"] for test in results(work)["tests"]}
    return found


def by_gradescope(classroom: Classroom, students: list[str]) -> dict[str, Scores]:
    questions = load(classroom.root / "grader.toml").assignment("correlation").questions
    bundle = classroom.root / "gradescope.zip"
    classroom.command("bundle", "gradescope", "correlation", "-o", bundle)
    found = {}
    for student in students:
        root = classroom.folder(f"gradescope/{student}")
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(root / "source")
        (root / "submission").mkdir()
        notebook = classroom.notebook(student)
        (root / "submission" / notebook.name).write_bytes(notebook.read_bytes())
        (root / "submission_metadata.json").write_text(json.dumps(METADATA))
        # A container's root lacks this one power, which tier `namespaces` needs.
        contained = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
        subprocess.run([*contained, "bash", root / "source/run_autograder"], check=True, cwd="/",
                       env={"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root),
                            "AUTOGRADER_PYTHON": sys.executable,
                            "PYTHONPATH": str(root / "source/package")})
        found[student] = {questions[int(test["number"]) - 1].name: test["score"]
                          for test in results(root / "results")["tests"] if "score" in test}
    return found


def results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text())


# ----------------------------------------------------------------------------------------------

def test_the_class_has_every_kind_of_student(plain: dict[str, Scores]) -> None:
    """Else equal scores would prove little."""
    assert sum(plain["ann"].values()) == 18
    assert plain["ben"] == plain["ann"] | {"conv2d_true": plain["ben"]["conv2d_true"]}
    assert plain["ben"]["conv2d_true"] < 2
    assert {name for name, score in plain["cem"].items() if score == 0} == {
        "edge_kernel", "learn_kernel", "parameters", "test_corr2d"}
    assert plain["dan"]["corr2d"] < 4 and 0 < plain["dan"]["conv2d_true"] < 2


@pytest.mark.parametrize(("path", "students"), [
    (by_nbgrader, list(CLASS)), (by_ci, ["dan"]), (by_otter, ["cem", "dan"]),
    (by_gradescope, ["dan"]),
], ids=["nbgrader", "ci", "otter", "gradescope"])
def test_every_path_gives_the_same_score_for_each_question(
    classroom: Classroom, plain: dict[str, Scores], students: list[str],
    path: Callable[[Classroom, list[str]], dict[str, Scores]],
) -> None:
    assert path(classroom, students) == {student: plain[student] for student in students}
