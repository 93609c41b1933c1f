"""Who is in the course."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import Course
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import counted

if TYPE_CHECKING:
    from autograder.course.roster import Person, Roster
    from autograder.exchange.rosters import Entry, Merged

verbs = typer.Typer()
group = typer.Typer(no_args_is_help=True)
verbs.add_typer(group, name="people",
                help="Who is in the course: list, import, and reveal who a pseudonym is.")

IdOption = Annotated[
    str | None,
    typer.Option("--id", metavar="COLUMN", show_default=False,
                 help="The column that new people's ids are taken from. Default: the login, "
                      "the ID number or the e-mail address, up to its @.")]
RemoveOption = Annotated[
    bool, typer.Option("--remove-missing", help="Take students out who are not in the list.")]


@group.command("list", epilog=(
    "[bold]Examples[/bold]\n\nautograder people list\n\n"
    "autograder people list --section A --csv a.csv"))
def list_(
    section: options.SectionOption = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Write a table for spreadsheets instead.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """List the course's people: names, ids, sections, teams, roles.

    They stand in people.csv beside grader.toml.
    """
    from autograder.course import roster
    from autograder.report.people import people_csv, people_table
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    known = roster.load(course)
    if not known.people:
        raise console.UsageError(f"{roster.file(course)}: lists nobody; fill it by: "
                                 "autograder people import FILE")
    found = console.of_section(known, section)
    if csv is None:
        console.listed(people_table(found), "no people")
    else:
        write_whole(csv, people_csv(found))
        console.output.print(Text(f"Written: {csv}"), soft_wrap=True)


@group.command("import", epilog=(
    "[bold]Kinds[/bold]\n\nThey are told by the titles of the columns: canvas: Canvas's gradebook. "
    "moodle: Moodle's participants, or the grading worksheet of an assignment. classroom: GitHub "
    "Classroom's roster. plain: a table with a column id.\n\n"
    "[bold]Examples[/bold]\n\nautograder people import gradebook.csv\n\n"
    "autograder people import participants.csv --id \"ID number\"\n\n"
    "autograder people import gradebook.csv --remove-missing"))
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list, as CSV.")],
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", show_default=False,
                     help="Which kind of list it is, where its titles do not tell.")] = None,
    id_column: IdOption = None,
    remove_missing: RemoveOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Take people over from another program's list into people.csv.

    Nobody is lost, and what the list does not say stays as it is. Exits with 3 when students are
    no longer in the list, or somebody new is called like somebody who was there.
    """
    from autograder.course import roster
    from autograder.exchange import rosters

    course = load_course(console.course_file(course_file))
    if kind is not None and kind not in rosters.KINDS:
        raise console.UsageError(f"no kind {kind!r}; there are: {', '.join(rosters.KINDS)}")
    known = roster.load(course)
    listed = rosters.read(file, kind, known.sections)
    console.tell(listed.said)
    take_over(course, known, listed.entries, str(file), id_column, remove_missing)


def take_over(course: Course, known: Roster, entries: Sequence[Entry], source: str,
              id_column: str | None, remove_missing: bool) -> None:
    """Put what a list says into people.csv, and say what has become of it.

    Args:
        source: the list's file, or whoever gave it.
    """
    from autograder.course import roster
    from autograder.exchange import ExchangeError, rosters
    from autograder.store import Store
    from autograder.whole_files import write_whole

    try:
        merged = rosters.merge(known, entries, id_column=id_column, remove_missing=remove_missing)
    except ExchangeError as error:
        raise ExchangeError(f"{source}: {error}") from None
    place = roster.file(course)
    if list(merged.people) != list(known.people.values()):
        with Store(course) as store:
            write_whole(place, roster.written(merged.people))
            store.events.add("people import", place.name, before=_many(known.people.values()),
                             after=_many(merged.people), why=Path(source).name)
    console.output.print(Text(f"{place}: {_told(merged, remove_missing)}"), soft_wrap=True)
    for note in merged.notes:
        console.warn(note)
    for before, new in merged.alike:
        console.warn(f"{before.id} and {new.id} are both called {new.name}, and nothing else says "
                     f"whether they are one; if so, give one line of {place.name} the ids of both "
                     "and delete the other; if not, nothing is to be done")
    kept = [] if remove_missing else merged.missing
    if kept:
        console.warn(f"no longer in {source}, and kept: {_named(kept)}; "
                     "--remove-missing takes them out")
    if kept or merged.alike or merged.notes:
        raise typer.Exit(ExitStatus.ATTENTION)


def _told(merged: Merged, removed: bool) -> str:
    same = len(merged.people) - len(merged.new) - len(merged.changed)
    gone = f", {len(merged.missing)} taken out: {_named(merged.missing)}" \
        if removed and merged.missing else ""
    return f"{len(merged.new)} new, {len(merged.changed)} changed, {same} as they were{gone}"


def _many(people: Collection[Person]) -> str:
    return counted(len(people), "person", "people")


def _named(people: Sequence[Person], most: int = 5) -> str:
    more = f" and {len(people) - most} more" if len(people) > most else ""
    return ", ".join(person.id for person in people[:most]) + more


@group.command(epilog=(
    "[bold]Examples[/bold]\n\nautograder people reveal lusab-babad-gutih --why \"asked for a "
    "second look\""))
def reveal(
    pseudonym: Annotated[str, typer.Argument(metavar="PSEUDONYM", help="As a page shows it.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="For the log.")],
    course_file: options.CourseOption = None,
) -> None:
    """Say whom a pseudonym of anonymous pages stands for. This is noted in the log."""
    from autograder.course import secret
    from autograder.course.pseudonyms import pseudonym as pseudonym_of
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    key = secret.load(course)
    wanted = pseudonym.strip().casefold()
    with Store(course) as store:
        found = next((id for id in store.book().students if pseudonym_of(key, id) == wanted), None)
        if found is None:
            raise console.UsageError(f"{pseudonym!r} is nobody's pseudonym in this course; write "
                                     "it as the page does")
        store.events.add("reveal", f"{found} · {wanted}", student=found, after=found, why=why)
    console.output.print(Text(found))
