"""Gradebooks of platforms: scores go where they belong, and every other byte stays."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import example_results
import pytest
from example_results import a_check, a_question
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, load
from autograder.course.roster import Person, Roster
from autograder.exchange import ExchangeError
from autograder.exchange.canvas import CANVAS
from autograder.exchange.format import Known
from autograder.exchange.moodle import MOODLE
from autograder.exchange.sheet import Sheet
from autograder.gradebook import Grade
from autograder.result import Status, SubmissionStatus, sentence


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    path = tmp_path / "grader.toml"
    path.write_text("""
[course]
name = "Convolution"
[assignments.correlation]
title = "Cross-correlation, part 1"
questions = [
    { name = "corr2d", title = "=HYPERLINK(\\"http://evil\\") <b>", points = 4 },
    { name = "fft", title = "Fourier", points = 2 },
]
""", encoding="utf-8")
    return load(path).assignment("correlation")


def a_grade(student: str, score: float = 4.5) -> Grade:
    fft = a_question("fft", 2.0, 2.0, [a_check("t", 2.0, 2.0, title="A title of a check.")],
                     title="Fourier")
    title = '=HYPERLINK("http://evil") <b>'
    return example_results.a_grade(
        student, a_question("corr2d", score - 2, title=title), fft, max_score=6.0)


def an_ungraded(student: str, status: SubmissionStatus) -> Grade:
    return example_results.a_grade(
        student, status=status, message=sentence("{why}", why="The file is cut off."))


# The table ------------------------------------------------------------------------------------

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"),
                max_size=8)


# Python's csv module, up to 3.12, writes a lone carriage return without quotation marks.
@given(rows=st.lists(st.lists(CELLS.map(lambda cell: cell.replace("\r", "")),
                              min_size=3, max_size=3), min_size=1, max_size=4),
       end=st.sampled_from(["\r\n", "\n"]), separator=st.sampled_from(",;\t"),
       quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_table_that_is_read_and_written_is_the_same_table(
    rows: list[list[str]], end: str, separator: str, quoting: Any
) -> None:
    rows = [["a", "b", "c"], *rows]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end, delimiter=separator, quoting=quoting).writerows(rows)
    text = "\ufeff" + file.getvalue()
    sheet = Sheet(text)
    assert sheet.text() == text
    assert [[sheet.value(row, column) for column in range(3)] for row in sheet.rows] == [
        [cell.strip() for cell in row] for row in rows[1:]]


@given(value=CELLS)
def test_what_is_put_into_a_cell_is_what_others_read_there(value: str) -> None:
    sheet = Sheet('a;b\r\n"x;y"\r\n')  # a row that is too short is made longer
    sheet.put(1, 1, value)
    rows = list(csv.reader(io.StringIO(sheet.text(), newline=""), delimiter=";"))
    assert rows == [["a", "b"], ["x;y", value]]


@pytest.mark.parametrize("text", [
    "a" + "," * 200_000 + "\n" + "1\n" * 10, "\n" * 1_100_000])
def test_a_table_that_would_fill_the_memory_is_refused(text: str) -> None:
    """A row gets as many cells as the first has, when its last one is filled in."""
    with pytest.raises(ExchangeError, match="more than 1,000,000 cells"):
        Sheet(text)
    Sheet("a" + "," * 1000 + "\n" + "1\n" * 900)  # the control


def test_a_quotation_mark_that_is_not_closed_is_named() -> None:
    with pytest.raises(ExchangeError, match="row 2 has a quotation mark that is not closed"):
        Sheet('a,b\n"x,y\n')


# Canvas ---------------------------------------------------------------------------------------

GRADEBOOK = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,"Cross-correlation, part 1 (4711)",'
    "Pooling (4712),Assignments Current Score,Final Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,6.00,10.00,(read only),(read only)\r\n"
    '"Lovelace, Ada",101,S-1,ada@example.org,"Lab 1, morning",,9.50,95.0,95.0\r\n'
    '"Boole, George",102,S-2,george,Lab 1,1.00,"",=1+1,\r\n'
    '"Hopper, Grace",103,S-3,grace,Lab 1,EX,,,\r\n'
    '"Noether, Emmy",104,S-4,emmy,Lab 1,3.00,,,\r\n'
    '"Kim, Min",105,S-5,min1,Lab 1,,,,\r\n'
    '"Kim, Min",106,S-6,min2,Lab 1,,,,\r\n'
    '"Student, Test",999,,a1b2c3,Lab 1,,,,'
)


# What the cells of the tables below say is ours, where a test says nothing else.
OURS = Known(cells={"george": "1.00", "102": "1.00", "32": "1.00"})


def filled(text: str, grades: list[Grade], assignment: Assignment, tmp_path: Path,
           known: Known = OURS) -> tuple[str, list[str]]:
    (tmp_path / "template.csv").write_bytes(text.encode("utf-8"))
    which = MOODLE if "Identifier" in text else CANVAS
    exported = which.write(grades, assignment, tmp_path / "new" / "filled.csv",
                           tmp_path / "template.csv", known)
    return (tmp_path / "new" / "filled.csv").read_bytes().decode("utf-8"), exported.notes


def test_canvas_gets_scores_and_keeps_every_other_byte(
    assignment: Assignment, tmp_path: Path
) -> None:
    grades = [a_grade("101"), a_grade("george", 2.0)]
    text, notes = filled(GRADEBOOK, grades, assignment, tmp_path)
    assert notes == []
    assert text == GRADEBOOK.replace(
        '"Lab 1, morning",,9.50', '"Lab 1, morning",4.50,9.50').replace("Lab 1,1.00", "Lab 1,2.00")


@pytest.mark.parametrize("student", [
    "101", "S-1", "s-1", "ada@example.org", "Lovelace, Ada", "ADA LOVELACE"])
def test_canvas_knows_a_student_by_id_sis_id_login_and_name(
    assignment: Assignment, tmp_path: Path, student: str
) -> None:
    text, notes = filled(GRADEBOOK, [a_grade(student)], assignment, tmp_path)
    assert notes == []
    assert text.splitlines()[3] == \
        '"Lovelace, Ada",101,S-1,ada@example.org,"Lab 1, morning",4.50,9.50,95.0,95.0'


@pytest.mark.parametrize(("others", "ada", "george"), [
    (["104"], "4.50", "1.00"), (["S-4"], "", "4.50"), (["104", "S-4"], "", "1.00"),
    ([], "", "1.00")], ids=["Canvas's ids", "SIS ids", "both", "nobody else"])
def test_the_kind_of_id_is_the_whole_classs(
    others: list[str], ada: str, george: str, assignment: Assignment, tmp_path: Path
) -> None:
    """Ada's id in Canvas is George's SIS id: the first that was looked at got the grade."""
    gradebook = GRADEBOOK.replace("S-2", "101")
    grades = [a_grade(student) for student in ("101", *others)]
    text, notes = filled(gradebook, grades, assignment, tmp_path, Known(overwrite=True))
    told = "101: is an id of one row of the table, and another kind of id of another; left out"
    rows = list(csv.reader(text.splitlines()))
    assert (rows[3][5], rows[4][5]) == (ada, george)
    assert (told in notes) is (ada != "4.50" and george != "4.50")


@pytest.mark.parametrize("called", ["Ory, Mal", "Lovelace, Ada", "ada", "101", "george"])
@pytest.mark.parametrize("ids", [("101", "102", "103"), ("101", "", "103")], ids=["all", "some"])
@pytest.mark.parametrize("is_there", [True, False], ids=["is graded", "is not"])
def test_a_name_of_ones_own_choice_takes_nobodys_row(
    called: str, ids: tuple[str, ...], is_there: bool, assignment: Assignment, tmp_path: Path
) -> None:
    """The first is the control. Where not all ids are known, more of the class go by names."""
    table = GRADEBOOK.replace('"Hopper, Grace",103,S-3,grace,Lab 1,EX', f'"{called}",103,S-3,m,,')
    last, _, first = called.partition(", ")
    names = ("Ada Lovelace", "George Boole", f"{first} {last}".strip())
    people = Roster({id: Person(id, name, ids={"canvas": known} if known else {})
                     for id, name, known in zip(("ada", "bill", "mal"), names, ids, strict=True)})
    grades = [a_grade("ada"), a_grade("bill", 2.0), *([a_grade("mal", 1.0)] if is_there else [])]
    text, notes = filled(table, grades, assignment, tmp_path, Known(people, overwrite=True))
    rows = {row[1]: row[5] for row in csv.reader(text.splitlines())}
    assert (rows["101"], rows["102"]) == ("4.50", "2.00")
    if called != "101":  # with somebody else's id for a name Mal only stands in his own way
        assert notes == [] and rows["103"] == ("1.00" if is_there else "")
    assert not [note for note in notes if not note.startswith("mal: ")]


def test_a_class_of_any_size_is_filled_in_at_once(assignment: Assignment, tmp_path: Path) -> None:
    """The decimal sign of whole points was looked for in the whole table for each student."""
    others, size = 20, 800
    table = ("Student,ID,SIS User ID,SIS Login ID,Section,\"Cross-correlation, part 1 (4711)\""
             + "".join(f",Other {each} ({each})" for each in range(others))
             + "\n    Points Possible,,,,,6" + ",10" * others + "\n"
             + "".join(f"\"L, F\",{each},,s{each},A," + ",7.5" * others + "\n"
                       for each in range(size)))
    grades = [a_grade(f"s{each}") for each in range(size)]
    began = time.process_time()
    text, notes = filled(table, grades, assignment, tmp_path)
    assert notes == [] and text.count(",4.50,") == size
    assert time.process_time() - began < 5  # it took 20


PEOPLE = Roster({each.id: each for each in (
    Person("ada", "Ada Lovelace", ids={"canvas": "101", "moodle": "31"}),
    Person("george", "G. Boole", ids={"login": "george", "moodle": "103", "moodle_2": "32"}),
    Person("grace", "Grace Hopper", email="grace@example.org"))})


def test_people_are_found_by_the_ids_that_the_platform_knows_them_by(
    assignment: Assignment, tmp_path: Path
) -> None:
    """George's number in Moodle is somebody else's in Canvas."""
    table = GRADEBOOK.replace("103,S-3,grace,Lab 1,EX", "103,S-3,gh,Lab 1,")
    grades = [a_grade("ada"), a_grade("george", 2.0), a_grade("grace", 3.0)]
    text, notes = filled(table, grades, assignment, tmp_path, Known(PEOPLE, overwrite=True))
    rows = {row[1]: row[5] for row in csv.reader(text.splitlines())}
    assert notes == []
    assert (rows["101"], rows["102"], rows["103"]) == ("4.50", "2.00", "3.00")
    text, notes = filled(WORKSHEET.replace("6.00,No", "6.00,Yes"), grades, assignment, tmp_path,
                         Known(PEOPLE, overwrite=True))
    marks = {row[0][-2:]: row[4] for row in csv.reader(io.StringIO(text))}
    assert (marks["31"], marks["32"], marks["33"]) == ("4.50", "2.00", "3.00")


@pytest.mark.parametrize(("grades", "said"), [
    ([a_grade("stranger")], "stranger: nobody in the table goes by this; left out"),
    ([a_grade("Kim, Min")], "Kim, Min: fits 2 rows of the table; left out"),
    ([a_grade("101"), a_grade("S-1")], "101, S-1: all fit row 4 of the table; left out"),
    ([a_grade("Points Possible")], "Points Possible: nobody in the table goes by this; left out"),
    ([a_grade("grace")], "grace: excused in Canvas; left so"),
    ([an_ungraded("emmy", SubmissionStatus.INTERNAL)],
     "emmy: internal (The file is cut off.); the cell is left as it was"),
    ([an_ungraded("ada lovelace", SubmissionStatus.UNREADABLE)],
     "ada lovelace: unreadable (The file is cut off.); the cell is left as it was"),
], ids=["unknown", "ambiguous", "twice", "points", "excused", "internal", "unreadable"])
def test_canvas_keeps_cells_that_get_no_score_and_staff_are_told(
    assignment: Assignment, tmp_path: Path, grades: list[Grade], said: str
) -> None:
    text, notes = filled(GRADEBOOK, grades, assignment, tmp_path)
    assert notes == [said]
    assert text == GRADEBOOK


def test_canvas_gets_a_score_that_can_rise_and_staff_are_told(
    assignment: Assignment, tmp_path: Path
) -> None:
    waiting = a_question("fft", 0.0, 2.0, status=Status.DEFERRED)
    rising = example_results.a_grade("102", a_question("corr2d", 2.0), waiting)
    text, notes = filled(GRADEBOOK, [rising], assignment, tmp_path)
    assert notes == ["102: not run yet: fft; the score can rise"]
    assert "Lab 1,2.00" in text


def test_platforms_get_the_score_of_before_a_hand_in_that_is_no_grade_and_staff_are_told(
    assignment: Assignment, tmp_path: Path
) -> None:
    before = a_grade("ada").model_copy(update={"newer": SubmissionStatus.UNREADABLE})
    for table in (GRADEBOOK, WORKSHEET.replace("6.00,No", "6.00,Yes")):
        text, notes = filled(table, [before], assignment, tmp_path, Known(PEOPLE, overwrite=True))
        assert notes == ["ada: the newest hand-in is unreadable, an older one counts"]
        assert "4.50" in text


def test_canvas_is_written_with_its_own_separator_and_decimal_sign(
    assignment: Assignment, tmp_path: Path
) -> None:
    gradebook = ("Student;ID;SIS Login ID;Section;correlation (4711)\n"
                 "    Points Possible;;;;6,00\n"
                 "Ada, Byron;101;ada;Lab;\n")
    text, _ = filled(gradebook, [a_grade("ada")], assignment, tmp_path)
    assert text == gradebook.replace("Lab;\n", "Lab;4,50\n")


@pytest.mark.parametrize(("separator", "others", "score"), [
    (";", "17,5", "4,50"), (";", "17", "4,50"), (";", "17.5", "4.50"), ("\t", "17,5", "4,50"),
    ("\t", "17", "4.50")])
def test_of_whole_points_the_decimal_sign_is_that_of_the_other_numbers(
    separator: str, others: str, score: str, assignment: Assignment, tmp_path: Path
) -> None:
    gradebook = ("Student;ID;SIS Login ID;Section;correlation (4711);Current Score\n"
                 "    Points Possible;;;;6;\n"
                 f"Ada;101;ada;Lab;;{others}\n").replace(";", separator)
    text, _ = filled(gradebook, [a_grade("ada")], assignment, tmp_path)
    assert text.splitlines()[2].split(separator)[4] == score


@pytest.mark.parametrize(("before", "after", "said"), [
    ("Student,", "Pupil,", "template.csv: not a gradebook of Canvas: it has no columns"),
    ("Cross-correlation, part 1 (4711)", "Padding (4711)",
     "no assignment is called 'Cross-correlation, part 1'; there are: Padding, Pooling; give it"),
    ("Pooling (", "correlation (",
     "2 assignments are called 'Cross-correlation, part 1'; rename all but one"),
    (",6.00,", ",100.00,", "has 100.00 points in Canvas and 6 in grader.toml; make them equal"),
])
def test_a_gradebook_that_does_not_fit_is_refused_whole(
    assignment: Assignment, tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(ExchangeError, match=r"template\.csv: ") as caught:
        filled(GRADEBOOK.replace(before, after, 1), [a_grade("101")], assignment, tmp_path)
    assert said in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_gradebook_that_a_spreadsheet_saved_in_another_encoding_is_refused(
    assignment: Assignment, tmp_path: Path
) -> None:
    (tmp_path / "template.csv").write_bytes("Student,ID\nJosé,1\n".encode("latin-1"))
    with pytest.raises(ExchangeError, match="not UTF-8 text at byte 14; download it again"):
        CANVAS.write([a_grade("1")], assignment, tmp_path / "x.csv", tmp_path / "template.csv")


# Moodle ---------------------------------------------------------------------------------------

WORKSHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    'Participant 31,"Ada Lovelace",ada@example.org,"Submitted for grading - ",,6.00,Yes,'
    '"Monday, 12 October 2026, 8:30 PM",-,\n'
    'Participant 32,"Boole, George",george@example.org,"Submitted for grading - ","1.00",6.00,Yes,'
    '"Monday, 12 October 2026, 9:00 PM",-,"<p>Well ""done"",\nsee me</p>"\n'
    'Participant 33,"Grace Hopper",grace@example.org,"No submission - ",,6.00,No,-,-,\n'
)


@pytest.mark.parametrize("student", ["31", "Participant 31", "ada@example.org", "Ada Lovelace"])
def test_moodle_gets_grades_and_scores_of_questions_and_keeps_every_other_byte(
    assignment: Assignment, tmp_path: Path, student: str
) -> None:
    text, notes = filled(WORKSHEET, [a_grade(student)], assignment, tmp_path)
    assert notes == []
    row = next(row for row in csv.reader(io.StringIO(text)) if row[0] == "Participant 31")
    assert row[4] == "4.50"
    assert row[9].endswith("&lt;b&gt;: 2.5 / 4<br>Fourier: 2 / 2")
    assert "A title of a check" not in text
    before, after = WORKSHEET.splitlines(keepends=True), text.splitlines(keepends=True)
    assert [*after[:1], *after[2:]] == [*before[:1], *before[2:]]
    assert after[1].startswith(before[1].replace(",,6.00", ",4.50,6.00").removesuffix("\n"))


def test_moodle_gets_no_formula(assignment: Assignment, tmp_path: Path) -> None:
    text, _ = filled(WORKSHEET, [a_grade("31")], assignment, tmp_path)
    row = next(row for row in csv.reader(io.StringIO(text)) if row[0] == "Participant 31")
    assert row[9].startswith("'=HYPERLINK(")


def test_moodle_keeps_feedback_that_somebody_wrote(
    assignment: Assignment, tmp_path: Path
) -> None:
    text, notes = filled(WORKSHEET, [a_grade("32")], assignment, tmp_path)
    assert notes == [
        "32: the grade is new, and the feedback beside it, which a person wrote, stays as it was"]
    assert text == WORKSHEET.replace('"1.00"', '"4.50"')


@pytest.mark.parametrize(("grade", "said"), [
    (a_grade("33"), "33: locked in Moodle; left so"),
    (a_grade("34"), "34: nobody in the table goes by this; left out"),
    (an_ungraded("32", SubmissionStatus.INTERNAL),
     "32: internal (The file is cut off.); the cell is left as it was"),
], ids=["locked", "unknown", "internal"])
def test_moodle_keeps_rows_that_get_no_grade_and_staff_are_told(
    assignment: Assignment, tmp_path: Path, grade: Grade, said: str
) -> None:
    text, notes = filled(WORKSHEET, [grade], assignment, tmp_path)
    assert (text, notes) == (WORKSHEET, [said])


@pytest.mark.parametrize(("before", "after", "said"), [
    (",Grade,", ",Mark,", "not a grading worksheet of Moodle: it has no column Grade"),
    ("6.00", "100.00", "row 2: the maximum is 100.00 in Moodle and 6 in grader.toml"),
])
def test_a_worksheet_that_does_not_fit_is_refused_whole(
    assignment: Assignment, tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(ExchangeError, match=said):
        filled(WORKSHEET.replace(before, after, 1), [a_grade("31")], assignment, tmp_path)
    assert not (tmp_path / "new").exists()
