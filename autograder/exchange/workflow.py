"""What CI shows beside its log: annotations at lines of files, and a summary of the job.

GitHub reads annotations from the log, as lines that begin with ``::``; a text that could hold a
line end is escaped, or a student's file name could give commands to the runner. Everywhere else
an annotation is a line as compilers write it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Assignment
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.report.words import points, status_words, visible
from autograder.result import Status, sentence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++')


@dataclass(frozen=True)
class Annotation:
    """Something to say about a line of a file; about the file where ``line`` is None."""

    file: str
    line: int | None
    title: str
    text: str
    bonus: bool = False  # may be left undone, so it is no error


def annotate(
    grade: Grade, assignment: Assignment, file: str, content: str
) -> Iterator[Annotation]:
    """One for each question that is not right: GitHub shows ten of a step, and no more. What a
    person marks is neither right nor wrong.

    Args:
        file: the submission's path in the checkout, and ``content`` its text.
    """
    seen, prose = for_student(grade), Prose(assignment)
    if not seen.is_graded:
        yield Annotation(file, None, prose.text(assignment.title),
                         "\n".join(prose.why_not_graded(seen.result)))
        return
    lines = source_lines(content) if file.endswith(".ipynb") else {}
    for question in seen.questions:
        if question.result.status is Status.PASSED or question.kind == "text":
            continue
        accounts = [check.explained for check in question.result.checks
                    if check.status is not Status.PASSED and check.explained]
        place = next(((account.cell, account.line) for account in accounts
                      if account.line is not None), None)
        line = None if place is None else lines.get(place, place[1] if not lines else None)
        yield Annotation(file, line, prose.heading(question), prose.checklist(question),
                         bonus=question.bonus)


def source_lines(notebook: str) -> dict[tuple[int | None, int | None], int]:
    """(code cell, line in it) -> line in the notebook's file, as Jupyter writes such files.

    Cells are counted from 0, lines from 1. What it cannot follow is not in the answer.
    """
    found: dict[tuple[int | None, int | None], int] = {}
    kinds: dict[int, str] = {}
    starts: dict[int, list[int]] = {}
    for path, value, line in _strings(notebook):
        match path:
            case ("cells", int(cell), "cell_type"):
                kinds[cell] = value
            case ("cells", int(cell), "source") | ("cells", int(cell), "source", int()):
                starts.setdefault(cell, []).append(line)
    code = [cell for cell in sorted(kinds) if kinds[cell] == "code"]
    for number, cell in enumerate(code):
        for index, line in enumerate(starts.get(cell, []), 1):
            found[number, index] = line
    return found


def _strings(text: str) -> Iterator[tuple[tuple[str | int, ...], str, int]]:
    """Path, value (not unescaped) and line of each string in a JSON text that is not a key."""
    path: list[str | int] = []
    line, seen, key = 1, 0, ""
    for token in _TOKEN.finditer(text):
        line += text.count("\n", seen, token.start())
        seen = token.start()
        match token[0]:
            case "{" | "[" as opened:
                path.append("" if opened == "{" else 0)
            case "}" | "]":
                path = path[:-1]
            case ",":
                if path:  # the next is an element, or a key
                    path[-1] = path[-1] + 1 if isinstance(path[-1], int) else ""
            case ":":
                if path:
                    path[-1] = key
            case string if string.startswith('"'):
                key = string[1:-1]
                yield tuple(path), key, line


def github(annotation: Annotation) -> str:
    """The workflow command for an annotation."""
    place = {"file": annotation.file, "line": str(annotation.line or 1), "title": annotation.title}
    properties = ",".join(f"{name}={_escaped(value, also=':,')}" for name, value in place.items())
    level = "notice" if annotation.bonus else "error"
    return f"::{level} {properties}::{_escaped(annotation.text)}"


def _escaped(text: str, also: str = "") -> str:
    return "".join(f"%{ord(character):02X}" if character in "%\r\n" + also else character
                   for character in visible(text))


def plain(annotation: Annotation) -> str:
    """An annotation as compilers write theirs."""
    place = annotation.file if annotation.line is None else f"{annotation.file}:{annotation.line}"
    lines = [visible(line) for line in annotation.text.splitlines()]
    # Never at the margin, where a runner might take a line for a command of its own.
    level = "note" if annotation.bonus else "error"
    head = " ".join(f"{level}: {visible(place)}: {visible(annotation.title)}".split())
    return "\n    ".join([head, *lines])


def summary(grades: Sequence[Grade], assignments: Mapping[str, Assignment]) -> str:
    """The job's summary: Markdown, in which everything is HTML, so that only HTML has to be
    escaped: a blank line, after which Markdown would begin again, is nowhere."""
    parts = []
    for grade in map(for_student, grades):
        prose = Prose(assignments[grade.assignment])
        score = total(grade) if grade.is_graded else sentence("Not graded")
        parts.append(f"<h3>{_html(prose.labelled(prose.assignment.title, score))}</h3>")
        parts += [f"<p>{_html(line)}</p>" for line in prose.about_the_whole(grade)]
        if grade.is_graded:
            parts += [_details(question, prose) for question in grade.questions]
    return "\n".join(parts) + "\n"


def total(grade: Grade) -> str:
    """The score in a few words, for the log."""
    if not grade.is_graded:
        return grade.result.status.value
    possible = f" / {points(grade.max_score)}" if grade.max_score else ""  # where all is bonus
    return points(grade.score) + possible


def _details(question: QuestionGrade, prose: Prose) -> str:
    lines = prose.checklist(question).splitlines()
    symbol = status_words(question).symbol
    return (f"<details><summary>{symbol} {_html(prose.heading(question))}</summary>"
            f"{'<br>'.join(map(_html, lines))}</details>")


def _html(text: str) -> str:
    return html.escape(" ".join(text.split()))
