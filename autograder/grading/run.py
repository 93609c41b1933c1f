"""Many submissions: what is graded already comes from the store, the rest goes to judges.

Four steps hand values on. ``submission.find`` finds what was handed in; a ``Planner`` says what
each submission needs; an ``Executor`` has judges grade what needs one; ``finish`` makes of that
what is kept. Each result is kept the moment it is there. A run that is cut off, by Ctrl-C or by
force, is continued by the same command. Runs that use one store at the same time share the work.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from autograder.course import Course, Device
from autograder.grading import finish, interrupts
from autograder.grading.executors import Executor, ToJudge
from autograder.grading.interrupts import Interrupted
from autograder.grading.jury import Jury, Timer
from autograder.grading.plan import Kept, Only, Planner, ToKeep, ToTime
from autograder.intake import KeptFiles
from autograder.result import Result
from autograder.store import Claims, Store
from autograder.submission import Submission
from autograder.telemetry.log import event

_AHEAD = 8  # submissions claimed at once; others' runs get the rest

TellResult = Callable[[Result, bool], None]
"""Told of each result as it is there, and whether it was graded now (not found in the store)."""


def grade(
    course: Course, assignment: str, submissions: Sequence[Submission], jury: Jury,
    executor: Executor, *, store: Store, force: bool = False, only: Only | None = None,
    device: Device | None = None, command: str = "",
    progress: TellResult = lambda result, fresh: None,
) -> None:
    """Grade ``submissions``; each result is kept in the store at once, and told to ``progress``.

    What is timed is timed when everything else is graded, one submission after the other in this
    process, and kept as another result. No result is held here: a class of thousands takes no
    more memory than one of ten.

    Args:
        executor: where the jury's judges work.
        force: grade again what the store has a result of.
        only: leave out what is timed; or leave out everything else, and submissions that the
            store has no result of.
        device: time on this one only; None is on all that the jury has.
        command: the command line, for the store's record of the run.

    Raises:
        JudgeError: no judge can be made.
        IntakeError: the disk does not take the files that were handed in.
        StoreError: the store refused a result. What it took before is kept.
        Interrupted: Ctrl-C or SIGTERM.
    """
    if device is not None:
        jury = replace(jury, devices=tuple(each for each in jury.devices if each == device))
    planner = Planner(course.assignment(assignment), jury, store, only, force)
    run = _RunSoFar(planner, store, progress)
    try:
        with interrupts.heard():
            run.number = store.begin(assignment, command)
            event("run begins", assignment=assignment, number=run.number,
                  submissions=len(submissions))
            with store.claims(run.number) as claims:
                _grade(course, submissions, run, executor, claims)
            store.finish(run.number)
            event("run ends", assignment=assignment, number=run.number, done=run.done)
    except KeyboardInterrupt:
        event("run interrupted", assignment=assignment, number=run.number, done=run.done)
        raise Interrupted(run.done, len(submissions)) from None


def grade_within(
    number: int, claims: Claims, course: Course, assignment: str,
    submissions: Sequence[Submission], jury: Jury, executor: Executor, *, store: Store,
    only: Only | None = None, progress: TellResult,
) -> None:
    """The same within a run that has begun, and has claimed what it likes. Who calls it hears
    Ctrl-C: it is a KeyboardInterrupt here."""
    planner = Planner(course.assignment(assignment), jury, store, only)
    _grade(course, submissions, _RunSoFar(planner, store, progress, number), executor, claims)


def _grade(course: Course, submissions: Sequence[Submission], run: _RunSoFar, executor: Executor,
           claims: Claims) -> None:
    planner, kept = run.planner, KeptFiles(course)
    waiting: list[Submission] = []
    submissions = [planner.dated(submission) for submission in submissions]
    for submission in submissions:
        known = planner.known(submission)
        if known is None and planner.only == "performance":
            continue
        kept.keep(submission)  # before it is graded: no result is without its files
        if isinstance(known, Kept):
            run.tell(known.result, fresh=False)
        else:
            waiting.append(submission)
    run.shared = _several(submissions)
    for those in _apart(waiting):
        while those:
            with closing(executor.run(run.tasks(those, claims))) as outcomes:
                for outcome in outcomes:
                    run.keep(finish.judged(outcome, course, planner.jury), fresh=True)
        run.planner = planner.copying()
    run.planner = planner
    run.time(deque(each for each in submissions
                   if (each.student, each.digest) in run.untimed), claims)


def _apart(submissions: Sequence[Submission]) -> tuple[deque[Submission], deque[Submission]]:
    """One of all that have equal files, which may need a judge; and the others, which need none
    then."""
    first: dict[str, Submission] = {}
    for each in submissions:
        first.setdefault(each.digest, each)
    return (deque(first.values()),
            deque(each for each in submissions if first[each.digest] is not each))


def _several(submissions: Sequence[Submission]) -> frozenset[str]:
    """The digests of files that several submissions have."""
    counts = Counter(each.digest for each in submissions)
    return frozenset(digest for digest, count in counts.items() if count > 1)


@dataclass
class _RunSoFar:
    """How far a run is, and what it does with a submission that is claimed, or judged."""

    planner: Planner
    store: Store
    progress: TellResult
    number: int = 0  # the store's, once the run has begun
    done: int = 0
    untimed: set[tuple[str, str]] = field(default_factory=set)  # student and digest
    shared: frozenset[str] = frozenset()  # digests that several students have
    timed: dict[str, Result] = field(default_factory=dict)  # of these

    def tasks(self, waiting: deque[Submission], claims: Claims) -> Iterator[ToJudge]:
        """What a judge is needed for, claimed as it is asked for; what needs none is kept on the
        way, for other runs may have graded it since. Ends where other runs have all the rest."""
        claimed = claims.take(waiting, _AHEAD, wait=True)
        while claimed:
            for submission in claimed:
                step = self.planner.step(submission)
                if isinstance(step, ToJudge):
                    yield step
                elif isinstance(step, ToKeep):
                    self.keep(step.result, step.fresh)
                else:
                    claims.release(submission)
                    self.tell(step.result, fresh=False)
            claimed = claims.take(waiting, _AHEAD)

    def time(self, waiting: deque[Submission], claims: Claims) -> None:
        """Have what ``waiting`` is judged of timed, one submission after the other."""
        make_timer = self.planner.jury.make_timer
        if not waiting or make_timer is None:
            return
        with closing(make_timer()) as timer:
            while waiting:
                for submission in claims.take(waiting, 1, wait=True):
                    task = self.planner.timing(submission)
                    result = self._timed(task, timer)
                    with interrupts.held():
                        if task.kept and result == task.result:
                            claims.release(submission)
                        else:
                            self.store.add(self.number, result)
                        self._count(result, fresh=True)

    def _timed(self, task: ToTime, timer: Timer) -> Result:
        """Equal files are timed once, whosever they are: times vary."""
        found = self.timed.get(task.submission.digest)
        if found is not None:
            return finish.handed_in_by(task.submission, found)
        result = timer.time(task.submission, task.result, task.questions)
        if task.submission.digest in self.shared:
            self.timed[task.submission.digest] = result
        return result

    def keep(self, result: Result, fresh: bool) -> None:
        with interrupts.held():
            self.store.add(self.number, result)
            self.tell(result, fresh)

    def tell(self, result: Result, fresh: bool) -> None:
        """Of what is still to be timed nobody is told yet."""
        if self.planner.awaited(result):
            self.untimed.add((result.student, result.submission.digest))
        else:
            self._count(result, fresh)

    def _count(self, result: Result, fresh: bool) -> None:
        self.done += 1
        event("kept" if fresh else "known", assignment=result.assignment,
              digest=result.submission.digest, status=result.status)
        self.progress(result, fresh)
