"""A notebook comes back with what was found, in its place, once, and as nothing but text."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
import warm
from nbformat import NotebookNode, v4

from autograder.course import Assignment, load
from autograder.exchange import feedback, opening, packs
from autograder.exchange.feedback import as_html, with_feedback
from autograder.exchange.opening import TAG, opened
from autograder.gradebook import Grade, grade
from autograder.store import Store
from autograder.submission import Submission, find

GRADER_TOML = """
[course]
name = "Small"
[store]
url = "sqlite:///grades.db"
[assignments.lab]
title = "Lab"
[[assignments.lab.questions]]
name = "double"
title = "Doubling <b>x</b>"
points = 2
[[assignments.lab.questions]]
name = "halve"
title = "Halving"
points = 1
"""

REFERENCE = "def double(x):\n    return 2 * x\n\ndef halve(x):\n    return x / 2\n"

SUITE = '''
import pytest
pytestmark = pytest.mark.question("{name}")

@pytest.mark.visibility("visible")
def test_seen(check):
    """Two."""
    check.{name}(2)

def test_hidden(check, draw):
    """All numbers."""
    check.{name}(draw.number(1_000_003, 1_000_009) * 7919)
'''

MISCONCEPTIONS = '''
from autograder.suite import Misconceptions
wrong = Misconceptions(__file__)

@wrong("tripled", "That is *three* times $x$, [not](http://evil.example) two.")
def double(x):
    return 3 * x
'''

BAIT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def notebook(*cells: NotebookNode | str) -> bytes:
    return nbformat.writes(v4.new_notebook(cells=[
        v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells])).encode()


def autograder(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.autograder(*arguments, cwd=here, env=os.environ | {"COLUMNS": "120"})


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course, and four submissions to it that are graded."""
    root = tmp_path_factory.mktemp("lab")
    files = {
        "grader.toml": GRADER_TOML,
        "solutions/lab/reference.py": REFERENCE,
        "solutions/lab/misconceptions.py": MISCONCEPTIONS,
        "tests/hidden/lab/test_double.py": SUITE.format(name="double"),
        "tests/hidden/lab/test_halve.py": SUITE.format(name="halve"),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    handed_in = root / "handed-in"
    handed_in.mkdir()
    baited = v4.new_code_cell("1", outputs=[v4.new_output(
        "display_data", data={"text/html": BAIT, "image/svg+xml": f"<svg>{BAIT}</svg>"})])
    (handed_in / "ann.ipynb").write_bytes(notebook(
        v4.new_markdown_cell("# Mine"), "def double(x):\n    return 3 * x", "print(double(1))",
        "def halve(x):\n    return x / 2"))
    (handed_in / "bob.ipynb").write_bytes(notebook(
        v4.new_markdown_cell(BAIT + '<meta http-equiv="refresh" content="0;url=http://evil">'),
        baited, "def double(x):\n    raise ValueError('<script>')", "1 / 0"))
    (handed_in / "eve.py").write_text("def double(x):\n    return 2 * x\n")
    (handed_in / "zoe.ipynb").write_text("not a notebook <script>alert(1)</script>")
    done = autograder(root, "grade", "lab", "handed-in", "-j", "1")
    assert done.returncode == 3, done.stderr  # one is unreadable
    return root


@pytest.fixture(scope="module")
def given(lab: Path) -> dict[str, NotebookNode]:
    """The notebooks that the verb wrote."""
    done = autograder(lab, "feedback", "lab", "handed-in", "-o", "feedback")
    assert (done.returncode, done.stderr.splitlines()) == (
        0, ["handed-in: 4 hand-ins, layout folder (a file or a folder for each student)"])
    folder = lab / "feedback" / "lab"
    names = {path.stem for path in folder.glob("*.html")}
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
    assert names == set(notebooks) == {"ann", "bob", "eve", "zoe"}
    for each in notebooks.values():
        nbformat.validate(each)
    return notebooks


def grade_of(lab: Path, student: str) -> Grade:
    course = load(lab / "grader.toml")
    with Store(course) as store:
        return next(grade(course, each) for each in store.counting("lab", "latest")
                    if each.student == student)


def ours(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]


def shown(source: str) -> str:
    """What a reader sees of a cell: entities are letters."""
    return re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), source)


def test_feedback_stands_behind_the_cell_it_is_about(given: dict[str, NotebookNode]) -> None:
    tags = [cell.metadata.get("tags", [cell.source]) for cell in given["ann"].cells]
    assert tags == [[TAG], ["# Mine"], ["def double(x):\n    return 3 * x"], [TAG],
                    ["print(double(1))"], ["def halve(x):\n    return x / 2"], [TAG]]
    whole, double, halve = map(shown, ours(given["ann"]))
    assert whole == "### Feedback, points: 1 of 3"
    assert "✗ Doubling <b>x</b>: 0 / 2" in double and "✓ Halving: 1 / 1" in halve
    assert "- ✗ wrong answer: Two." in double
    assert "Wrong value in your answer: it is off by 2." in double


