"""The verbs that mark questions in free text: marks export, marks import, marks list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from autograder.cli import console, options
from autograder.course import Assignment, Course, Question
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import counted

if TYPE_CHECKING:
    from autograder.exchange.marks import Answer
    from autograder.store import Store

verbs = typer.Typer()
group = typer.Typer(no_args_is_help=True)
verbs.add_typer(group, name="marks", help="Mark questions in free text.")


@group.command("export", epilog=(
    "[bold]Examples[/bold]\n\nautograder marks export correlation essay -o essay.csv\n\n"
    "autograder marks export correlation essay --anonymous -o essay.csv"))
def export_marks(
    assignment: options.AssignmentArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A question in free text.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.csv", show_default=False,
                     help="The table to write.")],
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Call students by pseudonyms.")] = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Write a table of everybody's answers to one question, to be filled in with points.

    Each answer is that of the submission that counts. Points go into the column points, or into
    those of the rubric, one for each of its lines. Exits with 3 when somebody's submission was
    graded before the question was asked.
    """
    from autograder.course import secret
    from autograder.course.pseudonyms import pseudonym
    from autograder.exchange import marks
    from autograder.store import Store
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    table = course.assignment(assignment)
    asked = marks.text_question(table, question)
    with Store(course) as store:
        found, notes = marks.answers(store, table, asked, console.policy(latest))
    if not found and not notes:
        raise console.no_results(assignment)
    key = secret.load(course) if anonymous else b""
    names = {each.student: pseudonym(key, each.student) if anonymous else each.student
             for each in found}
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, marks.table(table, asked, [(names[each.student], each) for each in found]))
    for note in notes:
        console.warn(note)
    console.output.print(Text(
        f"Exported: {output}: {counted(len(found), 'answer')}, "
        f"{len(marks.open_texts(found))} not marked"), soft_wrap=True)
    if notes:
        raise typer.Exit(ExitStatus.ATTENTION)


@group.command("import", epilog="[bold]Examples[/bold]\n\nautograder marks import essay.csv")
def import_marks(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="What `autograder marks export` wrote, with "
                                                      "points and comments filled in.")],
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", show_default=False, callback=console.readable,
                          help="A reason, for staff; it stands in the log.")] = "",
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace also marks that somebody gave at the desk since "
                                         "the table was exported.")
    ] = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Give the points of a table to the students in it.

    All of it counts or, where a row cannot be, nothing. A row without points changes nothing, and
    neither does the mark that stands. Marks that the table does not know of, given at the desk
    since it was exported, are named and stay.
    """
    from autograder.exchange.format import ExchangeError
    from autograder.exchange.marks_read import read
    from autograder.gradebook import TextMark
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise console.UsageError(f"{file}: not UTF-8 text at byte {error.start}; save it as CSV "
                                 "in UTF-8") from None
    with Store(course) as store:

        def find(assignment: Assignment, question: Question, called: Collection[str]
                 ) -> Mapping[str, Answer]:
            return _by_name(store, course, assignment, question, called, latest)

        try:
            marked = read(text, course, find, lambda assignment, question: store.written.of(
                f"marks {question.name}", assignment.name), overwrite=overwrite)
        except ExchangeError as error:
            raise ExchangeError("\n".join(
                f"{file}: {line}" for line in str(error).splitlines())) from None
        given = [*marked.new, *marked.changed]
        numbers = store.acts.add_all(TextMark(
            assignment=marked.assignment.name, student=each.answer.student,
            question=marked.question.name, points=each.points, comment=each.comment,
            items=each.items, reason=why, answer=each.answer.digest) for each in given)
        store.written.keep(f"marks {marked.question.name}", marked.assignment.name, {
            each.answer.student: str(number)
            for each, number in zip(given, numbers, strict=True)})
    console.output.print(Text(
        f"{marked.assignment.name} {marked.question.name}: {marked.summary}"), soft_wrap=True)


def _by_name(store: Store, course: Course, assignment: Assignment, question: Question,
             called: Collection[str], latest: bool | None) -> dict[str, Answer]:
    """Everybody's answer, by what a table calls them: their ids or, where one of these is not
    among them, also pseudonyms."""
    from autograder.course import secret
    from autograder.course.pseudonyms import pseudonym
    from autograder.exchange import marks
    from autograder.report.cells import safe_cell

    found, _ = marks.answers(store, assignment, question, console.policy(latest))
    plain = {safe_cell(each.student): each for each in found}
    if all(each in plain for each in called):
        return plain
    key = secret.load(course)
    return {pseudonym(key, each.student): each for each in found} | plain


@group.command("list", epilog="[bold]Examples[/bold]\n\nautograder marks list correlation")
def list_marks(
    assignment: options.AssignmentArgument,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Say of each question in free text how many are marked, and who is not.

    Whoever has handed in another text since it was marked is named, too: the mark stands.
    """
    from autograder.exchange import marks
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    table = course.assignment(assignment)
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=Text(table.title))
    for title in ("question", "marked", "not marked yet", "another text since"):
        shown.add_column(title, overflow="fold")
    with Store(course) as store:
        for question in table.questions:
            if question.kind == "text":
                found, notes = marks.answers(store, table, question, console.policy(latest))
                left = marks.open_texts(found)
                shown.add_row(
                    question.name, f"{len(found) - len(left)} of {len(found)}", _listed(left),
                    _listed([each.student for each in found if each.is_outdated]))
                for note in notes:
                    console.warn(note)
    console.listed(shown, f"{assignment} has no question in free text: there is nothing to mark")


def _listed(students: list[str]) -> Text:
    from autograder.report.words import one_line

    return Text(", ".join(map(one_line, students)) or "—")
