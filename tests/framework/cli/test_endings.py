"""How commands end: one line for people, a traceback where staff can find it, an exit status."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from fake_judge import fake_jury
from labs import REPOSITORY, Lab

from autograder import cli
from autograder.authoring.build import BuildError
from autograder.cli.console import UsageError
from autograder.course import CourseError, load
from autograder.course.secret import SecretError
from autograder.errors import AutograderError, ExitStatus
from autograder.exchange.format import ExchangeError
from autograder.grading import run
from autograder.grading.executors import Here
from autograder.grading.run import Interrupted
from autograder.judge import JudgeError
from autograder.sandbox.client import SandboxError
from autograder.store import Store, StoreError
from autograder.store.changes import RunError
from autograder.submission import SubmissionError, find

OURS = [
    BuildError("solutions/a/notebook.py:3", "this is not Python", "correct it"),
    CourseError(Path("grader.toml"), ["limits: unknown key", "late: unknown key"]),
    ExchangeError("no such column"), Interrupted(3, 7), JudgeError("no reference"),
    RunError("no run 7"), SandboxError("no zygote"), SecretError("too short"),
    StoreError("locked"), SubmissionError("nothing there"), UsageError("no such format"),
]


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tracebacks go."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "autograder" / "errors.log"


def ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
         error: BaseException) -> tuple[int, str]:
    """Exit status and stderr of a verb in which ``error`` is raised."""

    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr("autograder.cli.results.load_course", refuse)
    with pytest.raises(SystemExit) as ended:
        cli.main(["runs"])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


# The statuses ---------------------------------------------------------------------------------

@pytest.mark.parametrize(("module", "extra"), [
    ("sqlalchemy", "grade"), ("yaml", "grade"), ("nbgrader.api", "nbgrader"),
    ("otter.plugins", "otter"), ("dask.utils", "cluster"), ("psycopg", "cluster")])
def test_a_package_of_an_extra_that_is_missing_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: str, extra: str
) -> None:
    error = ModuleNotFoundError(f"No module named {module!r}", name=module)
    assert ends(monkeypatch, capsys, error) == (
        ExitStatus.MISTAKE, f"error: this needs the Python package {module}, which is not "
        f"installed: pip install 'nbjudge[{extra}]'\n")


def test_a_module_that_nobody_asked_for_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = ends(monkeypatch, capsys, ModuleNotFoundError("No module", name="surprise"))
    assert (status, "a fault of autograder itself" in said) == (ExitStatus.FAULT, True)


def test_the_document_lists_every_exit_status() -> None:
    text = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")
    table = text.partition("## Exit statuses")[2]
    assert [int(number) for number in re.findall(r"^\| +(\d+) \|", table, re.MULTILINE)] \
        == [status.value for status in ExitStatus]


def test_the_base_of_errors_is_light() -> None:
    script = ("import sys\nimport autograder.errors\n"
              "assert not {'torch', 'sqlalchemy', 'pydantic', 'rich'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
def test_what_a_person_can_mend_is_said_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path,
    error: AutograderError,
) -> None:
    status, said = ends(monkeypatch, capsys, copy(error))
    assert status == (130 if isinstance(error, Interrupted) else 2)
    assert said.splitlines() == [
        ("" if status == 130 else "error: ") + line for line in str(error).splitlines()]
    assert not log.exists()


@pytest.mark.parametrize("error", OURS, ids=lambda error: type(error).__name__)
def test_our_errors_cross_from_process_to_process(error: AutograderError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_ctrl_c_outside_a_run_is_an_interruption_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(monkeypatch, capsys, KeyboardInterrupt())[0] == ExitStatus.INTERRUPTED


# What nobody foresaw --------------------------------------------------------------------------

class StoreErrorOfSomebodyElse(Exception):
    """Named like one of ours once it is here."""


StoreErrorOfSomebodyElse.__name__ = "StoreError"


@pytest.mark.parametrize(("error", "status", "said"), [
    (KeyError("corr2d"), 70, "a fault of autograder itself, not of what it was given: "
                             "KeyError: 'corr2d'"),
    (RuntimeError("two\nlines"), 70, "RuntimeError: two lines"),
    (StoreErrorOfSomebodyElse(), 70, "StoreError (traceback"),
    (PermissionError(13, "Permission denied", "kept/grades.db"), 2,
     "kept/grades.db: Permission denied"),
    (OSError(28, "No space left on device"), 2, "error: No space left on device"),
    (ConnectionError("nobody answers"), 2, "ConnectionError: nobody answers"),
], ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "")
def test_the_rest_is_one_line_and_its_traceback_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path,
    error: Exception, status: int, said: str,
) -> None:
    ended, told = ends(monkeypatch, capsys, error)
    assert ended == status
    assert len(told.splitlines()) == 1 and said in told and str(log) in told
    kept = log.read_text()
    assert "Traceback (most recent call last)" in kept and type(error).__name__ in kept
    assert log.stat().st_mode & 0o777 == 0o600
    ends(monkeypatch, capsys, error)
    assert log.read_text().startswith(kept) and len(log.read_text()) > len(kept)


def test_without_a_home_the_traceback_has_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path
) -> None:
    log.parent.parent.write_text("not a folder")
    _, told = ends(monkeypatch, capsys, KeyError("corr2d"))
    file = Path(re.search(r"report: (.*)\)", told)[1])  # type: ignore[index]
    assert "KeyError: 'corr2d'" in file.read_text()
    file.unlink()


def test_where_nothing_can_be_written_the_traceback_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path
) -> None:
    log.parent.parent.write_text("not a folder")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: log.open())
    status, told = ends(monkeypatch, capsys, KeyError("corr2d"))
    assert status == 70 and "Traceback" in told and told.rstrip().endswith("report: above)")


# Streams --------------------------------------------------------------------------------------

@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A graded class; one of its results is the grader's own fault, so that its row has a dash."""
    Lab(tmp_path).write()
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ann.py").write_text("def twice(x): return x + x\n")
    (tmp_path / "class" / "internal-bob.py").write_text("# nothing")
    course = load(tmp_path / "grader.toml")
    with Store(course) as store:
        jury = fake_jury(course)
        run.grade(course, "lab", find([tmp_path / "class"], course.assignment("lab")), jury,
                  Here(jury.make_judge), store=store)
    return tmp_path


def shell(lab: Path, arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        f"{sys.executable} -P -m autograder {arguments}", shell=True, executable="/bin/bash",
        cwd=lab, capture_output=True, text=True, check=False, env=os.environ | environment)


def test_a_reader_that_leaves_ends_no_command(lab: Path) -> None:
    done = shell(lab, "report lab -o out | true; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (0, "")
    assert (lab / "out" / "lab" / "index.html").is_file()


@pytest.mark.parametrize("environment", [
    {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
], ids=str)
def test_a_stream_without_our_letters_gets_others(lab: Path, environment: dict[str, str]) -> None:
    done = shell(lab, "report lab -o 'out ✓ 中😀'", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"internal-bob .*internal *\| *- ", done.stdout)
    if environment.get("PYTHONIOENCODING"):
        assert done.stdout.endswith("out + \\u4e2d\\ud83d\\ude00\n")


def test_json_is_the_same_in_every_encoding(lab: Path) -> None:
    (lab / "grader.toml").write_text(
        (lab / "grader.toml").read_text() + '[leaderboard]\nann = "✓ 中😀"\n')
    done = shell(lab, "leaderboard lab --json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
