"""The verbs by which staff decide: points, checks, time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import console, options
from autograder.cli.whom import HELP as WHOM
from autograder.course import Course
from autograder.course import load as load_course
from autograder.course.dates import clock
from autograder.names import shown

if TYPE_CHECKING:
    from autograder.gradebook import AdjustmentKind, Book, Decided, Whom
    from autograder.store import Store

verbs = typer.Typer()
_POINTS = re.compile(r"[+-]?([0-9]{1,6}([.,][0-9]*)?|[.,][0-9]+)")

WhomArgument = Annotated[str, typer.Argument(metavar="WHOM", help=WHOM)]
WhyOption = Annotated[
    str, typer.Option("--why", metavar="TEXT", show_default=False, callback=console.readable,
                      help="The reason, for staff; it stands in the log.")]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder adjust ann correlation --question corr2d --add 0.5 "
                    "--why 'the text was unclear' --comment 'Half a point: our text was unclear.'"
                    "\n\nautograder adjust everybody correlation --question parameters --full "
                    "--why 'question withdrawn'\n\n"
                    "autograder adjust bob lenet --set 12 --why 'graded by hand: disk broken'")
def adjust(
    who: WhomArgument,
    assignment: options.AssignmentArgument,
    why: WhyOption,
    question: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False,
                     help="Of this question. Default: of the total.")] = None,
    add: Annotated[
        str | None,
        typer.Option(metavar="POINTS", show_default=False,
                     help="So many more; less with a minus.")] = None,
    set_: Annotated[
        str | None,
        typer.Option("--set", metavar="POINTS", show_default=False,
                     help="So many, whatever was graded.")] = None,
    full: Annotated[bool, typer.Option("--full", help="All points.")] = False,
    comment: Annotated[
        str, typer.Option(metavar="TEXT", callback=console.readable,
                          help="What the student reads of it.")] = "",
    dry_run: DryOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Change points by hand: of a person, a section, a team, or everybody.

    It stays through regrades, costs nobody what other questions inherit, and can be revoked.
    Points of a question are subject to lateness, points of the total are not.
    """
    from autograder.gradebook import Adjustment
    from autograder.store import Store

    course = _course(course_file, assignment, question)
    kind, points = change(add, set_, full)
    with Store(course) as store:
        whom = _whom(who, store)
        _decide(store, dry_run, Adjustment(
            assignment=assignment, reason=why, whom=whom, question=question, kind=kind,
            points=points, comment=comment))


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder waive correlation corr2d test_extreme_kernels "
                    "--why 'nobody was told of such kernels'")
