"""Audits hidden suites: grades what must pass and what must fail, and says where a suite is wrong.

Everything goes through the real sandbox: the model solution (all points), the untouched stubs
(none), right but unusual solutions (all, or what is promised), and every misconception, which
must cost points on its own question and on no question that does not build on it. Then the
verdicts on all of these must not depend on the secret, nor on the company or order of checks. And
what any function can get wrong (see ``mutants``) must fail on every question, and so must what
breaks a promise of a docstring (see ``promises``).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import combinations
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import Any

from autograder.authoring.auditor import Auditor, Kill, Step, StepResult
from autograder.authoring.kept import AuditFile
from autograder.course import Course, Tier
from autograder.grading.executors.leash import end_with
from autograder.result import Status

TellProgress = Callable[[int, int, str], None]
"""Told how many steps are done, of how many that are known, and what is being done."""


@dataclass
class Audit:
    """What an audit of one assignment found. Empty ``breaches``: the suite is sound."""

    assignment: str
    breaches: list[str] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    alternatives: dict[str, float] = field(default_factory=dict)  # id -> share of the points
    alike: list[tuple[str, str]] = field(default_factory=list)  # no check tells them apart
    secrets: int = 0
    undiagnosed: list[str] = field(default_factory=list)  # misconceptions feedback cannot name
    fixed: list[str] = field(default_factory=list)  # hidden checks of code that draw nothing
    skipped: list[str] = field(default_factory=list)  # checks taken out, and why
    mutants: int = 0  # generic ones that were made


def audit(
    course: Course, name: str, *, secrets: int = 20, tier: Tier | None = None,
    only: Collection[str] = (),
) -> Audit:
    """Audit one assignment, in this process.

    Args:
        secrets: how many secrets the verdicts are compared over.
        only: questions; none are all.

    Raises:
        JudgeError, BuildError: the suite, a reference or the master is broken.
    """
    with Auditor(course, name, tier=tier) as auditor:
        found = [auditor.take(step) for step in auditor.steps(secrets, only)]
    return _put_together(name, secrets, found, only)


def audit_all(
    course: Course, names: Sequence[str], *, secrets: int = 20, only: Collection[str] = (),
    workers: int | None = None, tell: TellProgress | None = None, kept: AuditFile | None = None,
) -> Iterator[Audit]:
    """Audit several assignments, in the order of names; with the arguments of ``audit``.

    Args:
        workers: processes that take the steps; None is one for each core.
        kept: what steps found before, which are not taken again.
    """
    context = multiprocessing.get_context("spawn")
    far, near = context.Pipe(duplex=False)
    with far, near, ProcessPoolExecutor(
        workers or os.cpu_count() or 1, mp_context=context, initializer=_start, initargs=(far,)
    ) as pool:
        try:
            yield from _audits(pool, course, list(dict.fromkeys(names)), secrets, only, tell,
                               kept)
        except BaseException:
            near.close()  # leaving the block waits for the processes: let them end now
            raise


def _audits(
    pool: ProcessPoolExecutor, course: Course, names: Sequence[str], secrets: int,
    only: Collection[str], tell: TellProgress | None, kept: AuditFile | None,
) -> Iterator[Audit]:
    """An assignment's steps are listed when all those of the one before are handed over: a process
    turns from one to the next once."""
    unlisted, unfinished = deque(names), deque(names)
    steps: dict[str, list[Step]] = {}
    found: dict[str, dict[Step, StepResult]] = {name: {} for name in names}
    flying: dict[Future[Any], tuple[str, Step | None]] = {}

    def list_next() -> None:
        if unlisted:
            name = unlisted.popleft()
            flying[pool.submit(_steps, course, name, secrets, only)] = name, None

    list_next()
    while flying:
        if tell is not None:
            name, step = next(iter(flying.values()))  # what is at work longest
            tell(sum(map(len, found.values())), sum(map(len, steps.values())),
                 f"{name}: {step or 'suite and references'}")
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            name, step = flying.pop(future)
            if step is not None:
                found[name][step] = future.result()
                if kept is not None:
                    kept.keep(name, step, future.result())
                continue
            steps[name] = future.result()
            for each in steps[name]:
                if kept is not None and (before := kept.found(name, each)) is not None:
                    found[name][each] = before
                else:
                    flying[pool.submit(_taken, course, name, each)] = name, each
            list_next()
        while unfinished and (name := unfinished[0]) in steps \
                and len(found[name]) == len(steps[name]):
            unfinished.popleft()
            yield _put_together(name, secrets, [found[name][step] for step in steps[name]], only)


def _put_together(
    name: str, secrets: int, found: Sequence[StepResult], only: Collection[str]
) -> Audit:
    """What all steps found, and what none of them can know."""
    whole = Audit(name, secrets=secrets)
    checks: dict[str, list[str]] = {}
    verdicts: dict[str, list[tuple[Status, str | None]]] = {}
    for each in found:
        whole.breaches += each.breaches
        whole.kills += each.kills
        whole.alternatives |= each.alternatives
        whole.undiagnosed += each.undiagnosed
        whole.fixed += each.fixed
        whole.skipped += each.skipped
        whole.mutants += each.mutants
        checks |= each.checks
        for said, status, fault in each.verdicts:
            verdicts.setdefault(said, []).append((status, fault))
    for question, ids in checks.items():
        kills = [kill for kill in whole.kills if kill.question == question]
        killing = {check for kill in kills for check in kill.failed}
        whole.breaches += [f"{question}: {check} kills no misconception" for check in ids
                           if check not in killing and (not only or question in only)]
        whole.alike += [(one.id, other.id) for one, other in combinations(kills, 2)
                        if one.id in other.diagnosed and other.id in one.diagnosed]
    whole.breaches += sorted(f"flaky: {said}: {_differing(outcomes)}"
                             for said, outcomes in verdicts.items()
                             if len({status for status, _ in outcomes}) > 1)
    return whole


def _differing(outcomes: Sequence[tuple[Status, str | None]]) -> str:
    """Which verdicts there are under how many secrets, and the suite's own exception."""
    counts = Counter(status for status, _ in outcomes)
    said = ", ".join(f"{status} under {count}" for status, count in sorted(counts.items()))
    fault = next((fault for _, fault in outcomes if fault), None)
    return f"{said} of {len(outcomes)} secrets" + (f" ({fault})" if fault else "")


# In a process of the pool ---------------------------------------------------------------------


_seated: list[tuple[str, Auditor]] = []  # the one that is at work, with its assignment


def _start(leash: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads hears of Ctrl-C, once
    end_with(leash)


def _steps(course: Course, name: str, secrets: int, only: Collection[str]) -> list[Step]:
    return _auditor(course, name).steps(secrets, only)


def _taken(course: Course, name: str, step: Step) -> StepResult:
    return _auditor(course, name).take(step)


def _auditor(course: Course, name: str) -> Auditor:
    if not _seated or _seated[0][0] != name:
        _rise()
        _seated.append((name, Auditor(course, name)))
        Finalize(None, _rise, exitpriority=0)
    return _seated[0][1]


def _rise() -> None:
    while _seated:
        _seated.pop()[1].close()
