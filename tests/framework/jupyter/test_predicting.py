"""What a student predicts is kept, compared, and worth nothing; and a class sees counts of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from example_results import a_row, an_assignment, soup
from labs import REPOSITORY

from autograder.course import Course
from autograder.course import load as load_course
from autograder.course.packing import as_toml
from autograder.jupyter import predicting
from autograder.names import answers_by_word
from autograder.notebook import observe, predict
from autograder.report.pages import Reports, class_page
from autograder.report.rows import StudentRow
from autograder.result import Prediction
from autograder.submission import Cell, Notebook, predicted


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session that begins, in a notebook's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predicting, "_known", {})
    return tmp_path


def kept(folder: Path) -> list[dict[str, Any]]:
    return [{name: value for name, value in json.loads(line).items() if name != "at"}
            for line in (folder / predicting.FILE).read_text().splitlines()]


def test_a_prediction_is_kept_and_compared(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict("shape", ...)
    observe("shape", torch.ones(2, 3).shape)
    assert "in the place of the dots" in capsys.readouterr().out
    assert not (here / predicting.FILE).exists()
    predict("shape", (3, 2))
    observe("shape", torch.ones(2, 3).shape)
    said = capsys.readouterr().out
    assert "shape: (2, 3). You predicted (3, 2): what makes the difference?" in said
    predict("shape", [2, 3])
    observe("shape", torch.ones(2, 3).shape)
    observe("shape", torch.ones(2, 3).shape)  # run again, nothing new is kept
    assert "shape: (2, 3), as you predicted." in capsys.readouterr().out
    assert kept(here) == [
        {"name": "shape", "predicted": [3, 2]},
        {"name": "shape", "predicted": [3, 2], "observed": [2, 3], "agrees": False},
        {"name": "shape", "predicted": [2, 3]},
        {"name": "shape", "predicted": [2, 3], "observed": [2, 3], "agrees": True}]


def test_it_outlives_the_kernel_and_needs_no_file(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    predict("loss", 2.3)
    monkeypatch.setattr(predicting, "_known", {})  # a kernel that was started anew
    observe("loss", torch.tensor(2.3026), within=0.01)
    assert "as you predicted" in capsys.readouterr().out
    (here / predicting.FILE).unlink()
    (here / predicting.FILE).mkdir()  # nothing can be written there
    predict("loss", 1)
    observe("loss", 2.3)
    assert "You predicted 1" in capsys.readouterr().out


def test_it_speaks_the_courses_language(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "checks").mkdir()
    (here / "checks" / "grader.toml").write_text('name = "x"\nlanguage = "zh"\n')
    predict("loss", 1)
    assert "下一个单元格" in capsys.readouterr().out


@pytest.mark.parametrize(("one", "other", "within", "same"), [
    ((2, 3), [2, 3], 0, True), ((2, 3), (3, 2), 0, False), ({"b", "a"}, ["a", "b"], 0, True),
    ("Left ", "left", 0, True), (True, True, 0, True), (True, 1, 0, False), (9, [9.0], 0, True),
    (8, 9, 0.2, True), (8, 9, 0.1, False), (0, 0.0, 0, True), ("9", 9, 0, False),
    (None, 3, 0, False), ([[1, 2], [3, 4]], torch.tensor([[1, 2], [3, 4]]), 0, True)])
def test_answers_are_the_same_by_what_they_mean(
    one: object, other: object, within: float, same: bool
) -> None:
    assert predicting.alike(predicting.plain(one), predicting.plain(other), within) is same


def test_notebooks_run_without_this_package() -> None:
    """Their first cell, where it is not there; and where it is."""
    master = (REPOSITORY / "assignments" / "pooling" / "pooling.ipynb").read_text()
    source = next("".join(cell["source"]) for cell in json.loads(master)["cells"]
                  if cell["cell_type"] == "code")
    begun = source[source.index("try:"):source.index("def as_pair")]
    program = f"{begun}\npredict('a', 1)\nobserve('a', 2, within=1)\nprint(predict.__module__)"
    without = "import sys; sys.modules['autograder'] = None\n"
    for before, module in (("", "autograder.jupyter.predicting"), (without, "__main__")):
        done = subprocess.run([sys.executable, "-P", "-c", before + program], check=True,
                              capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == module


def test_predictions_are_read_where_they_stand_and_never_run() -> None:
    cells = ["predict('a', (2, 3))\npredict('b', ...)", "not python", "predict('a', [2, 3.5])",
             "predict('c', __import__('os'))\npredict('d', {'y', 'X '})\nx = predict('e', 1)",
             "predict('f', 'Left'), predict('g')", "predict('h', 'Left')\npredict(n, 1)"]
    found = predicted(Notebook(tuple(Cell(*each) for each in enumerate(cells)), ()))
    assert {each.name: each.answer for each in found} == {
        "a": "(2, 3.5)", "d": "(x, y)", "h": "left"}


def test_no_literal_takes_long() -> None:
    """Numbers whose hashes are one: a set of them takes time by the square of how many they are."""
    alike = ", ".join(str(1 + n * (2**61 - 1)) for n in range(5_000))
    cells = [f"predict('a', {{{alike}}})\npredict('b', [{{{alike}}}])", "predict('c', {1, 2})"]
    found = predicted(Notebook(tuple(Cell(*each) for each in enumerate(cells)), ()))
    assert found == [Prediction(name="c", answer="(1, 2)")]


def test_no_literal_keeps_a_class_from_its_reports(tmp_path: Path) -> None:
    """What Python reads and does not write, and what no file takes."""
    cells = [f"predict('a', 0x{'f' * 5000})\npredict('b', {{1: [0x{'f' * 5000}]}})",
             r"predict('c\ud800', 'x\udfff\0')"]
    found = predicted(Notebook(tuple(Cell(*each) for each in enumerate(cells)), ()))
    assert found == [Prediction(name="c\ufffd", answer="x\ufffd\ufffd")]
    reports = Reports(["ann"], an_assignment(tmp_path), tmp_path)
    reports.add(a_row("ann", 4, 3, 2, predictions=found))
    with pytest.raises(ValueError, match="surrogates"):  # the control
        reports.add(a_row("ann", 4, 3, 2, predictions=[Prediction(name="c\ud800", answer="")]))


def test_a_class_sees_counts_and_no_names(tmp_path: Path) -> None:
    grades = [a_row(student, 4, 3, 2, predictions=[Prediction(name="shape", answer=answer)])
              for student, answer in (("ann", "(2, 3)"), ("bob", "(2, 3)"), ("cem", "<b>me</b>"))]
    page = soup(class_page(map(StudentRow.of, grades), an_assignment(tmp_path)))
    [section] = page.select("section[aria-labelledby=predictions]")
    rows = [[cell.get_text() for cell in row.select("th, td")]
            for row in section.select("tbody tr")]
    assert [[answer, count] for answer, _, count in rows] == [["(2, 3)", "2"], ["<b>me</b>", "1"]]
    assert not {"ann", "bob", "cem"} & set(section.get_text(" ").split())
    none = soup(class_page([StudentRow.of(a_row("ann", 4, 3, 2))], an_assignment(tmp_path)))
    assert not none.select("#predictions")


WORDS = {"zh": {"left": ["左", "左边"], "red": ["红"], "sky": ["天空"], "global": ["全局"]}}


def test_words_of_another_language_are_the_same_prediction(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the course whose checks lie beside it says: kept, compared and counted as one."""
    predict("side", "左边")  # the control
    observe("side", "left")
    assert "You predicted 左边" in capsys.readouterr().out
    (here / predicting.FILE).unlink()
    (here / "checks").mkdir()
    document = {"name": "x", "feedback": {"answers": WORDS}}
    (here / "checks" / "grader.toml").write_bytes(as_toml(Course.model_validate(
        document | {"assignments": {"a": {"title": "A", "questions": [
            {"name": "f", "title": "f", "points": 1}]}}})).encode())
    predict("side", "左边")
    predict("side", "left")  # nothing new is kept
    observe("side", "left")
    predict("sheets", {"天空", "红"})
    observe("sheets", {"red", "sky"})
    predict("pooling", ["全局"])
    observe("pooling", "global")
    assert capsys.readouterr().out.count("as you predicted") == 3
    assert [each["predicted"] for each in kept(here)] == [
        "left", "left", ["red", "sky"], ["red", "sky"], ["global"], ["global"]]


def test_words_of_another_language_are_counted_as_one_answer() -> None:
    cells = ["predict('a', '左边')", "predict('b', {'天空', '红'})", "predict('c', ('红', 'Blue'))"]
    notebook = Notebook(tuple(Cell(*each) for each in enumerate(cells)), ())
    found = predicted(notebook, answers_by_word(WORDS.values()))
    assert {each.name: each.answer for each in found} == {
        "a": "left", "b": "(red, sky)", "c": "(red, blue)"}


def test_the_shipped_courses_words_are_those_of_its_notebooks() -> None:
    """Each answer that has other words stands in a notebook's code."""
    answers = load_course(REPOSITORY / "grader.toml").feedback.answers
    masters = "".join(file.read_text() for file in REPOSITORY.glob("solutions/*/notebook.py"))
    assert answers["zh"] and all(f'"{answer}"' in masters for answer in answers["zh"])
