"""What a student has at home finds what is wrong there, and gives nothing away."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import warm
from labs import REPOSITORY, RIGHT
from nbformat import v4

from autograder import selfcheck
from autograder.authoring import build, checks
from autograder.authoring.pruning import visible_part
from autograder.course import Course, load
from autograder.judge.staff import JudgeError, NotRecorded
from autograder.judge.staff import load as load_staff
from autograder.judge.suite import Suite
from autograder.report import translations
from autograder.result import Status, Visibility
from autograder.sandbox.bare import Bare
from autograder.selfcheck import folder, handed_out
from autograder.selfcheck.values import decode, encode
from autograder.submission import SubmissionError

COURSE = load(REPOSITORY / "grader.toml")

FLIPPED = RIGHT.replace(
    "(X.unfold(0, h, 1).unfold(1, w, 1) * K)", "(X.unfold(0, h, 1).unfold(1, w, 1) * K.flip(0, 1))")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of `correlation` as a student has it, far from any course."""
    return shutil.copytree(REPOSITORY / "assignments" / "correlation", tmp_path / "correlation")


def notebook(path: Path, *cells: str) -> Path:
    path.write_text(nbformat.writes(v4.new_notebook(
        cells=[v4.new_code_cell(cell) for cell in cells])))
    return path


