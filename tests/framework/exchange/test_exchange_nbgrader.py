"""nbgrader, the real one: its validators, gradebook and commands work on what we give them."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

import nbformat
import pytest
import warm
from bs4 import BeautifulSoup
from labs import ESSAY, ESSAY_CELL, REPOSITORY, Lab
from nbconvert import HTMLExporter
from nbformat import v4
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from autograder import cli
from autograder.authoring import build
from autograder.course import Assignment, load
from autograder.exchange import ExchangeError, nbgrader
from autograder.exchange.nbgrader import mark
from autograder.gradebook import Grade, TextMark
from autograder.store import Store
from autograder.submission.answers import fingerprint

BY_HAND = (
    '\n# %% [markdown] nbgrader={"grade_id": "why", "points": 3}\n# *Your answer.*\n')
RIGHT = ["def twice(x):\n    return x + x", "def thrice(x):\n    return twice(x) + x"]
WRONG = ["def twice(x):\n    return x", RIGHT[1]]
SETTINGS = "due = 2026-10-12T12:00:00Z\n"
LATE = "\n[late]\nper_day = 0.10\ncap = 0.50\n"


@dataclass
class Class:
    """Our course in ``course``, the nbgrader course of the same assignment in ``root``."""

    root: Path
    course: Path

    def hand_in(self, student: str, cells: list[str], answer: str | None = None,
                time: str = "2026-10-10 12:00:00 UTC") -> None:
        """The notebook that was handed out, with its cells of code, and its answer, filled in."""
        notebook = self.handed_out()
        code = (cell for cell in notebook.cells if cell.cell_type == "code")
        for cell, source in zip(code, cells, strict=False):
            cell.source = source
        if answer is not None:
            notebook.cells[-1].source = answer
        self.hand_in_file(student, "lab.ipynb", nbformat.writes(notebook), time)

    def hand_in_file(self, student: str, name: str, text: str,
                     time: str = "2026-10-10 12:00:00 UTC") -> None:
        folder = self.root / "submitted" / student / "lab"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        (folder / "timestamp.txt").write_text(time)
        (folder / "submission_secret.txt").write_text(f"secret of {student}")

    def handed_out(self) -> Any:
        return nbformat.read(self.course / "assignments/lab/lab.ipynb", as_version=4)

    def grade(self, *arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main(["grade", "--nbgrader", str(self.root), "--course",
                      str(self.course / "grader.toml"), "--allow-unsandboxed", "-j", "1",
                      *arguments])
        return int(ended.value.code or 0)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            yield gradebook

    def scores(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """Cell -> its automatic score, its manual score, and whether a person has to look."""
        with self.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook("lab", "lab", student)
            return {grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                    for grade in notebook.grades}

    def grade_by_hand(self, student: str, cell: str, score: float, comment: str = "") -> None:
        """As formgrader does."""
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(cell, "lab", "lab", student)
            grade.manual_score, grade.needs_manual_grade = score, False
            gradebook.find_comment(cell, "lab", "lab", student).manual_comment = comment or None
            gradebook.db.commit()

    def autograded(self, student: str) -> Any:
        return nbformat.read(self.root / f"autograded/{student}/lab/lab.ipynb", as_version=4)

    def outputs(self, student: str) -> dict[str, str]:
        return {cell.metadata.nbgrader.grade_id: cell.outputs[0].text
                for cell in self.autograded(student).cells
                if cell.cell_type == "code" and "nbgrader" in cell.metadata}

    def nbgrader(self, *arguments: str) -> str:
        """What the real command says."""
        done = warm.program("nbgrader.apps.nbgraderapp:main", "nbgrader", *arguments,
                            cwd=self.root)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def exported(self) -> dict[str, dict[str, str]]:
        self.nbgrader("export")
        with (self.root / "grades.csv").open() as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Ann is right and answered, Bob is wrong, late and did not answer."""
    folder = tmp_path_factory.mktemp("class")
    lab = Lab(folder / "course", settings=SETTINGS)
    lab.notebook += BY_HAND
    lab.root.mkdir()
    course = lab.write()
    (course.root / "grader.toml").write_text((course.root / "grader.toml").read_text() + LATE)
    build.write(course, build.build(course, "lab"))
    found = Class(folder / "nbgrader", course.root)
    found.hand_in("ann", RIGHT, answer="Because.")
    found.hand_in("bob", WRONG, time="2026-10-13 13:00:00 UTC")  # two days begun
    assert found.grade() == 0
    return found


