"""The verbs of what is kept, from the command line, over a class that real judges graded."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import warm
from hand_ins import notebook, packed
from labs import Lab

from autograder import course
from autograder.intake import KeptFiles
from autograder.store import Store
from autograder.submission import Submission

ANN = notebook("def twice(x):\n    return x + x", "def thrice(x):\n    return 3 * x")
EARLIER = notebook("def twice(x):\n    return x")
BROKEN = b'{"cells": [ and then the disk was full'
DAMAGED = packed({"lab.ipynb": ANN, "notes.txt": b"see there"})[:-20]


def run(here: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = warm.autograder(*arguments, cwd=here, env=os.environ | {"COLUMNS": "160"})
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def hand_in(root: Path, **files: bytes) -> Path:
    folder = root / "handed-in"
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class is graded, twice for ann, and whose hand-ins are gone since."""
    root = tmp_path_factory.mktemp("lab")
    Lab(root).write()
    (root / "people.csv").write_text("id,name,sis\nann,Ann Lee,4711\nbob,Bob Ray,4712\n")
    folder = hand_in(root, ann_ipynb=EARLIER)
    run(root, "grade", "lab", "handed-in", "-j", "1")
    shutil.rmtree(folder)
    folder = hand_in(root, ann_ipynb=ANN, bob_ipynb=ANN, eve_ipynb=BROKEN, zoe_zip=DAMAGED)
    run(root, "grade", "lab", "handed-in", "-j", "1", status=3)
    shutil.rmtree(folder)
    return root


@pytest.fixture
def lab(graded: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(graded, tmp_path / "lab"))


def of(root: Path, student: str, *more: str) -> bytes:
    output = root / "given"
    output.unlink(missing_ok=True)
    run(root, "show", student, "lab", "--file", "-o", "given", *more)
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    return output.read_bytes()


# Files -----------------------------------------------------------------------------------------


def test_what_counts_comes_back_byte_for_byte(graded: Path) -> None:
    assert of(graded, "ann") == of(graded, "4711") == of(graded, "bob") == ANN
    assert of(graded, "eve") == BROKEN and of(graded, "zoe") == DAMAGED
    run(graded, "show", "ann", "lab", "--file", "-o", "given", status=2)  # and overwrites nothing


def test_it_comes_on_stdout(graded: Path) -> None:
    command = [sys.executable, "-P", "-m", "autograder", "show", "zoe", "lab", "--file"]
    done = subprocess.run(command, cwd=graded, capture_output=True, check=True)
    assert done.stdout == DAMAGED


def test_another_of_the_history_is_named_by_its_digest(graded: Path) -> None:
    with Store(course.load(graded / "grader.toml")) as store:
        first, last = store.history("ann", "lab")
    assert of(graded, "ann", "--digest", first.submission[:8]) == EARLIER
    assert of(graded, "ann", "--digest", last.submission[:4].upper()) == ANN
    done = run(graded, "show", "ann", "lab", "--file", "--digest", "", "-o", "x", status=2)
    assert "several hand-ins begin with" in done.stderr
    done = run(graded, "show", "ann", "lab", "--file", "--digest", "zz", status=2)
    assert "no files of ann for lab are kept under zz" in done.stderr


def test_whoever_looks_at_files_is_in_the_log(lab: Path) -> None:
    of(lab, "ann")
    with Store(course.load(lab / "grader.toml")) as store:
        event = store.events.all()[-1]
    assert event.verb == "show file" and event.object.startswith("lab · ann · ")


def test_files_of_results_from_before_are_kept_when_they_are_met_again(lab: Path) -> None:
    shutil.rmtree(lab / "results/handins")
    assert "no files of ann" in run(lab, "show", "ann", "lab", "--file", status=2).stderr
    hand_in(lab, ann_ipynb=ANN)
    run(lab, "grade", "lab", "handed-in", "-j", "1")
    assert of(lab, "ann") == ANN
    with Store(course.load(lab / "grader.toml")) as store:
        assert len(store.history("ann")) == 2


@pytest.mark.parametrize(("arguments", "said"), [
    (["show", "ann", "--file"], "--file wants an assignment"),
    (["show", "ann", "lab", "--digest", "ab"], "--digest and --output go with --file"),
    (["show", "nobody", "lab", "--file"], "nobody goes by 'nobody'"),
    (["feedback", "lab", "-o", "x", "--layout", "folder"], "--layout says how"),
    (["feedback", "lab", "-o", "x", "--student", "nobody"], "nobody called 'nobody'"),
    (["person", "ann"], "say what: autograder person ann export, or forget"),
    (["person", "ann", "export"], "name the zip"),
    (["person", "ann", "forget"], "say why"),
    (["person", "ann", "forget", "--why", "x"], "would erase ann and 2 results for good"),
    (["person", "old"], "keep_years"),
    (["restore", "grader.toml"], "no backup"),
])
def test_mistakes_get_a_sentence(graded: Path, arguments: list[str], said: str) -> None:
    assert said in run(graded, *arguments, status=2).stderr


