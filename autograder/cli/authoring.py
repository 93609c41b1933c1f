"""Making assignments, and proving their suites."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from autograder.cli import console, options
from autograder.course import LanguageCode
from autograder.course import load as load_course
from autograder.errors import ExitStatus

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder init\n\nautograder init statistics")
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="An empty folder, or one to be made.")
    ] = Path(),
) -> None:
    """Start a course: grader.toml, and one small assignment that works.

    Nothing is overwritten: a folder that holds anything is refused.
    """
    from autograder.authoring.new import FIRST, begin

    for path in begin(folder):
        console.output.print(Text(str(path)), soft_wrap=True)
    there = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    console.output.print("Now, one after the other:")
    for command in (f"{there}autograder build", f"autograder audit {FIRST}",
                    f"autograder grade {FIRST} examples/submissions/{FIRST}"):
        console.output.print(Text(f"  {command}"), soft_wrap=True)


@verbs.command(epilog="[bold]Kinds[/bold]\n\nfunction: of tensors. module: a class of torch's "
                    "modules. numpy: arrays, a variable, printed text. text: somebody marks it. "
                    "tests: students write tests. timed: a function, and how fast it is.\n\n"
                    "[bold]Examples[/bold]\n\nautograder new attention\n\n"
                    "autograder new averages --like numpy")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The assignment's name.")],
    like: Annotated[
        Literal["function", "module", "numpy", "text", "tests", "timed"],
        typer.Option(help="What its question is like.")] = "function",
    course_file: options.CourseOption = None,
) -> None:
    """Start an assignment: a table and all files, with a question that works, and two hand-ins."""
    from autograder.authoring.new import create

    file = console.course_file(course_file)
    for path in create(load_course(file), file, name, like):
        console.output.print(Text(str(path)), soft_wrap=True)
    console.output.print(f"Now: autograder build {name} && autograder audit {name}")


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder build\n\n"
                    "autograder build correlation --check\n\n"
                    "autograder build correlation --language zh")
def build(
    names: options.AssignmentsArgument = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where files differ, and where "
                                          "something is not translated.")] = False,
    language: Annotated[
        LanguageCode | None,
        typer.Option("--language", "-l", show_default=False,
                     help="Make nothing but the notebooks in this language. Default: everything, "
                          "in English and in each language whose catalogue is begun.")] = None,
    course_file: options.CourseOption = None,
) -> None:
    """Make assignments/ from the master notebooks in solutions/."""
    from autograder.authoring.build import build as build_one
    from autograder.authoring.build import differences, write

    course = load_course(console.course_file(course_file))
    stale = False
    names = names or list(course.assignments)
    with console.Meter() as meter:
        for done, name in enumerate(names):
            meter.tell(done, len(names), f"{name}: building")
            built = build_one(course, name)
            if language is not None:
                built = built.only(language)
            said = [f"{name}: not translated ({code}): {text}"
                    for code, texts in built.untranslated.items() for text in texts]
            found = differences(course, built) if check else map(str, write(course, built))
            stale = stale or (check and bool(said or found))
            with meter.aside():
                for line in (*said, *found):
                    console.output.print(Text(line), soft_wrap=True)
    if stale:
        console.messages.print("run [bold]autograder build[/bold] and commit what it changes")
        raise typer.Exit(ExitStatus.SHORT)


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder audit correlation\n\n"
                    "autograder audit --secrets 20 -o results/audit\n\n"
                    "autograder audit correlation --only corr2d --secrets 1\n\n"
                    "autograder audit channels --shares")
def audit(
    names: options.AssignmentsArgument = None,
    secrets: Annotated[
        int, typer.Option(min=1, help="Secrets over which verdicts must agree.")] = 20,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="QUESTION", show_default=False,
                     help="Audit this question alone; may be said several times.")] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-j", min=1, show_default=False,
                     help="Processes at work. Default: one for each core.")] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Keep there what each step finds, and take from there what was found of "
                          "what is unchanged: an audit that was cut off goes on.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", show_default=False,
                     help="Also write audit.html and audit.json there.")] = None,
    shares: Annotated[
        bool, typer.Option("--shares", help="Audit nothing; print what share of each question's "
                                            "points is for what kind of check.")] = False,
    course_file: options.CourseOption = None,
) -> None:
    """Prove the hidden suites: mutants killed, right solutions kept, nothing flaky. Exit 1 if not.
    """
    from autograder.authoring.audit import audit_all
    from autograder.authoring.kept import AuditFile
    from autograder.cli.findings import audit_page, audit_table, audits_json
    from autograder.whole_files import write_whole

    course = load_course(console.course_file(course_file))
    for name in names or ():
        console.known(course, name)
    for question in only or ():
        if not any(question == each.name for name in names or course.assignments
                   for each in course.assignment(name).judged.questions):
            raise console.UsageError(f"--only {question}: no such question is audited there; "
                                     "write the question's name, as in grader.toml")
    if shares:
        from autograder.authoring.promises import shares as of_questions
        from autograder.cli.findings import shares_table

        for name in names or course.assignments:
            console.output.print(shares_table(name, of_questions(course, name)))
        return
    found = []
    with console.Meter() as meter:
        for each in audit_all(course, names or list(course.assignments), secrets=secrets,
                              only=only or (), workers=workers, tell=meter.tell,
                              kept=AuditFile(keep, course) if keep else None):
            found.append(each)
            with meter.aside():
                console.output.print(audit_table(each))
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_whole(output / "audit.html", audit_page(found))
        write_whole(output / "audit.json", audits_json(found))
        console.output.print(Text(f"Reports: {output}"), soft_wrap=True)
    if any(each.breaches for each in found):
        raise typer.Exit(ExitStatus.SHORT)
