"""A student's own notebook with feedback in it: below each function, what its checks found.

Cells of ours have the tag ``autograder-feedback``, so that feedback given again takes the place of
the old. Everything a student can influence is written so that neither Markdown, MathJax nor HTML
takes it for more than text.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from autograder.course import Assignment, Question
from autograder.exchange import notebook_page
from autograder.exchange.bounded import Bounded, alone
from autograder.exchange.opening import LEFT_OUT, TAG, Opener, opener
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report import words
from autograder.report.page_names import page_names
from autograder.report.prose import Prose
from autograder.result import sentence
from autograder.submission import Submission, answers
from autograder.whole_files import write_whole

TOO_MUCH = "opening their notebook takes too long, or too much memory"
_SECONDS, _MEMORY = 20, 4096  # of the processor, and MB: what one page may take
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PLAIN = set(string.ascii_letters + string.digits + " ,;()%?'")


def cell_of(question: Question, notebook: NotebookNode) -> NotebookNode | None:
    """The last cell in which one of the question's names is defined; of a text, the last that says
    it answers it."""
    if question.kind == "text":
        return next((cell for cell in reversed(notebook.cells) if answers.question_of(
            cell.metadata, cell.source) == question.name), None)
    names = "|".join(question.names) or "(?!)"
    defines = re.compile(rf"^(?:def|class|# Define the class|# Define the function) (?:{names})\b"
                         rf"|^(?:{names})[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
    cells: list[NotebookNode] = notebook.cells
    return next((cell for cell in reversed(cells)
                 if cell.cell_type == "code" and defines.search(cell.source)), None)


def with_feedback(notebook: NotebookNode, grade: Grade, assignment: Assignment) -> NotebookNode:
    """A notebook that was opened, with cells of feedback, and without those it had.

    Each question's stands behind the cell that answers it, or at the end where none does; what is
    said of the whole stands at the beginning.
    """
    seen, prose = for_student(grade), Prose(assignment)
    left_out = notebook.metadata.pop(LEFT_OUT, [])
    notebook.cells = [cell for cell in notebook.cells if not _is_ours(cell)]
    said: dict[str | None, list[NotebookNode]] = {}
    for question in assignment.questions:
        answer = seen.question(question.name)
        cell = cell_of(question, notebook)
        if answer is not None:
            place = None if cell is None else str(cell.id)
            said.setdefault(place, []).append(_cell(question.name, _about(answer, prose)))
    cells = [_cell("whole", [
        *_whole(seen, prose), *_reordered(notebook, prose), *_left_out(left_out, prose)])]
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
    notes: list[str] = []
    with opener() as open_, Bounded(as_html, seconds=_SECONDS, memory_mb=_MEMORY) as page:
        for submission in submissions:
            grade = grade_of(submission, known)
            if not submission.files:
                notes.append(f"{submission.student}: no feedback, for there is no notebook to "
                             "write it into")
            elif grade is None:
                notes.append(why_none(submission))
            else:
                with alone(submission.student, "no feedback", notes):
                    notes += _given(submission, grade, assignment, open_, page,
                                    directory / names[submission.student])
    return notes


def _given(submission: Submission, grade: Grade, assignment: Assignment, open_: Opener,
           page: Bounded[NotebookNode, str], file: Path) -> Iterator[str]:
    """Write one student's feedback. Yields what it does not show."""
    notebook = open_(submission.files)
    if notebook is None:
        yield f"{submission.student}: no feedback, for {TOO_MUCH}"
        return
    notebook = with_feedback(notebook, grade, assignment)
    text, html = nbformat.writes(notebook), page(notebook)
    if html is None:
        yield (f"{submission.student}: the page shows text and code as they were typed, because "
               "laying them out takes too long")
        html = _as_typed(notebook, Prose(assignment))
    write_whole(file.with_name(f"{file.name}.ipynb"), text)
    write_whole(file.with_name(f"{file.name}.html"), html)


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
    heading = sentence("Feedback: no score yet")
    if grade.is_graded:
        heading = sentence(
            "Feedback, points: {score} of {max_score}", score=words.points(grade.score),
            max_score=words.points(grade.max_score)
        ) if grade.max_score else sentence(  # all of it is bonus
            "Feedback, points: {score}", score=words.points(grade.score))
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


def _left_out(cells: Iterable[int], prose: Prose) -> Iterator[str]:
    """Cells of whose outputs there are too many to be shown."""
    for number in cells:
        yield "\n- " + _escaped(prose.text(sentence(
            "Cell {cell} has more outputs or attachments than can be shown. They are left out "
            "here.", cell=number)))


def _about(question: QuestionGrade, prose: Prose) -> Iterator[str]:
    symbol = words.status_words(question).symbol
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
