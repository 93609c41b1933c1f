"""People on the command line: taken over, listed, graded by whatever name, hidden and revealed."""

from __future__ import annotations

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest
import warm
from labs import Lab

from autograder.course import load, roster
from autograder.errors import ExitStatus
from autograder.store import Store

GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab (12)
"Lovelace, Ada",20001,s1,ada@uni.edu,A,
"Boole, George",20002,s2,gboole,B,
"Chen, Li",20003,s3,chen,B,
"Gone, Gil",20004,s4,gil,A,
"""
RIGHT = "def twice(x):\n    return x + x\n\n\ndef thrice(x):\n    return 3 * x\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Lab(tmp_path, settings="due = 2026-10-12T23:59:00+02:00\n").write()
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK, encoding="utf-8")
    return tmp_path


def autograder(root: Path, *arguments: str, status: int = ExitStatus.DONE
               ) -> subprocess.CompletedProcess[str]:
    done = warm.autograder(*arguments, cwd=root, env=os.environ | {"COLUMNS": "140"})
    assert done.returncode == status, done.stderr + done.stdout
    return done


def hand_in(root: Path, **files: str) -> None:
    (root / "in").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "in" / f"{name}.py").write_text(text, encoding="utf-8")


def rows(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return {row["student"]: row for row in csv.DictReader(text)}


def test_people_are_imported_and_listed(root: Path) -> None:
    first = autograder(root, "people", "import", "gradebook.csv")
    assert "4 new, 0 changed, 0 as they were" in first.stdout
    before = (root / "people.csv").read_bytes()
    again = autograder(root, "people", "import", "gradebook.csv")
    assert "0 new, 0 changed, 4 as they were" in again.stdout
    assert (root / "people.csv").read_bytes() == before
    (root / "gradebook.csv").write_text(GRADEBOOK.rsplit('"Gone', 1)[0], encoding="utf-8")
    kept = autograder(root, "people", "import", "gradebook.csv", status=ExitStatus.ATTENTION)
    assert "kept: gil" in kept.stderr
    gone = autograder(root, "people", "import", "gradebook.csv", "--remove-missing")
    assert "1 taken out: gil" in gone.stdout

    (root / "other.csv").write_text("id,name\nada2,Ada Lovelace\nchen,\n", encoding="utf-8")
    wrong = autograder(root, "people", "import", "other.csv", "--remove-missing",
                       status=ExitStatus.MISTAKE)
    assert "2 of 3 students are not in it" in wrong.stderr
    alike = autograder(root, "people", "import", "other.csv", status=ExitStatus.ATTENTION)
    assert "ada and ada2 are both called Ada Lovelace" in alike.stderr

    listed = autograder(root, "people", "list", "--section", "B").stdout
    assert "George Boole" in listed and "Lovelace" not in listed
    autograder(root, "people", "list", "--csv", "all.csv")
    assert (root / "all.csv").read_text(encoding="utf-8").startswith("name,id,section")
    wrong = autograder(root, "people", "list", "--section", "C", status=ExitStatus.MISTAKE)
    assert "there are: A, B" in wrong.stderr
    with Store(load(root / "grader.toml")) as store:
        assert [(each.before, each.after) for each in store.events.all(verb="people import")] \
            == [("0 people", "4 people"), ("4 people", "3 people"),
                ("3 people", "4 people")]


def test_people_are_not_listed_by_a_table_with_a_quotation_mark_too_few(root: Path) -> None:
    autograder(root, "people", "import", "gradebook.csv")
    table = (root / "people.csv").read_text(encoding="utf-8")
    (root / "people.csv").write_text(table.replace("Ada", '"Ada', 1), encoding="utf-8")
    for wanted in (("list",), ("import", "gradebook.csv")):
        wrong = autograder(root, "people", *wanted, status=ExitStatus.MISTAKE)
        assert "people.csv: line 2: " in wrong.stderr and "quotation mark" in wrong.stderr


def test_nobody_is_listed_before_somebody_is_imported(root: Path) -> None:
    assert "autograder people import" in autograder(
        root, "people", "list", status=ExitStatus.MISTAKE).stderr
    assert "no kind 'blackboard'" in autograder(
        root, "people", "import", "gradebook.csv", "--kind", "blackboard",
        status=ExitStatus.MISTAKE).stderr


def test_a_class_is_graded_by_whatever_names_and_in_teams(root: Path) -> None:
    autograder(root, "people", "import", "gradebook.csv")
    file = roster.file(load(root / "grader.toml"))
    file.write_text(file.read_text(encoding="utf-8").replace("student,B,", "student,B,x"),
                    encoding="utf-8")
    hand_in(root, lovelaceada_20001_901_lab=RIGHT, chenli_20003_902_lab=RIGHT + "\n# chen\n",
            who_20077_903_lab="x = 1\n")
    told = autograder(root, "grade", "lab", "in", "-o", "out", status=ExitStatus.ATTENTION)
    assert "'20077' is nobody of the course's people" in told.stderr
    assert "missing: 1 (Gil Gone)" in told.stdout
    table = rows(root / "out" / "lab" / "grades.csv")
    assert {student: (row["name"], row["status"], row["score"])
            for student, row in table.items()} == {
        "ada": ("Ada Lovelace", "graded", "3"), "gboole": ("George Boole", "graded", "3"),
        "chen": ("Li Chen", "graded", "3"), "20077": ("", "graded", "0"),
        "gil": ("Gil Gone", "missing", "")}
    assert "Handed in by Li Chen for team x." in (
        root / "out" / "lab" / "gboole.html").read_text(encoding="utf-8")

    (root / "times.csv").write_text(
        "student,submitted_at\nchen,2026-10-12T10:00:00Z\ngboole,2026-10-12T11:00:00Z\n")
    hand_in(root, boole_20002_904_lab="def twice(x):\n    return x + x\n")
    undated = autograder(root, "grade", "lab", "in", "-o", "out", status=ExitStatus.ATTENTION)
    assert "nothing says which came last" in undated.stderr
    dated = autograder(root, "grade", "lab", "in", "-o", "out", "--times", "times.csv",
                       status=ExitStatus.ATTENTION)
    assert "team x: 2 hand-ins" in dated.stderr
    table = rows(root / "out" / "lab" / "grades.csv")
    assert table["gboole"]["score"] == table["chen"]["score"] == "2"


def test_staff_see_pseudonyms_until_somebody_reveals_one(root: Path) -> None:
    autograder(root, "people", "import", "gradebook.csv")
    hand_in(root, ada=RIGHT)
    autograder(root, "grade", "lab", "in", "-o", "out")
    shown = autograder(root, "report", "lab", "--anonymous", "--section", "A", "-o", "out")
    assert "shows names" in shown.stderr
    assert not re.search(r"\bada\b", shown.stdout, re.IGNORECASE)
    names = rows(root / "out" / "anonymous" / "lab" / "grades.csv")
    [graded] = [name for name, row in names.items() if row["status"] == "graded"]
    assert len(names) == 2
    assert autograder(root, "people", "reveal", graded.upper(), "--why", "x").stdout == "ada\n"
    autograder(root, "people", "reveal", "lusab", "--why", "x", status=ExitStatus.MISTAKE)
    with Store(load(root / "grader.toml")) as store:
        [event] = store.events.all(verb="reveal", about="ada")
        assert (event.after, event.why) == ("ada", "x")


def test_what_was_graded_stays_with_those_for_whom_it_was(root: Path) -> None:
    def teams(**team: str) -> None:
        (root / "people.csv").write_text("id,team\n" + "".join(
            f"{each},{team.get(each, '')}\n" for each in ("ann", "bob", "cem", "eve")))

    def graded(*options: str, status: int = ExitStatus.DONE
               ) -> tuple[str, dict[str, tuple[str | None, str]]]:
        said = autograder(root, "grade", "lab", "in", "-o", "out", *options, status=status)
        with Store(load(root / "grader.toml")) as store:
            return said.stderr, {each.student: (
                each.submission.handed_in_by, each.environment.suite)
                for each in store.counting("lab")}

    teams(ann="red", bob="red", cem="blue")
    hand_in(root, ann=RIGHT, eve=RIGHT + "\n# eve\n")
    _, before = graded()
    teams(bob="red", ann="blue", cem="blue", eve="blue")
    for suite in (root / "tests/hidden/lab").iterdir():
        suite.write_text(suite.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    said, now = graded()
    assert "teams are others by now" in said
    assert {each: by for each, (by, _) in now.items()} == {"ann": "ann", "bob": "ann", "eve": None}
    assert not {suite for _, suite in now.values()} & {suite for _, suite in before.values()}

    hand_in(root, cem=RIGHT + "\n# of the new team\n")
    said, _ = graded(status=ExitStatus.ATTENTION)
    assert "ann: several hand-ins since teams are others" in said
    (root / "times.csv").write_text("student,submitted_at\n" + "".join(
        f"{each},2026-10-12T1{hour}:00:00Z\n" for hour, each in enumerate(("ann", "eve", "cem"))))
    _, later = graded("--times", "times.csv")
    assert {each: by for each, (by, _) in later.items()} == {
        "ann": "cem", "bob": "ann", "cem": "cem", "eve": "cem"}
    with Store(load(root / "grader.toml")) as store:
        assert {by for _, by, _ in store.handed_in_for(student="cem")} == {"cem"}
        graded("--force", "--times", "times.csv")  # by the table
        assert {by for _, by, _ in store.handed_in_for(student="cem")} == {"ann", "cem", "eve"}
