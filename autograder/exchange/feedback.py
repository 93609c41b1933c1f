"""A student's own notebook with feedback in it: below each function, what its checks found.

Cells of ours have the tag ``autograder-feedback``, so that feedback given again takes the place of
the old. Everything a student can influence is written so that neither Markdown, MathJax nor HTML
takes it for more than text.
"""

from __future__ import annotations

import re
import secrets
import string
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from nbformat.v4.rwbase import rejoin_lines

from autograder.course import Assignment, Question
from autograder.exchange import notebook_page
from autograder.exchange.bounded import Bounded
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report import words
from autograder.report.files import page_names, write_whole
from autograder.report.prose import Prose
from autograder.result import sentence
from autograder.submission import (
    Submission,
    Unreadable,
    Written,
    answers,
    is_script,
    text_of,
    written,
)

TAG = "autograder-feedback"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_KEPT = {"code": ("outputs",), "markdown": ("attachments",), "raw": ("attachments",)}
_SECONDS, _MEMORY = 20, 4096  # of the processor, and MB: what one page may take
_BEGINNING = 10_000  # bytes that are shown of a file that is no notebook
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PLAIN = set(string.ascii_letters + string.digits + " ,;()%?'")


def opened(files: Mapping[str, bytes]) -> NotebookNode:
    """The notebook in ``files``, made of the very cells that the grader reads.

    A script, or what nobody can read, is one cell that holds its text. Of what a notebook says
    beside its cells only outputs and attachments are taken over, where they are well-formed, and
    what says which question a cell answers: other metadata can hide a cell.
    """
    [(name, content)] = files.items()
    try:
        cells = ([Written("code", text_of(name, content))] if is_script(name)
                 else written(name, content))
    except Unreadable:
        cells = [Written("code", content[:_BEGINNING].decode("utf-8", "replace"))]
    notebook: NotebookNode = v4.new_notebook(
        cells=[_shown(cell, f"cell-{number}") for number, cell in enumerate(cells)],
        metadata={"kernelspec": _KERNEL})
    return notebook


def _shown(cell: Written, name: str) -> NotebookNode:
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    source = cell.source.encode("utf-8", "replace").decode()  # no half of a surrogate pair
    plain: NotebookNode = make[cell.kind](source, id=name)
    says = cell.fields.get("metadata")
    if isinstance(says, dict):
        ours = cell.kind == "markdown" and says.get("tags") == [TAG]
        known: dict[str, Any] = {"tags": [TAG]} if ours else {}
        if not ours and isinstance(says.get("nbgrader"), dict):
            known["nbgrader"] = says["nbgrader"]
        if not ours and (question := answers.question_of(says, "")):
            known[answers.KEY] = {"text": question}
        plain.metadata.update(nbformat.from_dict(known))
    kept = {key: cell.fields[key] for key in _KEPT[cell.kind] if key in cell.fields}
    # A stranger's file: nbformat raises whatever its contents lead to.
    with suppress(Exception), warnings.catch_warnings(action="ignore"):
        full: NotebookNode = nbformat.from_dict({**plain, **kept})
        nbformat.validate(full, ref=f"{cell.kind}_cell", version=nbformat.current_nbformat,
                          version_minor=nbformat.current_nbformat_minor)
        rejoin_lines(v4.new_notebook(cells=[full]))
        return full
    return plain


def cell_of(question: Question, notebook: NotebookNode) -> NotebookNode | None:
    """The last cell in which one of the question's names is defined; of a text, the last that says
    it answers it."""
    if question.kind == "text":
        return next((cell for cell in reversed(notebook.cells) if answers.question_of(
            cell.metadata, cell.source) == question.name), None)
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
    notebook.cells = [cell for cell in notebook.cells if not _is_ours(cell)]
    said: dict[str | None, list[NotebookNode]] = {}
    for question in assignment.questions:
        answer = seen.question(question.name)
        cell = cell_of(question, notebook)
        if answer is not None:
            place = None if cell is None else str(cell.id)
            said.setdefault(place, []).append(_cell(question.name, _about(answer, prose)))
    cells = [_cell("whole", [*_whole(seen, prose), *_reordered(notebook, prose)])]
    for cell in notebook.cells:
        cells += [cell, *said.pop(cell.id, [])]
    notebook.cells = [*cells, *said.pop(None, [])]
    return notebook


