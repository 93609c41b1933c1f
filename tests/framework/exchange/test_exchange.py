"""Formats for one student: valid, honest about what is not known, silent about what is secret."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import example_results
import jsonschema
import pytest

from autograder import cli
from autograder.course import Assignment, Course, load
from autograder.exchange import FORMATS, ExchangeError, Format, gradescope
from autograder.exchange.format import Exported
from autograder.exchange.prairielearn import LARGEST
from autograder.gradebook import CheckGrade, Grade, QuestionGrade
from autograder.gradebook.leaderboard import entries
from autograder.result import (
    Account,
    CellError,
    Diagnosis,
    Evidence,
    Load,
    Mismatch,
    MismatchKind,
    Part,
    Performance,
    Status,
    SubmissionStatus,
    Visibility,
    sentence,
)
from autograder.store import Store

SCHEMAS = Path(__file__).parent / "schemas"
HOSTILE = ']]></failure><script>alert(1)</script>&"\' =cmd \u202egnp\x1b[31m\x00\ud800\ufffe{x}'
"""Ends of XML sections and attributes, formulas, and characters that XML or UTF-8 cannot hold."""

GRADER_TOML = """
[course]
name = "Convolution"
[store]
url = "sqlite:///kept/grades.db"
[assignments.correlation]
title = "Cross-correlation"
[[assignments.correlation.questions]]
name = "corr2d"
title = "Two-dimensional cross-correlation"
points = 4
[[assignments.correlation.questions]]
name = "conv2d_true"
title = "True convolution"
points = 2
uses = ["corr2d"]
[[assignments.correlation.questions]]
name = "fft"
title = "Convolution by FFT"
points = 3
bonus = true
"""

TIMED = """
[[assignments.correlation.questions]]
name = "speed"
title = "Speed"
points = 1
[assignments.correlation.questions.performance]
of = "conv2d_true"
problems = [{ tensors = [[8, 8], [3, 3]] }]
[leaderboard]
ann = "Quick Fox"
"""

RUNNER = {
    "CLASSROOM": "cnn", "ASSIGNMENT": "correlation", "SUBMISSION_TAG": "submit/2026-10-12",
    "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r",
}


# Examples -------------------------------------------------------------------------------------

@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    path = tmp_path / "grader.toml"
    path.write_text(GRADER_TOML, encoding="utf-8")
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REVIEW_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return load(path)


@pytest.fixture
def assignment(course: Course) -> Assignment:
    return course.assignment("correlation")


def a_check(id: str = "test_values", **fields: Any) -> CheckGrade:
    return example_results.a_check(id, **({"title": f"Title of {id}."} | fields))


def a_question(name: str, score: float, max_score: float, *checks: CheckGrade,
               **fields: Any) -> QuestionGrade:
    return example_results.a_question(name, score, max_score, checks, **fields)


def a_grade(*questions: QuestionGrade, student: str = "ann", **fields: Any) -> Grade:
    return example_results.a_grade(
        student, *questions, **({"max_score": 6.0, "seconds": 2.5} | fields))


def a_usual_grade(**fields: Any) -> Grade:
    """Every status, a bonus question, and a question that waits for hardware."""
    statuses = [status for status in Status if status not in
                {Status.PASSED, Status.DEFERRED, Status.INTERNAL}]
    wrong = [a_check(f"test_{status}", status=status, score=0.0, line=3, cell=2)
             for status in statuses]
    return a_grade(
        a_question("corr2d", 2.25, 4.0, a_check(), *wrong),
        a_question("conv2d_true", 2.0, 2.0, a_check()),
        a_question("fft", 0.0, 3.0, a_check(status=Status.DEFERRED, score=0.0), bonus=True,
                   status=Status.DEFERRED),
        **fields)


def a_secretive_grade() -> Grade:
    """SECRET stands wherever something is that a student must not see."""
    secret = Evidence(function="corr2d", arguments=["SECRET"], expected="SECRET", actual="SECRET")
    mismatch = Mismatch(kind=MismatchKind.VALUES, where=Part(name="SECRET"))
    return a_grade(
        a_question(
            "corr2d", 0.0, 4.0,
            a_check("test_SECRET", title="A hidden check.", status=Status.FAILED, score=0.0,
                    decided=Account(status=Status.FAILED, evidence=secret, mismatch=mismatch,
                                    message=sentence("SECRET"), raised="SECRET")),
            a_check("test_silent", title="SECRET", status=Status.FAILED, score=0.0,
                    visibility=Visibility.SILENT, message=sentence("SECRET")),
            a_check("test_after", status=Status.FAILED, score=1.0, decided=Account(
                status=Status.FAILED, follows="test_silent"))),
        load=Load(cells=1, output="SECRET",
                  errors=[CellError(cell=0, type="ValueError", message="SECRET")]))


def a_hostile_grade() -> Grade:
    check = a_check(title=HOSTILE, status=Status.ERROR, score=0.0, visibility=Visibility.VISIBLE,
                    message=sentence("It raised {type}.", type=HOSTILE),
                    mismatch=Mismatch(kind=MismatchKind.TYPE, expected_type="Tensor",
                                      actual_type=HOSTILE))
    question = a_question("corr2d", 0.0, 4.0, check, message=sentence("{x}", x=HOSTILE),
                          diagnosis=[Diagnosis(id="d", message=sentence("{x}", x=HOSTILE))])
    return a_grade(question, student=HOSTILE)


def an_ungraded(status: SubmissionStatus, **fields: Any) -> Grade:
    return a_grade(status=status, message=sentence("Because of {why}.", why="<b>"), **fields)


UNREADABLE = an_ungraded(SubmissionStatus.UNREADABLE)
INTERNAL = an_ungraded(SubmissionStatus.INTERNAL)
EVERY_KIND = [a_usual_grade(), a_secretive_grade(), a_hostile_grade(), UNREADABLE, INTERNAL]


def a_format(name: str) -> Format:
    return next(each for each in FORMATS if each.name == name)


def exported(name: str, grade: Grade, assignment: Assignment, tmp_path: Path) -> str:
    ending = ".xml" if name == "junit" else ".json"
    file = tmp_path / "out" / f"result{ending}"
    done = a_format(name).write([grade], assignment, file)
    assert done == Exported({grade.student: file.name}, [])
    return file.read_text(encoding="utf-8")


JSON_FORMATS = ["ctrf", "gradescope", "prairielearn", "classroom50"]
STUDENT_FORMATS = ["junit", *JSON_FORMATS]


# All formats ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", JSON_FORMATS)
def test_what_is_written_is_valid(name: str, assignment: Assignment, tmp_path: Path) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    # Classroom 50 gets no file of the others: see below.
    for grade in EVERY_KIND if name != "classroom50" else EVERY_KIND[:3]:
        jsonschema.validate(json.loads(exported(name, grade, assignment, tmp_path)), schema)


@pytest.mark.parametrize("name", STUDENT_FORMATS)
def test_nothing_that_is_secret_is_written(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    text = exported(name, a_secretive_grade(), assignment, tmp_path)
    assert "SECRET" not in text
    assert "silent" not in text


@pytest.mark.parametrize("name", STUDENT_FORMATS)
def test_characters_that_hide_or_break_are_shown_as_their_codes(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    text = exported(name, a_hostile_grade(), assignment, tmp_path)
    shown = text if name == "junit" else json.dumps(json.loads(text), ensure_ascii=False)
    assert not set("\u202e\x1b\x00\ud800") & set(shown)


@pytest.mark.parametrize(
    "name", ["junit", "ctrf", "gradescope", "prairielearn"])
def test_why_the_grader_failed_is_not_for_students_and_why_a_file_is_unreadable_is(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    theirs = exported(name, UNREADABLE, assignment, tmp_path)
    ours = exported(name, INTERNAL, assignment, tmp_path)
    assert "Because of" in theirs and "hand it in again" in theirs
    assert "Because of" not in ours and "on our side" in ours


@pytest.mark.parametrize("name", STUDENT_FORMATS)
def test_a_class_is_a_folder_with_a_file_for_each_student(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    grades = [a_usual_grade(student=student) for student in ("ann", "Ann", "index")]
    assert a_format(name).write(grades, assignment, tmp_path / "out").notes == []
    suffix = f".{name}.xml" if name == "junit" else f".{name}.json"
    files = {file.name for file in (tmp_path / "out").iterdir()}
    assert files == {f"{each}{suffix}" for each in ("Ann", "ann-2", "index-2")}


def test_a_file_cannot_hold_a_class(assignment: Assignment, tmp_path: Path) -> None:
    grades = [a_usual_grade(student=student) for student in ("ann", "bob")]
    with pytest.raises(ExchangeError, match=r"a.json: a ctrf file holds one .* there are 2; name"):
        a_format("ctrf").write(grades, assignment, tmp_path / "a.json")
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize("name", STUDENT_FORMATS)
def test_a_template_that_would_be_ignored_is_refused(
    name: str, assignment: Assignment, tmp_path: Path
) -> None:
    with pytest.raises(ExchangeError, match="has no template"):
        a_format(name).write([a_usual_grade()], assignment, tmp_path, tmp_path / "grades.csv")


# JUnit ----------------------------------------------------------------------------------------

XS = "{http://www.w3.org/2001/XMLSchema}"


def violations(element: Element, schema: Element) -> list[str]:
    """What junit.xsd has against ``element``, as far as that schema goes: children, attributes,
    patterns, and text in its place."""
    declared = schema.find(f"{XS}element[@name='{element.tag}']")
    if declared is None:
        return [f"{element.tag}: unknown"]
    named = schema.find(f"{XS}complexType[@name='{declared.get('type')}']")
    inline = declared.find(f"{XS}complexType")
    kind = named if named is not None else inline
    if kind is None:  # a simple element: text and nothing else
        return [f"{element.tag}: has children"] if len(element) or element.attrib else []
    attributes = {each.get("name"): each for each in kind.iter(f"{XS}attribute")}
    found = [f"{element.tag}: lacks {name}" for name, each in attributes.items()
             if each.get("use") == "required" and name not in element.attrib]
    for name, value in element.attrib.items():
        pattern = None if name not in attributes else schema.find(
            f"{XS}simpleType[@name='{attributes[name].get('type')}']/{XS}restriction/{XS}pattern")
        if name not in attributes or (
                pattern is not None and not re.fullmatch(pattern.get("value", ""), value)):
            found.append(f"{element.tag}: {name}={value!r}")
    if kind.get("mixed") != "true" and (element.text or "").strip():
        found.append(f"{element.tag}: has text")
    children = {each.get("ref") for each in kind.iter(f"{XS}element")}
    for child in element:
        found += [f"{child.tag}: not in {element.tag}"] if child.tag not in children else []
        found += violations(child, schema)
    return found


def junit(grade: Grade, assignment: Assignment, tmp_path: Path) -> Element:
    return ElementTree.fromstring(exported("junit", grade, assignment, tmp_path))


@pytest.mark.parametrize("grade", EVERY_KIND, ids=["usual", "secret", "hostile", "unread", "ours"])
def test_junit_is_as_its_schema_says(
    grade: Grade, assignment: Assignment, tmp_path: Path
) -> None:
    schema = ElementTree.parse(SCHEMAS / "junit.xsd").getroot()
    assert violations(junit(grade, assignment, tmp_path), schema) == []


def test_the_schema_of_junit_refuses_what_it_should() -> None:
    schema = ElementTree.parse(SCHEMAS / "junit.xsd").getroot()
    wrong = ElementTree.fromstring(
        '<testsuites tests="x"><testsuite name="a" tests="1" failures="0" errors="0" time="1e3">'
        '<testcase name="a"><properties/></testcase></testsuite>text</testsuites>')
    assert violations(wrong, schema) == [
        "testsuites: tests='x'", "testsuite: time='1e3'", "properties: not in testcase"]


def test_junit_blames_students_by_failures_and_never_by_errors(
    assignment: Assignment, tmp_path: Path
) -> None:
    suites = junit(a_usual_grade(), assignment, tmp_path)
    failures = [failure.get("type") for failure in suites.iter("failure")]
    assert failures == ["failed", "error", "timeout", "crashed", "missing", "forbidden"]
    assert [skipped.get("type") for skipped in suites.iter("skipped")] == ["deferred"]
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("9", "6", "0")
    for ungraded in (UNREADABLE, INTERNAL):
        suites = junit(ungraded, assignment, tmp_path)
        assert (suites.get("tests"), suites.get("errors")) == ("1", "1")
        assert suites.find("testsuite/properties/property[@name='score']") is None


def test_junit_has_points_as_properties_of_suites(
    assignment: Assignment, tmp_path: Path
) -> None:
    grade = a_usual_grade(penalty=0.25, score=4.0)
    suites = junit(grade, assignment, tmp_path)
    points = {suite.get("name"): {each.get("name"): each.get("value")
                                  for each in suite.iter("property")} for suite in suites}
    assert points["submission"] == {
        "student": "ann", "status": "graded", "score": "4", "max_score": "6",
        "raw_score": "4.25", "penalty": "0.25"}
    assert points["corr2d"]["score"] == "2.25" and points["corr2d"]["max_score"] == "4"
    assert "score" not in points["fft"]  # has not run yet


# CTRF -----------------------------------------------------------------------------------------

def test_ctrf_counts_what_it_lists(assignment: Assignment, tmp_path: Path) -> None:
    report = json.loads(exported("ctrf", a_usual_grade(), assignment, tmp_path))["results"]
    summary, statuses = report["summary"], [test["status"] for test in report["tests"]]
    assert summary["tests"] == len(statuses) == 9
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} \
        == {"passed": 2, "failed": 6, "skipped": 0, "pending": 1, "other": 0}
    assert all(summary[status] == statuses.count(status) for status in statuses)
    assert summary["stop"] == summary["start"] == summary["duration"] == 0  # it would tell
    assert [question.get("score") for question in report["extra"]["questions"]] == [2.25, 2.0, None]


@pytest.mark.parametrize("grade", [UNREADABLE, INTERNAL], ids=["unreadable", "internal"])
def test_ctrf_calls_what_is_not_graded_other_and_gives_no_score(
    grade: Grade, assignment: Assignment, tmp_path: Path
) -> None:
    report = json.loads(exported("ctrf", grade, assignment, tmp_path))["results"]
    assert [test["status"] for test in report["tests"]] == ["other"]
    assert report["extra"] == {"student": "ann", "status": grade.result.status.value}


# Gradescope -----------------------------------------------------------------------------------

def test_gradescope_gets_partial_credit_under_numbers(
    assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("gradescope", a_usual_grade(), assignment, tmp_path))
    tests = {test["number"]: test for test in document["tests"]}
    assert list(tests) == ["1", *(f"1.{index}" for index in range(1, 8)), "2", "2.1", "3", "3.1"]
    assert (tests["1"]["score"], tests["1"]["max_score"], tests["1"]["status"]) == (
        2.25, 4.0, "failed")
    assert (tests["1.1"]["status"], tests["1.2"]["status"]) == ("passed", "failed")
    assert "score" not in tests["1.1"]
    assert document["score"] == 4.25


def test_gradescope_shows_no_zero_for_what_has_not_run(
    assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("gradescope", a_usual_grade(), assignment, tmp_path))
    waiting = next(test for test in document["tests"] if test["number"] == "3")
    assert not {"score", "status"} & set(waiting)
    assert waiting["output"] == "<p>pending</p>"


def test_gradescope_takes_the_penalty_off_and_says_so(
    assignment: Assignment, tmp_path: Path
) -> None:
    grade = a_usual_grade(score=3.83, penalty=0.42, late_days=1)
    document = json.loads(exported("gradescope", grade, assignment, tmp_path))
    assert document["score"] == 3.83
    assert "0.42 of the 4.25 earned." in document["output"]


def test_gradescope_shows_every_test_because_one_hidden_test_hides_the_total(
    assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("gradescope", a_secretive_grade(), assignment, tmp_path))
    assert {test["visibility"] for test in document["tests"]} == {"visible"}
    assert [test["name"] for test in document["tests"]] == [
        "Question corr2d", "A hidden check.", "Title of test_after."]
    assert document["stdout_visibility"] == "hidden"


class Elements(HTMLParser):
    """What a browser makes of a text: the elements in it, their attributes, and what it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Any]] = []
        self.shown = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_gradescope_gets_html_in_which_nothing_of_the_student_is_an_element(
    assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("gradescope", a_hostile_grade(), assignment, tmp_path))
    assert {test["output_format"] for test in document["tests"]} == {"html"}
    assert document["output_format"] == document["test_name_format"] == "text"
    shown = [Elements(test["output"]) for test in document["tests"]]
    assert all(element in [("p", []), ("br", [])] for each in shown for element in each.found)
    assert all("<script>alert(1)</script>&\"' =cmd" in each.shown for each in shown)


