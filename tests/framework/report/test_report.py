"""Reports: right numbers, nothing secret, nothing that a student wrote comes to life."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import math
import re
import stat
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from example_results import (
    COURSE,
    HOSTILE,
    POINTS,
    a_check,
    a_grade,
    a_hostile_grade,
    a_question,
    a_row,
    a_wrong_array,
    an_assignment,
    an_unreadable,
    soup,
    text_of,
)
from rich.console import Console

from autograder.course import Assignment, load
from autograder.exchange.workflow import total
from autograder.gradebook import AdjustmentGrade, Grade
from autograder.report.checking import checked
from autograder.report.class_list import Mask
from autograder.report.grades_csv import write_csv
from autograder.report.page_names import page_names
from autograder.report.pages import Reports, class_page, student_page
from autograder.report.prose import Prose
from autograder.report.rows import StudentRow
from autograder.report.statistics import check_figures, class_figures
from autograder.report.terminal import summary
from autograder.report.translations import ENGLISH
from autograder.report.words import say
from autograder.result import (
    Account,
    CellError,
    Diagnosis,
    Evidence,
    Load,
    Mismatch,
    MismatchKind,
    Part,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    Suspicion,
    Visibility,
    sentence,
)
from autograder.submission import Submission, read

# Examples -------------------------------------------------------------------------------------

def class_of(results: Sequence[Grade], assignment: Assignment) -> str:
    return class_page(map(StudentRow.of, results), assignment)


def written(results: Sequence[Grade], assignment: Assignment, directory: Path) -> None:
    reports = Reports((result.student for result in results), assignment, directory)
    for result in results:
        reports.add(result)
    reports.finish()


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return an_assignment(tmp_path)


def rendered(results: list[Grade], assignment: Assignment, width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(summary(results, assignment))
    return capture.get()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def both_pages(result: Grade, assignment: Assignment) -> dict[str, str]:
    return {"student": student_page(result, assignment), "class": class_of([result], assignment)}


# Nothing a student wrote comes to life ----------------------------------------------------------

ELEMENTS = frozenset(re.findall(r"\w+", """
    html head meta title style script body header main nav section footer div p span h1 h2 h3 ul ol
    li a table caption thead tbody tr th td figure figcaption pre code mark bdi small strong time
    svg rect dl dt dd details summary label input output fieldset legend"""))


@pytest.mark.parametrize("status", SubmissionStatus)
@pytest.mark.parametrize("kind", ["student", "class"])
def test_hostile_text_makes_no_element_and_no_attribute(
        kind: str, status: SubmissionStatus, assignment: Assignment) -> None:
    result = a_hostile_grade().model_copy(
        update={"status": status, "message": sentence("{why}", why=HOSTILE)})
    document = soup(both_pages(result, assignment)[kind])
    assert "alert(1)" in document.get_text()  # it is there, as text
    assert {tag.name for tag in document.find_all()} <= ELEMENTS
    for tag in document.find_all():
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        assert tag.get("src") is None
    assert len(document.find_all("script")) == (1 if kind == "class" else 0)


@pytest.mark.parametrize("kind", ["student", "class"])
def test_invisible_characters_are_shown_by_their_codes(kind: str, assignment: Assignment) -> None:
    page = both_pages(a_hostile_grade(), assignment)[kind]
    forbidden = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    assert not re.search(forbidden, page)
    assert "⟨U+202E⟩" in page
    assert "⟨U+001B⟩" in page


def test_text_of_students_stands_in_bdi_elements(assignment: Assignment) -> None:
    for page in both_pages(a_hostile_grade(), assignment).values():
        document = soup(page)
        for tag in document.find_all(["title", "style", "script"]):
            tag.decompose()
        for found in document.find_all(string=re.compile("alert")):
            assert found.find_parent("bdi"), found


def test_every_text_is_clipped(assignment: Assignment) -> None:
    error = CellError(cell=0, type="E" * 1_000_000)
    page = student_page(a_grade("ann", load=Load(errors=[error])), assignment)
    assert len(page) < 50_000


def test_a_cell_that_was_not_run_says_why(assignment: Assignment) -> None:
    script = b"x = '" + b"x" * 200_000 + b"'"
    [long] = read(Submission("ann", "lab", {"lab.py": script}, None)).errors
    grade = a_grade("ann", a_question("corr2d", 1.0), load=Load(errors=[long]))
    assert "longer than 200000 characters" in text_of(student_page(grade, assignment))
    said = Prose(assignment).cell_error(long)
    assert said.startswith("Line 1: It was not run: it is longer than")


def test_links_stay_beside_the_class_of(assignment: Assignment) -> None:
    page = class_of([a_row("javascript:alert(1)?#é x", 4, 2, 3)], assignment)
    links = [str(a["href"]) for a in soup(page).select("main a")]
    assert "javascript%3Aalert%281%29%3F%23%C3%A9%20x.html" in links
    assert all(re.fullmatch(r"[A-Za-z0-9%._~-]+", link) for link in links)


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "\u200b=", "\x00="])
def test_no_cell_of_the_table_is_a_formula(
        start: str, assignment: Assignment, tmp_path: Path) -> None:
    evil = start + "cmd|' /C calc'!A0"
    message = sentence("{x}", x=f'{start}1;=HYPERLINK("x")\n=1+1')
    results = [a_grade(evil, status=SubmissionStatus.UNREADABLE, message=message)]
    write_csv(results, assignment, tmp_path / "grades.csv")
    [row] = rows_of(tmp_path / "grades.csv")
    for cell in row.values():
        for piece in re.split(r"[;,\n]", cell):  # as a spreadsheet with another separator would
            assert not piece.lstrip().startswith(tuple("=+-@\t\r＝"))
        assert not re.search(r"[\x00-\x1f\u200b]", cell)
    assert row["student"].startswith("'")


def test_the_terminal_shows_markup_and_escapes_as_text(assignment: Assignment) -> None:
    results = [a_row("[red]bold[/red]\x1b[2J\u202e", 4, 2, 3),
               an_unreadable("una", "[link=http://x]y[/link]\x1b]0;title\x07")]
    output = rendered(results, assignment)
    assert "[red]bold[/red]" in output
    assert "[link=http://x]y[/link]" in output
    assert "\x1b" not in output
    assert "\x07" not in output
    assert "\u202e" not in output


def test_the_terminal_says_what_failed_in_a_suite(assignment: Assignment) -> None:
    fault = "test_corr2d.py:7: AttributeError: no [such] thing\x1b"
    broken = a_check(id="test_any", status=Status.INTERNAL, score=0.0, fault=fault)
    question = a_question("corr2d", 0.0, checks=[broken])
    results = [StudentRow.of(a_grade(name, question, status=SubmissionStatus.INTERNAL)).grade
               for name in ("ann", "bob")]
    output = rendered(results, assignment)
    assert "corr2d.test_any: test_corr2d.py:7: AttributeError: no [such] thing (in 2)" in output


def test_at_home_what_is_printed_keeps_its_lines_and_columns(assignment: Assignment) -> None:
    found = Mismatch(kind=MismatchKind.TEXT, line=1, expected_line="a    1", actual_line="a 1",
                     where=Part(name="what it prints"))
    check = a_check(status=Status.FAILED, score=0.0, visibility=Visibility.VISIBLE, mismatch=found,
                    evidence=Evidence(function="corr2d", expected="a    1\nbb   2\n",
                                      actual="a 1\x1b\nbb 2\n"))
    console = Console(width=100, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(checked(a_grade("ann", a_question("corr2d", 0.0, checks=[check])).result,
                              assignment, ENGLISH))
    lines = [line.rstrip() for line in capture.get().splitlines()]
    assert lines[lines.index("    expected    yours"):][1:4] == [
        "    a    1      a 1", "    bb   2      bb 2",
        "    Line 1 of what it prints is “a 1” and should be “a    1”."]


def test_a_sentence_with_stray_braces_is_shown_as_it_stands() -> None:
    assert say(sentence("expected {1, 2} and {x.y[z]")) == "expected {1, 2} and {x.y[z]"
    assert say(sentence("{x}", x="{y}")) == "{y}"


# Nothing secret ---------------------------------------------------------------------------------

def a_grade_with_secrets() -> Grade:
    hidden = a_check(
        id="test_hidden", title="Hidden title.", status=Status.FAILED, score=0.0, line=7, cell=2,
        message=sentence("Raised ValueError."),
        evidence=Evidence(function="corr2d", actual="'mine'"),
        decided=Account(status=Status.ERROR, message=sentence("SECRET"), cell=43, line=41,
                        raised="SECRET", evidence=Evidence(function="SECRET", actual="SECRET"),
                        mismatch=Mismatch(kind=MismatchKind.VALUES, largest_error=12.5)))
    bare = a_check(id="test_bare", title="Bare title.", status=Status.CRASHED, score=0.0,
                   decided=Account(status=Status.CRASHED, message=sentence("SECRET")))
    silent = a_wrong_array(id="test_silent", title="Silent title.", visibility=Visibility.SILENT)
    follower = a_check(id="test_more", title="Follower.", status=Status.FAILED, score=0.0,
                       max_score=0.0, follows="test_silent")
    load = Load(errors=[CellError(cell=0, type="KeyError", line=2, message="of their own")],
                output="SECRET-OUTPUT")
    question = a_question("corr2d", 1.0, checks=[hidden, bare, silent, follower])
    return a_grade("ann", question, load=load)


def test_of_hidden_checks_only_the_explaining_sessions_account_is_shown(
        assignment: Assignment) -> None:
    page = student_page(a_grade_with_secrets(), assignment)
    text = text_of(page)
    assert "Hidden title." in text
    assert "Raised ValueError." in text
    assert "Code cell 3, line 7" in text
    assert "'mine'" in text
    assert not [secret for secret in ("SECRET", "12.5", "44", "41") if secret in text]


def test_a_hidden_check_that_is_not_explained_is_told_as_not_passed(
        assignment: Assignment) -> None:
    """How it ended is not said: it depends on secret inputs."""
    text = text_of(student_page(a_grade_with_secrets(), assignment))
    assert "On inputs that can be shown it passes" in text.partition("Bare title.")[2]
    assert "crashed" not in text


def test_silent_checks_and_output_are_on_no_student_page(assignment: Assignment) -> None:
    page = student_page(a_grade_with_secrets(), assignment)
    assert "Silent" not in page
    assert "test_silent" not in page
    assert "SECRET" not in page
    assert "follows from an earlier failure" in page


def test_a_student_page_names_no_other_file(assignment: Assignment) -> None:
    document = soup(student_page(a_grade_with_secrets(), assignment))
    assert all(str(a["href"]).startswith("#") for a in document.find_all("a"))
    assert not document.find_all(["script", "img", "link", "iframe", "object"])


@pytest.mark.parametrize("kind", ["student", "class"])
def test_the_policy_allows_exactly_our_inline_blocks(kind: str, assignment: Assignment) -> None:
    document = soup(both_pages(a_row("ann", 4, 2, 3), assignment)[kind])
    meta = document.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(meta, Tag)
    policy = dict(part.strip().split(" ", 1) for part in str(meta["content"]).split(";"))
    assert policy["default-src"] == "'none'"
    for directive, name in (("style-src", "style"), ("script-src", "script")):
        blocks = [tag.string or "" for tag in document.find_all(name)]
        hashes = [base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
                  for block in blocks]
        assert policy[directive] == (" ".join(f"'sha256-{h}'" for h in hashes) or "'none'")
    head = document.head
    assert head is not None
    assert [tag.name for tag in head.find_all()].index("style") > 1  # the policy comes first


def test_only_their_owner_can_read_the_files(assignment: Assignment, tmp_path: Path) -> None:
    written([a_row("ann", 4, 2, 3)], assignment, tmp_path)
    for path in (tmp_path / "correlation").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def a_full_grade() -> Grade:
    questions = [a_question(name, 1.0, checks=[a_wrong_array()]) for name in POINTS]
    return a_grade("ann", *questions, load=Load(errors=[CellError(cell=0, type="E")]))


@pytest.mark.parametrize("kind", ["student", "class"])
def test_headings_landmarks_and_table_headers_are_in_order(
        kind: str, assignment: Assignment) -> None:
    for result in (a_full_grade(), an_unreadable()):
        document = soup(both_pages(result, assignment)[kind])
        assert document.html is not None and document.html["lang"] == "en"
        for seen in document.select(".edition") or [document]:
            assert len(seen.find_all("main")) == len(seen.find_all("h1")) == 1
            levels = [int(tag.name[1]) for tag in seen.find_all(re.compile(r"^h[1-6]$"))]
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in pairwise(levels))
        assert all(th.get("scope") for th in document.find_all("th"))
        ids = [tag["id"] for tag in document.find_all(id=True)]
        assert len(ids) == len(set(ids))
        for tag in document.select("[aria-labelledby]"):
            assert tag["aria-labelledby"] in ids
        for link in document.find_all("a", href=re.compile("^#")):
            assert str(link["href"])[1:] in ids


def test_colours_contrast_with_their_backgrounds_in_light_and_dark(assignment: Assignment) -> None:
    """WCAG 2 AA asks for 4.5 to 1."""
    style = soup(student_page(a_full_grade(), assignment)).find("style")
    assert isinstance(style, Tag)
    def luminance(colour: str) -> float:
        channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    schemes = [dict(re.findall(r"--(\w+): (#\w{6})", block))
               for block in re.findall(r":root \{(.*?)\}", style.string or "", re.DOTALL)][:2]
    assert len(schemes) == 2
    for scheme in schemes:
        pairs = [(text, ground) for text in ("text", "muted", "accent", "good", "bad", "warn")
                 for ground in ("page", "card", "soft")] + [("bad", "mark")]
        for pair in pairs:
            low, high = sorted(luminance(scheme[name]) for name in pair)
            assert (high + 0.05) / (low + 0.05) >= 4.5, pair


# The class --------------------------------------------------------------------------------------

def a_class() -> list[Grade]:
    """Five students: scores 9, 6, 3, 1 and one that is unreadable."""
    flipped = [Diagnosis(id="kernel-flipped", message=sentence("The kernel is flipped."))]
    return [
        a_row("eve", 0, 1, 0),
        a_row("ann", 4, 2, 3),
        a_row("ben", 4, 2, 0, late_days=1),
        a_grade("cat", a_question("corr2d", 2.0, diagnosis=flipped),
                 a_question("conv2d_true", 1.0, diagnosis=flipped), a_question("edge_kernel", 0.0)),
        an_unreadable(),
    ]


def test_figures_equal_those_worked_out_by_hand(assignment: Assignment) -> None:
    figures = class_figures(a_class(), assignment)
    assert (figures.graded, figures.unreadable, figures.internal, figures.pending) == (4, 1, 0, 0)
    assert [result.student for result in figures.late] == ["ben"]
    assert figures.mean == pytest.approx((9 + 6 + 3 + 1) / 4)
    assert figures.median == pytest.approx(4.5)
    assert figures.deviation == pytest.approx(math.sqrt(9.1875))
    assert figures.reliability == pytest.approx(3 / 2 * (1 - (2.75 + 0.25 + 1.6875) / 9.1875))
    assert {each.question.name: (each.full, each.none) for each in figures.questions} == {
        "corr2d": (2, 1), "conv2d_true": (2, 0), "edge_kernel": (1, 3), "fft": (0, 0)}
    shares = {each.question.name: each.mean_share for each in figures.questions}
    assert shares == {"corr2d": pytest.approx(10 / 16), "conv2d_true": pytest.approx(6 / 8),
                      "edge_kernel": pytest.approx(1 / 4), "fft": None}
    assert figures.hardest is not None and figures.hardest.question.name == "edge_kernel"
    assert figures.distribution == [0, 1, 0, 1, 0, 0, 1, 0, 0, 1]
    assert [(one.question, one.id, one.students) for one in figures.misconceptions] == [
        ("conv2d_true", "kernel-flipped", ["cat"]), ("corr2d", "kernel-flipped", ["cat"])]


def test_staff_see_what_was_changed_by_hand_and_students_what_is_theirs(
    assignment: Assignment
) -> None:
    changed = AdjustmentGrade(question="corr2d", kind="add", change=-1.5, number=7, by=HOSTILE,
                              reason=HOSTILE, comment="Seen in the lab.")
    grade = a_row("ann", 2.5, 2, 3).model_copy(update={
        "adjustments": [changed], "late_days": 3, "slip_days": 2})
    pages = {kind: soup(page).get_text() for kind, page in both_pages(grade, assignment).items()}
    assert "<script>alert(1)</script>" in pages["class"] and "−1.5" in pages["class"]
    assert "Seen in the lab." in pages["student"] and "Slip days spent: 2" in pages["student"]
    assert "alert(1)" not in pages["student"]
    masked = Mask(b"s" * 32).grade(grade).model_dump_json()
    assert '"ann"' not in masked and "Seen in the lab" not in masked


def test_what_is_said_of_a_hand_in_stands_before_everything_else_and_on_no_anonymous_page(
    assignment: Assignment
) -> None:
    said = sentence("Of these files {name} was graded, and not {others}.", name="ann.ipynb",
                    others=HOSTILE)
    grade = a_grade("ann", a_question("corr2d", 4.0), submission=SubmissionRecord(
        digest="d", files={"ann.ipynb": "f"}, said=[said]))
    pages = {kind: soup(page) for kind, page in both_pages(grade, assignment).items()}
    first = pages["student"].select_one("main > *")
    assert first is not None and "callout" in first["class"]
    assert 'ann.ipynb was graded, and not "><script>' in first.get_text()
    assert "Graded of what was handed in: ann.ipynb" in pages["student"].footer.get_text()
    torn = a_grade(status=SubmissionStatus.UNREADABLE, submission=SubmissionRecord(
        digest="d", files={"a.ipynb": "f"}))
    footer = soup(student_page(torn, assignment)).footer.get_text()
    assert "Not graded of what was handed in: a.ipynb" in footer and "Graded" not in footer
    assert "ann.ipynb was graded" in pages["class"].select_one("#incidents ~ .scroll").get_text()
    assert "ann" not in Mask(b"s" * 32).grade(grade).result.submission.model_dump_json()


def test_discrimination_is_the_correlation_with_the_other_questions(assignment: Assignment) -> None:
    """corr2d 0 4 4 2 against rests 1 5 2 1: covariance 7.5, variances 11 and 10.75."""
    figures = {each.question.name: each for each in class_figures(a_class(), assignment).questions}
    assert figures["corr2d"].discrimination == pytest.approx(7.5 / math.sqrt(11 * 10.75))


def test_discrimination_is_undefined_for_two_students_or_equal_scores(
        assignment: Assignment) -> None:
    two = class_figures([a_row("a", 4, 2, 3), a_row("b", 0, 0, 0)], assignment)
    assert [each.discrimination for each in two.questions] == [None] * 4
    assert two.reliability is None
    rests = [(0.1, 0.2), (0.3, 0.0), (0.15, 0.15)]  # the same sum, but not in the last bit
    alike = class_figures([a_row(f"s{i}", i, *rest) for i, rest in enumerate(rests)], assignment)
    assert alike.questions[0].discrimination is None
    same = class_figures([a_row(f"s{i}", 4, 2, 3) for i in range(5)], assignment)
    assert same.reliability is None
    page = class_of([a_row("a", 4, 2, 3)], assignment)
    assert soup(page).select("#questions ~ .scroll tbody tr")[0].find_all("td")[-1].string == "—"


def test_pending_and_bonus_questions_count_for_nothing_in_the_figures(
        assignment: Assignment) -> None:
    results = [a_grade("a", a_question("corr2d", 0.0, status=Status.DEFERRED),
                        a_question("conv2d_true", 1.0),
                        a_question("fft", 0.0, bonus=True))]
    figures = class_figures(results, assignment)
    assert figures.questions[0].mean_share is None
    assert figures.hardest is not None and figures.hardest.question.name == "conv2d_true"


def test_where_all_is_bonus_points_are_out_of_nothing(tmp_path: Path) -> None:
    head, *questions = COURSE.partition("[[assignments.correlation.questions]]\nname = \"fft\"")
    assignment = an_assignment(tmp_path, head.partition("[[")[0] + "".join(questions))
    grades = [a_grade(student, a_question("fft", score, max_score=1.0, bonus=True), max_score=0.0)
              for student, score in (("ann", 1.0), ("ben", 0.2))]
    page = soup(student_page(grades[0], assignment))
    assert page.select("p.total")[0].get_text() == "1 point"
    assert class_figures(grades, assignment).distribution == [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    whole = class_of(grades, assignment)
    assert "/ 0" not in soup(whole).get_text() + rendered(grades, assignment)
    assert [total(grade) for grade in grades] == ["1", "0.2"]


@pytest.mark.parametrize("size", [0, 1, 5, 2000])
def test_the_class_page_holds_a_class_of_any_size(size: int, assignment: Assignment) -> None:
    results = [a_row(f"student{i:04}", i % 5, i % 3, i % 4) for i in reversed(range(size))]
    page = class_of(results, assignment)
    students = re.findall(r'<tr><th scope="row"><a href="(student\d+)\.html">', page)
    assert students == [f"student{i:04}" for i in range(size)]
    assert len(re.findall(r'href="student\d+\.json"', page)) == size
    assert ("No submissions yet." in page) == (size == 0)
    assert rendered(results, assignment).count("student0") == min(size, 1000)


def test_the_class_page_shows_totals_misconceptions_and_incidents(assignment: Assignment) -> None:
    crash = a_check(status=Status.CRASHED, score=0.0, title="Big input.",
                    message=sentence("Out of memory."))
    slow = [a_check(f"test_{i}", status=Status.TIMEOUT, score=0.0,
                    message=sentence("No answer within {s} s.", s=4)) for i in range(3)]
    dan = a_grade("dan", a_question("corr2d", 0.0, checks=[crash, *slow]),
                   load=Load(errors=[
                       CellError(cell=1, type="Timeout", stopped="timeout"),
                       CellError(cell=2, type="Timeout", message="an exception of dan's own"),
                       CellError(cell=4, type="Timeout", stopped="timeout")]),
                   suspicions=[Suspicion(name=name, cell=cell, line=7) for name, cell in
                               (("ctypes", 1), ("ctypes", 3), ("settrace", 3))])
    document = soup(class_of([*a_class(), dan], assignment))
    tiles = {str(dt.string): dd.get_text().strip() for dt, dd in
             zip(document.find_all("dt"), document.find_all("dd"), strict=True)}
    assert tiles == {"graded": "5", "mean": "3.8 / 9", "median": "3 / 9",
                     "standard deviation": "3.31", "late": "1", "unreadable": "1"}
    details = document.select("#misconceptions ~ details")
    assert "The kernel is flipped." in details[0].get_text()
    assert [a["href"] for a in details[0].find_all("a")] == ["cat.html"]
    incidents = [[cell.get_text() for cell in row.find_all(["th", "td"])]
                 for row in document.select("#incidents ~ .scroll tbody tr")]
    assert incidents == [
        ["dan", "timeout", "Code cell 2; Code cell 5", ""],
        ["dan", "suspicious", "code cells: 2, 4",
         "It names ctypes (code cell 2, line 7), settrace (code cell 4, line 7)."],
        ["dan", "crashed", "corr2d: Big input.", "Out of memory."],
        ["dan", "timeout", "corr2d: 3 checks", "No answer within 4 s."],
        ["una", "unreadable", "submission", "The file is not a notebook."],
    ]


def cells_of(document: BeautifulSoup, selector: str) -> list[list[str]]:
    return [[" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])]
            for row in document.select(f"{selector} tbody tr")]


def test_checks_are_counted_by_who_fails_them_and_how(assignment: Assignment) -> None:
    def ended(student: str, values: Status, shape: Status, **shape_fields: Any) -> Grade:
        checks = [a_check("test_values", status=values, score=float(values is Status.PASSED)),
                  a_check("test_shape", title="The shape.", status=shape, **(
                      {"score": 2.0 * (shape is Status.PASSED)} | shape_fields))]
        return a_grade(student, a_question(
            "corr2d", sum(check.score for check in checks), checks=checks))
    results = [ended("ann", Status.PASSED, Status.PASSED), an_unreadable(),
               ended("ben", Status.FAILED, Status.FAILED, follows="test_values"),
               ended("cat", Status.PASSED, Status.TIMEOUT),
               ended("dan", Status.DEFERRED, Status.FAILED)]
    shape, values = check_figures([StudentRow.of(result) for result in results])["corr2d"]
    assert (shape.title, shape.ran, shape.failed, shape.share) == ("The shape.", 4, 3, 0.75)
    assert shape.failures == {Status.FAILED: 2, Status.TIMEOUT: 1}
    assert (shape.follow_ups, shape.students) == (1, ["ben", "cat", "dan"])
    # Passing 1 0 0 0 against the rest of the points 1 0 1 0.
    assert shape.discrimination == pytest.approx(0.5 / math.sqrt(0.75 * 1.0))
    assert (values.ran, values.students) == (3, ["ben"])
    document = soup(class_of(results, assignment))
    assert cells_of(document, "#checks ~ details") == [
        ["The shape.", "", "75 %", "2 failed, 1 timeout; 1 of these follow", "ben, cat, dan",
         "0.58"],
        ["Values are right.", "", "33 %", "1 failed", "ben", "0.50"]]


def test_the_late_are_listed_with_when_and_what_it_costs_them(assignment: Assignment) -> None:
    lates = [a_row("ann", 4, 2, 2, late_days=1, score=7.2, penalty=0.8), a_row("ben", 4, 2, 2),
             a_row("cat", 4, 2, 2, late_days=3, score=5.6, penalty=2.4)]
    document = soup(class_of(lates, assignment))
    assert cells_of(document, "#late ~ .scroll") == [
        ["cat", "3", "", "2026-10-12 22:30 UTC+02:00", "2.4"],
        ["ann", "1", "", "2026-10-12 22:30 UTC+02:00", "0.8"]]


def test_the_slowest_are_listed_with_their_times(assignment: Assignment) -> None:
    results = [a_row(f"student{i:02}", 4, 2, 3, seconds=float(i), load=Load(seconds=i / 2))
               for i in range(30)]
    document = soup(class_of([*results, a_row("ann", 1, 1, 1, seconds=300.0)], assignment))
    rows = cells_of(document, "#slowest ~ .scroll")
    assert rows[:2] == [["ann", "", "5 min", "0.0 s"], ["student29", "", "29.0 s", "14.5 s"]]
    assert len(rows) == 10
    assert "12 min for all 31" in text_of(str(document))


def test_what_is_not_complete_is_told_in_words(assignment: Assignment) -> None:
    results = [a_grade("ann", a_question("corr2d", 0.0, status=Status.DEFERRED)),
               a_row("ben", 4, 2, 3, status=SubmissionStatus.INTERNAL)]
    text = text_of(class_of(results, assignment))
    assert "not complete 1" in text
    assert "internal 1" in text
    assert "Grade these again" in text
    assert "Not complete" not in text_of(class_of([a_row("ann", 4, 2, 3)], assignment))


def test_long_lists_are_folded_and_short_ones_are_open(assignment: Assignment) -> None:
    for size in (5, 50):
        results = [a_grade(f"student{i:03}", a_question("corr2d", 0.0, checks=[
            a_check(status=Status.CRASHED, score=0.0)]), late_days=1) for i in range(size)]
        document = soup(class_of(results, assignment))
        for section in ("late", "incidents"):
            folded = document.select(f"#{section} ~ details")
            assert len(folded) == (size > 20)
        assert ("50 crashed" in document.get_text()) == (size > 20)


def test_the_class_page_grows_by_as_much_for_each_student(assignment: Assignment) -> None:
    def size(students: int) -> int:
        flipped = [Diagnosis(id="kernel-flipped", message=sentence("The kernel is flipped."))]
        return len(class_of([
            a_grade(f"student{i:04}", a_question("corr2d", 0.0, diagnosis=flipped, checks=[
                a_wrong_array(), a_check("test_big", status=Status.CRASHED, score=0.0)]))
            for i in range(students)], assignment))
    one, two, three = size(400), size(800), size(1200)
    assert three - two == pytest.approx(two - one, rel=0.01)
    assert two - one < 400 * 1_000


def test_a_row_holds_no_evidence(assignment: Assignment) -> None:
    """It is what stays in memory of each of thousands."""
    row = StudentRow.of(a_full_grade())
    assert "12.5" in repr(a_full_grade())
    assert "12.5" not in repr(row)
    assert [verdict.check for verdict in row.verdicts] == ["test_values"] * 3


def test_the_class_table_shows_no_points_for_ungraded_submissions(assignment: Assignment) -> None:
    ours = a_row("ann", 4, 2, 3, status=SubmissionStatus.INTERNAL)
    [row] = soup(class_of([ours], assignment)).select("#class tbody tr")
    cells = [cell.get_text() for cell in row.find_all("td")]
    assert cells == ["internal", "—", "—", "—", "—", "—", "", "—", "JSON"]


# The terminal -----------------------------------------------------------------------------------

def test_the_summary_lists_students_in_order_and_what_the_class_did(
        assignment: Assignment) -> None:
    output = rendered(a_class(), assignment)
    lines = output.splitlines()
    rows = [line.split() for line in lines if re.match(r" ?(ann|ben|cat|eve|una)\b", line)]
    assert rows == [
        ["ann", "4", "2", "3", "—", "graded", "9"],
        ["ben", "4", "2", "0", "—", "late", "1", "d", "6"],
        ["cat", "2", "1", "0", "—", "graded", "3"],
        ["eve", "0", "1", "0", "—", "graded", "1"],
        ["una", "The", "file", "is", "not", "a", "notebook.", "unreadable", "—"],
    ]
    assert "4 graded, mean 4.75, median 4.5" in lines
    assert "hardest question: edge_kernel (mean 25% of its points)" in lines
    assert "1 unreadable" in lines


@pytest.mark.parametrize("width", [100, 120, 250])
def test_eleven_long_question_names_stay_readable(width: int, tmp_path: Path) -> None:
    names = ["im2col", "conv2d_backward", "maxpool_backward", "col2im", "dilation", "groups",
             "transposed_convolution", "fft", "winograd", "leaderboard", "corr2d_multi_in_out_1x1"]
    questions = "".join(f'[[assignments.fast.questions]]\nname = "{name}"\ntitle = "T"\n'
                        "points = 2.25\n" for name in names)
    path = tmp_path / "wide.toml"
    path.write_text('[course]\nname = "C"\n[assignments.fast]\ntitle = "Fast"\n' + questions,
                    encoding="utf-8")
    fast = load(path).assignment("fast")
    result = a_grade("student.name", *(a_question(name, 1.75, max_score=2.25) for name in names))
    output = rendered([result, an_unreadable("b")], fast, width)
    assert max(map(len, output.splitlines())) <= width
    row = next(line for line in output.splitlines() if "student.name" in line)
    assert row.split() == ["student.name", *["1.75"] * 11, "graded", "19.25"]
    assert "…" not in output
    for part in "_".join(names).split("_"):  # broken at underscores only
        assert re.search(rf"(?<![A-Za-z]){part}", output)


def test_the_summary_of_nobody_is_no_error(assignment: Assignment) -> None:
    assert "0 graded" in rendered([], assignment)


# Files ------------------------------------------------------------------------------------------

def test_grades_have_one_column_per_question_and_blanks_for_the_unknown(
        assignment: Assignment, tmp_path: Path) -> None:
    results = [an_unreadable("una"), a_row("ann", 4, 2, 2, late_days=1, score=7.2, penalty=0.8)]
    write_csv(results, assignment, tmp_path / "grades.csv")
    rows = rows_of(tmp_path / "grades.csv")
    assert list(rows[0]) == [
        "student", "name", "section", "team", "assignment", "status", "corr2d", "conv2d_true",
        "edge_kernel", "fft", "raw score", "late days", "penalty", "score", "max score", "message"]
    assert list(rows[0].values()) == [
        "ann", "", "", "", "correlation", "graded", "4", "2", "2", "", "8", "1", "0.8", "7.2", "9",
        ""]
    assert list(rows[1].values()) == [
        "una", "", "", "", "correlation", "unreadable", "", "", "", "", "", "0", "", "", "9",
        "The file is not a notebook."]


def test_reports_are_written_whole_and_again(assignment: Assignment, tmp_path: Path) -> None:
    for _ in range(2):
        written(a_class(), assignment, tmp_path)
    folder = tmp_path / "correlation"
    expected = {"index.html", "grades.csv"} | {
        f"{name}.{kind}" for name in ("ann", "ben", "cat", "eve", "una")
        for kind in ("html", "json")}
    assert {path.name for path in folder.iterdir()} == expected
    document = soup((folder / "index.html").read_text(encoding="utf-8"))
    linked = {str(a["href"]) for a in document.select("a:not([href^='#'])")}
    assert linked == expected - {"index.html"}
    saved = (folder / "una.json").read_text(encoding="utf-8")
    assert saved == an_unreadable().model_dump_json(indent=2)
    written_down = json.loads(saved)
    assert (written_down["schema"], written_down["max_score"]) == ("autograder/grade/v1", 9)
    assert Result.model_validate(written_down["result"]) == an_unreadable().result


def test_a_student_called_index_does_not_replace_the_class_of(
        assignment: Assignment, tmp_path: Path) -> None:
    written([a_row("Index", 4, 2, 3), a_row("ann", 4, 2, 3), a_row("Ann", 0, 0, 0)],
                  assignment, tmp_path)
    folder = tmp_path / "correlation"
    names = {path.name.casefold() for path in folder.iterdir()}
    assert len(names) == len(list(folder.iterdir())) == 8
    document = soup((folder / "index.html").read_text(encoding="utf-8"))
    for a in document.select("#class tbody th a"):
        page = soup((folder / str(a["href"])).read_text(encoding="utf-8"))
        assert page.title is not None and str(page.title.string).endswith(f"· {a.get_text()}")


@pytest.mark.parametrize("student", ["../x", "a/b", "a\\b", "..", "", "a\0"])
def test_no_page_is_written_outside_the_folder(student: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        page_names([student])


def test_eleven_questions_and_their_total_fit_into_eighty_columns(tmp_path: Path) -> None:
    names = [f"question_{number}" for number in range(11)]
    (tmp_path / "grader.toml").write_text(
        '[course]\nname = "C"\n[assignments.lab]\ntitle = "Lab"\n' + "".join(
            f'[[assignments.lab.questions]]\nname = "{name}"\ntitle = "T"\npoints = 4\n'
            for name in names), encoding="utf-8")
    lab = load(tmp_path / "grader.toml").assignment("lab")
    row = a_grade("annabella", *(a_question(name, 3.47) for name in names), score=38.17)
    file = io.StringIO()
    Console(file=file, width=80).print(summary([row, an_unreadable()], lab))
    [ann] = [line for line in file.getvalue().splitlines() if "annabella" in line]
    assert ann.split() == ["annabella", *["3.47"] * 11, "38.17"]
    assert "The file is not a notebook." in file.getvalue()