@pytest.fixture
def graded(graded_once: Class, tmp_path: Path) -> Class:
    shutil.copytree(graded_once.root.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Class(tmp_path / "nbgrader", tmp_path / "course")


# Notebooks for students -----------------------------------------------------------------------

COURSE = load(REPOSITORY / "grader.toml")


@pytest.mark.parametrize("name", ["capstone", "channels", "correlation", "fast_conv", "geometry",
                                  "pooling"])
def test_nbgrader_accepts_the_notebook_and_counts_the_same_points(name: str) -> None:
    notebook = nbformat.read(REPOSITORY / "assignments" / name / f"{name}.ipynb", as_version=4)
    MetadataValidator().validate_nb(notebook)
    for cell in nbgrader.graded_cells(notebook).values():
        assert nbgrader.checksum(cell) == compute_checksum(cell) == cell.metadata.nbgrader.checksum
    points = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
              for cell in notebook.cells if "nbgrader" in cell.metadata}
    assignment = COURSE.assignment(name)
    by_hand = {"shift_words": 2} if name == "correlation" else {}
    assert points == by_hand | {question.name: 0 if question.bonus else float(question.points)
                                for question in assignment.questions}


def a_notebook(*sources: str) -> Any:
    return v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])


def test_two_questions_in_one_cell_are_a_mistake(graded_once: Class) -> None:
    assignment = load(graded_once.course / "grader.toml").assignment("lab")
    with pytest.raises(ExchangeError, match="twice and thrice are answered in one cell"):
        mark(a_notebook("\n\n".join(RIGHT)), assignment)


@pytest.mark.parametrize("metadata", [
    {"grade_id": "no name", "points": 1}, {"grade_id": "why"}, {"grade_id": "twice", "points": 1},
    {"grade_id": "why", "points": "many"}, {"grade_id": "why", "points": 1, "color": "red"},
])
def test_free_text_that_is_marked_badly_is_a_mistake(
    graded_once: Class, metadata: dict[str, Any]
) -> None:
    assignment = load(graded_once.course / "grader.toml").assignment("lab")
    notebook = a_notebook(*RIGHT)
    notebook.cells.append(v4.new_markdown_cell("?", metadata={"nbgrader": metadata}))
    with pytest.raises(ExchangeError, match=r'write nbgrader=\{"grade_id"'):
        mark(notebook, assignment)


# Grades ---------------------------------------------------------------------------------------

def test_scores_of_checks_are_in_the_gradebook_and_free_text_waits_for_a_person(
    graded: Class
) -> None:
    assert graded.scores("ann") == {
        "twice": (2.0, None, False), "thrice": (1.0, None, False), "why": (None, None, True)}
    bob = graded.scores("bob")
    assert bob["twice"] == (0.0, None, False)
    assert bob["why"] == (0.0, None, False)  # nbgrader's way with what was not answered


def test_nbgrader_exports_the_scores_lateness_included(graded: Class) -> None:
    graded.grade_by_hand("ann", "why", 2.5)
    rows = graded.exported()
    assert rows["ann"]["score"] == "5.5" and rows["ann"]["max_score"] == "6.0"
    raw, score = float(rows["bob"]["raw_score"]), float(rows["bob"]["score"])
    assert raw == 0.75 and score == pytest.approx(raw * 0.8)  # follow-through of thrice, 2 days
    assert rows["bob"]["timestamp"].startswith("2026-10-13 13:00")