def test_gradescope_keeps_the_lines_of_a_message(assignment: Assignment, tmp_path: Path) -> None:
    check = a_check(status=Status.ERROR, score=0.0, message=sentence("one\ntwo"))
    text = exported("gradescope", a_grade(a_question("corr2d", 0.0, 4.0, check)), assignment,
                    tmp_path)
    assert "<p>one<br>two</p>" in json.loads(text)["tests"][1]["output"]


def timed(status: Status = Status.PASSED) -> Grade:
    """`conv2d_true` is examined, and `speed` timed."""
    performance = Performance(ratio=1.23456, interval=(1.2, 1.3), pairs=45)
    return a_grade(
        a_question("conv2d_true", 2.0 if status is Status.PASSED else 1.0, 2.0, status=status),
        a_question("speed", 1.0, 1.0, performance=performance))


@pytest.mark.parametrize(("student", "grade", "listed"), [
    ("ann", timed(), [{"name": "Speed (cpu)", "value": 1.235, "order": "asc"}]),
    ("bob", timed(), None), ("ann", timed(Status.FAILED), None), ("ann", a_usual_grade(), None),
], ids=["wants to", "does not want to", "is wrong", "was not timed"])
def test_gradescopes_leaderboard_has_right_and_timed_functions_of_those_who_want_to_be_on_it(
    course: Course, student: str, grade: Grade, listed: list[dict[str, Any]] | None
) -> None:
    path = course.root / "grader.toml"
    path.write_text(path.read_text() + TIMED)
    course = load(path)
    result = grade.result.model_copy(update={"student": student})
    grade = grade.model_copy(update={"result": result})
    board = entries([result], course, "correlation")
    document = json.loads(gradescope.render(grade, course.assignment("correlation"), board))
    assert document.get("leaderboard") == listed
    assert "Quick Fox" not in json.dumps(document)  # there they go by the name they chose there


