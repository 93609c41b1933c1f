"""Looking for submissions that share code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import console, options
from autograder.course import load as load_course
from autograder.course import roster
from autograder.errors import ExitStatus
from autograder.names import counted

verbs = typer.Typer()


@verbs.command(epilog="[bold]What counts as shared[/bold]\n\n"
                    "Code that is alike but for names, numbers, texts, comments, formatting and "
                    "the order of functions. Not what students were given, nor what the model "
                    "solution, a --given FILE or much of the class (--common) has too.\n\n"
                    "[bold]Examples[/bold]\n\nautograder similar correlation submissions/\n\n"
                    "autograder similar correlation submissions/ --given textbook.py "
                    "--html similar.html\n\n"
                    "autograder similar correlation 2025/ 2026/ --threshold 0.6")
def similar(
    assignment: options.AssignmentArgument,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", show_default=False,
                       help="What was handed in, as for `autograder grade`.")],
    given: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Another notebook or script that all students had: code of the lecture "
                          "or the textbook. May be repeated.")] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1,
                            help="Share of the own code of one of the two that must stand in the "
                                 "other's submission too.")] = 0.3,
    common: Annotated[
        float, typer.Option(min=0, max=1,
                            help="What more than this share of the class has does not count.")
    ] = 0.2,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="Show this many pairs.")] = 20,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Also write a page with both codes side by side.")] = None,
    as_json: options.JsonOption = False,
    layout: options.LayoutOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show pairs of submissions that share more code than what everybody was given explains.

    For people to look at: no score is touched, and alike is not copied.
    """
    from autograder.authoring.build import solution_notebook
    from autograder.similarity import compare
    from autograder.similarity import page as report
    from autograder.submission import find, resolving
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file, paths))
    console.known(course, assignment)
    submissions = find(paths, course.assignment(assignment), layout)
    console.tell(submissions.layouts)
    with console.messages.status(f"comparing {counted(len(submissions), 'submission')}"):
        found = compare(course, assignment, resolving.named(submissions, roster.load(course)),
                        solution=solution_notebook(course, assignment), given=given or (),
                        threshold=threshold, common=common, top=top)
    if html is not None:
        write_whole(html, report.page(found, course.assignment(assignment).title))
    if as_json:
        console.output.print_json(report.as_json(found))
    else:
        console.output.print(report.table(found))
    for student, reason in found.skipped.items():
        console.warn(f"{student}: {reason}")
    if found.skipped:
        raise typer.Exit(ExitStatus.ATTENTION)