def autograder(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verb, run by its student: no course is above."""
    return warm.autograder("check", *arguments, cwd=here, env=os.environ | {"COLUMNS": "100"})


# At home --------------------------------------------------------------------------------------


def test_a_right_solution_passes_every_visible_check(home: Path) -> None:
    """By a process of Python that has nothing imported, as students start it."""
    notebook(home / "correlation.ipynb", RIGHT)
    done = subprocess.run([sys.executable, "-P", "-m", "autograder", "check", "correlation.ipynb"],
                          cwd=home, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✓") == 6 and "✗" not in done.stdout
    assert "These are the visible checks only." in done.stdout


def test_a_flipped_kernel_is_shown_and_named(home: Path) -> None:
    """Call, inputs, both answers with brackets around what differs, the error, the diagnosis."""
    notebook(home / "correlation.ipynb", FLIPPED)
    done = autograder(home, "correlation.ipynb")
    assert done.returncode == 1
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("✗ corr2d"))
    assert lines[start:start + 9] == [
        "✗ corr2d  The textbook's example: a 3×3 image and a 2×2 kernel.",
        "    corr2d(tensor 1, tensor 2)",
        "    tensor 1 (3, 3) float32    tensor 2 (2, 2) float32",
        "     0  1  2                    0  1",
        "     3  4  5                    2  3",
        "     6  7  8",
        "    expected (2, 2) float32    yours (2, 2) float32",
        "    [19][25]                   [ 5][11]",
        "    [37][43]                   [23][29]",
    ]
    assert "4 of 4 differ" in lines[start + 10] and "largest error is 14" in done.stdout
    flipped = next(m for m in load_staff(COURSE, "correlation").misconceptions
                   if m.id == "kernel-flipped")
    assert " ".join(str(flipped.message).split()) in " ".join(done.stdout.split())


def test_it_answers_in_the_language_asked_for(home: Path) -> None:
    notebook(home / "correlation.ipynb", FLIPPED)
    done = autograder(home, "correlation.ipynb", "--language", "zh")
    assert done.returncode == 1
    known = translations.read(COURSE.solutions("correlation") / "locale" / "zh.po")
    flipped = next(m for m in load_staff(COURSE, "correlation").misconceptions
                   if m.id == "kernel-flipped")
    said = "".join(done.stdout.split())
    for text in ("The textbook's example: a 3×3 image and a 2×2 kernel.", flipped.message.text):
        assert known[text] != text and "".join(known[text].split()) in said


def test_what_builds_on_a_wrong_function_is_not_diagnosed(home: Path) -> None:
    """Its answers are wrong as if its own code were."""
    found = selfcheck.check(notebook(home / "correlation.ipynb", FLIPPED))
    flipped = next(q for q in found.grade.result.questions if q.name == "conv2d_true")
    assert flipped.status is Status.FAILED and flipped.diagnosis == []
    assert str(flipped.message) == \
        "It builds on corr2d, which does not pass its own checks yet: correct that first."


def test_a_stub_is_not_implemented_yet(home: Path) -> None:
    """The notebook as it is handed out."""
    done = autograder(home, "correlation.ipynb")
    assert done.returncode == 1
    assert "✗" not in done.stdout and "0 / 1" in done.stdout
    assert done.stdout.count("Not implemented yet.") == 6


def test_a_notebook_that_cannot_be_read_says_why(home: Path) -> None:
    (home / "correlation.ipynb").write_text('{"cells": [')
    done = autograder(home, "correlation.ipynb")
    assert done.returncode == 1
    assert "its JSON breaks at line 1" in done.stdout


def test_a_cell_that_fails_is_named_and_the_others_count(home: Path) -> None:
    found = notebook(home / "correlation.ipynb", "corr2d = 1 / 0  # \x1b[31m", RIGHT)
    done = autograder(home, found.name)
    assert done.returncode == 0
    assert "Code cell 1, line 1: ZeroDivisionError: division by zero" in done.stdout


def test_without_linux_a_process_of_its_own_does(home: Path) -> None:
    """No sandbox, the same verdicts; and who hangs or ends is stopped all the same."""
    hostile = RIGHT + "\nimport time\ndef conv2d_true(X, K):\n    while True: time.sleep(1)\n" \
        "def edge_kernel(direction):\n    import os; os._exit(0)\n"
    found = selfcheck.check(notebook(home / "correlation.ipynb", hostile), start=Bare)
    assert found.grade.result.environment.sandbox == "none"
    questions = found.grade.result.questions
    assert {q.name: q.status for q in questions if q.status is not Status.PASSED} == {
        "conv2d_true": Status.TIMEOUT, "edge_kernel": Status.CRASHED}


def test_one_question_is_checked_with_what_it_builds_on(home: Path) -> None:
    notebook(home / "correlation.ipynb", RIGHT)
    done = autograder(home, "correlation.ipynb", "--question", "conv2d_true", "--json")
    assert done.returncode == 0
    grade = json.loads(done.stdout)
    assert [question["name"] for question in grade["questions"]] == ["corr2d", "conv2d_true"]
    assert grade["questions"][0]["score"] == grade["questions"][0]["max_score"]
    wrong = autograder(home, "correlation.ipynb", "--question", "corr")
    assert wrong.returncode == 2 and "there are: corr2d, conv2d_true" in wrong.stderr


@pytest.mark.parametrize("name", COURSE.assignments)
def test_the_model_solution_passes_what_students_get(name: str, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "assignments" / name / "checks", tmp_path / "checks")
    path = tmp_path / "mine.ipynb"  # known by what it defines
    path.write_bytes(build.solution_notebook(COURSE, name))
    found = selfcheck.check(path)
    assert {q.name: q.status for q in found.grade.result.questions} == {
        q.name: Status.PASSED for q in COURSE.assignment(name).examined.questions
        if q.name != "notes"}  # whose answers would be handed out with a visible check


@pytest.mark.parametrize("name", ["channels", "geometry"])
def test_misconceptions_are_named_without_their_code(name: str, tmp_path: Path) -> None:
    """One of each question, as a student would have written it."""
    shutil.copytree(REPOSITORY / "assignments" / name / "checks", tmp_path / "checks")
    _, recording = folder.opened(tmp_path / "checks")
    recording.suite.close()
    recorded = {each.id for each in recording.staff.misconceptions}
    chosen = {each.name: each for each in reversed(load_staff(COURSE, name).misconceptions)
              if each.id in recorded}
    cells = [each.program for each in chosen.values()]
    found = selfcheck.check(notebook(tmp_path / f"{name}.ipynb", *cells))
    for question in found.grade.result.questions:
        builds_on = found.assignment.owner(question.name)
        if builds_on and not builds_on.uses:
            named = {diagnosis.id for diagnosis in question.diagnosis}
            assert named & {chosen[each].id for each in builds_on.names if each in chosen}


# Where checks are found -----------------------------------------------------------------------


def test_checks_are_found_beside_by_name_and_in_the_course(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = notebook(tmp_path / "Untitled3.ipynb", RIGHT)
    with pytest.raises(SubmissionError, match="no checks found; keep it beside"):
        selfcheck.check(elsewhere)
    assert selfcheck.check(elsewhere, checks=home).passed
    with pytest.raises(SubmissionError, match="holds no checks; name the folder checks/"):
        selfcheck.check(elsewhere, checks=tmp_path)
    example = REPOSITORY / "examples/submissions/correlation/ivan/Untitled3 (copy).ipynb"
    assert selfcheck.check(example).assignment.name == "correlation"


def test_a_notebook_of_something_else_is_told_so(home: Path) -> None:
    other = notebook(home / "geometry.ipynb", "def pad2d(X):\n    return X")
    done = autograder(home, other.name)
    assert done.returncode == 2
    assert "geometry.ipynb: not recognised as a notebook of correlation" in done.stderr


def test_a_notebook_is_known_by_nbgraders_metadata(home: Path) -> None:
    made = v4.new_notebook(cells=[v4.new_code_cell("pass")])
    made.cells[0].metadata["nbgrader"] = {"grade_id": "corr2d"}
    (home / "mine.ipynb").write_text(nbformat.writes(made))
    assert not selfcheck.check(home / "mine.ipynb").passed


def test_a_recording_of_another_version_says_so(home: Path) -> None:
    answers = home / "checks" / folder.ANSWERS
    answers.write_text(answers.read_text().replace("recording/v1", "recording/v0"))
    done = autograder(home, "correlation.ipynb")
    assert done.returncode == 2 and "not a recording of this version" in done.stderr


# Folders that were handed out before ----------------------------------------------------------


HANDED_OUT = Path(__file__).parent / "handed_out"
"""Folders as students have them, built when suites still took hold of the judge's inside."""


@pytest.fixture
def old_home(tmp_path: Path) -> Path:
    """The folder of `lenet` as it was, and the model solution."""
    shutil.copytree(HANDED_OUT / "lenet", tmp_path / "lenet")
    (tmp_path / "lenet" / "lenet.ipynb").write_bytes(build.solution_notebook(COURSE, "lenet"))
    return tmp_path / "lenet"


def outcomes(notebook: Path) -> dict[str, tuple[Status, list[str]]]:
    """Question -> how it came out, and what was diagnosed."""
    found = selfcheck.check(notebook)
    return {q.name: (q.status, [each.id for each in q.diagnosis])
            for q in found.grade.result.questions}


def test_an_old_folder_passes_who_is_right(old_home: Path) -> None:
    before = {name: sys.modules.get(name) for name in (*sys.modules, *handed_out.NAMES)}
    assert outcomes(old_home / "lenet.ipynb") == {
        name: (Status.PASSED, []) for name in ("LeNet", "train", "inception_cost", "Inception")}
    assert all(sys.modules.get(name) is module for name, module in before.items())


def test_an_old_folder_finds_what_is_wrong(old_home: Path) -> None:
    """Each question has a misconception; what was named then by its values is named now."""
    wrong = {each.id: each.program for each in load_staff(COURSE, "lenet").misconceptions}
    taken = nbformat.reads((old_home / "lenet.ipynb").read_text(), as_version=4)
    taken.cells += [v4.new_code_cell(wrong[each]) for each in (
        "names-of-attributes", "optimizer-never-steps", "image-not-squared",
        "stacked-along-the-width")]
    (old_home / "lenet.ipynb").write_text(nbformat.writes(taken))
    assert outcomes(old_home / "lenet.ipynb") == {
        "LeNet": (Status.FAILED, []), "train": (Status.FAILED, []),  # it builds on LeNet
        "inception_cost": (Status.FAILED, ["image-not-squared"]),
        "Inception": (Status.ERROR, [])}  # what raises was known by its type alone then


def test_only_old_folders_are_treated_as_such() -> None:
    assert handed_out.is_old(HANDED_OUT / "lenet" / "checks")
    assert not any(map(handed_out.is_old, (REPOSITORY / "assignments").glob("*/checks")))


# What is in the folder ------------------------------------------------------------------------


def everything(name: str) -> str:
    checks = REPOSITORY / "assignments" / name / "checks"
    return "\n".join(path.read_text() for path in sorted(checks.rglob("*")) if path.is_file())


@pytest.mark.parametrize("name", COURSE.assignments)
def test_nothing_hidden_is_in_the_folder(name: str) -> None:
    """No hidden check's name or title, no line of the reference, of a misconception or of a hidden
    check, and no secret."""
    shipped = everything(name)
    suite = Suite(COURSE.suite(name), COURSE.assignment(name).examined)
    try:
        checks = [check for each in suite.checks.values() for check in each]
    finally:
        suite.close()
    visible = {check.id for check in checks if check.visibility is Visibility.VISIBLE}
    assert visible and all(f"def {each}(" in shipped for each in visible)
    for check in checks:
        if check.id not in visible:
            assert not re.search(rf"\b{check.id}\b", shipped) and check.title not in shipped
    # Where a visible check makes its own answers, it may do so as the reference does.
    visible_source = "".join(filter(None, (visible_part(path.read_text())
                                           for path in COURSE.suite(name).glob("*.py"))))
    for file in (COURSE.solutions(name) / "reference.py",
                 *COURSE.variants(name, "misconceptions"), *COURSE.suite(name).glob("*.py")):
        for line in telling_lines(file):
            assert line not in shipped or line in visible_source, (file.name, line)


def telling_lines(file: Path) -> set[str]:
    lines = ast.unparse(ast.parse(file.read_text())).splitlines()
    return {line.strip() for line in lines if len(line.strip()) > 30 and "import" not in line}


SUITE = '''
"""Constants and helpers of hidden checks stay at home."""
import math
import pytest
import torch
pytestmark = pytest.mark.question("double")
SEEN, SECRET = 3, 12345

class Probe:
    """Says 98765."""
    def __init__(self, check):
        self.check = check
    def used(self, x):
        """Says 98765."""
        return helper(x)
    def unused(self):
        return SECRET

def helper(x):
    return x + SEEN

def hidden_helper():
    return math.pi * 98765

@pytest.fixture
def probe(check):
    return Probe(check)

@pytest.fixture
def other(draw):
    return hidden_helper()

@pytest.mark.visibility("visible")
@pytest.mark.follows("test_hidden", "test_also_seen")
def test_seen(probe):
    """The title.

    And 98765."""
    probe.check.double(probe.used(torch.ones(2)))

@pytest.mark.visibility("visible")
def test_also_seen(check):
    """Another title."""
    check.double(2.5)

def test_hidden(check, other):
    """Hidden title."""
    check.double(98765)
'''


def test_only_what_visible_checks_need_is_kept() -> None:
    part = visible_part(SUITE)
    assert part is not None
    for gone in ("98765", "12345", "unused", "hidden", "def other", "math", "Hidden"):
        assert gone not in part
    for kept in ("SEEN = 3", "def helper", "def used", "def probe", "The title.", "Another title.",
                 "follows('test_also_seen')"):
        assert kept in part
    assert visible_part(SUITE.replace('"visible"', '"hidden"')) is None


# Building -------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of one question with two visible checks and a hidden one."""
    (tmp_path / "grader.toml").write_text(
        '[course]\nname = "Small"\n[extensions]\nann = {doubling = 2030-01-01T00:00:00Z}\n'
        '[assignments.doubling]\ntitle = "Doubling"\n'
        '[[assignments.doubling.questions]]\nname = "double"\ntitle = "Double"\npoints = 1\n')
    files = {
        "solutions/doubling/notebook.py":
            "# %%\ndef double(x):\n    ### BEGIN SOLUTION\n    return x + x\n"
            "    ### END SOLUTION\n",
        "solutions/doubling/reference.py": "def double(x):\n    return 2 * x\n",
        "solutions/doubling/misconceptions.py":
            "from autograder.suite import Misconceptions\nwrong = Misconceptions(__file__)\n"
            '@wrong("squared", "That is the square.")\ndef double(x):\n    return x * x\n',
        "tests/hidden/doubling/test_double.py": SUITE,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "grader.toml")


def test_a_stale_folder_is_noticed_and_put_right(small: Course) -> None:
    build.write(small, build.build(small, "doubling"))
    checks = small.root / "assignments/doubling/checks"
    assert build.differences(small, build.build(small, "doubling")) == []
    assert "ann" not in (checks / folder.COURSE).read_text()

    misconceptions = small.solutions("doubling") / "misconceptions.py"
    misconceptions.write_text(misconceptions.read_text().replace("square.", "square of x."))
    stale = "assignments/doubling/checks/answers.json: differs from what its master builds"
    assert build.differences(small, build.build(small, "doubling")) == [stale]
    (small.solutions("doubling") / "reference.py").write_text(
        "def double(x):\n    return 3 * x\n")
    assert build.differences(small, build.build(small, "doubling")) == [stale]
    assert build.write(small, build.build(small, "doubling")) == [checks / folder.ANSWERS]
    assert build.differences(small, build.build(small, "doubling")) == []


def test_what_another_processor_computes_is_no_difference() -> None:
    def recorded(answer: float, bound: float, other: object = "x", asked: float = 1.0) -> bytes:
        return json.dumps({"other": other, "calls": {
            "double": [{"sums": [asked], "answer": {"tensor": [answer]}}],
            "double.bound": [{"sums": [asked], "answer": {"tensor": [bound]}}]}}).encode()

    written = recorded(1.0, 87.0)
    assert checks.same_answers(written, recorded(1.0000001, 79.0))
    for other in (recorded(1.1, 87.0), recorded(1.0, 870.0), recorded(1.0, 87.0, other=2),
                  recorded(1.0, 87.0, asked=1.1), b"{", b"[]", b"{}"):
        assert not checks.same_answers(written, other)


def test_a_diagnosis_needs_none_of_the_misconceptions_code(small: Course, tmp_path: Path) -> None:
    build.write(small, build.build(small, "doubling"))
    home = shutil.copytree(small.root / "assignments/doubling", tmp_path / "home")
    shutil.rmtree(small.root / "solutions")
    (home / "doubling.py").write_text("def double(x):\n    return x * x\n")
    [question] = selfcheck.check(home / "doubling.py").grade.result.questions
    assert [str(diagnosis.message) for diagnosis in question.diagnosis] == ["That is the square."]


def test_a_check_that_asks_for_gradients_cannot_be_handed_out(small: Course) -> None:
    suite = small.suite("doubling") / "test_double.py"
    suite.write_text(SUITE.replace("check.double(2.5)",
                                   "check.double.gradients(torch.ones(2, dtype=torch.float64))"))
    with pytest.raises(JudgeError, match="make the check that asks for them a hidden one"):
        checks.files(small, "doubling")


# Recording ------------------------------------------------------------------------------------


def test_values_come_back_as_they_were() -> None:
    import torch

    values = [1, 2.5, float("nan"), float("-inf"), True, None, "text", (1, [2, (3,)]),
              {"a": 1, 2: (3,)}]
    assert repr(decode(json.loads(json.dumps(encode(values))))) == repr(values)
    for tensor in (torch.randn(3, 4), torch.zeros(2, 3, 1), torch.arange(5), torch.zeros(0, 2),
                   torch.tensor(2.5, dtype=torch.float64), torch.tensor([True, False]),
                   torch.randn(2, 2, dtype=torch.complex64), torch.tensor([float("nan"), 1.0])):
        again = decode(json.loads(json.dumps(encode(tensor))))
        assert again.dtype is tensor.dtype and again.shape == tensor.shape
        assert torch.equal(again.nan_to_num(), tensor.nan_to_num())
    assert decode(encode(torch.zeros(2, device="meta"))).is_meta


def test_an_array_that_cannot_be_compared_is_named_with_its_dtype() -> None:
    import numpy as np

    with pytest.raises(JudgeError, match="cannot be compared: ndarray of object"):
        encode(np.array(["a"], dtype=object))


def test_what_was_not_recorded_is_not_made_up(home: Path) -> None:
    import torch

    _, recording = folder.opened(home / "checks")
    try:
        corr2d = recording.staff.reference.corr2d
        image, kernel = torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]])
        assert corr2d(image, kernel).tolist() == [[19, 25], [37, 43]]
        assert corr2d(image + 1e-9, kernel).tolist() == [[19, 25], [37, 43]]
        for other in (image + 0.01, image[:2], image.to(torch.int64)):
            with pytest.raises(NotRecorded):
                corr2d(other, kernel)
    finally:
        recording.suite.close()
