"""Second looks: what students ask for, what is answered, and what is decided in the end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from autograder.cli import console, options, outcomes, whom
from autograder.cli.deciding import tell_effects
from autograder.course import Course
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import shown

if TYPE_CHECKING:
    from autograder.store import Store

verbs = typer.Typer()
group = typer.Typer(no_args_is_help=True)
verbs.add_typer(group, name="requests",
                help="Second looks: list, open, answer and close what students ask for.")

NumberArgument = Annotated[
    int, typer.Argument(metavar="N", help="The request's number, as `requests list` shows it.")]
WordsOption = Annotated[
    str, typer.Option("--words", metavar="TEXT", show_default=False, help="What is said.")]


@group.command("list", epilog="[bold]Examples[/bold]\n\nautograder requests list\n\n"
                              "autograder requests list correlation --open")
def list_(
    assignment: options.OnlyAssignmentArgument = None,
    open_: Annotated[bool, typer.Option("--open", help="Only those that are not closed.")] = False,
    course_file: options.CourseOption = None,
) -> None:
    """List requests, the oldest first."""
    from autograder.report.requests import requests_table
    from autograder.store import Store

    course = _course(course_file, assignment)
    with Store(course) as store:
        found = [each for each in store.requests.all(assignment=assignment)
                 if not (open_ and each.closed)]
        roster = store.decisions().roster
    console.output.print(requests_table(found, roster, course.zone))


@group.command(epilog="[bold]Examples[/bold]\n\nautograder requests show 3\n\n"
                      "autograder requests show --student ann")
def show(
    number: Annotated[
        int | None,
        typer.Argument(metavar="N", show_default=False,
                       help="The request's number, as `requests list` shows it.")] = None,
    student: Annotated[
        str | None,
        typer.Option(metavar="ID", show_default=False, help="All of this student's.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show a request, or all of a student's, with what was said."""
    from autograder.report.requests import requests_table, thread
    from autograder.store import Store

    if (number is None) == (student is None):
        raise console.UsageError("name one request by its number, or a student by --student")
    course = _course(course_file)
    with Store(course) as store:
        roster = store.decisions().roster
        found = [store.requests.find(number)] if number is not None else \
            store.requests.all(student=_student(student or "", store))
    for each in found:
        console.output.print(thread(each, roster, course.zone), soft_wrap=True)
    if not found:
        console.output.print(requests_table(found, roster, course.zone))


@group.command("open", epilog="[bold]Examples[/bold]\n\nautograder requests open ann correlation "
                              "corr2d --words 'My kernel may be larger than the image.'")
