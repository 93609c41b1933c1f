"""The door, and who comes in by it: serve, work, access, receipt."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.text import Text

from autograder import extras
from autograder.addresses import LOOPBACK, is_confidential, is_loopback
from autograder.cli import console, options
from autograder.course import Course
from autograder.course import load as load_course
from autograder.course.dates import clock
from autograder.errors import ExitStatus

if TYPE_CHECKING:
    from autograder.store import Store

verbs = typer.Typer()
access = typer.Typer(no_args_is_help=True)
verbs.add_typer(access, name="access",
                help="Who comes in by the door: links, tokens of programs, and their end.")

_INSTRUCTOR = "instructor"
_TOKEN = "AUTOGRADER_TOKEN"

GradersOption = Annotated[
    int | None,
    typer.Option("--graders", "-j", min=0, show_default=False,
                 help="Processes that grade. Default: one for each core.")]
StudentArgument = Annotated[
    str, typer.Argument(metavar="WHO", help="The id, or any other that the table of people knows.")]
DaysOption = Annotated[float, typer.Option(min=0.01, max=1000, help="For how many days.")]
RoleOption = Annotated[
    Literal["student", "staff"] | None,
    typer.Option(show_default=False, help="Of somebody who is not in the table of people.")]


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder serve\n\n"
                    "autograder serve --student ada\n\n"
                    "autograder serve --host 0.0.0.0 --url https://grader.example.org\n\n"
                    "autograder serve --graders 0")
def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen at. Only this machine reaches the default; "
                          "any other wants --url.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at.")] = 8000,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", show_default=False,
                     help="How people reach it: https://grader.example.org. Other names are not "
                          "answered. Default: http:// and the address.")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="PEM", show_default=False, help="With --key: speak TLS by this "
                     "certificate. Default: none; a proxy before it has one.")] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="PEM", show_default=False, help="The certificate's key.")] = None,
    student: Annotated[
        str | None,
        typer.Option(metavar="ID", show_default=False,
                     help="Print a link for this student, too: to try the door out.")] = None,
    graders: GradersOption = None,
    sandbox: options.SandboxOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Open the course's door: students hand in by a browser or the API, and are graded at once.

    Prints a link that lets the instructor in once, where nobody of the staff has come in yet.
    """
    _need_web()
    from autograder.grading.work import Workplace
    from autograder.identity import providers
    from autograder.identity.issuers import Published
    from autograder.intake import KeptFiles
    from autograder.web.door import Door
    from autograder.web.serving import AT_ONCE
    from autograder.web.serving import serve as answer

    toml = console.course_file(course_file).resolve()
    course = load_course(toml)
    if (certificate is None) != (key is None):
        raise console.UsageError("--certificate and --key belong together")
    if not is_loopback(host) and url is None:
        raise console.UsageError("others can reach this address: say by which name, with --url, "
                                 "and have https:// before it")
    if not course.handins.keep:
        raise console.UsageError(f"{KeptFiles(course).folder}: the door keeps what comes until it "
                                 "is graded; write [handins] keep = true in grader.toml")
    if course.door.oidc is not None:  # that its secret is nowhere is said here
        providers.provider(course, course.door.oidc, Published())
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listens = socket.create_server((host, port), family=family, backlog=AT_ONCE)
    except OSError as error:
        raise console.UsageError(f"cannot listen at {host}, port {port}: {error.strerror}; name "
                                 "another by --host or --port") from None
    port = listens.getsockname()[1]
    scheme = "http" if certificate is None else "https"
    named = f"[{host}]" if ":" in host else host
    reached = (url or f"{scheme}://{named}:{port}").rstrip("/")
    if not reached.startswith(("http://", "https://")):
        raise console.UsageError(f"--url {url}: write it with https:// before the name")
    door = Door(Workplace(toml, None, sandbox), reached, _names_of(reached, host))
    links = _first_links(door.opened.store, door.opened.course, student)

    def begun() -> None:
        console.output.print(Text(f"The door of {course.name} is open: {reached}"), soft_wrap=True)
        for whom, link in links:
            console.output.verbatim(f"{whom}: {reached}/enter?key={link}")
        sys.stdout.flush()

    pair = None if certificate is None or key is None else (certificate, key)
    answer(door, listens, pair, graders, begun)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder work\n\n"
                    "autograder work --store postgresql://grader@db/course --graders 8\n\n"
                    "autograder work --store postgresql://grader@db/course "
                    "--door https://grader.example.org")