@pytest.mark.parametrize("grade", [UNREADABLE, INTERNAL], ids=["unreadable", "internal"])
def test_gradescope_gets_no_score_for_what_is_not_graded(
    grade: Grade, assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("gradescope", grade, assignment, tmp_path))
    assert not {"score", "tests"} & set(document)  # of an empty list it would make a 0
    assert document["output"]


# PrairieLearn ---------------------------------------------------------------------------------

def test_prairielearn_gets_a_share_and_points(assignment: Assignment, tmp_path: Path) -> None:
    document = json.loads(exported("prairielearn", a_usual_grade(), assignment, tmp_path))
    assert document["score"] == pytest.approx(4.25 / 6)
    corr2d, _, fft = document["tests"]
    assert (corr2d["points"], corr2d["max_points"]) == (2.25, 4.0)
    assert "✗ wrong answer: Title of test_failed." in corr2d["output"]
    assert "Code cell 3, line 3" in corr2d["output"]
    assert "points" not in fft and fft["message"] == "pending"


def test_prairielearn_takes_no_more_than_everything(
    assignment: Assignment, tmp_path: Path
) -> None:
    grade = a_usual_grade(score=7.0)
    assert json.loads(exported("prairielearn", grade, assignment, tmp_path))["score"] == 1.0