def test_the_diagnosis_is_told(given: dict[str, NotebookNode]) -> None:
    told = re.sub(r"</?span>", "", shown(ours(given["ann"])[1]))
    assert "> That is *three* times $x$, [not](http://evil.example) two." in told


def test_a_question_that_no_cell_answers_is_spoken_of_at_the_end(
    given: dict[str, NotebookNode]
) -> None:
    assert "○ Halving: 0 / 1" in shown(given["bob"].cells[-1].source)
    assert "Code cell 3 raised ZeroDivisionError" not in shown(given["ann"].cells[0].source)


def test_scripts_and_what_is_no_notebook_get_feedback_too(given: dict[str, NotebookNode]) -> None:
    assert "2 of 3" in shown(given["eve"].cells[0].source)
    assert given["eve"].cells[1].source.startswith("def double")
    whole, text = given["zoe"].cells
    assert "no score yet" in whole.source and text.source.startswith("not a notebook")


def test_hidden_checks_show_title_and_outcome_and_nothing_of_their_inputs(
    lab: Path, given: dict[str, NotebookNode]
) -> None:
    [question, _] = grade_of(lab, "ann").result.questions
    hidden = next(check for check in question.checks if check.id == "test_hidden")
    assert hidden.decided is not None and hidden.decided.evidence is not None
    [number] = hidden.decided.evidence.arguments
    everything = nbformat.writes(given["ann"])
    assert "All numbers" in everything and str(number) not in everything
    assert str(number) not in (lab / "feedback/lab/ann.html").read_text()


def test_feedback_given_again_takes_the_place_of_the_old(
    lab: Path, given: dict[str, NotebookNode]
) -> None:
    once = given["ann"]
    assignment = load(lab / "grader.toml").assignment("lab")
    twice = with_feedback(opened({"ann.ipynb": nbformat.writes(once).encode()}),
                          grade_of(lab, "ann"), assignment)
    assert [cell.source for cell in twice.cells] == [cell.source for cell in once.cells]
    nbformat.validate(twice)


def test_nothing_in_our_cells_is_markup_but_ours(given: dict[str, NotebookNode]) -> None:
    """Titles, sentences and names are text: no tag, no link, no emphasis, no formula."""
    for source in ours(given["ann"]) + ours(given["bob"]):
        body = source.replace("<span>", "").replace("</span>", "")
        assert not re.search(r"[<$\\\[\]`_]|http:|://", body)


def test_the_page_runs_and_loads_nothing(lab: Path, given: dict[str, NotebookNode]) -> None:
    page = (lab / "feedback/lab/bob.html").read_text()
    head, _, body = page.partition("<body")
    assert "default-src 'none'" in head and "<script" not in head
    assert "<link" not in page and "<meta http-equiv=\"refresh" not in page
    for tag in ("<script", "<img", "<svg", "<iframe", "<meta"):
        assert tag not in body
    assert "&lt;script&gt;" in body


def test_the_page_shows_headings_code_and_feedback(given: dict[str, NotebookNode]) -> None:
    page = as_html(given["ann"])
    assert re.search(r"<h1[^>]*>Mine", page) and "<blockquote>" in page
    assert "Doubling &lt;b&gt;x&lt;/b&gt;: 0 / 2" in page
    assert "That is *three* times <span>$</span>x<span>$</span>, [not](http://evil.example) two." \
        in page


def test_what_is_not_graded_as_it_is_gets_none(lab: Path, tmp_path: Path) -> None:
    (tmp_path / "ann.ipynb").write_bytes(notebook("def double(x):\n    return 2 * x"))
    (tmp_path / "new.ipynb").write_bytes(notebook("def double(x):\n    return 2 * x"))
    (tmp_path / "pam.pdf").write_bytes(b"%PDF")
    done = autograder(lab, "feedback", "lab", str(tmp_path), "-o", str(tmp_path / "out"))
    assert done.returncode == 3
    for student, why in (("ann", "not what was graded last"), ("new", "not what was graded last"),
                         ("pam", "there is no notebook")):
        assert re.search(rf"^{student}: no feedback, .*{why}", done.stderr, re.MULTILINE)
    assert list((tmp_path / "out" / "lab").iterdir()) == []


def test_one_student_can_be_chosen(lab: Path, tmp_path: Path) -> None:
    done = autograder(lab, "feedback", "lab", "handed-in", "--student", "eve", "-o", str(tmp_path))
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "lab").iterdir()) == ["eve.html", "eve.ipynb"]
    unknown = autograder(lab, "feedback", "lab", "handed-in", "--student", "nobody", "-o", "x")
    assert unknown.returncode == 2 and "nobody called 'nobody'" in unknown.stderr
    assert len(find([lab / "handed-in"], load(lab / "grader.toml").assignment("lab"))) == 4