def work(
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", show_default=False,
                     help="The store of the door. Default: what grader.toml says.")] = None,
    door: Annotated[
        str | None,
        typer.Option(metavar="URL", show_default=False,
                     help="Ask this door for what was handed in, by the token of somebody of the "
                          f"staff in {_TOKEN}. Default: it lies here.")] = None,
    graders: GradersOption = None,
    sandbox: options.SandboxOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Grade what comes in by the door, on this machine too, until Ctrl-C or SIGTERM.

    Every machine needs the course's folder, its secret, and the folder of kept files or --door.
    """
    from autograder.grading.course_now import CourseNow
    from autograder.grading.graders import Graders
    from autograder.grading.other_door import OtherDoor
    from autograder.grading.work import Workplace
    from autograder.telemetry.log import RunLog

    place = Workplace(console.course_file(course_file).resolve(), store, sandbox,
                      None if door is None else OtherDoor(_asked(door), os.environ[_TOKEN]))
    now = CourseNow(place)  # what is wrong with it is said here, once
    log = RunLog.fresh("json")
    log.begin()
    try:
        with closing(now), Graders(place, graders or None, log, lambda: now.people):
            console.output.print(Text(f"Graders of {now.opened.course.name} wait for hand-ins; "
                                      "Ctrl-C ends them."), soft_wrap=True)
            sys.stdout.flush()
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        raise typer.Exit(ExitStatus.DONE) from None


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder receipt receipt-correlation-7.json")
def receipt(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The receipt that a student shows.")],
    course_file: options.CourseOption = None,
) -> None:
    """Say whether a receipt is this course's, unchanged. Exits with 1 where it is not."""
    from autograder.course import secret
    from autograder.intake import KeptFiles, receipts
    from autograder.intake.receipts import ReceiptError

    course = load_course(console.course_file(course_file))
    try:
        shown = receipts.read(file.read_text(encoding="utf-8", errors="replace"))
    except ReceiptError as error:
        raise ReceiptError(f"{file}: {error}") from None
    if not receipts.is_genuine(shown, secret.load(course)):
        console.say(f"{file}: not as this course gave it: changed, or another course's", alarm=True)
        raise typer.Exit(ExitStatus.SHORT)
    console.output.print(console.plain(
        f"genuine: {shown.student} handed in {shown.assignment} at {shown.at.isoformat()}, "
        f"hand-in {shown.number}, files {shown.digest}", ""), soft_wrap=True)
    if not KeptFiles(course).place(shown.digest).exists():
        console.warn("these files are not kept any more")


@access.command(epilog="[bold]Examples[/bold]\n\nautograder access link ann\n\n"
                       "autograder access link carol --role staff --days 1")
def link(
    who: StudentArgument,
    days: DaysOption = 14,
    role: RoleOption = None,
    url: Annotated[
        str, typer.Option(metavar="URL", help="How people reach the door.")
    ] = "http://127.0.0.1:8000",
    course_file: options.CourseOption = None,
) -> None:
    """Print a link that lets somebody in once."""
    from autograder.store import Store
    from autograder.store.keys import KeyKind

    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        id, role = _who(course, who, role)
        key = store.keys.make(KeyKind.LINK, id, timedelta(days=days), role=role)
    console.output.verbatim(f"{url.rstrip('/')}/enter?key={key}")


@access.command(epilog="[bold]Examples[/bold]\n\nautograder access token ann --scope submit\n\n"
                       "autograder access token carol --scope read --days 7")