@pytest.mark.parametrize("grade", [UNREADABLE, INTERNAL], ids=["unreadable", "internal"])
def test_prairielearn_charges_no_attempt_for_what_is_not_graded(
    grade: Grade, assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("prairielearn", grade, assignment, tmp_path))
    assert document["gradable"] is False and "score" not in document


def test_prairielearn_takes_a_megabyte_and_no_more(
    assignment: Assignment, tmp_path: Path
) -> None:
    checks = [a_check(f"test_{index}", status=Status.ERROR, visibility=Visibility.VISIBLE,
                      message=sentence("{x}", x="\x00" * 10_000)) for index in range(60)]
    text = exported("prairielearn", a_grade(a_question("corr2d", 1.0, 4.0, *checks)),
                    assignment, tmp_path)
    assert len(text.encode()) <= LARGEST
    assert json.loads(text)["tests"][0]["points"] == 1.0


# Classroom 50 ---------------------------------------------------------------------------------

def test_classroom50_gets_hundredths_of_points(assignment: Assignment, tmp_path: Path) -> None:
    third = a_question("corr2d", 1.15, 4.0)  # 1.15 * 100 is 114.99999999999999
    late = a_grade(third, a_question("conv2d_true", 2.0, 2.0), score=2.96)
    document = json.loads(exported("classroom50", late, assignment, tmp_path))
    assert (document["score"], document["max-score"]) == (296, 600)
    assert document["tests"][0] == {"test-name": "Question corr2d", "passed": False,
                                    "score": 115, "max-score": 400}
    assert document["classroom"] == "cnn" and document["review"] == document["commit"]
    assert document["datetime"] == "2026-10-12T20:30:00Z"


