"""A gradebook is exported again and again, and what people changed in it meanwhile stays."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import example_results
import pytest
from databases import a_result, lab, server
from example_results import a_question
from hypothesis import given
from hypothesis import strategies as st

from autograder import cli
from autograder.course import Course
from autograder.exchange.format import Known
from autograder.exchange.pending import why_kept, why_left
from autograder.gradebook import Adjustment, AdjustmentGrade, Whom
from autograder.report.words import adjustment_sentence, say, slip_sentence
from autograder.result import SubmissionStatus
from autograder.store import Store

__all__ = ["lab", "server"]  # fixtures

CANVAS = ("Student,ID,SIS User ID,SIS Login ID,Section,Cross-correlation (4711)\r\n"
          "    Points Possible,,,,,4.00\r\n"
          '"Lovelace, Ada",101,,ann,Lab,\r\n"Boole, George",102,,bob,Lab,\r\n')
MOODLE = ("Identifier,Full name,Email address,Grade,Maximum Grade,Feedback comments\n"
          "Participant 31,Ada,ann,,4.00,\nParticipant 32,George,bob,,4.00,\n")


class Sheet:
    """A platform's table of ann and bob, and the verb that fills it in."""

    def __init__(self, course: Course, platform: str) -> None:
        self.course, self.platform = course, platform
        self.file = course.root / "table.csv"
        self.file.write_bytes((CANVAS if platform == "canvas" else MOODLE).encode())
        self._column = 5 if platform == "canvas" else 3

    def graded(self, **scores: float) -> None:
        with Store(self.course) as store:
            run = store.begin("correlation", "grade")
            for student, score in scores.items():
                store.add(run, a_result(student, score))

    def export(self, *options: str, output: Path | None = None) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main(["export", self.platform, "correlation", "--template", str(self.file), "-o",
                      str(output or self.file), "--course", str(self.course.root / "grader.toml"),
                      *options])
        return int(ended.value.code or 0)

    @property
    def cells(self) -> list[str]:
        """What ann and bob have there."""
        return [row[self._column] for row in self._rows()[-2:]]

    def enter(self, ann: str) -> None:
        """What a person does on the platform, of whose table another copy is downloaded."""
        rows = self._rows()
        rows[-2][self._column] = ann
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self.file.write_text(text.getvalue(), newline="")

    def _rows(self) -> list[list[str]]:
        return list(csv.reader(self.file.read_text().splitlines()))


@pytest.fixture(params=["canvas", "moodle"])
def sheet(request: pytest.FixtureRequest, lab: Course) -> Sheet:
    return Sheet(lab, request.param)


def test_a_cell_that_a_person_changed_stays_and_is_told_until_it_is_ours_again(
    sheet: Sheet, capsys: pytest.CaptureFixture[str]
) -> None:
    """A 12.00 that was set by hand became 11.28 without a word."""
    sheet.graded(ann=3, bob=2)
    assert (sheet.export(), sheet.cells) == (0, ["3.00", "2.00"])
    assert (sheet.export(), sheet.cells) == (0, ["3.00", "2.00"])  # nothing is new

    sheet.enter("3.5")
    sheet.graded(ann=1, bob=4)
    capsys.readouterr()
    assert (sheet.export(), sheet.cells[0]) == (3, "3.5")
    told = capsys.readouterr().err.splitlines()
    assert ("ann: 3.5 stands there, which a person entered, and stays; ours is 1.00 "
            "(--overwrite replaces it)") in told
    assert sheet.cells[1] == "4.00"  # what we had written ourselves

    sheet.enter("1")  # the person agrees
    assert sheet.cells[0] == "1"
    sheet.export()
    assert sheet.cells[0] == "1.00"
    sheet.enter("")  # the person takes it back
    sheet.export()
    assert sheet.cells[0] == "1.00"


def test_what_stood_there_before_the_first_export_is_a_persons(sheet: Sheet) -> None:
    sheet.enter("2.25")
    sheet.graded(ann=3, bob=2)
    assert (sheet.export(), sheet.cells) == (3, ["2.25", "2.00"])
    assert (sheet.export("--overwrite"), sheet.cells) == (0, ["3.00", "2.00"])
    sheet.graded(ann=4)
    sheet.export()
    assert sheet.cells == ["4.00", "2.00"]  # for what was overwritten is ours


def test_an_export_that_is_not_written_is_not_remembered(sheet: Sheet) -> None:
    sheet.graded(ann=3, bob=2)
    (sheet.course.root / "folder").mkdir()
    assert sheet.export(output=sheet.course.root / "folder") == 2
    with Store(sheet.course) as store:
        assert store.written.of(sheet.platform, "correlation") == {}
        assert store.events.all(verb="export") == []
    sheet.enter("3.00")
    sheet.graded(ann=1)
    assert (sheet.export(), sheet.cells) == (3, ["3.00", "2.00"])


def test_every_export_is_an_event(sheet: Sheet) -> None:
    sheet.graded(ann=3, bob=2)
    sheet.enter("1")
    sheet.export()
    sheet.export("--overwrite")
    with Store(sheet.course) as store:
        events = [(each.object, each.after) for each in store.events.all(verb="export")]
    where = f"correlation · {sheet.platform} · {sheet.file}"
    assert events == [(where, "1 of 2 students"), (where, "2 of 2 students, overwriting")]


def test_what_was_written_is_kept_by_format_assignment_and_student(lab: Course) -> None:
    with Store(lab) as store:
        store.written.keep("canvas", "correlation", {"ann": "3.00", "bob": "2,00"})
        store.written.keep("canvas", "pooling", {"ann": "1.00"})
        store.written.keep("canvas", "correlation", {"ann": "4.00"})
        assert store.written.of("canvas", "correlation") == {"ann": "4.00", "bob": "2,00"}
        assert store.written.of("moodle", "correlation") == {}


