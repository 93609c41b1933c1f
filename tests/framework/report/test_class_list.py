"""Names, sections and who is missing, on pages and in tables; and staff who see none of these."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from example_results import HOSTILE, a_grade, an_assignment, soup
from rich.console import Console

from autograder.course import Assignment
from autograder.course.pseudonyms import pseudonym
from autograder.course.roster import Person, Roster
from autograder.gradebook import Grade
from autograder.report.class_list import ClassList, Mask
from autograder.report.grades_csv import write_csv
from autograder.report.pages import Reports, class_page, student_page
from autograder.report.people import people_csv
from autograder.report.rows import StudentRow
from autograder.report.terminal import summary

ROSTER = Roster({each.id: each for each in (
    Person("ann", "Ann Arbor", section="A;C"), Person("bob", "Bob Bo", section="B", team="x"),
    Person("cid", "=Cid", section="B", team="x"), Person("tut", "Tutor", role="staff"))})
PEOPLE = ClassList.of(ROSTER, {"ann", "bob"})
SECRET = b"a secret of sixteen bytes"


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return an_assignment(tmp_path)


def grade_of(student: str, score: float = 9, **handed_in: str) -> Grade:
    grade = a_grade(student).model_copy(update={"score": score, "max_score": 9, "raw_score": score})
    return grade.model_copy(update={"result": grade.result.model_copy(update={
        "submission": grade.result.submission.model_copy(update=handed_in)})})


def shown(grades: list[Grade], assignment: Assignment, width: int = 140) -> str:
    file = io.StringIO()
    Console(width=width, file=file).print(summary(grades, assignment, PEOPLE))
    return file.getvalue()


def page_of(grades: list[Grade], assignment: Assignment, people: ClassList = PEOPLE) -> str:
    return class_page(map(StudentRow.of, grades), assignment, people)


def test_the_terminal_names_people_and_who_is_missing(assignment: Assignment) -> None:
    wide = shown([grade_of("ann")], assignment)
    assert re.search(r"ann +Ann Arbor", wide) and "missing: 1 (=Cid)" in wide
    assert "Ann Arbor" not in shown([grade_of("ann")], assignment, 60)


def test_what_staff_hand_in_is_shown_and_in_no_figure(assignment: Assignment) -> None:
    grades = [grade_of("ann", 9), grade_of("tut", 0)]
    assert "1 graded, mean 9" in shown(grades, assignment)
    page = soup(page_of(grades, assignment))
    assert "staff, in no figures" in page.get_text()
    tiles = [each.get_text() for each in page.select(".tiles dd")]
    assert tiles[0] == "1" and tiles[1].startswith("9 ")


def test_the_table_has_rows_of_the_missing(assignment: Assignment, tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    write_csv([grade_of("bob")], assignment, file, PEOPLE)
    bob, cid = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    assert [bob[each] for each in ("student", "name", "section", "team", "status", "score")] \
        == ["bob", "Bob Bo", "B", "x", "graded", "9"]
    assert [cid[each] for each in ("student", "name", "status", "score", "corr2d", "max score")] \
        == ["cid", "'=Cid", "missing", "", "", "9"]


def test_the_page_of_a_class_has_names_sections_and_who_is_missing(assignment: Assignment) -> None:
    page = soup(page_of([grade_of("ann"), grade_of("bob")], assignment))
    assert [each.get_text() for each in page.select("#class th[scope=col]")][:4] \
        == ["student", "name", "section", "team"]
    assert [row["data-section"] for row in page.select("#class tbody tr")] == ["A; C", "B"]
    assert [each["value"] for each in page.select("#section option")] == ["", "A", "B", "C"]
    missing = page.find(id="missing").find_parent("section")
    assert "=Cid" in missing.get_text() and "Ann" not in missing.get_text()


def test_without_a_table_of_people_nothing_of_it_is_shown(assignment: Assignment) -> None:
    page = soup(page_of([grade_of("ann")], assignment, ClassList()))
    assert page.select("#section, #missing") == []
    assert [each.get_text() for each in page.select("#class th[scope=col]")][:2] \
        == ["student", "status"]


def test_hostile_names_make_no_element(assignment: Assignment) -> None:
    people = ClassList.of(Roster({id: Person(id, HOSTILE, section=HOSTILE, team=HOSTILE)
                                  for id in ("ann", "bob")}), {"ann"})
    for page in (page_of([grade_of("ann")], assignment, people),
                 student_page(grade_of("ann", team=HOSTILE), assignment, people)):
        assert not soup(page).select("img") and "<img" not in page and "\u202e" not in page


def test_a_students_page_says_who_handed_in(assignment: Assignment) -> None:
    by_cid = student_page(grade_of("bob", team="x", handed_in_by="cid"), assignment, PEOPLE)
    assert "Bob Bo" in by_cid and "Handed in by =Cid for team x." in by_cid
    assert "由 =Cid 代表小组 x 提交" in by_cid
    assert "Handed in for team x." in student_page(grade_of("bob", team="x"), assignment, PEOPLE)


# Pseudonyms -----------------------------------------------------------------------------------


def test_pseudonyms_are_words_that_stay_and_depend_on_the_secret() -> None:
    ann = pseudonym(SECRET, "ann")
    assert re.fullmatch(r"([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]"
                        r"(-([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]){2}", ann)
    assert ann == pseudonym(SECRET, "ann") != pseudonym(SECRET + b"!", "ann")
    assert len({pseudonym(SECRET, str(number)) for number in range(5000)}) == 5000


def test_staff_see_pseudonyms_and_students_their_own_pages(
        assignment: Assignment, tmp_path: Path) -> None:
    grades = [grade_of("ann", files={"ann_arbor.ipynb": "f" * 64}),  # type: ignore[arg-type]
              grade_of("bob", team="x", handed_in_by="cid")]
    reports = Reports(["ann", "bob"], assignment, tmp_path / "out", PEOPLE, Mask(SECRET))
    for grade in grades:
        reports.add(grade)
    reports.finish()
    own, staff = tmp_path / "out" / "correlation", tmp_path / "out" / "anonymous" / "correlation"
    assert sorted(file.name for file in own.iterdir()) == ["ann.html", "bob.html"]
    assert "Ann Arbor" in (own / "ann.html").read_text(encoding="utf-8")
    names = {pseudonym(SECRET, each) for each in ("ann", "bob")}
    assert {file.name for file in staff.iterdir()} == {
        "index.html", "grades.csv", *(f"{each}{end}" for each in names
                                      for end in (".html", ".json"))}
    for file in staff.iterdir():
        text = file.read_text(encoding="utf-8")
        for word in ("ann", "Ann", "arbor", "bob", "Bob", "cid", "Cid", "team x"):
            assert not re.search(rf"\b{word}\b|{word}_", text), (file.name, word)
    assert pseudonym(SECRET, "cid") in (staff / "grades.csv").read_text(encoding="utf-8")
    seen = json.loads((staff / f"{pseudonym(SECRET, 'ann')}.json").read_text(encoding="utf-8"))
    assert list(seen["result"]["submission"]["files"]) == ["file-1.ipynb"]


# The list of people ---------------------------------------------------------------------------


def test_the_list_is_safe_in_a_spreadsheet() -> None:
    [line] = [row for row in csv.reader(io.StringIO(people_csv(ROSTER))) if row[1] == "cid"]
    assert line[0] == "'=Cid"