def test_classroom50_gets_no_score_beyond_the_maximum(
    assignment: Assignment, tmp_path: Path
) -> None:
    document = json.loads(exported("classroom50", a_usual_grade(score=8.0), assignment, tmp_path))
    assert document["score"] == document["max-score"] == 600
    assert all(test["score"] <= test["max-score"] for test in document["tests"])
    assert [test["test-name"] for test in document["tests"]][2] == "Question fft (pending)"


@pytest.mark.parametrize("grade", [UNREADABLE, INTERNAL], ids=["unreadable", "internal"])
def test_classroom50_gets_no_file_for_what_is_not_graded_and_staff_are_told(
    grade: Grade, assignment: Assignment, tmp_path: Path
) -> None:
    file = tmp_path / "result.json"
    a_format("classroom50").write([a_usual_grade()], assignment, file)
    notes = a_format("classroom50").write([grade], assignment, file).notes
    assert notes == [f"ann: {grade.result.status.value}, which classroom50 cannot say; no file"]
    assert not file.exists()  # the former score is not the newest result's


def test_classroom50_outside_its_runner_says_what_is_missing(
    assignment: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUBMISSION_TAG")
    with pytest.raises(ExchangeError, match="needs SUBMISSION_TAG in the environment"):
        a_format("classroom50").write([a_usual_grade()], assignment, tmp_path / "result.json")


# The verb -------------------------------------------------------------------------------------

def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def keep(course: Course, *grades: Grade) -> None:
    with Store(course) as store:
        run = store.begin("correlation", "grade")
        for grade in grades:
            store.add(run, grade.result)


def test_the_verb_exports_everybodys_newest_result(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(course, a_grade(a_question("corr2d", 1.0, 4.0)), a_usual_grade(),
         a_usual_grade(student="bob"))
    assert call(capsys, "export", "ctrf", "correlation", "-o", "out") == (0, "Exported: out\n", "")
    scores = {file.name: json.loads(file.read_text())["results"]["extra"]["score"]
              for file in (course.root / "out").iterdir()}
    assert scores == {"ann.ctrf.json": 4.25, "bob.ctrf.json": 4.25}


def test_the_verb_says_what_it_left_out_and_exits_with_3(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(course, a_usual_grade(), an_ungraded(SubmissionStatus.INTERNAL, student="bob"))
    code, _, said = call(capsys, "export", "classroom50", "correlation", "-o", "out")
    assert (code, said) == (3, "bob: internal, which classroom50 cannot say; no file\n")
    assert [file.name for file in (course.root / "out").iterdir()] == ["ann.classroom50.json"]


@pytest.mark.parametrize(("arguments", "said"), [
    (["junitt", "correlation"], "no format 'junitt'; there are: junit, ctrf,"),
    (["junit", "corelation"], "no assignment 'corelation'"),
    (["junit", "correlation"], "no results of correlation; grade it first"),
])
def test_a_mistake_is_one_line(
    course: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, _, error = call(capsys, "export", *arguments, "-o", "out")
    assert code == 2 and said in error and error.count("\n") == 1
    assert not (course.root / "out").exists()


def test_a_missing_template_is_one_line(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(course, a_usual_grade())
    code, _, error = call(capsys, "export", "canvas", "correlation", "-o", "out.csv")
    assert code == 2
    assert error == ("error: canvas needs the table to fill in; download it (Grades > Export) and "
                     "name it by --template\n")


def test_the_help_lists_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "export", "--help")
    assert [name for name in (each.name for each in FORMATS) if f"{name}: " not in out] == []