def open_(
    student: Annotated[
        str, typer.Argument(metavar="STUDENT", help="Who asks: an id, or an e-mail address.")],
    assignment: options.AssignmentArgument,
    words: WordsOption,
    question: Annotated[
        str | None,
        typer.Argument(metavar="QUESTION", show_default=False,
                       help="Which question. Default: the whole.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Open a request for a student, in the student's words."""
    from autograder.store import Store

    course = _course(course_file, assignment)
    if question is not None:
        try:
            course.assignment(assignment).question(question)
        except KeyError as error:
            raise console.UsageError(error.args[0]) from None
    with Store(course) as store:
        number = store.requests.open(_student(student, store), assignment, question, _said(words))
    console.output.print(Text(f"request {number} is open"))


@group.command(epilog="[bold]Examples[/bold]\n\n"
                      "autograder requests answer 3 --words 'Which image do you mean?'")
def answer(
    number: NumberArgument, words: WordsOption, course_file: options.CourseOption = None,
) -> None:
    """Add a message to an open request."""
    from autograder.store import Store

    with Store(_course(course_file)) as store:
        store.requests.answer(number, _said(words))
    console.output.print(Text(f"request {number} is answered"))


@group.command(epilog="[bold]Examples[/bold]\n\n"
                      "autograder requests close 5 --outcome 'It is as it should be.'\n\n"
                      "autograder requests close 6 --outcome 'You are right.' --adjust +1\n\n"
                      "autograder requests close 7 --outcome 'Nobody was told.' "
                      "--waive test_extreme_kernels")
def close(
    number: NumberArgument,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="TEXT", show_default=False,
                          help="What was decided. The student reads it beside changed points.")],
    adjust: Annotated[
        str | None,
        typer.Option(metavar="POINTS", show_default=False,
                     help="Give so many points more, or, below 0, less: +1, -0.5.")] = None,
    set_: Annotated[
        str | None,
        typer.Option("--set", metavar="POINTS", show_default=False,
                     help="Give so many points, whatever was earned.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Give all points.")] = False,
    waive: Annotated[
        str | None,
        typer.Option(metavar="CHECK", show_default=False,
                     help="Take this check of the question out, for everybody.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """End a request, with or without a change of points, of which the outcome has the number.

    Points are those of the request's question; without one, those of the total.
    """
    from autograder.store import Store

    with Store(_course(course_file)) as store:
        request, outcome = store.requests.find(number), _said(outcome)
        decision = outcomes.decided(request, outcome, store, add=adjust, set_=set_, full=full,
                                    waive=waive)
        before = store.book()
        outcome = store.requests.close(number, outcome, decision)
        if decision is not None:
            after = replace(before, decisions=before.decisions.having(decision))
            tell_effects(before, after, [decision.assignment])
    console.output.print(Text(f"request {number} is closed: {outcome}"), soft_wrap=True)


@group.command("import", epilog="[bold]Columns[/bold]\n\n"
               "student (an id or e-mail address), assignment, question, words and time are found "
               "by their titles, in any order; which was taken for what is printed. Only question "
               "and time may be missing.\n\n"
               "[bold]Examples[/bold]\n\nautograder requests import answers.csv\n\n"
               "autograder requests import form.csv --assignment correlation "
               "--columns 'student=Your number,words=Tell us'")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The form's answers, as CSV in UTF-8.")],
    columns: Annotated[
        str, typer.Option(metavar="NAME=TITLE,…", show_default=False,
                          help="Which column is which, where its title does not say it.")] = "",
    assignment: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False,
                     help="What all answers are about, where the form does not ask.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Open a request for each answer to a form (Google Forms, Microsoft Forms).

    What was imported before is not opened again. Exits with 3 when rows are left out, and says
    which.
    """
    from autograder.exchange import request_form
    from autograder.store import Store

    course = _course(course_file, assignment)
    with Store(course) as store:
        book = store.book()
        whose = partial(whom.student, roster=book.decisions.roster, students=book.students)
        found = request_form.load(file, course, whose, _columns(columns), assignment)
        opened = request_form.enter(store.requests, found.rows)
    console.tell([f"{file}: " + ", ".join(f"{name} is {shown(title)!r}"
                                          for name, title in found.columns.items())])
    if found.undated:
        console.warn(f"times that can be read in two ways, or in none: {len(found.undated)}, "
                     f"{shown(found.undated[0])!r} is the first; requests of these rows are opened "
                     "now")
    for problem in found.problems:
        console.warn(problem)
    console.output.print(Text(
        f"opened: {len(opened)}, known already: {len(found.rows) - len(opened)}, "
        f"left out: {len(found.problems)}"))
    if found.problems:
        raise typer.Exit(ExitStatus.ATTENTION)


def _course(file: Path | None, assignment: str | None = None) -> Course:
    course = load_course(console.course_file(file))
    if assignment is not None:
        console.known(course, assignment)
    return course


def _student(name: str, store: Store) -> str:
    book = store.book()
    return whom.student(name, book.decisions.roster, book.students)


def _said(words: str) -> str:
    """What was typed; where it is not UTF-8, Python puts halves of surrogate pairs."""
    said = words.encode(errors="replace").decode().strip()
    if not said:
        raise console.UsageError("say something: it is kept for good")
    return said


def _columns(text: str) -> dict[str, str]:
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise console.UsageError(f"--columns: {wrong[0]!r} says no title; write for example "
                                 "student=Your number,words=Tell us")
    return {name.strip(): title.strip() for name, _, title in pairs}