def grade_of(submission: Submission, grades: Mapping[str, Grade]) -> Grade | None:
    """The grade of these very files; None where others were graded last, or nothing was."""
    grade = grades.get(submission.student)
    is_theirs = grade is not None and grade.result.submission.digest == submission.digest
    return grade if is_theirs else None


def why_none(submission: Submission) -> str:
    """What to tell staff of files that have no grade."""
    return (f"{submission.student}: no feedback, for these files are not what was graded last; run "
            f"`autograder grade {submission.assignment}` on them")


def give(submissions: Sequence[Submission], grades: Iterable[Grade], assignment: Assignment,
         directory: Path) -> list[str]:
    """Write ``<student>.ipynb`` and ``<student>.html`` for everybody who has a grade.

    Returns who has none, or not all of it, and why: a line for staff each.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = page_names(submission.student for submission in submissions)
    known = {grade.student: grade for grade in grades}
    notes = []
    with Bounded(as_html, seconds=_SECONDS, memory_mb=_MEMORY) as page:
        for submission in submissions:
            grade = grade_of(submission, known)
            if not submission.files:
                notes.append(f"{submission.student}: no feedback, for there is no notebook to "
                             "write it into")
            elif grade is None:
                notes.append(why_none(submission))
            else:
                notebook = with_feedback(submission.files, grade, assignment)
                file = directory / names[submission.student]
                write_whole(file.with_name(f"{file.name}.ipynb"), nbformat.writes(notebook))
                html = page(notebook)
                if html is None:
                    notes.append(f"{submission.student}: the page shows text and code as they "
                                 "were typed, because laying them out takes too long")
                    html = _as_typed(notebook, Prose(assignment))
                write_whole(file.with_name(f"{file.name}.html"), html)
    return notes


def as_html(notebook: NotebookNode) -> str:
    """The notebook as a page. Characters in code that are not shown, or change the order of
    others, are spelled out."""
    return notebook_page.as_html(v4.new_notebook(cells=[
        cell if cell.cell_type == "markdown"
        else NotebookNode(cell, source=_spelled_out(cell.source)) for cell in notebook.cells]))


def _as_typed(notebook: NotebookNode, prose: Prose) -> str:
    """The same page, but nothing of a student's goes through a library: it is put in afterwards."""
    said = sentence("This page shows your text and code as you typed them, because laying them "
                    "out takes too long.")
    place = secrets.token_hex()
    cells = [cell if _is_ours(cell) else v4.new_markdown_cell(f"{place}-{number}")
             for number, cell in enumerate(notebook.cells)]
    html = as_html(v4.new_notebook(
        cells=[_cell("typed", [_escaped(prose.text(said))]), *cells]))

    def typed(found: re.Match[str]) -> str:
        return f"<pre>{escape(_spelled_out(notebook.cells[int(found[1])].source))}</pre>"

    return re.sub(rf"<p>{place}-(\d+)</p>", typed, html)


def _spelled_out(source: str) -> str:
    return words.spelled_out(source.replace("\r\n", "\n").replace("\r", "\n"))


def _is_ours(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("tags") == [TAG])


def _cell(name: str, lines: Iterable[str]) -> NotebookNode:
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
    for line in prose.about_the_whole(grade):
        yield f"\n{_escaped(line)}"
    for error in grade.result.load.errors:
        yield "\n- " + _escaped(prose.cell_error(error))


def _reordered(notebook: NotebookNode, prose: Prose) -> Iterator[str]:
    """Cells of code that do not look like what they are."""
    codes = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    for number, source in enumerate(codes, 1):
        if _REORDERING.search(source):
            yield "\n- " + _escaped(prose.text(sentence(
                "Code cell {cell} holds characters that change the order in which text is shown. "
                "On the page they are spelled out.", cell=number)))


def _about(question: QuestionGrade, prose: Prose) -> Iterator[str]:
    symbol = words.standing(question).symbol
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
