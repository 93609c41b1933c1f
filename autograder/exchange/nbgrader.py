"""nbgrader: what it finds in the notebooks students receive, and what it gets after grading.

A question is one cell of the notebook: it holds the solution and the points, so that formgrader
shows code, outcome, score and comment in one place. Cells with free text have points as well;
people grade them. The points of those that are no question of grader.toml stand in nbgrader's
gradebook only.

nbgrader is slow to import, so everything here imports it where it is needed.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from nbformat import NotebookNode, v4

from autograder.course import Assignment
from autograder.exchange import feedback
from autograder.exchange.format import ExchangeError
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.report.words import status_words
from autograder.result import sentence
from autograder.submission import answers

KEY = "nbgrader"
BESIDE = ("timestamp.txt", "submission_secret.txt")
"""Files beside a hand-in, by which `nbgrader release_feedback` knows it again."""
LARGEST_BESIDE = 1_000  # bytes of one
_GRADE_ID = re.compile(r"[a-zA-Z0-9_-]+")
_KEYS = {"schema_version", "grade", "locked", "solution", "task", "grade_id", "points", "checksum",
         "cell_type"}
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")  # behind a space is no tag, and a formula reads alike

# Notebooks for students -----------------------------------------------------------------------

def mark(notebook: NotebookNode, assignment: Assignment) -> None:
    """Give the cells that have points nbgrader's metadata: each question's, and free text.

    A master says of a free-text cell only ``nbgrader={"grade_id": "why", "points": 2}``. Bonus
    questions have 0 points, because nbgrader's totals know no bonus; their score still counts.

    Raises:
        ExchangeError: two questions share a cell, or a free-text cell is not marked well.
    """
    prose = Prose(assignment)
    for question in assignment.questions:
        if question.performance:
            nothing = sentence("measured when this notebook is graded. You need not write "
                               "anything here.")
            notebook.cells.append(v4.new_code_cell(
                f"# {prose.labelled(question.title, nothing)}",
                id=f"{len(notebook.cells):02d}-{question.name}"[:64]))
        cell = feedback.cell_of(question, notebook) or notebook.cells[-1]
        if KEY in cell.metadata:
            raise ExchangeError(
                f"{assignment.name}: the questions {cell.metadata[KEY]['grade_id']} and "
                f"{question.name} are answered in one cell; give each a cell of its own")
        value = 0.0 if question.bonus else float(question.points)
        cell.metadata[KEY] = NotebookNode(grade_id=question.name, points=value)
    for cell in notebook.cells:
        if KEY in cell.metadata:
            cell.metadata[KEY].update(schema_version=3, grade=True, solution=True, locked=False,
                                      cell_type=cell.cell_type)
    try:
        _check(notebook)
    except ValueError as error:
        raise ExchangeError(
            f"{assignment.name}: a cell's nbgrader metadata is wrong ({error}); "
            'write nbgrader={"grade_id": "a_name_of_its_own", "points": 2}') from None
    for cell in graded_cells(notebook).values():
        cell.metadata[KEY]["checksum"] = checksum(cell)


def _check(notebook: NotebookNode) -> None:
    """Raises ValueError where nbgrader would refuse a cell's metadata. Who builds need not have
    nbgrader; a test holds this to what it says."""
    seen: set[str] = set()
    for cell in notebook.cells:
        marked = cell.metadata.get(KEY)
        if marked is None:
            continue
        name, points = marked.get("grade_id"), marked.get("points")
        if not isinstance(name, str) or _GRADE_ID.fullmatch(name) is None:
            raise ValueError(f"grade_id {name!r} is no name of letters, digits, - and _")
        if name in seen:
            raise ValueError(f"grade_id {name!r} stands twice")
        if not isinstance(points, int | float) or isinstance(points, bool) or not points >= 0:
            raise ValueError(f"points of {name} are {points!r}")
        if unknown := set(marked) - _KEYS:
            raise ValueError(f"{name} has {min(unknown)!r}, which nbgrader does not know")
        seen.add(name)


def checksum(cell: NotebookNode) -> str:
    """By which nbgrader sees that a cell with points is as it was handed out. For a cell that is
    graded and answered in one, as all of ours are."""
    marked = cell.metadata[KEY]
    parts = (cell.source, cell.cell_type, True, True, False, marked["grade_id"],
             float(marked["points"]))
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Its cells with points, by their grade_id."""
    return {cell.metadata[KEY]["grade_id"]: cell for cell in notebook.cells
            if KEY in cell.metadata}