def test_feedback_is_made_of_what_is_kept(lab: Path) -> None:
    done = run(lab, "feedback", "lab", "-o", "back", status=3)
    assert sorted(path.name for path in (lab / "back/lab").glob("*.ipynb")) == [
        "ann.ipynb", "bob.ipynb", "eve.ipynb"]
    assert done.stderr.splitlines() == [
        "zoe: no feedback, for there is no notebook to write it into"]
    run(lab, "feedback", "lab", "-o", "hers", "--student", "ann")
    assert [path.name for path in (lab / "hers/lab").glob("*.ipynb")] == ["ann.ipynb"]
    kept, named = (lab / name / "lab/ann.ipynb" for name in ("back", "named"))
    hand_in(lab, ann_ipynb=ANN)
    run(lab, "feedback", "lab", "handed-in", "-o", "named")
    assert kept.read_bytes() == named.read_bytes()


def test_a_disk_that_takes_no_files_stops_the_run_and_loses_nothing(lab: Path) -> None:
    """In a mount namespace of its own, which ends with the shell."""
    large = notebook(f"# {os.urandom(400_000).hex()}\ndef twice(x):\n    return x + x")
    (lab / "people.csv").write_text("id\namy\nben\n")
    hand_in(lab, amy_ipynb=ANN, ben_ipynb=large)
    done = warm.shell("""
        mount -t tmpfs -o size=64k none results/handins || exit 77
        autograder grade lab handed-in -j 1; echo status $?
        umount results/handins
        autograder grade lab handed-in -j 1
    """, "unshare", "--mount", cwd=lab)
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    assert "status 2" in done.stdout, done.stdout + done.stderr
    assert "the files of ben cannot be kept: the disk is full; free some space" in done.stderr
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert of(lab, "ben") == large


# People ----------------------------------------------------------------------------------------


def test_a_person_is_given_everything_and_erased(lab: Path) -> None:
    run(lab, "person", "4711", "export", "-o", "ann.zip")
    with zipfile.ZipFile(lab / "ann.zip") as archive:
        handed_in = {archive.read(name) for name in archive.namelist()
                     if name.startswith("handins/")}
    assert handed_in == {ANN, EARLIER}
    done = run(lab, "person", "ann", "forget", "--why", "asked", "--yes")
    assert "Erased: ann, 2 results" in done.stdout and "delete them" in done.stderr
    assert "nobody goes by 'ann'" in run(lab, "show", "ann", status=2).stderr
    assert of(lab, "bob") == ANN
    run(lab, "person", "ann", "export", "-o", "again.zip", status=2)
    run(lab, "report", "lab", "-o", "pages")
    run(lab, "export", "ctrf", "lab", "-o", "ctrf")
    assert not [path for path in (lab / "ctrf").iterdir() if "erased" in path.name]


def test_who_is_old_is_said_at_the_end_of_a_run(lab: Path) -> None:
    with (lab / "grader.toml").open("a") as toml:
        toml.write("[store]\nkeep_years = 0.0000000001\n")
    assert "ann: nothing newer than" in run(lab, "person", "old").stdout
    kept = KeptFiles(course.load(lab / "grader.toml"))
    kept.keep(Submission("ann", "lab", {"ann.ipynb": b"of a run that was killed"}, None))
    assert "Deleted" not in run(lab, "person", "old").stdout
    assert "Deleted: 1 kept hand-in of" in run(lab, "person", "old", "--yes").stdout
    assert of(lab, "ann") == ANN
    hand_in(lab, ann_ipynb=ANN)
    done = run(lab, "grade", "lab", "handed-in", "-j", "1")
    assert "4 people of whom nothing in the store is newer" in done.stderr


# Backups ---------------------------------------------------------------------------------------


def test_a_restored_course_goes_on_as_the_old_one_would_have(lab: Path, tmp_path: Path) -> None:
    done = run(lab, "backup", "term.zip")
    assert "5 results, 5 hand-ins" in done.stdout and "the course's secret" in done.stderr
    new = tmp_path / "new"
    for folder in ("solutions", "tests"):  # which are in the course's repository
        shutil.copytree(lab / folder, new / folder)
    shutil.move(lab / "term.zip", tmp_path)
    shutil.rmtree(lab)
    done = run(new, "restore", "../term.zip", "--course", "grader.toml")
    assert "5 results, 5 hand-ins" in done.stdout
    assert of(new, "ann") == ANN and of(new, "eve") == BROKEN and of(new, "zoe") == DAMAGED
    hand_in(new, ann_ipynb=ANN, bob_ipynb=ANN, eve_ipynb=BROKEN, zoe_zip=DAMAGED)
    run(new, "grade", "lab", "handed-in", "-j", "1", status=3)
    with Store(course.load(new / "grader.toml")) as store:
        assert [each.results for each in store.runs()] == [1, 4, 0]  # nothing is graded anew
    run(new, "restore", "../term.zip", "--course", "grader.toml", status=2)
    done = run(new, "restore", "../term.zip", "--course", "../newer/")
    assert "Restored: ../newer/grader.toml" in done.stdout
    assert (tmp_path / "newer/grader.toml").is_file()
    assert not (tmp_path / "results").exists()
