"""Gradescope's container: its folders, its script run as it stands, and what comes out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from labs import REPOSITORY, Lab

from autograder.course import load
from autograder.exchange import ExchangeError, bundles
from autograder.exchange.gradescope import circumstances
from autograder.exchange.gradescope_container import main, within

SECRET = b"a secret of the tests, 32 bytes!"
RIGHT = "def twice(x):\n    return x + x\n\ndef thrice(x):\n    return twice(x) + x\n"
WRONG = RIGHT.replace("return x + x", "return x")
SPY = """
import os
found = []
for folder, _, names in os.walk({source!r}):
    for name in names:
        try: found.append(open(os.path.join(folder, name)).read())
        except OSError: pass
try: found.append(open({results!r}, "w"))
except OSError: pass

def twice(x):
    return 0 if found else x + x

"""
SETTINGS = "due = 2026-10-12T12:00:00Z\n"
EXTRA = ('\n[leaderboard]\n"ann@example.org" = "Quick \U0001f98a"\n'
         '[late]\nper_day = 0.10\n[extensions."dan@example.org"]\nlab = 2026-10-14T12:00:00Z\n'
         '[extensions."eve@example.org"]\nlab = 2027-01-01T00:00:00Z\n')
METADATA = {
    "id": 123456, "created_at": "2026-10-10T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-10-12T05:00:00.000000-07:00", "id": 25828},
    "submission_method": "upload", "previous_submissions": [],
    "users": [{"email": "ann@example.org", "id": 1234, "name": "Ann"}],
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip installs it from the zip."""
    folder = tmp_path_factory.mktemp("gradescope")
    lab = Lab(folder / "course", settings=SETTINGS)
    course = lab.write()
    (course.root / "grader.toml").write_text((course.root / "grader.toml").read_text() + EXTRA)
    course = load(course.root / "grader.toml")
    bundles.write(bundles.gradescope(course, "lab", SECRET), folder / "autograder.zip")
    with zipfile.ZipFile(folder / "autograder.zip") as archive:
        archive.extractall(folder / "source")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", folder / "installed", folder / "source/package"], check=True)
    return folder


def lay_out(installed: Path, root: Path, files: dict[str, str], metadata: dict[str, Any]) -> None:
    """/autograder in ``root``."""
    root.mkdir()
    for folder in ("submission", "results"):
        (root / folder).mkdir()
    for name, text in files.items():
        (root / "submission" / name).write_text(text)
    (root / "source").symlink_to(installed / "source")
    (root / "run_autograder").write_bytes((root / "source/run_autograder").read_bytes())
    (root / "submission_metadata.json").write_text(json.dumps(METADATA | metadata))


