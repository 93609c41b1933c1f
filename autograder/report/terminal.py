"""The summary of a class in a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment, Question
from autograder.course.roster import Person
from autograder.gradebook import Grade, QuestionGrade
from autograder.report.class_list import NOBODY, ClassList
from autograder.report.statistics import ClassFigures, class_figures
from autograder.report.words import newer_note, one_line, points, say

_STUDENT_WIDTH = 20
_NAME_WIDTH = 20
_MISSING_NAMED = 10
_STATUS_WIDTH = 10  # "unreadable"
_TOTAL_WIDTH = 6
_FAULTS_SHOWN = 5
_LEAST_WIDTH = 4  # of a question: 3.47
_USUAL_WIDTH = 6  # with which names of questions can be read, mostly


def summary(grades: Sequence[Grade], assignment: Assignment,
            people: ClassList = NOBODY) -> RenderableType:
    """A table with a row for each student, and below it what it says about the class.

    It fits itself to the terminal; from 100 columns on, a dozen questions stay readable. Where
    there is no room for names, there are ids.
    """
    return _Summary(grades, assignment, people)


@dataclass(frozen=True)
class _Summary:
    grades: Sequence[Grade]
    assignment: Assignment
    people: ClassList

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ordered = sorted(self.grades, key=lambda grade: grade.student)
        others = _other_columns(ordered)
        names = self._names(ordered, options.max_width - others)
        if names:
            others += _NAME_WIDTH + 1
        least = (_LEAST_WIDTH + 1) * len(self.assignment.questions)
        # Too many questions for this terminal: who is graded is seen by the total.
        with_status = others + least <= options.max_width
        if not with_status:
            others -= _STATUS_WIDTH + 2
        width = _question_width(self.assignment, options.max_width - others)
        heads = [_broken(question.name, width) for question in self.assignment.questions]
        numbers = [str(number) for number, _ in enumerate(heads, 1)]
        fits = all(len(line) <= width for head in heads for line in head.split("\n"))
        headings = [f"{head}\n{_worth(question)}" for head, question
                    in zip(heads if fits else numbers, self.assignment.questions, strict=True)]
        yield _table(ordered, self.assignment, headings, width, with_status, names)
        if not fits:
            yield Text("   ".join(f"{number}:{question.name}" for number, question
                                  in zip(numbers, self.assignment.questions, strict=True)))
        counted = [grade for grade in ordered if self.people.counts(grade)]
        yield from _below(class_figures(counted, self.assignment), ordered)
        for grade in ordered:
            if grade.newer:
                yield Text(one_line(f"{grade.student}: {newer_note(grade.newer)}"))
        if self.people.missing:
            yield _missing(self.people.missing)

    def _names(self, grades: Sequence[Grade], width: int) -> Mapping[str, str]:
        """Names by id, where any is known and ``width`` columns have room for them beside the
        questions' own."""
        wanted = _NAME_WIDTH + 1 + (_USUAL_WIDTH + 1) * len(self.assignment.questions)
        names = {grade.student: self.people.roster.person(grade.student).name for grade in grades}
        return names if any(names.values()) and wanted <= width else {}


def _missing(people: Sequence[Person]) -> Text:
    named = ", ".join(one_line(person.shown) for person in people[:_MISSING_NAMED])
    more = ", …" if len(people) > _MISSING_NAMED else ""
    return Text(f"missing: {len(people)} ({named}{more})")


