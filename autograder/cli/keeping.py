"""What is kept of people, and of a course: person, backup, restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import Course
from autograder.course import load as load_course
from autograder.names import counted

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder person ann export -o ann.zip\n\n"
                    "autograder person ann forget --why 'asked for it on 3 May'\n\n"
                    "autograder person old")
def person(
    who: Annotated[
        str, typer.Argument(metavar="STUDENT", help="The student's id, or any other that the table "
                            "of people knows; or `old`, for a list.")],
    what: Annotated[
        Literal["export", "forget"] | None,
        typer.Argument(metavar="export|forget", show_default=False,
                       help="Write all that is kept of the student; or erase it.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="ZIP", show_default=False,
                     help="With export: the zip to write.")] = None,
    why: Annotated[
        str | None,
        typer.Option(metavar="TEXT", show_default=False,
                     help="With forget: the reason, for the log.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="With forget: do not ask. With old: delete the kept files "
                           "that no result is of.")] = False,
    course_file: options.CourseOption = None,
) -> None:
    """Give a student all that is kept of them, or erase it; or list of whom all is old.

    Erased are results, files that nobody else's result needs, decisions, marks, requests, and the
    line in the table of people. The class's statistics stay: which checks passed, and what that was
    worth, under a random name. Old are those of whom nothing is newer than `[store] keep_years`,
    and kept files that no result is of: of runs that were killed. Nobody is erased, and no such
    file deleted, while a run is at work.
    """
    course = load_course(console.course_file(course_file))
    if what is None:
        if who != "old":
            raise console.UsageError(f"say what: autograder person {who} export, or forget")
        _list_old(course, yes)
    elif what == "export":
        if output is None:
            raise console.UsageError("name the zip to write by --output")
        _export(course, who, output)
    else:
        if not why:
            raise console.UsageError("say why by --why: the log keeps the reason, and not the name")
        _forget(course, who, why, yes)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder backup term.zip")
def backup(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="The zip to write.")],
    course_file: options.CourseOption = None,
) -> None:
    """Write store, kept files, secret, grader.toml and people into one file, while graders run.

    Suites and solutions are not in it. `autograder restore` reads it, into SQLite or PostgreSQL.
    """
    from autograder.intake.backup import make
    from autograder.store import Store

    toml = console.course_file(course_file)
    course = load_course(toml)
    with Store(course) as store:
        saved = make(course, toml, store, output)
    console.output.print(Text(f"Backup: {output} ({counted(saved.results, 'result')}, "
                              f"{counted(saved.handins, 'hand-in')})"), soft_wrap=True)
    console.warn("it holds the course's secret and everybody's files: keep it from students")


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder restore term.zip --course ~/restored/\n\n"
                    "autograder restore term.zip --course ~/restored/grader.toml")
def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `autograder backup` wrote.")],
    course_file: options.CourseOption = None,
) -> None:
    """Restore a backup: into an empty place, or into the empty store of a course that is there.

    The grader.toml that --course names, or that belongs into the folder that it names, is written
    where there is none; one that is there says which store is filled. Nothing is overwritten.
    """
    from autograder.intake.backup import restore as put_back

    toml = console.course_file(course_file)
    if toml.suffix != ".toml" and not toml.is_file():
        toml /= "grader.toml"
    saved = put_back(file, toml)
    console.output.print(Text(f"Restored: {toml} ({counted(saved.results, 'result')}, "
                              f"{counted(saved.handins, 'hand-in')})"), soft_wrap=True)


def _export(course: Course, who: str, output: Path) -> None:
    from autograder.intake.giving import give
    from autograder.store import Store

    if output.exists():
        raise console.UsageError(f"{output}: is there already; name another file")
    with Store(course) as store:
        found = give(course, store, who, output)
    console.output.print(Text(f"All of {found.id}: {output}"), soft_wrap=True)


def _forget(course: Course, who: str, why: str, yes: bool) -> None:
    from autograder.intake.erasing import forget, look
    from autograder.store import Store

    with Store(course) as store:
        found, results = look(course, store, who)
        all_of_it = f"{found.id} and {counted(results, 'result')} for good"
        if not yes and not sys.stdin.isatty():
            raise console.UsageError(f"would erase {all_of_it}; if you want that, add --yes")
        if not yes:
            typer.confirm(f"Erase {all_of_it}?", abort=True, err=True)
        erased = forget(course, store, who, why)
    console.output.print(Text(
        f"Erased: {erased.person.id}, {counted(erased.results, 'result')}; in statistics: "
        f"{erased.alias}"), soft_wrap=True)
    for line in erased.left:
        console.warn(line)


def _list_old(course: Course, sweep: bool) -> None:
    from autograder.intake import KeptFiles
    from autograder.intake.giving import old
    from autograder.store import Store

    if course.store.keep_years is None:
        raise console.UsageError("grader.toml does not say how long is long; write [store] "
                                 "keep_years = 5, for example")
    with Store(course) as store:
        found = old(course, store)
        if sweep:
            swept = store.persons.sweep(KeptFiles(course).sweep)
            console.output.print(Text(f"Deleted: {counted(swept, 'kept hand-in')} of no result"))
    for id, newest in found:
        day = newest.astimezone(course.zone)
        console.output.print(Text(f"{id}: nothing newer than {day:%Y-%m-%d}"), soft_wrap=True)
    if not found:
        console.output.print("nobody")
