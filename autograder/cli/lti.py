"""What goes between the course and its learning platform, over LTI: lti roster, lti scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.cli.people import IdOption, RemoveOption, take_over
from autograder.course import Course
from autograder.course import load as load_course
from autograder.errors import ExitStatus
from autograder.names import counted, shown

if TYPE_CHECKING:
    from autograder.identity.services import PlatformCourse
    from autograder.store import Store

verbs = typer.Typer()
group = typer.Typer(no_args_is_help=True)
verbs.add_typer(group, name="lti",
                help="Take people from the learning platform, and send it scores.")


@group.command(epilog=(
    "[bold]Examples[/bold]\n\nautograder lti roster\n\nautograder lti roster --remove-missing"))
def roster(
    id_column: IdOption = None,
    remove_missing: RemoveOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Take the platform's people over into people.csv, as `people import` does a list.

    Students, and of others those who are in it already; roles stay as people.csv has them. Somebody
    of the staff has to have come in by a link of the platform once.
    """
    from autograder.course import roster as people
    from autograder.exchange.rosters import platform
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    asked, issuer = _platform(course)
    with Store(course) as store:
        place, context = _place(course, store, "names"), store.launches.service(issuer, "context")
        came = store.launches.ids(issuer)
    if place is None:
        raise console.UsageError(_come("names"))
    known = people.load(course)
    entries, notes = platform.entries(asked.members(place), known, came)
    console.tell([f"{issuer}: course {shown(context or '')}: "
                  f"{counted(len(entries), 'person', 'people')}"])
    for note in notes:
        console.warn(note)
    take_over(course, known, entries, issuer, id_column, remove_missing)
    if notes:
        raise typer.Exit(ExitStatus.ATTENTION)


@group.command(epilog=(
    "[bold]Examples[/bold]\n\nautograder lti scores correlation\n\n"
    "autograder lti scores correlation --overwrite"))
def scores(
    assignment: options.AssignmentArgument,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace also what a person entered there.")
    ] = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Send everybody's scores into the platform's gradebook.

    What a person entered there stays, as in `export`. Exits with 3 when some scores could not be
    sent, and says which.
    """
    from autograder.course import roster as people
    from autograder.exchange import lti
    from autograder.exchange.format import Known
    from autograder.identity.whom import at_platform
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    table = course.assignment(assignment)
    asked, issuer = _platform(course)
    with Store(course) as store:
        grades = store.grades_of_people(assignment, console.policy(latest))
        if not grades:
            raise console.no_results(assignment)
        column = _place(course, store, "column", assignment)
        if column is None:
            columns = _place(course, store, "columns")
            if columns is None:
                raise console.UsageError(_come("grades"))
            column = asked.column(columns, assignment, table.title, grades[0].max_score)
        known = people.load(course)
        users = at_platform(known, store.launches.ids(issuer))
        sent = lti.send(asked, column, grades, users, Known(
            known, store.written.of(lti.NAME, assignment), overwrite=overwrite))
        store.written.keep(lti.NAME, assignment, sent.written)
        store.events.add("export", f"{assignment} · {lti.NAME} · {issuer}",
                         after=f"{len(sent.written)} of {len(grades)} students"
                         + (", overwriting" if overwrite else ""))
    for note in sent.notes:
        console.warn(note)
    console.output.print(Text(f"Sent: {len(sent.written)} of {len(grades)} scores of {assignment}"),
                         soft_wrap=True)
    if sent.notes:
        raise typer.Exit(ExitStatus.ATTENTION)


def _platform(course: Course) -> tuple[PlatformCourse, str]:
    """The course on its platform, and what the platform calls itself."""
    if course.door.lti is None:
        raise console.UsageError("grader.toml names no learning platform; write [door.lti]")
    from autograder.identity.services import PlatformCourse
    from autograder.identity.tool_key import tool_key

    return PlatformCourse(course.door.lti, tool_key(course)), course.door.lti.issuer


def _place(course: Course, store: Store, kind: str, assignment: str = "") -> str | None:
    """Where a service of the platform's course is; None where no link of that course said it."""
    from autograder.identity.fetching import taken_from

    table, launches = course.door.lti, store.launches
    if table is None or (table.context and table.context != launches.service(
            table.issuer, "context")):
        return None
    place = launches.service(table.issuer, kind, assignment)
    return place and taken_from(table.issuer, place)


def _come(what: str) -> str:
    return (f"where the platform has its {what} is not known: have it share them with the door, "
            "and come in by a link of it once, as somebody whom people.csv calls staff")
