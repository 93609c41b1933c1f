"""Arguments and options that several verbs have, so that each means the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.course import LayoutName, Tier
from autograder.telemetry.log import LogFormat

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="FILE", show_default=False,
                 help="The course's grader.toml. Default: what AUTOGRADER_COURSE names, or the one "
                      "here or in a directory above."),
]

AssignmentArgument = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Which assignment.")]

OnlyAssignmentArgument = Annotated[
    str | None,
    typer.Argument(metavar="ASSIGNMENT", show_default=False, help="Only this one.")]

AssignmentsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", show_default=False, help="Assignments. Default: all.")]

NotebookArgument = Annotated[
    Path, typer.Argument(metavar="NOTEBOOK", help="Your notebook (.ipynb), or a script.")]

FormatArgument = Annotated[str, typer.Argument(metavar="FORMAT", help="One of those below.")]

LayoutOption = Annotated[
    LayoutName | None,
    typer.Option("--layout", show_default=False,
                 help="How what was handed in lies there. Default: what all names at the top agree "
                      "on, which is printed.")]

SandboxOption = Annotated[
    Tier | None,
    typer.Option("--sandbox", show_default=False,
                 help="Use this tier. Default: the strongest that the machine gives.")]

CountsOption = Annotated[
    bool | None,
    typer.Option("--latest/--best", show_default=False,
                 help="Which of a student's submissions counts: the one handed in last, or the one "
                      "with most points. Default: what grader.toml says by counts.")]

SectionOption = Annotated[
    str | None,
    typer.Option("--section", metavar="SECTION", show_default=False,
                 help="Only this section's people.")]

AnonymousOption = Annotated[
    bool,
    typer.Option("--anonymous", help="Show pseudonyms to staff: pages and tables go to anonymous/ "
                                     "below the reports.")]

LogOption = Annotated[
    LogFormat | None,
    typer.Option("--log-format", show_default=False,
                 help="Write a log on stderr, a line for each event: key=value, or JSON. Default: "
                      "none.")]

ReportsOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", show_default=False,
                 help="Where the reports go. Default: results/ beside grader.toml.")]

CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", show_default=False,
                 help="Write a table for spreadsheets, and print none.")]

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", show_default=False, help="Also write a page.")]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