def handed_in(lab: Path, **hostile: bytes) -> tuple[list[Submission], list[Grade]]:
    """What these and then Ann handed in, and the grades of it."""
    files = {**hostile, "ann": (lab / "handed-in/ann.ipynb").read_bytes()}
    submissions = [Submission(name, "lab", {"lab.ipynb": content}, None)
                   for name, content in files.items()]
    grades = []
    for submission in submissions:
        one = grade_of(lab, submission.student)
        result = one.result.model_copy(update={"submission": submission.record})
        grades.append(one.model_copy(update={"result": result}))
    return submissions, grades


@pytest.mark.parametrize("text", ["[" * 300_000, "<div>" * 60_000], ids=["markdown", "html"])
def test_a_text_that_takes_for_ever_to_lay_out_stops_nobodys_feedback(
    lab: Path, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "_SECONDS", 1)
    hostile = notebook(v4.new_markdown_cell(text), "def double(x):\n    return x < 2")
    assignment = load(lab / "grader.toml").assignment("lab")
    [note] = feedback.give(*handed_in(lab, eve=hostile), assignment, tmp_path)
    assert re.match("eve: the page shows text and code as they were typed", note)
    page = (tmp_path / "eve.html").read_text()
    assert text.replace("<", "&lt;").replace(">", "&gt;") in page
    assert "return x &lt; 2</pre>" in page and "<div><div><div>" not in page
    assert "because laying them out takes too long" in page and "Doubling" in page
    assert "default-src 'none'" in page
    assert re.search(r"<h1[^>]*>Mine", (tmp_path / "ann.html").read_text())
    assert len(nbformat.read(tmp_path / "eve.ipynb", as_version=4).cells[1].source) == len(text)


@pytest.mark.parametrize("half", ["\ud800", "whole"])  # control
def test_what_cannot_be_encoded_stops_nobodys_feedback(
    lab: Path, tmp_path: Path, half: str
) -> None:
    cell = v4.new_markdown_cell("Mine", metadata={"nbgrader": {"grade_id": half, half: half},
                                                  "autograder": {"text": half}})
    printing = v4.new_code_cell("1", outputs=[v4.new_output("stream", text=half)])
    assignment = load(lab / "grader.toml").assignment("lab")
    content = json.dumps(v4.new_notebook(cells=[cell, printing])).encode()
    assert feedback.give(*handed_in(lab, eve=content), assignment, tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{student}.{kind}" for student in ("ann", "eve") for kind in ("html", "ipynb")}


def test_outputs_that_are_left_out_are_said_to_be(lab: Path, tmp_path: Path) -> None:
    printing = v4.new_code_cell("1", outputs=[v4.new_output("stream", text="x")] * 2_000)
    assignment = load(lab / "grader.toml").assignment("lab")
    assert feedback.give(*handed_in(lab, eve=notebook(printing)), assignment, tmp_path) == []
    said = "Cell 1 has more outputs or attachments than can be shown"
    assert said in shown((tmp_path / "eve.ipynb").read_text())
    assert said not in shown((tmp_path / "ann.ipynb").read_text())


def test_what_nobody_foresaw_costs_nobody_else_anything(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_on_hers(opened: NotebookNode, grade: Grade, assignment: Assignment) -> NotebookNode:
        if grade.student == "eve":
            raise RecursionError("too deep")
        return with_feedback(opened, grade, assignment)

    monkeypatch.setattr(feedback, "with_feedback", fails_on_hers)
    monkeypatch.setattr(packs, "with_feedback", fails_on_hers)
    assignment = load(lab / "grader.toml").assignment("lab")
    submissions, grades = handed_in(lab, eve=notebook("1"))
    said = ("eve: no feedback, for autograder fails on their files (RecursionError); a fault of "
            "autograder, please report it")
    assert feedback.give(submissions, grades, assignment, tmp_path / "given") == [said]
    packed = packs.pack(packs.PACKS["folder"], submissions, grades, assignment, tmp_path / "packed")
    assert packed.notes == [said] and set(packed.written) == {"ann"}
    assert {path.name for path in (tmp_path / "given").iterdir()} == {"ann.html", "ann.ipynb"}
    assert [path.name for path in (tmp_path / "packed").iterdir()] == ["ann"]


def test_a_notebook_that_takes_too_long_to_open_costs_its_student_only(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_SECONDS", 1)
    bad = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [
        v4.new_output("stream", text="x")] * 999}
    slow = json.dumps({"nbformat": 4, "cells": [bad] * 100}).encode()
    assignment = load(lab / "grader.toml").assignment("lab")
    submissions, grades = handed_in(lab, eve=slow)
    [note] = feedback.give(submissions, grades, assignment, tmp_path)
    assert re.match("eve: no feedback, for opening their notebook takes too long", note)
    assert {path.name for path in tmp_path.iterdir()} == {"ann.html", "ann.ipynb"}
    packed = packs.pack(packs.PACKS["folder"], submissions, grades, assignment, tmp_path / "packed")
    assert [note.partition(",")[0] for note in packed.notes] == ["eve: only the page"]
    assert {path.name for path in (tmp_path / "packed/eve").iterdir()} == {"lab.html"}