# Notebooks of students, graded ----------------------------------------------------------------

def autograded(
    notebook: NotebookNode, master: NotebookNode, grade: Grade, assignment: Assignment
) -> NotebookNode:
    """A student's notebook, opened, for formgrader: cells known again, and what the checks found.

    Whatever the student did to the metadata, a cell with points is the master's, or a copy of
    the master's at the end where the student's notebook has none. The output of a question's
    cell is what its student may read of its checks; every other output is dropped.

    Text that is not the master's has no markup but Markdown's: formgrader would show HTML as it is,
    with the rights of whoever is logged in there.
    """
    from nbgrader.nbgraderformat import MetadataValidator

    prose = Prose(assignment)
    given = {cell.source for cell in master.cells}
    known = graded_cells(master)
    missing = dict(known)
    for cell in notebook.cells:
        claims = _claims(cell)
        cell.metadata = NotebookNode()
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif cell.source not in given:
            cell.source = _TAG.sub("< ", answers.uncommented(cell.source))
        claim = next((each for each in claims if each in missing
                      and missing[each].cell_type == cell.cell_type), None)
        if claim is not None:
            cell.metadata[KEY] = NotebookNode(missing.pop(claim).metadata[KEY])
    _find_by_definition(notebook, missing, assignment)
    for grade_id, cell in missing.items():
        notebook.cells.append(_added(cell, grade_id, prose))
    seen = for_student(grade)
    cells = graded_cells(notebook)
    for question in seen.questions:
        if question.kind != "text":
            cells[question.name].outputs = [v4.new_output(
                "stream", name="stdout", text=_outcome(question, prose))]
    notebook.metadata = NotebookNode(master.metadata)
    MetadataValidator().validate_nb(notebook)
    return notebook


def _claims(cell: NotebookNode) -> list[str]:
    """The grade_ids that a student's cell says it has: nbgrader's, and the text that it answers."""
    metadata: Any = cell.metadata.get(KEY)
    claim = metadata.get("grade_id") if isinstance(metadata, dict) else None
    said = [claim, answers.question_of(cell.metadata, cell.source)]
    return [each for each in said if isinstance(each, str)]


def _find_by_definition(
    notebook: NotebookNode, missing: dict[str, NotebookNode], assignment: Assignment
) -> None:
    """Where metadata was lost, the cell that defines a question's name is the question's."""
    for question in assignment.questions:
        cell = feedback.cell_of(question, notebook) if question.name in missing else None
        if cell is not None and KEY not in cell.metadata:
            cell.metadata[KEY] = NotebookNode(missing.pop(question.name).metadata[KEY])


def _added(cell: NotebookNode, grade_id: str, prose: Prose) -> NotebookNode:
    make = v4.new_code_cell if cell.cell_type == "code" else v4.new_markdown_cell
    added: NotebookNode = make(f"# {prose.text(sentence('This cell was missing.'))}",
                               id=f"missing-{grade_id}"[:64])
    added.metadata = NotebookNode({KEY: NotebookNode(cell.metadata[KEY])})
    return added


def _outcome(question: QuestionGrade, prose: Prose) -> str:
    symbol = status_words(question).symbol
    return f"{symbol} {prose.heading(question)}\n{prose.checklist(question)}\n"


def unasked(notebook: NotebookNode, assignment: Assignment) -> dict[str, str]:
    """The free text that is no question of ours: grade_id -> text of the cell."""
    questions = {question.name for question in assignment.questions}
    return {grade_id: cell.source for grade_id, cell in graded_cells(notebook).items()
            if grade_id not in questions}
