"""Second looks: opened by a form or by hand, answered, and ended by what was decided."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from databases import a_result, lab, server
from hypothesis import given
from hypothesis import strategies as st

from autograder import cli
from autograder.cli import whom
from autograder.course import Course
from autograder.course.roster import Roster
from autograder.exchange import ExchangeError, request_form
from autograder.exchange.request_form import FormAnswers, enter
from autograder.store import Store

__all__ = ["lab", "server"]  # fixtures

GOOGLE = ("Timestamp,Email Address,Which assignment?,Which question?,What should we look at?\n"
          "2026/10/12 2:03:22 PM GMT+2,ann,correlation,corr2d,\"My kernel is right,\nis it not?\"\n"
          "2026/10/12 3:00:00 PM GMT+2,BOB,Cross-correlation,,The sum is wrong.\n")
MICROSOFT = ("\ufeffID;Start time;Completion time;Email;Name;Assignment;Question;Words\r\n"
             "1;2026-10-12 14:00:00;2026-10-12T14:03:22+02:00;ann;Ann;correlation;"
             "Cross-correlation;=1+1\r\n")


@pytest.fixture
def graded(lab: Course) -> Course:
    """Ann and Bob have results, of 3 and 2 points."""
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        store.add(run, a_result("ann", 3))
        store.add(run, a_result("bob", 2))
    return lab


@pytest.fixture
def call(graded: Course, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The verb ``requests``: status, stdout, stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["requests", *arguments, "--course", str(graded.root / "grader.toml")])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def read(text: str, course: Course, **columns: str) -> FormAnswers:
    file = course.root / "answers.csv"
    file.write_bytes(text.encode())
    whose = partial(whom.student, roster=Roster(), students=["ann", "bob"])
    return request_form.load(file, course, whose, columns)


# Forms ----------------------------------------------------------------------------------------

def test_columns_are_found_by_their_titles(graded: Course) -> None:
    found = read(GOOGLE, graded)
    assert (found.problems, found.undated) == ([], [])
    assert dict(found.columns) == {
        "time": "Timestamp", "student": "Email Address", "assignment": "Which assignment?",
        "question": "Which question?", "words": "What should we look at?"}
    first, second = found.rows
    assert (first.row, first.student, first.assignment, first.question, first.words, first.at) == (
        2, "ann", "correlation", "corr2d", "My kernel is right,\nis it not?",
        datetime(2026, 10, 12, 12, 3, 22, tzinfo=UTC))
    assert (second.student, second.question) == ("bob", None)
    [row] = read(MICROSOFT, graded).rows
    assert (row.student, row.question, row.words) == ("ann", "corr2d", "=1+1")


@given(order=st.permutations(range(5)), separator=st.sampled_from([",", ";", "\t"]))
def test_the_order_of_columns_says_nothing(
    order: list[int], separator: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from databases import a_course

    course = a_course(tmp_path_factory.mktemp("form"))
    lines = [["Student", "Assignment", "Question", "Words", "Timestamp"],
             ["ann", "correlation", "corr2d", "Why?", "2026-10-12T14:03:22Z"]]
    text = "\n".join(separator.join(line[index] for index in order) for line in lines)
    [row] = read(text, course).rows
    assert (row.student, row.assignment, row.question, row.words) == (
        "ann", "correlation", "corr2d", "Why?")
    assert row.at == datetime(2026, 10, 12, 14, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(("titles", "said"), [
    ("Student,Assignment,Question,Thoughts", "no column is called words; say which it is by "
                                             "--columns words=TITLE"),
    ("Student,Which assignment?,Question of the assignment,Words",
     "2 columns may be the assignment: 'Which assignment?', 'Question of the assignment'"),
    ('Student,"Assignment', "a quotation mark that is not closed"),
])
def test_what_nobody_can_tell_is_asked_for(titles: str, said: str, graded: Course) -> None:
    with pytest.raises(ExchangeError, match=r"answers\.csv: ") as caught:
        read(f"{titles}\nann,correlation,corr2d,Hm\n", graded)
    assert said in str(caught.value)


def test_columns_can_be_said(graded: Course) -> None:
    text = "A,B,Student,D\nann,correlation,nobody,Hm\n"
    [row] = read(text, graded, student="A", assignment="B", words="D").rows
    assert (row.student, row.words) == ("ann", "Hm")
    with pytest.raises(ExchangeError, match="no column 'X' for words; there are columns 'A', 'B'"):
        read(text, graded, student="A", assignment="B", words="X")
    with pytest.raises(ExchangeError, match=r"what 'word' is; did you mean 'words'\?; the "
                                            "names are student, assignment, question, words, t"):
        read(text, graded, word="A")


@pytest.mark.parametrize("title", ["What is wrong?", "What is it?", "Your words", "Reason",
                                   "Comment", "What is wrong with your grade?"])
def test_usual_titles_say_which_are_the_words(title: str, graded: Course) -> None:
    [row] = read(f"Student,Assignment,Question,{title}\nann,correlation,corr2d,Hm\n", graded).rows
    assert row.words == "Hm"


def test_a_row_that_is_wrong_costs_itself(graded: Course) -> None:
    found = read("Student,Assignment,Question,Words\n"
                 "stranger,correlation,corr2d,Hm\n"
                 "ann,corelation,corr2d,Hm\n\n"
                 "ann,correlation,conv3d,Hm\n"
                 "ann,correlation,corr2d,\x07\n"
                 "ann,correlation,corr2d,Hm\x00\n", graded)
    assert found.problems == [
        "row 2: nobody goes by 'stranger'; left out",
        "row 3: no assignment is called 'corelation'; there are: correlation; left out",
        "row 5: correlation has no question 'conv3d'; there are: corr2d; left out",
        "row 6: says nothing; left out"]
    assert [(row.row, row.words) for row in found.rows] == [(7, "Hm")]


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed(graded: Course) -> None:
    found = read("Student,Assignment,Words,Timestamp\nann,correlation,Hm,10/11/2026 14:03:22\n",
                 graded)
    assert found.undated == ["10/11/2026 14:03:22"] and found.rows[0].at is None


def test_a_row_is_opened_once_however_often_it_is_imported(graded: Course) -> None:
    later = GOOGLE + "2026/10/13 2:03:22 PM GMT+2,ann,correlation,corr2d,Please.\n" \
        "2026/10/14 2:03:22 PM GMT+2,ann,correlation,corr2d,Please.\n" \
        ",ann,correlation,corr2d,Please.\n"
    with Store(graded) as store:
        assert enter(store.requests, read(GOOGLE, graded).rows) == [1, 2]
        assert enter(store.requests, read(GOOGLE, graded).rows) == []
        # The same words on another day are another request; without a day, they are known.
        assert enter(store.requests, read(later, graded).rows) == [3, 4]
        assert enter(store.requests, read(later, graded).rows) == []
        first = store.requests.find(1)
    assert (first.student, first.question, first.opened) == (
        "ann", "corr2d", datetime(2026, 10, 12, 12, 3, 22, tzinfo=UTC))
    assert [(each.by, each.text) for each in first.messages] == [
        ("ann", "My kernel is right,\nis it not?")]


# Verbs ----------------------------------------------------------------------------------------

Call = Callable[..., tuple[int, str, str]]


def test_a_form_is_imported_and_told(call: Call, tmp_path: Path) -> None:
    form = tmp_path / "answers.csv"
    form.write_text(GOOGLE + ",eve,correlation,,Mine?\n")
    code, out, err = call("import", str(form))
    assert (code, out) == (3, "opened: 2, known already: 0, left out: 1\n")
    assert "student is 'Email Address'" in err and "row 4: nobody goes by 'eve'; left out" in err
    assert call("import", str(form))[:2] == (3, "opened: 0, known already: 2, left out: 1\n")
    form.write_text("Who,Text\nann,Hm\n")
    code, out, _ = call("import", str(form), "--assignment", "correlation", "--columns",
                        "student=Who,words=Text")
    assert (code, out) == (0, "opened: 1, known already: 0, left out: 0\n")


def test_a_thread_stays_with_its_end(call: Call, graded: Course) -> None:
    assert call("open", "ANN", "correlation", "corr2d", "--words", "Why?") == (
        0, "request 1 is open\n", "")
    assert call("answer", "1", "--words", "[red]Which image?")[0] == 0
    assert call("close", "1", "--outcome", "You are right.", "--adjust", "+0.5") == (
        0, "1 gain, 0 lose.\nann: 3 → 3.5 of 4\n"
        "request 1 is closed: You are right. (adjustment 1)\n", "")
    _, shown, _ = call("show", "1")
    assert shown.splitlines()[0] == "Request 1: ann on correlation, corr2d"
    assert shown.index("Why?") < shown.index("[red]Which image?") < shown.index(
        "closed: You are right. (adjustment 1)")
    assert call("show", "--student", "ann")[1] == shown
    with Store(graded) as store:
        ann, bob = store.grades("correlation")
        assert (ann.score, bob.score) == (3.5, 2.0)
        assert ann.adjustments[0].comment == "You are right."
        [request] = store.requests.all()
        assert request.outcome == "You are right. (adjustment 1)"
    for again in (["answer", "1", "--words", "Hm"],
                  ["close", "1", "--outcome", "Hm", "--adjust", "+1"]):
        code, _, err = call(*again)
        assert code == 2 and "request 1 was closed on" in err
    with Store(graded) as store:  # and nothing was decided on the way
        assert len(store.decisions().adjustments) == 1


@pytest.mark.parametrize(("options", "scores", "outcome"), [
    ([], (3, 2), "Seen."), (["--adjust", "-1"], (2, 2), "Seen. (adjustment 1)"),
    (["--full"], (4, 2), "Seen. (adjustment 1)"), (["--set", "1,5"], (1.5, 2),
                                                   "Seen. (adjustment 1)"),
    (["--waive", "test_all"], (4, 4), "Seen. (waiver 1)"),
])
def test_what_is_decided_counts(
    options: list[str], scores: tuple[float, float], outcome: str, call: Call, graded: Course
) -> None:
    call("open", "ann", "correlation", "corr2d", "--words", "Why?")
    assert call("close", "1", "--outcome", "Seen.", *options)[0] == 0
    with Store(graded) as store:
        assert tuple(each.score for each in store.grades("correlation")) == scores
        assert store.requests.find(1).outcome == outcome


def test_killed_between_its_steps_it_gives_the_points_once(
    call: Call, graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    close = ["close", "1", "--outcome", "Yes.", "--adjust", "+0.5"]
    call("open", "ann", "correlation", "corr2d", "--words", "Why?")
    with monkeypatch.context() as patched:
        patched.setattr("autograder.store.requests.note", killed)  # the last step of all
        with suppress(KeyboardInterrupt):
            call(*close)
    with Store(graded) as store:
        assert store.decisions().adjustments == [] and store.requests.find(1).closed is None
    assert call(*close)[0] == 0
    assert call(*close)[0] == 2
    with Store(graded) as store:
        assert [each.score for each in store.grades("correlation")] == [3.5, 2.0]


def test_without_a_question_it_is_the_total(call: Call, graded: Course) -> None:
    call("open", "bob", "correlation", "--words", "All of it.")
    assert "--waive" not in call("close", "1", "--outcome", "No.", "--waive", "test_all")[1]
    assert call("close", "1", "--outcome", "Yes.", "--set", "4")[0] == 0
    with Store(graded) as store:
        [adjustment] = store.decisions().adjustments
        assert (adjustment.question, store.grades("correlation")[1].score) == (None, 4)


def test_requests_are_listed(call: Call) -> None:
    assert call("list")[1] == "no requests\n"
    call("open", "ann", "correlation", "corr2d", "--words", "Why?")
    call("open", "bob", "correlation", "--words", "Why?")
    call("close", "1", "--outcome", "Because.")
    lines = [line.split() for line in call("list", "correlation")[1].splitlines()]
    assert [(line[0], line[4], line[-1]) for line in lines if line and line[0] in "12"] == [
        ("1", "ann", "Because."), ("2", "bob", "open")]
    assert "ann" not in call("list", "--open")[1]


@pytest.mark.parametrize(("arguments", "said"), [
    (["open", "eve", "correlation", "--words", "Hm"], "nobody goes by 'eve'"),
    (["open", "ann", "corelation", "--words", "Hm"], "no assignment 'corelation'"),
    (["open", "ann", "correlation", "conv3d", "--words", "Hm"], "conv3d"),
    (["open", "ann", "correlation", "--words", " "], "say something"),
    (["show"], "name one request by its number, or a student"),
    (["show", "9"], "no request 9"), (["answer", "9", "--words", "Hm"], "no request 9"),
    (["close", "9", "--outcome", "Hm", "--full"], "no request 9"),
    (["close", "1", "--outcome", "Hm", "--full", "--set", "1"], "leave all but one out"),
    (["close", "1", "--outcome", "Hm", "--set", "-1"], "'-1' is no number of points"),
    (["close", "1", "--outcome", "Hm", "--adjust", "much"], "'much' is no number of points"),
    (["close", "1", "--outcome", "Hm", "--waive", "test_none"],
     "no result of corr2d has a check 'test_none'; there are: test_all"),
])
def test_a_mistake_is_one_line_and_changes_nothing(
    arguments: list[str], said: str, call: Call, graded: Course
) -> None:
    call("open", "ann", "correlation", "corr2d", "--words", "Why?")
    code, _, err = call(*arguments)
    assert code == 2 and said in err and err.count("\n") == 1
    with Store(graded) as store:
        found = store.decisions()
        assert [*found.adjustments, *found.waivers] == []
        assert [each.closed for each in store.requests.all()] == [None]
