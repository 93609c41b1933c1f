"""What this machine can promise, and what grading costs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import Tier
from autograder.course import load as load_course
from autograder.errors import ExitStatus

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder doctor\n\n"
                    "autograder doctor --require namespaces\n\nautograder doctor --json")
def doctor(
    require: Annotated[
        Tier | None,
        typer.Option(show_default=False, help="Exit 1 if the machine gives less.")] = None,
    as_json: options.JsonOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Attack a real worker on this machine, and say promise by promise what holds.

    In a course, say also which packages its assignments need and this machine lacks. Exit 1 then.
    """
    from autograder import doctor as office
    from autograder.cli.findings import device_table, examination_table, examinations_json
    from autograder.course import TIERS

    with console.messages.status("attacking a worker in each tier"):
        found = list(office.examine())
    with console.messages.status("attacking the worker of a GPU"):
        device = office.examine_device()
    if as_json:
        console.output.print_json(examinations_json(office.machine(), found, device))
    else:
        for fact, value in office.machine().items():
            console.output.print(Text(f"{fact:12} {value}"))
        console.output.print(examination_table(found))
        console.output.print(device_table(device))
    best = office.best(found)
    file = console.course_file(course_file)
    course = load_course(file) if course_file is not None or file.is_file() else None
    *missing, stood_in = office.packages(course)
    if not as_json:
        console.output.print(Text(stood_in), soft_wrap=True)
        console.output.print(Text(f"best tier here: {best}", style="bold"))
    for sentence in missing:
        console.messages.print(Text(f"error: {sentence}", style="bold red"), soft_wrap=True)
    if require is not None and TIERS.index(best) > TIERS.index(require):
        console.messages.print(
            Text(f"error: this machine gives {best}, not {require}", style="bold red"))
        raise typer.Exit(ExitStatus.SHORT)
    if missing:
        raise typer.Exit(ExitStatus.SHORT)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder bench\n\n"
                      "autograder bench correlation --size 10 --size 1000")
def bench(
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", show_default=False,
                       help="Which assignment. Default: all.")] = None,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, metavar="N", show_default=False,
                     help="Also grade a whole class of this size. May be repeated.")] = None,
    count: Annotated[
        int, typer.Option(min=5, help="Submissions in one measured run.")] = 204,
    rounds: Annotated[int, typer.Option(min=1, help="Measured runs.")] = 3,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", show_default=False,
                     help="Also write the figures as JSON.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Measure what grading costs on this machine: processor and wall-clock time.

    Grades the model solution again and again; takes minutes. Nothing is kept.
    """
    from autograder.authoring import cost
    from autograder.cli.findings import costs_json, costs_table, sizes_table
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    elif sizes:
        raise console.UsageError("--size grades a class of one assignment; name it")
    with console.messages.status("grading model solutions"):
        found = {name: cost.per_submission(course, name, count=count, rounds=rounds)
                 for name in ([assignment] if assignment else course.assignments)}
        console.output.print(costs_table(found))
        classes = list(cost.growth(course, assignment, sizes)) if assignment and sizes else []
    if classes:
        console.output.print(sizes_table(classes))
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_whole(output, costs_json(found, classes))