def graded(installed: Path, root: Path, files: dict[str, str]) -> dict[str, Any]:
    """Lay out /autograder in ``root`` and run the script; results.json."""
    lay_out(installed, root, files, {})
    # A container's root lacks this one power, which tier `namespaces` needs.
    contained = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
    subprocess.run([*contained, "bash", root / "run_autograder"], check=True, cwd="/", env={
        "PATH": os.environ["PATH"], "PYTHONPATH": str(installed / "installed"),
        "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable})
    return results_in(root)


def graded_here(
    installed: Path, root: Path, files: dict[str, str], *, megabytes: int = 768, **metadata: Any
) -> dict[str, Any]:
    """By the program of the script, in this process."""
    lay_out(installed, root, files, metadata)
    main(root, megabytes)
    return results_in(root)


def results_in(root: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((root / "results/results.json").read_text())
    return results


def test_the_script_grades_confined_what_lies_in_gradescopes_folders(
    installed: Path, tmp_path: Path
) -> None:
    """Its code can read neither secret nor suite, nor write results: it would be wrong."""
    root = tmp_path / "right"
    spy = SPY.format(source=str(installed / "source"), results=str(root / "results/results.json"))
    results = graded(installed, root, {
        "lab.py": spy + RIGHT.partition("\n\n")[2], "notes.txt": "x"})
    assert (results["score"], results["output"]) == (3.0, "")
    if os.geteuid() == 0:
        assert results["extra_data"]["sandbox"] == "landlock"
    wrong = graded_here(installed, tmp_path / "wrong", {"lab.py": WRONG})
    assert [(test["number"], test["score"]) for test in wrong["tests"] if "score" in test] == [
        ("1", 0.0), ("2", 0.75)]
    assert {test["visibility"] for test in wrong["tests"]} == {"visible"}


@pytest.mark.parametrize(("user", "own_due", "score"), [
    ("ann", None, 2.4), ("ann", "2026-10-13T12:00:00Z", 2.7), ("dan", None, 3.0),
    ("eve", "2026-10-13T12:00:00Z", 3.0),
], ids=["late", "Gradescope's extension", "grader.toml's extension", "the later of both"])
def test_lateness_is_read_from_the_metadata(
    installed: Path, tmp_path: Path, user: str, own_due: str | None, score: float
) -> None:
    users = [{"email": f"{user}@example.org", "id": 1, "name": user,
              **({"assignment": {"due_date": own_due}} if own_due else {})}]
    results = graded_here(installed, tmp_path / "root", {"lab.py": RIGHT}, users=users,
                          created_at="2026-10-14T05:00:00-07:00")
    assert results["score"] == score
    assert ("Handed in late" in results["output"]) == (score < 3)


@pytest.mark.parametrize(("files", "said"), [
    ({}, "No notebook was handed in"), ({"lab.ipynb": "{"}, "not a notebook, or was cut off")])
def test_what_cannot_be_read_has_no_score_and_a_reason(
    installed: Path, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    results = graded_here(installed, tmp_path / "root", files)
    assert said in results["output"]
    assert "score" not in results and "tests" not in results


def test_our_own_faults_cost_nothing_and_are_told_to_staff_only(
    installed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    results = graded_here(
        installed, tmp_path / "root", {"lab.py": RIGHT}, created_at=None, users="?")
    assert "score" not in results and "Nothing of yours is lost" in results["output"]
    assert results["stdout_visibility"] == "hidden" and "Traceback" in capfd.readouterr().out


def test_our_own_faults_are_told_in_the_courses_language(tmp_path: Path) -> None:
    course = Lab(tmp_path / "source/course").write()
    file = course.root / "grader.toml"
    file.write_text(file.read_text().replace('"Lab"', '"Lab"\nlanguage = "zh"', 1))
    (course.root / "secret").write_bytes(SECRET)
    main(tmp_path, 768)  # without submission_metadata.json
    said = json.loads((tmp_path / "results/results.json").read_text())["output"]
    assert said.startswith("我们这边出了问题。")


def test_a_zip_is_for_its_owner_and_its_scripts_can_run(installed: Path) -> None:
    archive = installed / "autograder.zip"
    assert archive.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(archive) as opened:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in opened.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert modes["course/secret"] == 0o600
    assert subprocess.run(["bash", "-n", installed / "source/setup.sh"]).returncode == 0


def test_a_bundle_keeps_who_wants_to_be_on_leaderboards_under_any_name(installed: Path) -> None:
    bundled = load(installed / "source/course/grader.toml")
    assert bundled.leaderboard == {"ann@example.org": "Quick \U0001f98a"}


def test_a_notebook_that_takes_what_memory_it_can_is_graded_within_the_containers(
    installed: Path, tmp_path: Path
) -> None:
    """Its answers are right only where it is refused 200 MB."""
    hungry = (
        "def twice(x):\n    got = []\n    try:\n        while len(got) < 200:\n"
        "            got.append(b'x' * (1 << 20))\n    except MemoryError:\n        return x + x\n"
        "    return 0\n\n" + RIGHT.partition("\n\n")[2])
    assert graded_here(installed, tmp_path / "root", {"lab.py": hungry})["score"] == 3.0
    more = graded_here(installed, tmp_path / "more", {"lab.py": hungry}, megabytes=1536)
    assert more["score"] < 3.0


@pytest.mark.parametrize(("megabytes", "memory", "answer"), [
    (768, 109, 6), (1536, 493, 27), (8192, 1024, 64), (512, 64, 1)])
def test_limits_fit_the_container_and_are_never_higher_than_the_courses(
    installed: Path, megabytes: int, memory: int, answer: int
) -> None:
    course = within(load(installed / "source/course/grader.toml"), megabytes)
    limits = course.assignment("lab").limits
    assert (limits.memory_mb, limits.answer_mb) == (memory, answer)
    assert course.root == installed / "source/course"


def test_what_is_timed_is_not_graded_in_a_container_that_is_too_small_for_it() -> None:
    course = load(REPOSITORY / "grader.toml")
    with pytest.raises(ExchangeError, match="needs a container of 1536 MB; choose a larger one"):
        within(course, 768)
    assert within(course, 1536).assignment("fast_conv").limits.memory_mb == 493


def test_of_a_group_the_first_member_counts_and_what_is_no_time_is_none() -> None:
    found = circumstances({"created_at": "yesterday", "users": [
        {"name": "Ann", "sid": "007"}, {"email": "bob@example.org"}]})
    assert (found.student, found.submitted_at, found.extended_to) == ("007", None, None)
    assert found.notes == (
        "submission_metadata.json: created_at is no time with its zone: 'yesterday'",)
    at = circumstances(METADATA).submitted_at
    assert at is not None and at.astimezone(UTC) == datetime(
        2026, 10, 10, 21, 22, 32, 365935, tzinfo=UTC)
