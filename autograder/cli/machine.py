"""What this machine can promise."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from autograder.cli import console
from autograder.course import Tier

verbs = typer.Typer()


@verbs.command(epilog="[bold]Examples[/bold]\n\nautograder doctor\n\n"
                    "autograder doctor --require namespaces\n\nautograder doctor --json")
def doctor(
    require: Annotated[
        Tier | None,
        typer.Option(show_default=False, help="Exit 1 if the machine gives less.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Attack a real worker on this machine, and say promise by promise what holds."""
    from autograder import doctor as office
    from autograder.course import TIERS
    from autograder.report.findings import examination_table, examinations_json

    with console.messages.status("attacking a worker in each tier"):
        found = list(office.examine())
    if as_json:
        console.output.print_json(examinations_json(office.machine(), found))
    else:
        for fact, value in office.machine().items():
            console.output.print(Text(f"{fact:12} {value}"))
        console.output.print(examination_table(found))
    best = office.best(found)
    if not as_json:
        console.output.print(Text(f"best tier here: {best}", style="bold"))
    if require is not None and TIERS.index(best) > TIERS.index(require):
        console.messages.print(
            Text(f"error: this machine gives {best}, not {require}", style="bold red"))
        raise typer.Exit(1)