def test_people_are_known_here_by_their_ids_and_in_nbgrader_by_its_own(graded: Class) -> None:
    (graded.course / "people.csv").write_text("id,name,login\nabrams,Ann Abrams,ANN\n")
    graded.grade_by_hand("ann", "why", 2.5)
    assert graded.grade() == 3  # for bob is nobody of the course's people
    assert graded.scores("ann")["twice"] == (2.0, None, False)
    table = (graded.course / "results" / "lab" / "grades.csv").read_text()
    assert "abrams,Ann Abrams" in table and "\nann," not in table


def test_a_link_that_is_put_in_a_folders_place_meanwhile_brings_nothing(
    graded: Class, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What lies beside the notebook is copied for the student; it was opened by its path."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "timestamp.txt").write_text("what nobody may read")
    folder, copied = graded.root / "submitted/ann/lab", graded.root / "autograded/ann/lab"
    written = nbgrader.autograded

    def flip(*arguments: Any) -> Any:
        if not folder.is_symlink():
            folder.rename(tmp_path / "lab")
            folder.symlink_to(tmp_path / "secret")
        return written(*arguments)

    monkeypatch.setattr(nbgrader, "autograded", flip)
    assert graded.grade() == 0
    assert folder.is_symlink() and (folder / "timestamp.txt").read_text() == "what nobody may read"
    assert (copied / "timestamp.txt").read_text() == "2026-10-10 12:00:00 UTC"


def test_a_regrade_keeps_what_people_entered(graded: Class) -> None:
    graded.grade_by_hand("ann", "why", 2.5, "Well said.")
    graded.grade_by_hand("bob", "twice", 1.0, "The idea is right.")
    with graded.gradebook() as gradebook:
        gradebook.find_grade("thrice", "lab", "lab", "ann").extra_credit = 0.5
        gradebook.db.commit()
    assert graded.grade("lab", "--force") == 0
    assert graded.scores("ann")["why"] == (None, 2.5, False)
    assert graded.scores("bob")["twice"] == (0.0, 1.0, False)
    with graded.gradebook() as gradebook:
        assert gradebook.find_comment("why", "lab", "lab", "ann").comment == "Well said."
        assert gradebook.find_submission("lab", "ann").score == 6.0


def test_a_person_is_asked_again_where_what_they_graded_has_changed(graded: Class) -> None:
    graded.grade_by_hand("ann", "why", 2.5)
    graded.grade_by_hand("bob", "twice", 1.0)
    graded.hand_in("ann", RIGHT, answer="On second thought: because.")
    graded.hand_in("bob", RIGHT)
    assert graded.grade() == 0
    assert graded.scores("ann")["why"] == (None, 2.5, True)
    assert graded.scores("bob")["twice"] == (2.0, 1.0, True)


def test_an_extension_granted_in_nbgrader_counts(graded: Class) -> None:
    with graded.gradebook() as gradebook:
        gradebook.grant_extension("lab", "bob", days=1)
    assert graded.grade() == 0
    with graded.gradebook() as gradebook:
        bob = gradebook.find_submission("lab", "bob")
        assert bob.extension == timedelta(days=1)
        assert bob.late_submission_penalty == pytest.approx(0.1 * 0.75, abs=0.005)


# Notebooks and feedback -----------------------------------------------------------------------

def test_formgrader_finds_the_graded_notebooks(graded: Class) -> None:
    config = Config()
    config.CourseDirectory.root = str(graded.root)
    api = NbGraderAPI(config=config)
    submissions = {each["student"]: each for each in api.get_notebook_submissions("lab", "lab")}
    assert submissions["ann"]["needs_manual_grade"] and not submissions["ann"]["failed_tests"]
    assert submissions["bob"]["failed_tests"] and not submissions["bob"]["needs_manual_grade"]
    for student in submissions:
        MetadataValidator().validate_nb(graded.autograded(student))


def test_a_graded_notebook_says_what_the_checks_found_and_nothing_secret(graded: Class) -> None:
    said = graded.outputs("bob")["twice"]
    assert "Twice: 0 / 2" in said
    assert "wrong answer: Twice any number." in said
    assert "add it once more" in said  # the diagnosis
    record = json.loads((graded.course / "results/lab/bob.json").read_text())
    [account] = [check["decided"] for question in record["result"]["questions"]
                 for check in question["checks"]
                 if question["name"] == "twice" and check["id"] == "test_any"]
    hidden = str(account["evidence"]["arguments"][0])
    texts = graded.root.glob("*/bob/lab/lab.*")
    assert [path for path in texts if hidden in path.read_text()] == []


def test_feedback_is_rendered_generated_anew_and_released_by_nbgrader(graded: Class) -> None:
    page = graded.root / "feedback/ann/lab/lab.html"
    assert "Twice: 2 / 2" in page.read_text()
    graded.grade_by_hand("ann", "why", 2.5, "Well said.")
    graded.nbgrader("generate_feedback", "lab", "--force")
    assert "Well said." in page.read_text() and "5.5 / 6.0" in page.read_text()
    exchange = graded.root.parent / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    graded.nbgrader("release_feedback", "lab", "--course", "c101",
                    f"--Exchange.root={exchange}")
    assert len(list((exchange / "c101/feedback").glob("*.html"))) == 2


def test_what_a_student_writes_is_nowhere_live(graded: Class) -> None:
    """In the page of ours, in nbgrader's own made anew, in the notebook that formgrader shows. How
    pages behave in a browser is in ``report/test_pages.py``."""
    live = "<script>alert(1)</script> for a<b: <img src=x onerror=alert(2)>"
    graded.hand_in("eve", RIGHT, answer=live)
    graded.hand_in("zoe", RIGHT, answer="![lost](attachment:lost)")  # nbconvert raises
    assert graded.grade() == 0
    assert graded.autograded("eve").cells[-1].source \
        == "< script>alert(1)< /script> for a< b: < img src=x onerror=alert(2)>"
    page = graded.root / "feedback/eve/lab/lab.html"
    shown = BeautifulSoup(page.read_text(), "html.parser")
    policy = shown.select_one("head > meta:first-child[http-equiv=Content-Security-Policy]")
    assert policy is not None and str(policy["content"]).startswith("default-src 'none';")
    assert shown.select("script, img, link, iframe") == []
    assert "alert(1)< /script> for a< b: < img" in shown.get_text()
    assert "![lost]" in (graded.root / "feedback/zoe/lab/lab.html").read_text()
    graded.nbgrader("generate_feedback", "lab", "--student=eve", "--force")
    assert "<script>alert" not in page.read_text()
    submitted = graded.root / "submitted/eve/lab/lab.ipynb"  # control: without our doing
    assert "<script>alert(1)</script>" in HTMLExporter().from_filename(submitted)[0]


def test_text_that_was_handed_out_keeps_its_markup(graded: Class) -> None:
    """And an answer that was not touched is none, whatever markup it has."""
    file = graded.course / "assignments/lab/lab.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[-1].source = "*Your* <b>answer</b>."
    nbformat.write(notebook, file)
    graded.hand_in("eve", RIGHT)
    shutil.rmtree(graded.root / "submitted/ann")
    shutil.rmtree(graded.root / "submitted/bob")
    (graded.root / "gradebook.db").unlink()
    assert graded.grade() == 0
    assert graded.autograded("eve").cells[-1].source == "*Your* <b>answer</b>."
    assert graded.scores("eve")["why"] == (0.0, None, False)


def test_nbgrader_releases_what_was_built(graded: Class) -> None:
    shutil.copytree(graded.course / "assignments/lab", graded.root / "release/lab")
    exchange = graded.root.parent / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    graded.nbgrader("release_assignment", "lab", "--course", "c101", f"--Exchange.root={exchange}")
    assert (exchange / "c101/outbound/lab/lab.ipynb").read_bytes() == \
        (graded.course / "assignments/lab/lab.ipynb").read_bytes()


def test_notebooks_that_lost_or_forged_their_metadata_are_known_again(graded: Class) -> None:
    forged = graded.handed_out()
    forged.cells[0].source, forged.cells[1].source = RIGHT
    forged.cells[0].metadata.nbgrader.points = 1000
    forged.cells[1].metadata.nbgrader = "thrice"
    forged.cells.insert(0, v4.new_code_cell("# mine", metadata=forged.cells[0].metadata))
    forged.cells[0].metadata = {"nbgrader": {"grade_id": ["twice"]}}
    graded.hand_in_file("eve", "lab.ipynb", nbformat.writes(forged))
    graded.hand_in_file("dan", "my lab (1).ipynb", nbformat.writes(a_notebook(*RIGHT)))
    graded.hand_in_file("cem", "lab.py", "\n\n".join(RIGHT) + "\n")
    graded.hand_in_file("fay", "lab.ipynb", json.dumps(
        {"cells": [{"cell_type": "code", "source": RIGHT[0]}], "nbformat": "4"}))
    assert graded.grade() == 0
    for student in ("eve", "dan", "cem", "fay"):
        MetadataValidator().validate_nb(graded.autograded(student))
        assert graded.scores(student)["twice"] == (2.0, None, False)
        assert graded.outputs(student)["twice"].startswith("✓ Twice: 2 / 2")
    assert graded.scores("dan")["why"] == (None, None, True)  # the answer may be anywhere
    with graded.gradebook() as gradebook:
        assert gradebook.find_submission("lab", "eve").max_score == 6.0


def test_what_cannot_be_read_leaves_grades_as_they_were(graded: Class) -> None:
    graded.hand_in_file("ann", "lab.ipynb", "{}")
    before = graded.scores("ann")
    assert graded.grade() == 3
    assert graded.scores("ann") == before


# Marks for questions in free text -----------------------------------------------------------

@pytest.mark.parametrize("hostile", [
    {"nbgrader": {"grade_id": "twice", "checksum": {}}},  # control
    {"nbgrader": {"grade_id": "twice", "checksum": reduce(lambda found, _: {"a": found},
                                                          range(700), {})}},
    {"nbgrader": {"grade_id": "\ud800"}, "autograder": {"text": "\ud800"}},
], ids=["control", "nested", "half a pair"])
def test_nobodys_metadata_stops_the_class(graded: Class, hostile: dict[str, Any]) -> None:
    notebook = json.loads(nbformat.writes(graded.handed_out()))
    notebook["cells"].insert(0, {
        "cell_type": "markdown", "id": "z", "metadata": hostile, "source": "hi",
        "attachments": {"\ud800": {"text/plain": "x"}}})
    graded.hand_in_file("eve", "lab.ipynb", json.dumps(notebook))
    graded.hand_in("zoe", RIGHT)
    assert graded.grade() == 0
    assert graded.scores("zoe")["twice"][0] == 2.0 and graded.scores("eve")["twice"][0] == 0.0
    assert (graded.root / "feedback/zoe/lab/lab.html").exists()


def test_what_nobody_foresaw_in_a_notebook_is_one_line_and_the_others_are_recorded(
    graded: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = nbgrader.autograded

    def fails_on_hers(opened: Any, master: Any, grade: Grade, assignment: Assignment) -> Any:
        if grade.student == "eve":
            raise RecursionError("too deep")
        return real(opened, master, grade, assignment)

    monkeypatch.setattr(nbgrader, "autograded", fails_on_hers)
    graded.hand_in("eve", RIGHT)
    graded.hand_in("zoe", RIGHT)
    assert graded.grade() == 3
    assert "eve: not recorded, for autograder fails on their files (RecursionError)" \
        in capsys.readouterr().err
    assert graded.scores("zoe")["twice"][0] == 2.0


@pytest.fixture(scope="module")
def essays_once(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Ann wrote something, Bob did not, Cem deleted the cell."""
    folder = tmp_path_factory.mktemp("essays")
    course = Lab(folder / "course", settings=SETTINGS, notebook=Lab.notebook + ESSAY_CELL,
                 texts=ESSAY).write()
    build.write(course, build.build(course, "lab"))
    found = Class(folder / "nbgrader", course.root)
    found.hand_in("ann", RIGHT, answer="<!-- answer: essay -->\nBecause <b>so</b>.")
    found.hand_in("bob", RIGHT)
    found.hand_in_file("cem", "lab.ipynb", nbformat.writes(a_notebook(*RIGHT)))
    assert found.grade() == 0
    return found


@pytest.fixture
def essays(essays_once: Class, tmp_path: Path) -> Class:
    shutil.copytree(essays_once.root.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Class(tmp_path / "nbgrader", tmp_path / "course")


@contextmanager
def kept(found: Class) -> Iterator[Store]:
    with Store(load(found.course / "grader.toml")) as store:
        yield store


def give(found: Class, student: str, points: str, comment: str = "") -> None:
    """A mark, given here."""
    with kept(found) as store:
        text = {each.student: each for each in store.counting("lab")}[student].question("essay")
        assert text is not None
        store.acts.add(TextMark(
            assignment="lab", reason="", student=student, question="essay",
            points=Decimal(points), comment=comment, answer=fingerprint(text.text)))


def ours(found: Class, student: str) -> tuple[float, str, list[str]]:
    """Our total, what is said of the text, and what is still open."""
    with kept(found) as store:
        grade = {each.student: each for each in store.grades("lab")}[student]
    essay = grade.question("essay")
    assert essay is not None
    return grade.score, str(essay.result.message or ""), grade.open


def theirs(found: Class, student: str) -> float:
    with found.gradebook() as gradebook:
        return float(gradebook.find_submission("lab", student).score)


def comment_in(found: Class, student: str) -> str | None:
    with found.gradebook() as gradebook:
        said: str | None = gradebook.find_comment("essay", "lab", "lab", student).comment
        return said


def test_a_text_waits_in_formgrader_and_here(essays: Class) -> None:
    assert essays.scores("ann")["essay"] == (None, None, True)
    assert essays.scores("bob")["essay"] == (0.0, None, False)
    assert essays.scores("cem")["essay"] == (None, None, True)
    assert ours(essays, "ann") == (3.0, "Not marked yet.", ["essay"])
    with essays.gradebook() as gradebook:
        assert gradebook.find_submission("lab", "ann").max_score == 6.0
    cell = essays.autograded("ann").cells[-1]
    assert cell.source == "Because < b>so< /b>." and "outputs" not in cell
    assert essays.autograded("cem").cells[-1].metadata.nbgrader.grade_id == "essay"
    MetadataValidator().validate_nb(essays.autograded("ann"))


def test_points_given_in_formgrader_are_the_mark_here(essays: Class) -> None:
    essays.grade_by_hand("ann", "essay", 2.5, "Well said.")
    assert essays.grade() == 0
    assert ours(essays, "ann") == (5.5, "Well said.", [])
    assert theirs(essays, "ann") == 5.5
    assert essays.scores("ann")["essay"] == (2.5, 2.5, False)
    with kept(essays) as store:
        [mark] = store.decisions().marks
    assert mark.reason == "given in formgrader" and mark.answer == fingerprint("Because <b>so</b>.")
    assert essays.grade() == 0
    with kept(essays) as store:
        assert len(store.decisions().marks) == 1  # it is taken once


def test_a_mark_given_here_is_written_there(essays: Class) -> None:
    give(essays, "ann", "2", "Say why.")
    give(essays, "bob", "0.5")
    assert essays.grade() == 0
    assert essays.scores("ann")["essay"] == (2.0, None, False)
    assert theirs(essays, "ann") == ours(essays, "ann")[0] == 5.0
    assert theirs(essays, "bob") == ours(essays, "bob")[0] == 3.5
    assert (comment_in(essays, "ann"), comment_in(essays, "bob")) == ("Say why.", None)


def test_who_changed_it_last_counts_whichever_way(essays: Class) -> None:
    give(essays, "ann", "2", "Say why.")
    assert essays.grade() == 0
    essays.grade_by_hand("ann", "essay", 2.5, "You do say why.")
    assert essays.grade() == 0
    assert ours(essays, "ann") == (5.5, "You do say why.", [])
    give(essays, "ann", "1", "On second thought.")
    assert essays.grade() == 0
    assert essays.scores("ann")["essay"] == (1.0, 1.0, False)
    assert comment_in(essays, "ann") == "On second thought."
    assert theirs(essays, "ann") == ours(essays, "ann")[0] == 4.0
    essays.grade_by_hand("ann", "essay", 0.0, "On second thought.")
    assert essays.grade() == 0
    assert theirs(essays, "ann") == ours(essays, "ann")[0] == 3.0


def test_what_both_have_changed_a_person_has_to_settle(
    essays: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    give(essays, "ann", "2")
    essays.grade_by_hand("ann", "essay", 1.0)
    assert essays.grade() == 3
    assert "ann: essay has 1.0 points in formgrader and 2 here" in capsys.readouterr().err
    assert ours(essays, "ann")[0] == 5.0 and essays.scores("ann")["essay"][1] == 1.0
    give(essays, "ann", "1")
    assert essays.grade() == 0
    assert theirs(essays, "ann") == ours(essays, "ann")[0] == 4.0


def test_more_points_than_there_are_are_not_taken(
    essays: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    essays.grade_by_hand("ann", "essay", 7.0)
    assert essays.grade() == 3
    assert "ann: essay has 7.0 points in formgrader, and can have 3; not taken" \
        in capsys.readouterr().err
    assert ours(essays, "ann") == (3.0, "Not marked yet.", ["essay"])


def test_a_text_that_changed_since_it_was_marked_is_shown_to_a_person_again(essays: Class) -> None:
    give(essays, "ann", "2")
    essays.hand_in("ann", RIGHT, answer="On second thought.")
    assert essays.grade() == 0
    assert essays.scores("ann")["essay"] == (2.0, None, True)
    assert ours(essays, "ann")[0] == 5.0


# What can go wrong ----------------------------------------------------------------------------

def test_a_locked_gradebook_is_one_line_and_the_same_command_goes_on_later(
    graded: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    (graded.root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///gradebook.db?timeout=0.01'\n")
    graded.hand_in("bob", RIGHT)
    with closing(sqlite3.connect(graded.root / "gradebook.db", isolation_level=None)) as formgrader:
        formgrader.execute("BEGIN IMMEDIATE")
        assert graded.grade() == 2
        [line] = capsys.readouterr().err.splitlines()
        assert "gradebook stays locked by another program; close it" in line
        assert "timeout" not in line
        formgrader.execute("ROLLBACK")
    assert graded.grade() == 0
    assert graded.scores("bob")["twice"] == (2.0, None, False)


def test_a_gradebook_that_is_busy_for_a_moment_is_waited_for(graded: Class) -> None:
    graded.hand_in("bob", RIGHT)
    with closing(sqlite3.connect(graded.root / "gradebook.db", isolation_level=None,
                                 check_same_thread=False)) as formgrader:
        formgrader.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(1, formgrader.execute, ["ROLLBACK"])
        release.start()
        assert graded.grade() == 0
        release.join()
    assert graded.scores("bob")["twice"] == (2.0, None, False)


def test_another_version_of_the_notebook_is_not_forced_on_existing_grades(
    graded: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    file = graded.course / "solutions/lab/notebook.py"
    file.write_text(file.read_text().replace('"why"', '"because"'))
    course = load(graded.course / "grader.toml")
    build.write(course, build.build(course, "lab"))
    assert graded.grade() == 2
    assert "nbgrader db assignment remove lab" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "said"), [
    (["lab", "more.ipynb"], "leave PATH and --all out"),
    (["lba"], "no assignment 'lba'"),
])
def test_a_mistake_on_the_command_line_is_one_line(
    graded: Class, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert graded.grade(*arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_folder_that_is_no_nbgrader_course_is_one_line(
    graded: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(graded.root / "submitted")
    assert graded.grade() == 2
    assert "has no folder submitted" in capsys.readouterr().err
