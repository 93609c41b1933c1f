"""A student's own notebook with feedback in it: below each function, what its checks found.

Cells of ours have the tag ``autograder-feedback``, so that feedback given again takes the place of
the old. Everything a student can influence is written so that neither Markdown, MathJax nor HTML
takes it for more than text.
"""

from __future__ import annotations

import re
import string
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from autograder.course import Assignment, Question
from autograder.exchange.notebook_page import as_html
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report import words
from autograder.report.files import page_names, write_whole
from autograder.report.prose import Prose
from autograder.result import sentence
from autograder.submission import Submission

TAG = "autograder-feedback"
_PLAIN = set(string.ascii_letters + string.digits + " ,;()%?'")


def opened(files: Mapping[str, bytes]) -> NotebookNode:
    """The notebook in ``files``; what nbformat cannot open is one cell that holds its text."""
    [(name, content)] = files.items()
    text = content.decode("utf-8", "replace")
    notebook: NotebookNode = v4.new_notebook(cells=[v4.new_code_cell(text)])
    if name.endswith(".ipynb"):
        # A stranger's file: nbformat raises whatever its contents lead to.
        with suppress(Exception), warnings.catch_warnings(action="ignore"):
            found = nbformat.reads(text, as_version=nbformat.current_nbformat)
            nbformat.validate(found)
            notebook = found
    notebook.nbformat_minor = nbformat.current_nbformat_minor
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # theirs need not differ
    return notebook


def cell_of(question: Question, notebook: NotebookNode) -> NotebookNode | None:
    """The last cell in which one of the question's names is defined."""
    names = "|".join(question.names) or "(?!)"
    defines = re.compile(rf"^(?:def|class) (?:{names})\b", re.MULTILINE)
    cells: list[NotebookNode] = notebook.cells
    return next((cell for cell in reversed(cells)
                 if cell.cell_type == "code" and defines.search(cell.source)), None)


def with_feedback(files: Mapping[str, bytes], grade: Grade, assignment: Assignment
                  ) -> NotebookNode:
    """The notebook in ``files`` with cells of feedback, and without those it had.

    Each question's stands behind the cell that answers it, or at the end where none does; what is
    said of the whole stands at the beginning.
    """
    seen, prose = for_student(grade), Prose(assignment)
    notebook = opened(files)
    notebook.cells = [cell for cell in notebook.cells if TAG not in _tags(cell)]
    said: dict[str | None, list[NotebookNode]] = {}
    for question in assignment.questions:
        answer = seen.question(question.name)
        cell = cell_of(question, notebook)
        if answer is not None:
            place = None if cell is None else str(cell.id)
            said.setdefault(place, []).append(_cell(question.name, _about(answer, prose)))
    cells = [_cell("whole", _whole(seen, prose))]
    for cell in notebook.cells:
        cells += [cell, *said.pop(cell.id, [])]
    notebook.cells = [*cells, *said.pop(None, [])]
    return notebook


def give(submissions: Sequence[Submission], grades: Iterable[Grade], assignment: Assignment,
         directory: Path) -> list[str]:
    """Write ``<student>.ipynb`` and ``<student>.html`` for everybody who has a grade.

    Returns who has none, and why: a line for staff each.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = page_names(submission.student for submission in submissions)
    known = {grade.student: grade for grade in grades}
    notes = []
    for submission in submissions:
        grade = known.get(submission.student)
        if not submission.files:
            notes.append(f"{submission.student}: no feedback, for there is no notebook to write it "
                         "into")
        elif grade is None or grade.result.submission.digest != submission.digest:
            notes.append(f"{submission.student}: no feedback, for these files are not what was "
                         f"graded last; run `autograder grade {assignment.name}` on them")
        else:
            notebook = with_feedback(submission.files, grade, assignment)
            file = directory / names[submission.student]
            write_whole(file.with_name(f"{file.name}.ipynb"), nbformat.writes(notebook))
            write_whole(file.with_name(f"{file.name}.html"), as_html(notebook))
    return notes


def _tags(cell: NotebookNode) -> list[str]:
    tags = cell.metadata.get("tags")
    return tags if isinstance(tags, list) else []


def _cell(name: str, lines: Iterator[str]) -> NotebookNode:
    cell: NotebookNode = v4.new_markdown_cell(
        "\n".join(lines), id=f"{TAG}-{name}"[:64], metadata={"tags": [TAG]})
    return cell


def _whole(grade: Grade, prose: Prose) -> Iterator[str]:
    """What is said of the submission: score, lateness, why there is none, cells that failed."""
    heading = sentence(
        "Feedback: {score} of {max_score} points", score=words.points(grade.score),
        max_score=words.points(grade.max_score)
    ) if grade.is_graded else sentence("Feedback: no score yet")
    yield f"### {_escaped(prose.text(heading))}"
    late = words.late_sentence(grade)
    for line in [*prose.why_not_graded(grade.result), *([prose.text(late)] if late else [])]:
        yield f"\n{_escaped(line)}"
    for error in grade.result.load.errors:
        yield "\n- " + _escaped(prose.text(sentence(
            "Code cell {cell} raised {type}", cell=error.cell + 1, type=error.type)))


def _about(question: QuestionGrade, prose: Prose) -> Iterator[str]:
    symbol = words.OUTCOMES[question.result.status].symbol
    yield f"**{symbol} {_escaped(prose.heading(question))}**\n"
    for line in prose.about(question):
        yield f"> {_escaped(line)}\n"
    titles = prose.titles(question)
    for check in question.result.checks:
        yield f"- {_escaped(prose.line(check))}"
        for line in prose.explain(check, titles):
            yield f"    - {_escaped(line)}"


def _escaped(text: str) -> str:
    """``text`` on one line, in which Markdown, MathJax and HTML find nothing but letters."""
    return "".join(_entity(character) for character in " ".join(text.split()))


def _entity(character: str) -> str:
    if character in _PLAIN or not character.isascii():
        return character
    # MathJax looks at what the browser shows: alone in an element, no delimiter finds its other.
    return f"<span>&#{ord(character)};</span>" if character in "$\\" else f"&#{ord(character)};"