def test_a_format_without_such_cells_takes_no_overwrite(
    lab: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    Sheet(lab, "canvas").graded(ann=3)
    with pytest.raises(SystemExit) as ended:
        cli.main(["export", "junit", "correlation", "-o", str(lab.root / "out"), "--overwrite",
                  "--course", str(lab.root / "grader.toml")])
    assert ended.value.code == 2
    assert "leave --overwrite out" in capsys.readouterr().err


# The rule -------------------------------------------------------------------------------------

HUNDREDTHS = st.integers(0, 2000).map(lambda cents: Decimal(cents) / 100)
SPELLINGS: list[Callable[[Decimal], str]] = [
    str, lambda number: f"{number:.2f}", lambda number: f"{number:.2f}".replace(".", ","),
    lambda number: f"{number:.3f}"]
CELLS = st.builds(lambda number, spell: spell(number), HUNDREDTHS, st.sampled_from(SPELLINGS))


@given(cell=CELLS | st.just("") | st.just("see me"), last=CELLS | st.none(), ours=CELLS)
def test_a_cell_is_a_persons_unless_it_is_empty_or_a_number_of_ours(
    cell: str, last: str | None, ours: str
) -> None:
    def value(text: str) -> Decimal:
        return Decimal(text.replace(",", "."))

    memory = {} if last is None else {"ann": last}
    free = [value(ours), *([] if last is None else [value(last)])]
    stays = cell == "see me" or (cell != "" and value(cell) not in free)
    said = why_kept("ann", cell, ours, Known(cells=memory))
    assert (said is not None) is stays
    assert said is None or (cell in said and ours in said)
    assert why_kept("ann", cell, ours, Known(cells=memory, overwrite=True)) is None


# What is said beside the grade ----------------------------------------------------------------

def test_moodles_comment_says_what_people_changed_and_to_what_end(lab: Course) -> None:
    sheet = Sheet(lab, "moodle")
    sheet.graded(ann=3, bob=2)
    with Store(lab) as store:
        store.acts.add(Adjustment(
            assignment="correlation", reason="SECRET", whom=Whom("person", "ann"),
            question="corr2d", kind="add", points=Decimal("0.5"), comment="Your <loop> was right."))
        store.acts.add(Adjustment(assignment="correlation", reason="SECRET", whom=Whom("all"),
                                  question=None, kind="add", points=Decimal(-1)))
    sheet.export()
    text = sheet.file.read_text()
    assert "SECRET" not in text
    ann, bob = text.splitlines()[-2:]
    assert ",2.50," in ann and ",1.00," in bob
    assert ("+0.5 on “Cross-correlation”. Your &lt;loop&gt; was right.<br>Points changed by your "
            "instructor: -1 on the total.") in ann
    assert "Cross-correlation”." not in bob and "-1 on the total." in bob


def test_moodles_comment_is_renewed_with_the_grade_unless_a_person_wrote_it(
    lab: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an adjustment the grade was new and the comment told of the old one."""
    sheet = Sheet(lab, "moodle")
    sheet.graded(ann=3, bob=2)
    sheet.export()
    sheet.file.write_text(sheet.file.read_text().replace("Cross-correlation: 2 / 4",
                                                         "Come and see me"))
    with Store(lab) as store:
        store.acts.add(Adjustment(assignment="correlation", reason="", whom=Whom("all"),
                                  question=None, kind="add", points=Decimal(1)))
    for _ in range(2):
        capsys.readouterr()
        sheet.export()
        assert sheet.cells == ["4.00", "3.00"]
        ann, bob = sheet.file.read_text().splitlines()[-2:]
        assert "+1 on the total." in ann
        assert "Come and see me" in bob and "+1 on" not in bob
    with Store(lab) as store:
        assert set(store.written.of("moodle comment", "correlation")) == {"ann", "bob"}


def test_a_total_that_a_person_set_is_exported_though_nobody_could_read_the_file(
    lab: Course
) -> None:
    sheet = Sheet(lab, "canvas")
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        store.add(run, a_result("ann", status=SubmissionStatus.UNREADABLE, questions=[]))
        store.acts.add(Adjustment(
            assignment="correlation", reason="graded on paper", whom=Whom("person", "ann"),
            question=None, kind="set", points=Decimal(3)))
    sheet.export()
    assert sheet.cells == ["3.00", ""]


@pytest.mark.parametrize(("change", "question", "comment", "said"), [
    (1.5, "corr2d", "Well argued.", "Points changed by your instructor: +1.5 on "
                                    "“Cross-correlation”. Well argued."),
    (-1, "gone", "", "Points changed by your instructor: -1 on “gone”."),
    (0, None, "{Braces}", "Points changed by your instructor: +0 on the total. {Braces}"),
    (2, None, "", "Points changed by your instructor: +2 on the total."),
])
def test_an_adjustment_is_one_sentence(
    change: float, question: str | None, comment: str, said: str
) -> None:
    adjustment = AdjustmentGrade(question=question, kind="add", change=change, comment=comment,
                                 by="prof", reason="SECRET")
    assert say(adjustment_sentence(adjustment, {"corr2d": "Cross-correlation"})) == said


def test_slip_days_are_told_where_some_were_spent() -> None:
    grade = example_results.a_grade("ann", a_question("corr2d", 2.0), late_days=3)
    assert slip_sentence(grade) is None
    spent = slip_sentence(grade.model_copy(update={"slip_days": 2}))
    assert spent is not None
    assert say(spent) == "Slip days spent: 2. These late days cost nothing."
    assert why_left(grade) is None