def token(
    who: StudentArgument,
    scope: Annotated[
        Literal["read", "submit", "all"],
        typer.Option(help="What a program may do by it: read; hand in, too; or all that its owner "
                          "may.")] = "submit",
    days: DaysOption = 120,
    role: RoleOption = None,
    course_file: options.CourseOption = None,
) -> None:
    """Print a token by which a program asks the API for somebody."""
    from autograder.store import Store
    from autograder.store.keys import KeyKind, KeyScope

    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        id, role = _who(course, who, role)
        key = store.keys.make(KeyKind.TOKEN, id, timedelta(days=days), role=role,
                              scope=KeyScope(scope))
    console.output.verbatim(key)


@access.command("list", epilog="[bold]Examples[/bold]\n\nautograder access list")
def list_(course_file: options.CourseOption = None) -> None:
    """List what lets somebody in now: links, sessions, tokens."""
    from autograder.store import Store

    course = load_course(console.course_file(course_file))
    with Store(course) as store:
        found = store.keys.all()
    for each in found:
        console.output.print(console.plain(
            f"{each.number}  {each.kind}  {each.student}  {each.scope}  until "
            f"{clock(each.expires, course.zone)}", ""), soft_wrap=True)
    if not found:
        console.output.print("nobody")


@access.command(epilog="[bold]Examples[/bold]\n\nautograder access revoke 3")
def revoke(
    number: Annotated[
        int, typer.Argument(metavar="N", help="As `autograder access list` shows it.")],
    course_file: options.CourseOption = None,
) -> None:
    """End a link, a session or a token."""
    from autograder.store import Store

    with Store(load_course(console.course_file(course_file))) as store:
        ended = store.keys.revoke(number)
    console.output.print(console.plain(f"{ended.kind} {number} of {ended.student} is ended", ""))


def _asked(door: str) -> str:
    """The address of a door that is asked by a token."""
    if not is_confidential(door):
        raise console.UsageError(f"--door {door}: write it with https:// before the name, or who "
                                 "listens on the way has the token")
    if _TOKEN not in os.environ:
        raise console.UsageError(f"--door wants the token of somebody of the staff in {_TOKEN}; "
                                 "autograder access token prints one")
    return door


def _who(course: Course, text: str, role: Literal["student", "staff"] | None
         ) -> tuple[str, Literal["student", "staff"] | None]:
    """The id, and the role where the table of people does not say it."""
    from autograder.course import roster
    from autograder.names import student_id

    person = roster.load(course).find(text)
    if person is not None:
        if role is not None and role != person.role:
            raise console.UsageError(f"{person.id} is in {course.people.file} as {person.role}; "
                                     "change it there")
        return person.id, None
    if role is None:
        raise console.UsageError(f"nobody in {course.people.file} goes by {text!r}; say by --role "
                                 "what somebody is who is not in it")
    return student_id(text), role


def _first_links(store: Store, course: Course, student: str | None) -> list[tuple[str, str]]:
    """For the instructor, until somebody of the staff has come in once; and for a student who is
    named to try the door out."""
    from autograder.course import roster
    from autograder.names import student_id
    from autograder.store.keys import KeyKind

    people = roster.load(course)
    has_been = any(
        each.kind is KeyKind.SESSION and (each.role or people.person(each.student).role) == "staff"
        for each in store.keys.all(ended=True))
    links = []
    if not has_been:
        key = store.keys.make(KeyKind.LINK, _INSTRUCTOR, timedelta(days=1), role="staff")
        links.append(("instructor, once", key))
    if student is not None:
        person = people.find(student)
        id = student_id(student) if person is None else person.id
        key = store.keys.make(KeyKind.LINK, id, timedelta(days=1),
                              role="student" if person is None else None)
        links.append((f"{id}, once", key))
    return links


def _need_web() -> None:
    """Raises UsageError where the packages of the door are not installed."""
    try:
        import autograder.web.serving  # noqa: F401
    except ModuleNotFoundError as error:
        raise console.UsageError(f"the door needs the Python package {error.name}: "
                                 f"{extras.advice(error.name)}") from None


def _names_of(url: str, host: str) -> set[str]:
    """The names that a door at ``host`` answers to, and that it is reached by from outside. Any
    other is somebody's who has a name of theirs lead here."""
    named = urlsplit(url).hostname or ""
    return {named, host, *(LOOPBACK if host in (*LOOPBACK, "0.0.0.0", "::") else ())} - {""}