def waive(
    assignment: options.AssignmentArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Which question.")],
    check: Annotated[
        str, typer.Argument(metavar="CHECK", help="The check's id: its test's name.")],
    why: WhyOption,
    dry_run: DryOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Take a check out for everybody, so that nobody loses by it.

    Each student's question is worth the better of with and without the check. Grades nothing.
    """
    from autograder.gradebook import Waiver
    from autograder.store import Store

    course = _course(course_file, assignment, question)
    with Store(course) as store:
        known_check(store, assignment, question, check)
        _decide(store, dry_run, Waiver(
            assignment=assignment, reason=why, question=question, check=check))


@verbs.command(epilog="[bold]Examples[/bold]\n\n"
                    "autograder extend ann correlation +3d --why ill\n\n"
                    "autograder extend section:A correlation 2026-11-02T23:59 --why 'power cut'\n\n"
                    "autograder extend everybody lenet +1w --why 'the cluster was down'")
def extend(
    who: WhomArgument,
    assignment: options.AssignmentArgument,
    until: Annotated[
        str, typer.Argument(metavar="UNTIL", help="A time, in the course's zone where it says "
                                                  "none; or +36h, +3d, +1w from when it is due.")],
    why: WhyOption,
    dry_run: DryOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Give more time. It can be revoked, never takes time away, and grades nothing."""
    from autograder.cli.until import when
    from autograder.gradebook import Extension
    from autograder.store import Store

    course = _course(course_file, assignment)
    with Store(course) as store:
        whom = _whom(who, store)
        due = course.assignment(assignment).due
        if due is None:
            raise console.UsageError(f"{assignment} has no due date in grader.toml: nothing is "
                                     "late, and needs no extension")
        if whom.kind == "person":
            due = store.desk().due(assignment, whom.name) or due
        later = when(until, due, course.zone)
        if later <= due:
            raise console.UsageError(f"{clock(later, course.zone)} is not later than "
                                     f"{clock(due, course.zone)}, "
                                     "when it is due for them already")
        console.tell([f"due {clock(later, course.zone)}; before, {clock(due, course.zone)}"])
        _decide(store, dry_run, Extension(
            assignment=assignment, reason=why, whom=whom, due=later))


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder revoke adjustment 3 --why 'wrong Ann'")
def revoke(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="adjustment, waiver, extension or mark.")],
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="As `autograder decisions` lists it.")],
    why: WhyOption,
    dry_run: DryOption = False,
    course_file: options.CourseOption = None,
) -> None:
    """Take a decision back. It stays on record as revoked."""
    from autograder.store import Store
    from autograder.store.acts import KINDS

    if kind not in KINDS:
        raise console.UsageError(f"no kind of decision {kind!r}; there are: {', '.join(KINDS)}")
    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        before = store.book()
        after = replace(before, decisions=before.decisions.without(KINDS[kind], number))
        if not dry_run:
            store.acts.revoke(KINDS[kind], number, reason=why)
        tell_effects(before, after, list(course.assignments), dry_run)


def _course(file: Path | None, assignment: str, question: str | None = None) -> Course:
    course = load_course(console.course_file(file))
    console.known(course, assignment)
    if question is not None:
        try:
            course.assignment(assignment).question(question)
        except KeyError as error:
            raise console.UsageError(error.args[0]) from None
    return course


def _whom(text: str, store: Store) -> Whom:
    from autograder.cli.whom import whom

    book = store.book()
    return whom(text, book.decisions.roster, book.students)


def known_check(store: Store, assignment: str, question: str, check: str) -> None:
    """Raises UsageError where no result has such a check."""
    from autograder.course.fields import hint

    known = list(store.book().checks(assignment).get(question, ()))
    if check not in known:
        raise console.UsageError(
            f"no result of {question} has a check {check!r}{hint(check, sorted(known))}; "
            f"there are: {', '.join(sorted(known)) or 'none; grade the assignment first'}")


def change(
    add: str | None, set_: str | None, full: bool
) -> tuple[AdjustmentKind, Decimal | None]:
    """What kind of adjustment options ask for, and how many points. Raises UsageError."""
    if (add is not None) + (set_ is not None) + full != 1:
        raise console.UsageError("say one of --add, --set and --full")
    if full:
        return "full", None
    text = (add if add is not None else set_) or ""
    if not _POINTS.fullmatch(text) or (set_ is not None and text.startswith("-")):
        raise console.UsageError(f"{shown(text)!r} is no number of points; write for example 1.5")
    points = Decimal(text.replace(",", "."))
    return ("add" if add is not None else "set"), points.quantize(Decimal("0.01"))


def _decide(store: Store, dry_run: bool, decided: Decided) -> None:
    """Keep a decision, and say whose points become others; or only say so."""
    before = store.book()
    number = None if dry_run else store.acts.add(decided)
    after = replace(before, decisions=before.decisions.having(decided))
    tell_effects(before, after, [decided.assignment], dry_run)
    if number is not None:
        console.tell([f"number {number}; autograder revoke takes it back"])


def tell_effects(
    before: Book, after: Book, assignments: Sequence[str], dry_run: bool = False
) -> None:
    """Say whose points become others; and of what somebody gets more than there is."""
    from autograder.report.decisions import effect_lines, effects, exceeding

    for line in effect_lines(effects(before, after, assignments)):
        console.output.print(console.plain(line, ""), soft_wrap=True)
    for line in exceeding(before, after, assignments):
        console.warn(line)
    if dry_run:
        console.warn("nothing was changed: --dry-run")
