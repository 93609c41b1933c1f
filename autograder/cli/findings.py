"""What the doctor, the audit and the bench found, for staff: in the terminal, as a page, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from itertools import starmap
from statistics import median
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.names import counted
from autograder.report.pages import render
from autograder.result import Status

if TYPE_CHECKING:
    from autograder.authoring.audit import Audit
    from autograder.authoring.cost import Cost, RunCost
    from autograder.authoring.promises import PromiseKind
    from autograder.doctor import DeviceExamination, Examination

_MARKS = {Status.PASSED: "·", Status.FAILED: "✗", Status.ERROR: "E", Status.TIMEOUT: "T",
          Status.CRASHED: "C", Status.MISSING: "M", Status.FORBIDDEN: "F"}


def examination_table(examinations: Sequence[Examination]) -> RenderableType:
    """Promise by promise, what each tier gives."""
    available = [examination for examination in examinations if examination.available]
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("promise")
    for examination in available:
        table.add_column(examination.tier)
    for row in zip(*(examination.findings for examination in available), strict=True):
        marks = []
        for finding in row:
            if finding.held:
                marks.append(Text("held", style="green"))
            elif finding.promised:
                marks.append(Text("BROKEN", style="bold red"))
            else:
                marks.append(Text("not promised", style="dim"))
        table.add_row(Text(row[0].promise), *marks)
    missing = [Text(f"tier {e.tier} is not available: {e.why}", style="yellow")
               for e in examinations if not e.available]
    return Group(table, *missing)


def device_table(examination: DeviceExamination) -> RenderableType:
    """What the worker of a GPU gets, and what is lacking for one, a line each."""
    rehearsed = " (rehearsed without one)" if examination.lacking else ""
    broken = [finding.promise for finding in examination.findings if not finding.held]
    held = f"worker of a GPU{rehearsed}: " \
        f"{counted(len(examination.findings) - len(broken), 'promise')} held"
    return Group(
        *([Text(held, style="green")] if examination.findings else []),
        *(Text(f"worker of a GPU{rehearsed}: BROKEN: {promise}", style="bold red")
          for promise in broken),
        *(Text(f"no worker gets a GPU here: {reason}", style="yellow")
          for reason in examination.lacking))


def examinations_json(
    machine: dict[str, str], examinations: Sequence[Examination], device: DeviceExamination
) -> str:
    return json.dumps({"machine": machine, "tiers": [asdict(e) for e in examinations],
                       "device": asdict(device)}, indent=2)


def audit_table(audit: Audit) -> RenderableType:
    """The kill matrix by question, and what is wrong with the suite."""
    return Group(*_audit_parts(audit))


def audit_page(audits: Sequence[Audit]) -> str:
    """The same as a self-contained page."""
    return render("audit.html.j2", audits=audits, marks=_MARKS, counted=counted)


def audits_json(audits: Sequence[Audit]) -> str:
    return json.dumps([asdict(audit) for audit in audits], indent=2)


def _audit_parts(audit: Audit) -> Iterator[RenderableType]:
    for question in dict.fromkeys(kill.question for kill in audit.kills):
        kills = [kill for kill in audit.kills if kill.question == question]
        checks = list(kills[0].statuses)
        table = Table(box=box.SIMPLE_HEAD, title=f"{audit.assignment} · {question}",
                      title_justify="left")
        table.add_column("misconception")
        for number, _ in enumerate(checks, 1):
            table.add_column(str(number), justify="center")
        table.add_column("score", justify="right")
        for kill in kills:
            table.add_row(kill.id, *(_MARKS.get(kill.statuses[check], "?") for check in checks),
                          f"{kill.score:.2f}/{kill.max_score:g}")
        yield table
        yield Text("  ".join(f"{n}:{check.removeprefix('test_')}"
                             for n, check in enumerate(checks, 1)), style="dim")
        yield Text()
    if audit.alternatives:
        kept = ", ".join(f"{name} {share:.0%}" for name, share in audit.alternatives.items())
        yield Text(f"right but unusual: {kept}")
    for one, other in audit.alike:
        yield Text(f"no check tells {one} from {other}", style="yellow")
    for name in audit.undiagnosed:
        yield Text(f"{name} is killed, but feedback cannot name it", style="yellow")
    for name in audit.fixed:
        yield Text(f"{name} asks the same under every secret: students are not told why they fail "
                   "it. Draw what it asks, or make it visible", style="yellow")
    for name in audit.skipped:
        yield Text(f"taken out for everybody: {name}", style="yellow")
    for breach in audit.breaches:
        yield Text(f"BREACH {breach}", style="bold red")
    checks_in_all = sum(len(k.statuses) for k in {k.question: k for k in audit.kills}.values())
    counts = ((len(audit.kills), "misconception"), (audit.mutants, "mutant"),
              (checks_in_all, "check"), (len(audit.alternatives), "alternative"),
              (audit.secrets, "secret"))
    said = counted(len(audit.breaches) or "no", "breach", "breaches")
    yield Text(f"{audit.assignment}: {', '.join(starmap(counted, counts))}: {said}",
               style="bold red" if audit.breaches else "bold green")


def shares_table(assignment: str, found: Mapping[str, Mapping[PromiseKind, Fraction]]) -> Table:
    """What share of each question's points is for what kind of check."""
    kinds = list(next(iter(found.values()), {}))
    table = figures_table(f"{assignment}: shares of points", "question", *kinds)
    for question, shares in found.items():
        table.add_row(question, *(f"{float(shares[kind]):.0%}" for kind in kinds))
    return table


def costs_table(found: Mapping[str, Sequence[Cost]]) -> Table:
    """What one submission of each assignment costs: the median of all rounds."""
    table = figures_table("One right submission, without start-up", "assignment", "CPU ms",
                          "wall ms", "largest process MiB")
    for name, costs in found.items():
        table.add_row(name, *(f"{median(figures):.0f}" for figures in (
            [1000 * cost.cpu for cost in costs], [1000 * cost.wall for cost in costs],
            [cost.memory for cost in costs])))
    return table


def sizes_table(found: Sequence[RunCost]) -> Table:
    """Whole runs; a core's submissions in a minute are by CPU time."""
    table = figures_table("Whole classes", "submissions", "wall s", "CPU s", "CPU ms for each",
                          "for each core and minute", "largest process MiB")
    for size in found:
        cost = size.cost
        table.add_row(
            str(size.submissions), f"{cost.wall:.1f}", f"{cost.cpu:.1f}",
            f"{1000 * cost.cpu / size.submissions:.0f}",
            f"{60 * size.submissions / cost.cpu:.0f}", f"{cost.memory:.0f}")
    return table


def costs_json(found: Mapping[str, Sequence[Cost]], sizes: Sequence[RunCost]) -> str:
    return json.dumps({
        "assignments": {name: [asdict(cost) for cost in costs] for name, costs in found.items()},
        "sizes": [asdict(size) for size in sizes]}, indent=2) + "\n"


def figures_table(title: str, first: str, *figures: str) -> Table:
    """An empty table of names and numbers."""
    table = Table(box=box.SIMPLE_HEAD, title=title)
    table.add_column(first)
    for heading in figures:
        table.add_column(heading, justify="right")
    return table
