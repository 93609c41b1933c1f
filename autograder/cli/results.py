"""Looking at what is graded."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from autograder.cli import console, options, whom
from autograder.course import Course, roster
from autograder.course import load as load_course
from autograder.course.dates import clock

if TYPE_CHECKING:
    from autograder.store import Store

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder runs\n\nautograder runs correlation")
def runs(
    assignment: options.OnlyAssignmentArgument = None,
    course_file: options.CourseOption = None,
) -> None:
    """List the runs of `autograder grade`, oldest first.

    New results are those a run made; what it found in the store is not among them.
    """
    from autograder.report.changes import runs_table
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    with Store(course) as store:
        console.listed(runs_table(store.runs(assignment), course.zone), "no runs")


@verbs.command(epilog="[bold]Runs[/bold]\n\n"
                    "A number that `autograder runs` lists; last; or last-1 for the one before it, "
                    "last-2 and so on. These count the runs on ASSIGNMENT. Without it, they are "
                    "the runs on the assignment of the other RUN where that is a number, or else "
                    "of the newest run.\n\n"
                    "A run stands for each student's result that counted when it had been made: "
                    "its own, or an earlier run's.\n\n"
                    "[bold]Examples[/bold]\n\nautograder diff\n\n"
                    "autograder diff last-2 last --assignment correlation --html changes.html\n\n"
                    "autograder diff 12 last --csv changes.csv")
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="The earlier run.")] = "last-1",
    after: Annotated[str, typer.Argument(metavar="RUN", help="The later run.")] = "last",
    assignment: Annotated[
        str | None,
        typer.Option(metavar="ASSIGNMENT", show_default=False,
                     help="Count the runs on this one.")] = None,
    html: options.HtmlOption = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Also write a table for spreadsheets.")] = None,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show what changed between two runs: for whom, by how much, and by which check."""
    from autograder.report.changes import comparison_csv, comparison_page, comparison_table
    from autograder.store import Store, changes
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    with Store(course) as store:
        earlier, later = changes.chosen(store.runs(), before, after, assignment)
        found = changes.compare(course, store, earlier, later, console.policy(latest))
    if html is not None:
        write_whole(html, comparison_page(found, earlier.assignment, course.zone))
    if csv is not None:
        write_whole(csv, comparison_csv(found))
    console.output.print(comparison_table(found))


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder show ann\n\n"
                    "autograder show ann correlation\n\n"
                    "autograder show ann correlation --file -o disputed.ipynb\n\n"
                    "autograder show ann correlation --file --digest 3f9c -o earlier.ipynb")
