"""The verbs that work with other programs: export, bundle, ci."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperCommand

from autograder.cli import console, options
from autograder.course import load as load_course
from autograder.errors import ExitStatus

verbs = typer.Typer()


class _ExportCommand(TyperCommand):
    """The verb ``export``, whose help lists the formats. These are imported for the help only."""

    def format_help(self, *args: Any, **kwargs: Any) -> None:
        from autograder.exchange import FORMATS

        formats = (f"{each.name}: {each.description}." for each in FORMATS)
        examples = self.epilog or ""
        self.epilog = "\n\n".join(["[bold]Formats[/bold]", *formats, examples])
        try:
            super().format_help(*args, **kwargs)
        finally:
            self.epilog = examples  # it may be asked again


@verbs.command(cls=_ExportCommand, epilog=(
    "[bold]Examples[/bold]\n\n"
    "autograder export junit correlation -o junit/\n\n"
    "autograder export canvas correlation --template grades.csv -o filled.csv\n\n"
    "autograder export canvas correlation --template grades.csv -o filled.csv --overwrite"))
def export(
    format_name: options.FormatArgument,
    assignment: options.AssignmentArgument,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="PATH", show_default=False,
                     help="A file; or, for a file for each student, a folder.")],
    template: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="The platform's table to fill in, for formats that want one.")] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace also what a person entered in the table.")
    ] = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Write everybody's results in the format of another program.

    Grades nothing. In a platform's table what a person entered stays: what is neither empty, nor
    what the last export wrote, nor today's score. Exits with 3 when some results could not be
    written, and says which.
    """
    from autograder.exchange import FORMATS, filling
    from autograder.exchange.format import PerClass
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    chosen = next((each for each in FORMATS if each.name == format_name), None)
    if chosen is None:
        raise console.UsageError(f"no format {format_name!r}; there are: "
                         f"{', '.join(each.name for each in FORMATS)}")
    with Store(course) as store:
        grades = store.grades_of_people(assignment, console.policy(latest))
        if not grades:
            raise console.no_results(assignment)
        exported = chosen.write(
            grades, course.assignment(assignment), output, template,
            filling.known(store, format_name, assignment, overwrite=overwrite))
        if isinstance(chosen, PerClass):
            filling.remember(store, format_name, assignment, exported)
        filling.note(store, f"{assignment} · {format_name} · {output}", exported, len(grades),
                     overwrite=overwrite)
    for note in exported.notes:
        console.warn(note)
    console.output.print(Text(f"Exported: {output}"), soft_wrap=True)
    if exported.notes:
        raise typer.Exit(ExitStatus.ATTENTION)


@verbs.command(epilog=(
    "[bold]Formats[/bold]\n\ngradescope: an autograder for Gradescope.\n\n"
    "otter: an autograder for `otter run` and otter's containers.\n\n"
    "[bold]Examples[/bold]\n\n"
    "autograder bundle gradescope correlation -o correlation.zip\n\n"
    "autograder bundle otter correlation -o autograder.zip"))
def bundle(
    format_name: options.FormatArgument,
    assignment: options.AssignmentArgument,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="ZIP", show_default=False,
                     help="The zip to write.")],
    course_file: options.CourseOption = None,
) -> None:
    """Make the zip by which another program's grader grades one assignment with this one.

    It holds the hidden suite and the course's secret: keep it from students.
    """
    from autograder.course import secret
    from autograder.exchange.bundles import BUNDLES, write

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    if format_name not in BUNDLES:
        raise console.UsageError(f"no format {format_name!r}; there are: {', '.join(BUNDLES)}")
    write(BUNDLES[format_name](course, assignment, secret.load(course)), output)
    console.output.print(Text(f"Bundled: {output}"), soft_wrap=True)
    console.warn("it holds the hidden suite and the secret: keep it from students")


@verbs.command(epilog=(
    "[bold]Examples[/bold]\n\nautograder ci --course ../course/grader.toml\n\n"
    "autograder ci submission --course ../course/grader.toml --assignment correlation "
    "--threshold 0.6"))
def ci(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The checkout to grade.")] = Path(),
    assignments: Annotated[
        list[str] | None,
        typer.Option("--assignment", metavar="NAME", show_default=False,
                     help="An assignment. Default: those whose notebook is in PATH.")] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1,
                            help="Share of the points below which to exit with 1.")] = 1.0,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", show_default=False,
                     help="Formats of `autograder export` to write. Default: junit and ctrf.")
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR",
                     help="Where they go.")] = Path("autograder-reports"),
    student: Annotated[
        str | None,
        typer.Option(metavar="ID", show_default=False,
                     help="Whose it is. Default: what the pipeline says.")] = None,
    sandbox: options.SandboxOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Grade a checkout in a pipeline: annotations, a summary, reports, and an exit status.

    Everything it shows and writes may be shown to the student. It keeps nothing and takes nothing
    off for lateness. Exits with 1 below the threshold, 2 when it cannot grade at all, 3 when the
    grader failed.
    """
    from autograder.course import secret
    from autograder.exchange import FORMATS, workflow
    from autograder.exchange import ci as pipeline
    from autograder.exchange.format import PerStudent

    course = load_course(_kept_from_students(course_file, path))
    for name in assignments or ():
        console.known(course, name)
    per_student = {each.name: each for each in FORMATS if isinstance(each, PerStudent)}
    wanted = formats or ["junit", "ctrf"]
    for unknown in set(wanted) - set(per_student):
        raise console.UsageError(f"no format {unknown!r} for one student; there are: "
                                 f"{', '.join(per_student)}")
    graded = pipeline.grade(course, path, assignments or (), secret=secret.load(course),
                            student=student, tier=sandbox)
    show = workflow.github if os.environ.get("GITHUB_ACTIONS") == "true" else workflow.plain
    for each in graded:
        for annotation in workflow.annotate(each.grade, each.assignment,
                                            each.submission.source, each.content):
            console.output.verbatim(show(annotation))
        for name in wanted:
            per_student[name].write([each.grade], each.assignment, output / (
                f"{each.assignment.name}{per_student[name].suffix}"))
    told = workflow.summary([each.grade for each in graded], course.assignments)
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(file).open("a", encoding="utf-8") as job:
            job.write(told)
    for each in graded:
        console.output.verbatim(f"{each.assignment.name}: {workflow.total(each.grade)}")
    statuses = {each.grade.result.status.value for each in graded}
    if "internal" in statuses:
        raise typer.Exit(ExitStatus.ATTENTION)
    if "unreadable" in statuses or any(each.share < threshold for each in graded):
        raise typer.Exit(ExitStatus.SHORT)


def _kept_from_students(given: Path | None, path: Path) -> Path:
    """The course's grader.toml, which was named and lies outside the checkout: its suites run
    unconfined, and all that is in the checkout is a student's.

    Raises:
        UsageError: it was not named, or lies there.
    """
    if given is None and not os.environ.get(console.COURSE):
        raise console.UsageError(f"name the course by --course or {console.COURSE}: a grader.toml "
                                 "that is found in a pipeline may be the student's")
    file = console.course_file(given)
    folder = path.resolve()
    checkout = next(
        (each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    if file.resolve().is_relative_to(checkout):
        raise console.UsageError(f"{file}: lies in the checkout {checkout}, where students can "
                                 "write; keep the course elsewhere")
    return file
