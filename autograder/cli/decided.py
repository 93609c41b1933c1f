"""Looking at what staff decided: what stands, who did what, and what the term comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import console, options
from autograder.course import load as load_course
from autograder.course import people
from autograder.course.fields import hint
from autograder.names import shown

if TYPE_CHECKING:
    from autograder.store import Store
    from autograder.store.events import Event

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder decisions\n\n"
                    "autograder decisions correlation --student ann")
def decisions(
    assignment: options.OnlyAssignmentArgument = None,
    student: Annotated[
        str | None,
        typer.Option(metavar="ID", show_default=False,
                     help="Only what is about this student.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """List what staff decided and what stands: adjustments, waivers, extensions, marks."""
    from autograder.cli.whom import student as known_student
    from autograder.report.decisions import decisions_table
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    with Store(course) as store:
        found = store.decisions()
        who = None if student is None else known_student(
            student, found.roster, store.book().students)
    console.listed(decisions_table(found, assignment, who, course.zone), "nothing is decided")


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder events --last 20\n\n"
                    "autograder events --about ann --csv events.csv")
def events(
    verb: Annotated[
        str | None,
        typer.Option(metavar="VERB", show_default=False, callback=console.readable,
                     help="Only these: grade, adjust, waive, extend, mark, revoke, …")] = None,
    about: Annotated[
        str | None,
        typer.Option(metavar="WORD", show_default=False,
                     help="Only what was done to this person, assignment, question or check."),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, show_default=False, help="Only the newest.")] = None,
    csv: options.CsvOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show who did what, when, to what, and why. Lines are only ever added."""
    from autograder.report.decisions import events_csv, events_table
    from autograder.store import Store
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        found = _lines(store, verb, about)[-(last or 0):]
    if csv is not None:
        write_whole(csv, events_csv(found))
    else:
        console.listed(events_table(found, course.zone), "no lines of the log")


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder gradebook\n\n"
                    "autograder gradebook --section A --csv term.csv")
def gradebook(
    section: options.SectionOption = None,
    csv: options.CsvOption = None,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show the term: everybody's points of every assignment, and what they make together.

    By grader.toml's gradebook table: weights, lowest left out, curve. What is due and was not
    handed in is 0; what is not due yet does not count. Nor does what cannot be read, or what the
    grader's fault ended: both are named, and an older hand-in that is graded counts.
    """
    from datetime import UTC, datetime

    from autograder.gradebook.term import term
    from autograder.report.term import term_csv, term_table
    from autograder.store import Store
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        book = store.book(console.policy(latest))
    roster = book.decisions.roster
    chosen = None if section is None else {
        person.id for person in console.of_section(roster, section).students}
    found = term(book, datetime.now(UTC), chosen)
    if csv is not None:
        write_whole(csv, term_csv(found, course, roster))
    else:
        console.listed(term_table(found, course, roster), "no students yet")


def _lines(store: Store, verb: str | None, about: str | None) -> list[Event]:
    """The lines of a verb, or about somebody or something, or both; the oldest first. Where there
    is nothing about it, that is told, with what it may be a slip for.

    Raises:
        UsageError: the log has no line of the verb, but has lines.
    """
    everything = store.events.all()
    verbs = sorted({each.verb for each in everything})
    if verb is not None and verbs and verb not in verbs:
        raise console.UsageError(f"no line of the log is of {shown(verb)!r}{hint(verb, verbs)}; "
                                 f"there are: {', '.join(verbs)}")
    if about is None:
        return store.events.all(verb=verb)
    words = {word for each in everything for word in each.object.split(" · ")}
    if about not in words:
        about = _somebody(store, about)
    if about not in words:
        near = people.near(about, words)
        console.warn(f"nothing in the log is about {shown(about)!r}"
                     + (f"; did you mean {near[0]!r}?" if near else ""))
    return store.events.all(verb=verb, about=about)


def _somebody(store: Store, text: str) -> str:
    """The id of whom ``text`` means; ``text`` itself where that is nobody."""
    from autograder.cli import whom

    try:
        return whom.student(text, store.decisions().roster, ())
    except console.UsageError:
        return text