def show(
    student: Annotated[
        str, typer.Argument(metavar="STUDENT", help="The student's id, or another name.")],
    assignment: options.OnlyAssignmentArgument = None,
    file: Annotated[
        bool, typer.Option("--file", help="Give back what the student handed in for ASSIGNMENT, "
                           "byte for byte: what counts.")] = False,
    digest: Annotated[
        str | None,
        typer.Option(metavar="PREFIX", show_default=False,
                     help="With --file: another of the student's, by the beginning of what the "
                          "table shows under files.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", show_default=False,
                     help="With --file: where to write it; a folder, where there are several "
                          "files. Default: stdout.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show every result there is of one student, oldest first, and what it is worth now."""
    from autograder.report.rows import names_of
    from autograder.report.words import one_line, points
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    if assignment is not None:
        console.known(course, assignment)
    with Store(course) as store:
        student = whom.student(student, roster.load(course), store.persons.names())
    if file:
        _give_back(course, student, assignment, digest, output)
        return
    if digest is not None or output is not None:
        raise console.UsageError("--digest and --output go with --file")
    with Store(course) as store:
        entries = store.history(student, assignment)
    if not entries:
        console.output.print(Text(f"no results of {one_line(student)}"))
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=Text(one_line(student)))
    for heading in ("graded at", "assignment", "status", "score", "sandbox", "files", "suite"):
        # Where the terminal is narrow, the digests are cut: a few of their letters say enough.
        is_digest = heading in ("files", "suite")
        table.add_column(heading, justify="right" if heading == "score" else "left",
                         no_wrap=not is_digest, overflow="crop" if is_digest else "fold")
    for entry in entries:
        table.add_row(
            clock(entry.created, course.zone), entry.assignment, entry.status.value,
            "—" if entry.score is None else points(entry.score), entry.tier,
            entry.submission[:8], entry.suite[:8])
    console.output.print(table)
    for entry in {entry.assignment: entry for entry in entries}.values():
        if entry.suspicions:
            console.output.print(Text(
                f"{entry.assignment}: read the code. {names_of(entry.suspicions)}"))


def _give_back(course: Course, student: str, assignment: str | None, prefix: str | None,
               output: Path | None) -> None:
    """Write the files that a student handed in: those that count, or of a digest."""
    from autograder.intake import KeptFiles, files
    from autograder.intake.giving import named
    from autograder.store import Store

    if assignment is None:
        raise console.UsageError("--file wants an assignment: autograder show STUDENT ASSIGNMENT "
                                 "--file")
    with Store(course) as store:
        person, names = named(course, store, student)
        digest = _counting(store, names, assignment) if prefix is None else \
            _beginning(store, names, assignment, prefix)
        kept = KeptFiles(course).find(digest) if digest is not None else None
        if digest is None or kept is None:
            raise console.UsageError(
                f"no files of {person.id} for {assignment} are kept"
                + (f" under {prefix}" if prefix else "") + "; they are from the moment on when "
                "`autograder grade` meets them, unless grader.toml says [handins] keep = false")
        if output is None and len(kept) > 1:
            raise console.UsageError(f"{len(kept)} files were handed in; name a folder for them by "
                                     "--output")
        store.events.add("show file", f"{assignment} · {person.id} · {digest[:8]}",
                         student=person.id)
    if output is not None:
        for place in files.write(kept, output):
            console.output.print(Text(f"Written: {place}"), soft_wrap=True)
    else:
        sys.stdout.buffer.write(*kept.values())


def _counting(store: Store, names: Collection[str], assignment: str) -> str | None:
    """The digest of what counts of the student who is called so."""
    counting = store.counting_numbers(assignment)
    numbers = [counting[name] for name in names if name in counting]
    return store.result(max(numbers)).submission.digest if numbers else None


def _beginning(store: Store, names: Collection[str], assignment: str, prefix: str) -> str | None:
    """The one digest of the student's that begins so."""
    found = {filed.submission for filed in store.persons.results(names)
             if filed.assignment == assignment and filed.submission.startswith(prefix.lower())}
    if len(found) > 1:
        raise console.UsageError(f"several hand-ins begin with {prefix}: "
                                 f"{', '.join(each[:16] for each in sorted(found))}")
    return found.pop() if found else None


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder report correlation\n\n"
                    "autograder report correlation --best -o final\n\n"
                    "autograder report correlation --section A")
def report(
    assignment: options.AssignmentArgument,
    output: options.ReportsOption = None,
    section: options.SectionOption = None,
    anonymous: options.AnonymousOption = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show and write the class's table and everybody's pages, from what the store has.

    Grades nothing: it takes the result that counts of every student who was ever graded.
    """
    from autograder.course import roster, secret
    from autograder.report.class_list import ClassList, Mask
    from autograder.report.pages import Reports
    from autograder.report.terminal import summary
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    people = console.of_section(roster.load(course), section)
    with Store(course) as store:
        grades = [grade for grade in store.grades(assignment, console.policy(latest))
                  if section is None or grade.student in people.people]
    directory = output or course.root / "results"
    anonymous = anonymous or course.people.anonymous
    reports = Reports(
        (grade.student for grade in grades), course.assignment(assignment), directory,
        ClassList.of(people, {grade.student for grade in grades}),
        Mask(secret.load(course)) if anonymous else None)
    for grade in grades:
        reports.add(grade)
    reports.finish()
    console.output.print(summary(reports.grades, course.assignment(assignment), reports.people))
    console.reported(directory, [assignment], anonymous=anonymous)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder leaderboard fast_conv\n\n"
                    "autograder leaderboard fast_conv --html leaderboard.html")
def leaderboard(
    assignment: options.AssignmentArgument,
    html: options.HtmlOption = None,
    as_json: options.JsonOption = False,
    latest: options.CountsOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Show how fast right solutions are, and what was measured of others, of students whom
    grader.toml's leaderboard table names."""
    from autograder.gradebook.leaderboard import entries
    from autograder.report import leaderboard as board
    from autograder.store import Store
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    console.known(course, assignment)
    with Store(course) as store:
        found = entries(store.counting(assignment, console.policy(latest)), course, assignment)
    title = course.assignment(assignment).title
    if html is not None:
        write_whole(html, board.page(found, title))
    if as_json:
        console.output.print_json(board.as_json(found))
    else:
        console.listed(board.table(found, title), "nobody is on the leaderboard yet")