def _table(grades: Sequence[Grade], assignment: Assignment, headings: Sequence[str],
           width: int, with_status: bool, names: Mapping[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=Text(one_line(assignment.title)))
    table.add_column("student", max_width=_STUDENT_WIDTH, overflow="fold")
    if names:
        table.add_column("name", max_width=_NAME_WIDTH, overflow="fold")
    # One column holds all questions, so that a row without points has room for its reason.
    table.add_column(_cells([Text(heading) for heading in headings], width),
                     width=len(headings) * (width + 1) - 1)
    if with_status:
        table.add_column("status", min_width=_STATUS_WIDTH)
    total = f"total\n/{points(assignment.points)}" if assignment.points else "total"
    table.add_column(total, justify="right", min_width=_TOTAL_WIDTH)
    for grade in grades:
        student, cells, status, score = _row(grade, assignment, width)
        name = [Text(one_line(names[grade.student]))] if names else []
        table.add_row(student, *name, cells, *([status] if with_status else []), score)
    return table


def _other_columns(grades: Sequence[Grade]) -> int:
    """Columns of the terminal that are not for questions."""
    students = max((cell_len(one_line(grade.student)) for grade in grades), default=0)
    return max(7, min(students, _STUDENT_WIDTH)) + _STATUS_WIDTH + _TOTAL_WIDTH + 8


def _question_width(assignment: Assignment, width: int) -> int:
    """Columns for each question, where ``width`` are for all."""
    return max(_LEAST_WIDTH, min(12, width // len(assignment.questions) - 1))


def _row(
    grade: Grade, assignment: Assignment, width: int
) -> tuple[RenderableType, RenderableType, RenderableType, RenderableType]:
    """The student, the questions, the status, and the total."""
    student, result = Text(one_line(grade.student)), grade.result
    if not grade.is_graded:
        reason = one_line(say(result.message)) if result.message else "no reason recorded"
        return (student, Text(reason, style="yellow"), Text(result.status.value, style="yellow"),
                Text("—"))
    cells = [_score(grade.question(question.name)) for question in assignment.questions]
    late, slip = grade.late_days, grade.slip_days
    status = f"late {late} d" if late else grade.status_word
    status += f", {slip} slip" if slip else ""
    return student, _cells(cells, width), Text(status), Text(points(grade.score), style="bold")


def _cells(cells: Sequence[Text], width: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
    for _ in cells:
        grid.add_column(width=width, justify="right", vertical="bottom")
    grid.add_row(*cells)
    return grid


def _broken(name: str, width: int) -> str:
    """``name`` broken after underscores into lines of ``width``, where its parts allow it."""
    lines = [""]
    for part in re.findall(r"[^_]*_|[^_]+", name):
        if len(lines[-1] + part) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    return "\n".join(filter(None, lines))


def _worth(question: Question) -> str:
    return ("+" if question.bonus else "") + points(question.points)


def _score(answer: QuestionGrade | None) -> Text:
    if answer is None:
        return Text("—", style="dim")
    if answer.result.status.is_undecided:
        return Text("?", style="yellow")
    full = answer.score >= answer.max_score
    return Text(points(answer.score), style="green" if full else "red" if answer.score <= 0 else "")


def _faults(grades: Sequence[Grade]) -> Iterator[Text]:
    """What in the suite failed, for whoever has to mend it before anybody grades again."""
    found = Counter(f"{question.name}.{check.id}: {check.fault}" for grade in grades
                    for question in grade.result.questions for check in question.checks
                    if check.fault)
    if found:
        yield Text("mend first, in tests/hidden/:")
    for fault, count in found.most_common(_FAULTS_SHOWN):
        yield Text(one_line(f"  {fault} (in {count})"))
    if len(found) > _FAULTS_SHOWN:
        yield Text(f"  and {len(found) - _FAULTS_SHOWN} more")


def _below(figures: ClassFigures, grades: Sequence[Grade]) -> Iterator[Text]:
    middle = ""
    if figures.mean is not None and figures.median is not None:
        middle = f", mean {points(figures.mean)}, median {points(figures.median)}"
    yield Text(f"{figures.graded} graded{middle}")
    hardest = figures.hardest
    if hardest is not None and hardest.mean_share is not None:
        yield Text(f"hardest question: {hardest.question.name} "
                   f"(mean {hardest.mean_share:.0%} of its points)")
    if figures.unreadable:
        yield Text(f"{figures.unreadable} unreadable")
    if figures.internal:
        yield Text(f"{figures.internal} internal: grade these again")
        yield from _faults(grades)
    if figures.unmarked:
        yield Text(f"texts to be marked: {figures.unmarked}; whose, says autograder marks list "
                   f"{grades[0].assignment}")
    if any(question.result.status.is_undecided
           for grade in grades for question in grade.questions):
        yield Text("? = not marked yet, deferred, or to be graded again")
