"""Masters with questions in free text: nbgrader and we know their cells, and a mistake is told
before anybody receives it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from labs import ESSAY, ESSAY_CELL, Lab
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring import build
from autograder.authoring.build import BuildError
from autograder.authoring.catalogues import of_table
from autograder.course import load
from autograder.course.digests import question_digests
from autograder.course.packing import course_files
from autograder.selfcheck.folder import COURSE, NAME
from autograder.submission import answers


def built(lab: Lab) -> tuple[Any, Any]:
    """The notebook that students receive, and the solution's."""
    course = lab.write()
    given = build.build(course, "lab").files["lab.ipynb"]
    return tuple(nbformat.reads(each.decode(), as_version=4)
                 for each in (given, build.solution_notebook(course, "lab")))


def test_a_text_has_a_cell_that_nbgrader_and_we_know(tmp_path: Path) -> None:
    for notebook in built(Lab(tmp_path, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY)):
        MetadataValidator().validate_nb(notebook)
        cell = notebook.cells[-1]
        assert cell.source == "<!-- answer: essay -->\n*Why is it so? Write here.*"
        assert cell.metadata[answers.KEY] == {"text": "essay"}
        said = cell.metadata["nbgrader"]
        assert (said["grade_id"], said["points"], said["grade"], said["solution"], said["locked"],
                said["cell_type"]) == ("essay", 3, True, True, False, "markdown")


BAD = {
    "no cell": (ESSAY, "", r"0 cells of Markdown answer the text essay; begin one, and only one, "
                r"by # %% \[markdown\] autograder="),
    "two cells": (ESSAY, ESSAY_CELL * 2, "2 cells of Markdown answer the text essay"),
    "a cell of code": (ESSAY, ESSAY_CELL.replace(" [markdown]", ""), "0 cells of Markdown"),
    "a staff cell": (ESSAY, ESSAY_CELL.replace("autograder", 'tags=["staff"] autograder'),
                     "0 cells of Markdown"),
    "no question": ("", ESSAY_CELL, "a cell answers essay, which is no text in grader.toml"),
    "a question of code": ("", ESSAY_CELL.replace("essay", "twice"), "answers twice, which is no"),
}


@pytest.mark.parametrize(("texts", "cell", "words"), BAD.values(), ids=BAD)
def test_a_mistake_is_told_with_its_remedy(
    texts: str, cell: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(BuildError, match=words):
        built(Lab(tmp_path, notebook=Lab.notebook + cell, texts=texts))


def test_what_students_check_at_home_knows_nothing_of_texts(tmp_path: Path) -> None:
    visible = Lab.twice.replace("def test_one", "@pytest.mark.visibility('visible')\ndef test_one")
    course = Lab(tmp_path, twice=visible, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY).write()
    files = build.build(course, "lab").files
    assert b"essay" not in files[f"{NAME}/{COURSE}"]


def test_otter_has_no_examples_of_a_text(tmp_path: Path) -> None:
    """Whatever stands below it."""
    cell = "\n# %%\nassert thrice(1) == 3\n"
    course = Lab(tmp_path, notebook=Lab.notebook + cell + ESSAY_CELL + cell, texts=ESSAY).write()
    files = build.build(course, "lab").files
    assert [name for name in files if name.startswith("tests/")] == ["tests/thrice.py"]


def test_a_skipped_check_is_not_handed_out(tmp_path: Path) -> None:
    visible = "@pytest.mark.visibility('visible')\n"
    course = Lab(tmp_path, twice=(
        f"{visible}@pytest.mark.skip(reason='No.')\ndef test_sheet(check):\n    '''Sheet.'''\n\n\n"
        f"{visible}{Lab.twice}")).write()
    files = build.build(course, "lab").files
    [suite] = [text for name, text in files.items() if re.search("checks/test_", name)]
    assert b"test_one" in suite and b"sheet" not in suite


def test_a_course_with_a_text_is_packed_and_its_rubric_translated(tmp_path: Path) -> None:
    course = Lab(tmp_path, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY).write()
    packed = tmp_path / "packed"
    for name, content in course_files(course, "lab", b"x" * 16).items():
        (packed / name).parent.mkdir(parents=True, exist_ok=True)
        (packed / name).write_bytes(content)
    opened = load(packed / "grader.toml")
    assert opened.assignment("lab").question("essay").rubric == \
        course.assignment("lab").question("essay").rubric
    assert "Names the idea" in of_table(opened.assignment("lab"))


def test_another_rubric_has_nobody_graded_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY)
    course = lab.write()
    before = question_digests(course, "lab")
    file = course.root / "grader.toml"
    file.write_text(file.read_text().replace("Names the idea", "Names it"))
    assert question_digests(load(file), "lab") == before
