"""The verbs by which staff decide, on a store with two students: what they print, what then stands,
and what the log says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import warm
from databases import a_result

from autograder.course import Course, load
from autograder.result import SubmissionRecord, SubmissionStatus
from autograder.store import Store

GRADER_TOML = """
[course]
name = "Convolution"
timezone = "Europe/Berlin"
[store]
url = "sqlite:///kept/grades.db"
[late]
per_day = 0.25
bank = 1
[gradebook]
weights = {correlation = 3, lenet = 1}
curve = "lifted"
[gradebook.curves]
lifted = [[0, 0], [50, 60], [100, 100]]
[assignments.correlation]
title = "Cross-correlation"
due = 2026-10-24T12:00:00
[[assignments.correlation.questions]]
name = "corr2d"
title = "Two-dimensional cross-correlation"
points = 4
[assignments.lenet]
title = "LeNet"
due = 2026-10-30T12:00:00
[[assignments.lenet.questions]]
name = "lenet"
title = "LeNet"
points = 10
"""
PEOPLE = """id,name,section,team,github
ann,Ann Lee,A,red,annl
bob,Bob Ray,B; C,red,
eve,Eve Fox,B,,
"""
DUE = datetime(2026, 10, 24, 10, tzinfo=UTC)
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    (tmp_path / "grader.toml").write_text(GRADER_TOML, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    course = load(tmp_path / "grader.toml")
    with Store(course) as store:
        run = store.begin("correlation", "grade")
        for student, score, late in (("ann", 2.0, 2), ("bob", 4.0, 0)):
            store.add(run, a_result(student, score, submission=SubmissionRecord(
                digest=student[0] * 64, submitted_at=DUE + late * timedelta(days=1))))
        store.finish(run)
    return course


@pytest.fixture
def run(lab: Course) -> Run:
    return lambda *arguments: warm.autograder(
        *arguments, cwd=lab.root, env={"COLUMNS": "200", "PATH": ""})


def score(lab: Course, student: str) -> float:
    with Store(lab) as store:
        return float(store.book().totals(student)["correlation"].score)


def done(ended: CompletedProcess[str]) -> str:
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_points_are_changed_shown_listed_and_taken_back(lab: Course, run: Run) -> None:
    assert score(lab, "ann") == 1.5  # two days late, one of them a slip day
    asked = ("adjust", "Annl", "correlation", "--question", "corr2d", "--add", "1",
             "--why", "unclear text", "--comment", "Our text was unclear.")
    assert "ann: 1.5 → 2.25" in done(run(*asked, "--dry-run"))
    assert score(lab, "ann") == 1.5
    shown = run(*asked)
    assert "1 gain, 0 lose." in done(shown) and "number 1" in shown.stderr
    assert score(lab, "ann") == 2.25
    assert re.search(r"adjustment 1 .* correlation +ann +corr2d: \+1\.00 +unclear text",
                     done(run("decisions", "--student", "ann")))
    assert "adjustment" not in done(run("decisions", "--student", "bob"))
    assert "ann: 2.25 → 1.5" in done(run("revoke", "adjustment", "1", "--why", "wrong Ann"))
    assert score(lab, "ann") == 1.5
    again = run("revoke", "adjustment", "1", "--why", "wrong Ann")
    assert again.returncode == 2 and "was revoked on" in again.stderr


def test_an_adjustment_is_of_a_section_a_team_or_everybody(lab: Course, run: Run) -> None:
    for whom, changed in (("section:B", "bob: 4 → 3"), ("section:C", "bob: 4 → 3"),
                          ("team:red", "ann: 1.5 → 0.5"), ("everybody", "2 lose")):
        assert changed in done(run("adjust", whom, "correlation", "--add", "-1", "--why", "x",
                                   "--dry-run"))


def test_who_handed_nothing_in_can_be_given_points(lab: Course, run: Run) -> None:
    assert "eve: — → 3" in done(run("adjust", "eve", "correlation", "--set", "3", "--why", "oral"))
    with Store(lab) as store:
        assert [(each.student, each.score) for each in store.grades("correlation")] == [
            ("ann", 1.5), ("bob", 4.0), ("eve", 3.0)]
        assert not any(each.result.is_erased for each in store.grades("correlation"))


def test_a_check_is_waived_for_everybody(lab: Course, run: Run) -> None:
    with Store(lab) as store:
        [known] = {id for verdicts in store.book().verdicts
                   for id in verdicts.questions["corr2d"].checks}
    wrong = run("waive", "correlation", "corr2d", "test_nothing", "--why", "x")
    assert wrong.returncode == 2 and known in wrong.stderr
    assert "1 gain, 0 lose." in done(
        run("waive", "correlation", "corr2d", known, "--why", "nobody was told"))
    assert score(lab, "ann") == 3.0


def test_more_time_by_days_in_the_courses_zone(lab: Course, run: Run) -> None:
    """Clocks are set back in the night after the 24th of October: a day of 25 hours."""
    shown = run("extend", "ann", "correlation", "+1d", "--why", "ill")
    assert "due 2026-10-25 12:00 CET; before, 2026-10-24 12:00 CEST" in shown.stderr
    assert "ann: 1.5 → 2" in done(shown)
    assert "due 2026-10-26 12:00 CET" in run(
        "extend", "ann", "correlation", "+1d", "--why", "still ill", "--dry-run").stderr
    assert "due 2026-10-27 08:00 CET" in run(
        "extend", "section:A", "correlation", "2026-10-27T08:00", "--why", "x").stderr
    sooner = run("extend", "ann", "correlation", "2026-10-20T12:00", "--why", "x")
    assert sooner.returncode == 2 and "is not later than" in sooner.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (("adjust", "an", "correlation", "--full"), "nobody goes by 'an'; did you mean 'ann'?"),
    (("adjust", "section:D", "correlation", "--full"), "no section 'D'"),
    (("adjust", "ann", "correlation"), "say one of --add, --set and --full"),
    (("adjust", "ann", "correlation", "--set", "-1"), "'-1' is no number of points"),
    (("adjust", "ann", "correlation", "--add", "nan"), "'nan' is no number of points"),
    (("adjust", "ann", "correlation", "--full", "--question", "corr"), "did you mean 'corr2d'?"),
    (("adjust", "ann", "corelation", "--full"), "did you mean 'correlation'?"),
    (("extend", "ann", "correlation", "tomorrow"), "'tomorrow' is no time"),
    (("adjust", "ann", "correlation", "--add", "1_0"), "'1_0' is no number of points"),
    (("adjust", "ann", "correlation", "--add", "\uff11"), "is no number of points"),
    (("adjust", "ann", "correlation", "--add", "1e30"), "'1e30' is no number of points"),
    (("adjust", "ann", "correlation", "--set", "9" * 40), "9' is no number of points"),
    (("adjust", "ann", "correlation", "--full", "--comment", "\udcff"), "is not UTF-8"),
    (("extend", "ann", "correlation", "9999-12-31T23:59-05:00"), "is too far away"),
    (("revoke", "grade", "1"), "no kind of decision 'grade'"),
    (("revoke", "waiver", "7"), "no waiver 7; autograder decisions lists them"),
])
def test_a_slip_is_one_line_and_changes_nothing(
    lab: Course, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(*arguments, "--why", "x")
    assert ended.returncode == 2 and said in ended.stderr and ended.stdout == ""
    with Store(lab) as store:
        assert store.decisions().adjustments == [] and not store.events.all(verb="adjust")


def test_a_reason_that_is_not_utf_8_is_one_line(run: Run) -> None:
    for arguments in (("adjust", "ann", "correlation", "--full"), ("revoke", "waiver", "7"),
                      ("extend", "ann", "correlation", "+1d"),
                      ("waive", "correlation", "corr2d", "test_values")):
        ended = run(*arguments, "--why", "\udcff")
        assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
        assert "is not UTF-8" in ended.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (("ann", "--set", "4"), []), (("ann", "--add", "2"), []),  # controls: late, 2.5 and 4 of 4
    (("ann", "--set", "40"), ["correlation has 4 points, and ann has 40"]),
    (("everybody", "--add", "1", "--question", "corr2d"),
     ["corr2d has 4 points, and bob has 5", "correlation has 4 points, and bob has 5"]),
    (("everybody", "--set", "5"), ["correlation has 4 points, and ann has 5, and 2 more"]),
])
def test_more_than_all_points_are_given_and_said_to_be(
    run: Run, arguments: tuple[str, ...], said: list[str]
) -> None:
    who, *options = arguments
    ended = run("adjust", who, "correlation", *options, "--why", "x")
    assert ended.returncode == 0 and " of 4" in ended.stdout
    warned = [line for line in ended.stderr.splitlines() if "is that what is meant?" in line]
    assert len(warned) == len(said) and all(map(str.startswith, warned, said)), ended.stderr
    again = run("extend", "eve", "correlation", "+1d", "--why", "x")
    assert "is that what is meant?" not in again.stderr  # it was said before


def test_the_log_says_who_did_what_to_what_and_why(lab: Course, run: Run) -> None:
    done(run("adjust", "ann", "correlation", "--full", "--why", "=cmd()"))
    done(run("extend", "ann", "correlation", "+3d", "--why", "ill"))
    shown = done(run("events", "--about", "ann"))
    assert [line.split()[4] for line in shown.splitlines() if "@" in line] == ["adjust", "extend"]
    in_berlin = [line.split()[2] in ("CET", "CEST") for line in shown.splitlines() if "@" in line]
    assert in_berlin == [True, True]
    assert len([line for line in done(run("events", "--last", "1")).splitlines()
                if "@" in line]) == 1
    done(run("events", "--csv", "events.csv"))
    rows = list(csv.DictReader(io.StringIO((lab.root / "events.csv").read_text())))
    assert [row["verb"] for row in rows] == ["grade", "adjust", "extend"]
    assert rows[1]["object"] == "correlation · ann · total" and rows[1]["why"] == "'=cmd()"


def test_slips_are_told_where_somebody_only_looks(lab: Course, run: Run) -> None:
    for arguments, code, said in (
            (("show", "annn"), 2, "nobody goes by 'annn'; did you mean 'ann'?"),
            (("show", "Eve Foxx"), 2, "nobody goes by 'Eve Foxx'; did you mean 'eve'?"),
            (("events", "--verb", "graed"), 2, "of 'graed'; did you mean 'grade'?; there are: "
                                               "grade"),
            (("events", "--about", "corelation"), 0, "did you mean 'correlation'?")):
        ended = run(*arguments)
        assert ended.returncode == code and said in ended.stderr
    assert "no results of eve" in done(run("show", "eve"))  # who is known, and has none
    assert "nobody goes by '20001'" in run("show", "20001").stderr


def test_where_there_is_nothing_to_list_that_is_said(run: Run) -> None:
    for arguments, said in ((("decisions",), "nothing is decided"),
                            (("events", "--about", "eve"), "no lines of the log"),
                            (("leaderboard", "correlation"), "nobody is on the leaderboard yet"),
                            (("marks", "list", "correlation"), "no question in free text")):
        assert said in done(run(*arguments)), arguments


def test_letters_that_changed_places_are_a_slip_though_the_name_is_short(run: Run) -> None:
    ended = run("show", "nan")
    assert ended.returncode == 2 and "nobody goes by 'nan'; did you mean 'ann'?" in ended.stderr


def test_people_may_be_called_by_their_names(lab: Course, run: Run) -> None:
    assert "ann" in done(run("show", "ANN  Lee"))
    assert "bob: 4 → 3" in done(run("adjust", "Bob Ray", "correlation", "--add", "-1", "--why",
                                    "x"))
    assert "Bob" not in run("events", "--about", "Bob Ray").stderr
    assert "adjust" in done(run("events", "--about", "Bob Ray"))
    with (lab.root / "people.csv").open("a") as people:
        people.write("eve2,Eve Fox,,,\n")
    twice = run("extend", "eve fox", "correlation", "+1d", "--why", "x")
    assert twice.returncode == 2 and "2 people are called 'eve fox': eve, eve2" in twice.stderr


def test_the_term_is_weighted_and_curved_and_what_is_missing_is_nothing(
    lab: Course, run: Run
) -> None:
    done(run("gradebook", "--csv", "term.csv"))
    rows = {row["student"]: row for row in csv.DictReader(
        io.StringIO((lab.root / "term.csv").read_text()))}
    assert rows["bob"] == {
        "student": "bob", "name": "Bob Ray", "section": "B; C", "correlation": "4", "lenet": "0",
        "slip days": "0 of 1", "percent": "75.0", "curved": "80.0", "missing": "lenet",
        "unreadable": "", "internal": "", "left out": ""}
    assert rows["ann"]["percent"] == "28.1" and rows["ann"]["slip days"] == "1 of 1"
    assert rows["eve"]["missing"] == "correlation lenet"
    table = done(run("gradebook", "--section", "A"))
    assert "Ann Lee" in table and "Bob" not in table
    assert "Bob" in done(run("gradebook", "--section", "C"))
    assert run("gradebook", "--section", "D").returncode == 2


def test_what_cannot_be_read_is_no_grade_takes_none_away_and_is_told(lab: Course, run: Run) -> None:
    with Store(lab) as store:
        number = store.begin("correlation", "grade")
        for student in ("bob", "eve"):
            store.add(number, a_result(
                student, status=SubmissionStatus.UNREADABLE, questions=[],
                submission=SubmissionRecord(digest="e" * 64, submitted_at=DUE)))
        store.finish(number)
    done(run("gradebook", "--csv", "term.csv"))
    told = " ".join(done(run("gradebook")).split())
    assert "Bob Ray: correlation: the newest hand-in is unreadable, an older one counts" in told
    assert "Eve Fox: correlation: the newest hand-in is unreadable, nothing counts" in told
    rows = {row["student"]: row for row in csv.DictReader(
        io.StringIO((lab.root / "term.csv").read_text()))}
    assert [(row["correlation"], row["percent"], row["unreadable"]) for row in rows.values()] == [
        ("1.5", "28.1", ""), ("4", "75.0", "correlation"), ("", "0.0", "correlation")]
    note = "the newest hand-in is unreadable, an older one counts"
    assert f"bob: {note}" in done(run("report", "correlation", "-o", "out"))
    grades = {row["student"]: row for row in csv.DictReader(
        io.StringIO((lab.root / "out/correlation/grades.csv").read_text()))}
    assert (grades["bob"]["score"], grades["bob"]["message"]) == ("4", note)
    assert "What was handed in last could not be read" in (
        lab.root / "out/correlation/bob.html").read_text()
    assert note in (lab.root / "out/correlation/index.html").read_text()
