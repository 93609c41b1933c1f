"""What this machine can promise, and what grading costs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli import console
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Attack a real worker on this machine, and say promise by promise what holds."""
    from autograder import doctor as office
    from autograder.cli.findings import examination_table, examinations_json
    from autograder.course import TIERS

    with console.messages.status("attacking a worker in each tier"):
        found = list(office.examine())
    if as_json:
        console.output.print_json(examinations_json(office.machine(), found))
    else:
        for fact, value in office.machine().items():
            console.output.print(Text(f"{fact:12} {value}"))
        console.output.print(examination_table(found))
    best = office.best(found)
    if not as_json:
        console.output.print(Text(f"best tier here: {best}", style="bold"))
    if require is not None and TIERS.index(best) > TIERS.index(require):
        console.messages.print(
            Text(f"error: this machine gives {best}, not {require}", style="bold red"))
        raise typer.Exit(ExitStatus.SHORT)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder bench\n\n"
                      "autograder bench correlation --against nbgrader --against otter\n\n"
                      "autograder bench correlation --size 10 --size 1000 --plot cost.svg")
def bench(
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="ASSIGNMENT", show_default=False,
                       help="Which assignment. Default: the CPU of each, alone.")] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="WAY", show_default=False,
                     help="nbgrader, otter, pytest, 'pytest, collected once', or 'autograder, one "
                          "process'. Default: all.")
    ] = None,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, metavar="N", show_default=False,
                     help="Also grade a whole class of this size.")] = None,
    count: Annotated[
        int, typer.Option(min=5, help="Submissions in one measured run.")] = 204,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each way, interleaved.")] = 3,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", show_default=False,
                     help="Also write the figures as JSON.")] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Also draw how cost grows with --size, as .svg or .png.")] = None,
    course_file: console.CourseOption = None,
) -> None:
    """Measure what grading costs here, beside nbgrader, otter-grader and bare pytest.

    Grades the model solution again and again; takes minutes. Nothing is kept.
    """
    from autograder.benchmark import measuring, tables
    from autograder.report.files import write_whole

    course = load_course(console.course_file(course_file))
    if plot is not None and not sizes:
        raise console.UsageError("--plot draws what --size measures; give at least two sizes")
    for name in {*(against or ())} - {*measuring.WAYS}:
        ways = ", ".join(map(repr, measuring.WAYS))
        raise console.UsageError(f"no way {name!r}; there are: {ways}")
    if assignment is None:
        with console.messages.status("grading model solutions"):
            found = {name: measuring.compared(course, name, count=count, rounds=rounds, against=())
                     for name in course.assignments}
        console.output.print(tables.by_assignment(found))
        return
    console.known(course, assignment)
    figures = tables.Figures(assignment)
    with console.messages.status("grading the model solution, one way after the other"):
        figures.ways += measuring.compared(
            course, assignment, count=count, rounds=rounds,
            against=against or [name for name in measuring.WAYS if name != "autograder"])
        console.output.print(tables.ways(figures.ways))
        figures.parts |= measuring.split(course, assignment)
        console.output.print(tables.parts(figures.parts))
        figures.sizes += measuring.growth(course, assignment, sizes or ())
    if figures.sizes:
        console.output.print(tables.sizes(figures.sizes))
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_whole(output, tables.as_json(figures))
    if plot is not None:
        tables.draw(figures.sizes, plot)
