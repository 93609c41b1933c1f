"""Judges on other machines: one in each worker process of a Dask cluster.

Scheduler, workers and this process trust each other: Dask pickles between them, and hidden suites
and the secret travel. Student code runs in the sandbox below a judge, as on one machine, and
reaches none of that; what a confined worker sends is never unpickled.
"""

from __future__ import annotations

import hashlib
import pickle
import signal
import sys
import threading
import uuid
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from itertools import chain, islice
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import dask
from dask.utils import parse_timedelta
from distributed import Client, Future, KilledWorker, WorkerPlugin, get_worker, wait
from distributed.client import FIRST_COMPLETED, FuturesCancelledError
from distributed.comm.core import CommClosedError
from distributed.core import Status

from autograder import __version__
from autograder.course import Course, Tier, packing
from autograder.course.digests import suite_digest
from autograder.grading.executors.interface import (
    Grader,
    Judged,
    JudgedOrLost,
    Lost,
    MakeJudge,
    ToJudge,
)
from autograder.grading.executors.logged import Logged
from autograder.grading.jury import Jury
from autograder.result import Result
from autograder.telemetry.log import RunLog

if TYPE_CHECKING:
    from dask_jobqueue.slurm import SLURMCluster

# How long there may be no worker, unless Dask's configuration says it as ``autograder.wait``.
_WAIT, _QUEUED = "60s", "1h"

# Connecting -----------------------------------------------------------------------------------


class _Client(Client):
    """One that is closed at once where it cannot connect.

    Dask leaves that to the garbage collector, which may come while another client starts: then
    both wait for one lock, for ever.
    """

    def start(self, **kwargs: Any) -> None:
        try:
            super().start(**kwargs)
        except BaseException:
            self.close()
            raise


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the cluster whose scheduler listens at ``address``.

    Certificates for TLS are named in Dask's own configuration.

    Raises:
        JudgeError: no scheduler answers, or it has no worker.
    """
    try:
        client = _Client(address)
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # encryption, address, keys
        raise _judge_error(f"{address}: no scheduler answers ({error}); start one by "
                           "`dask scheduler`; docs/cluster.md says how, with TLS too") from None
    with client:
        _wait_for_worker(client, _patience())
        yield client


@contextmanager
def slurm(jobs: int) -> Iterator[Client]:
    """A client of a cluster whose workers are that many Slurm jobs, which end with this block.

    What a job asks for is in Dask's own configuration, under ``jobqueue.slurm``.

    Raises:
        JudgeError: there is no Slurm here, the configuration lacks something, or no job came up.
    """
    ctrl_c = signal.getsignal(signal.SIGINT)
    from dask_jobqueue.slurm import SLURMCluster

    signal.signal(signal.SIGINT, ctrl_c)  # the import made it exit at once, as if all were done
    if which(SLURMCluster.job_cls.submit_command) is None:
        raise _judge_error("this machine has no sbatch; start the run where Slurm has its commands")
    job = dask.config.get("jobqueue.slurm")
    if None in (job["cores"], job["memory"]):
        raise _judge_error("Dask's configuration does not say how large a Slurm job is; set cores "
                           "and memory under jobqueue.slurm, as in docs/cluster.md")
    # Where sbatch is run, its jobs begin: among what students handed in, perhaps.
    python = f"{job['python'] or sys.executable} -P"
    try:
        cluster = SLURMCluster(processes=job["processes"] or job["cores"], python=python)
    except (RuntimeError, ValueError) as error:  # an interface, a size that nobody can read
        raise _judge_error("Dask's configuration, under jobqueue.slurm, does not do here: "
                           f"{error}") from None
    with cluster:
        _submit(cluster, jobs)
        with _Client(cluster) as client:
            _wait_for_worker(client, _patience(_QUEUED))
            yield client


def _submit(cluster: SLURMCluster, jobs: int) -> None:
    """Hand the jobs to Slurm, and wait until it has taken or refused each.

    ``cluster.scale`` does not wait: what sbatch refuses it only logs, and the workers never come.
    """
    async def submitted() -> None:
        await cluster

    for _ in range(jobs):
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(submitted)
    except RuntimeError as error:
        taken = sum(job.job_id is not None for job in cluster.workers.values())
        for job in cluster.workers.values():
            job.status = Status.failed  # what is to close must have run, or this
        said = " ".join(str(error).partition("stderr:\n")[2].split()) or error
        raise _judge_error(f"Slurm took {taken} of {jobs} jobs, and they are cancelled; of the "
                           f"others it said: {said}") from None


def _wait_for_worker(client: Client, patience: float) -> None:
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        raise _no_worker(patience) from None


def _no_worker(patience: float) -> Exception:
    return _judge_error(
        f"for {patience:g} s the cluster has had no worker that can take this; start one by "
        "`PYTHONSAFEPATH=1 dask worker ADDRESS --nthreads 1`, see what Slurm says of its jobs, or "
        "wait longer: DASK_AUTOGRADER__WAIT=2h")


def _patience(default: str = _WAIT) -> float:
    return float(parse_timedelta(dask.config.get("autograder.wait", default)))


# What travels ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Packed:
    """What judges of one assignment are made from, on whatever machine."""

    files: Mapping[str, bytes]  # by path; the hidden suite and the secret too
    assignment: str
    suite: str  # digest
    tier: Tier | None

    def judge(self) -> Grader:
        from autograder.judge import Judge  # imports torch

        with self._unpacked() as (course, secret):
            return Judge(course, self.assignment, secret=secret, tier=self.tier)

    @contextmanager
    def _unpacked(self) -> Iterator[tuple[Course, bytes]]:
        """The course and its secret. Its files are on the disk as long as the block lasts."""
        with TemporaryDirectory(prefix="autograder") as folder:  # mode 0700
            for name, content in self.files.items():
                file = Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            course, secret = packing.opened(Path(folder))
            if (found := suite_digest(course, self.assignment)) != self.suite:
                raise _judge_error(
                    f"the suite of {self.assignment} has the digest {found[:12]} on the worker, "
                    f"and {self.suite[:12]} where the run was started; if somebody is editing it, "
                    "start the run again")
            yield course, secret


class _Post(WorkerPlugin):
    """Told to each worker once, and to those that join later: what to make there."""

    def __init__(self, make: MakeJudge) -> None:
        self.name = f"autograder-{uuid.uuid4().hex}"
        self.making = pickle.dumps(make)  # apart: to be read by an equal version only
        self.key = hashlib.sha256(self.making).hexdigest()
        self.versions = _versions()

    def make(self) -> Grader:
        if not sys.flags.safe_path:
            raise _judge_error(f"the worker {get_worker().address} was started so that Python "
                               "looks for modules in its working directory, where files of "
                               "students may lie; start it by "
                               "`PYTHONSAFEPATH=1 dask worker ADDRESS`")
        if sys.flags.optimize:
            raise _judge_error(f"the worker {get_worker().address} was started so that Python "
                               "leaves `assert` out, which suites and references may count on; "
                               "start it without -O and without PYTHONOPTIMIZE")
        if (here := _versions()) != self.versions:
            raise _judge_error(f"the worker {get_worker().address} has {_said(here)}, and the run "
                               f"was started with {_said(self.versions)}: install the same there")
        made: Grader = pickle.loads(self.making)()
        return made

    def teardown(self, worker: object) -> None:
        # Apart from the worker's event loop, for the judge may be busy for minutes.
        threading.Thread(target=_dismiss, args=(self.key,), daemon=True).start()


def _versions() -> dict[str, str]:
    return {"autograder": __version__, "torch": metadata.version("torch")}


def _said(versions: dict[str, str]) -> str:
    return " and ".join(f"{name} {version}" for name, version in versions.items())


# In a worker process --------------------------------------------------------------------------

_seat = threading.Lock()  # a judge grades one submission after the other
_seated: dict[str, Grader] = {}  # key of its post -> at most one judge


def _occupy(post: str) -> Grader:
    told = get_worker().plugins[post]
    assert isinstance(told, _Post)
    if told.key not in _seated:
        while _seated:
            _seated.popitem()[1].close()
        _seated[told.key] = told.make()
    return _seated[told.key]


def _ready(post: str) -> None:
    with _seat:
        _occupy(post)


def _graded(post: str, task: ToJudge) -> Result:
    with _seat:
        return _occupy(post).grade(task.submission, task.earlier)


def _dismiss(key: str) -> None:
    with _seat:
        if key in _seated:
            _seated.pop(key).close()


# From here ------------------------------------------------------------------------------------


class Cluster:
    """Judges on all workers that the cluster has at the time."""

    def __init__(self, client: Client, make_judge: MakeJudge) -> None:
        """``make_judge`` is called in every worker process: it must pickle."""
        self._client = client
        self._make_judge = make_judge

    def run(self, tasks: Iterator[ToJudge]) -> Generator[JudgedOrLost, None, None]:
        """The outcome of each task; as in ``Executor.run``.

        Dask grades again elsewhere what was on a worker that died, as often as its configuration
        says (``distributed.scheduler.allowed-failures``). What was on more dying workers is graded
        once more with nothing beside it; what they die of then is lost.
        """
        for first in tasks:
            with _posted(self._client, self._make_judge) as post:
                self._seat_judges(post)
                for suspect in (yield from self._until_done(post, chain([first], tasks))):
                    if (yield from self._until_done(post, iter([suspect]))):
                        yield Lost(suspect)

    def _until_done(
        self, post: str, tasks: Iterator[ToJudge]
    ) -> Generator[JudgedOrLost, None, list[ToJudge]]:
        """Judge ``tasks``, at most two for each worker handed over at once; returns those that were
        on too many dying workers."""
        flying: dict[Future[Result], ToJudge] = {}
        suspects: list[ToJudge] = []
        try:
            while True:
                room = 2 * max(1, len(_threads(self._client))) - len(flying)
                for task in islice(tasks, max(0, room)):
                    flying[self._client.submit(_graded, post, task, pure=False)] = task
                if not flying:
                    return suspects
                for future in _ended(self._client, flying):
                    task = flying.pop(future)
                    try:
                        result = future.result()
                    except KilledWorker:
                        suspects.append(task)
                    else:
                        yield Judged(task, result)
        finally:
            if self._client.status == "running":
                with suppress(CommClosedError):  # it does not know yet that its scheduler is gone
                    self._client.cancel(list(flying))

    def _seat_judges(self, post: str) -> None:
        """Have all workers make a judge, and wait for the first, so that a judge that cannot start
        is told from a submission that kills one."""
        seats = [self._client.submit(_ready, post, pure=False) for _ in _threads(self._client)]
        try:
            for seated in _ended(self._client, seats):
                seated.result()
        except KilledWorker:
            raise _judge_error("the workers' processes died while judges started in them; they may "
                               "lack memory: see what they logged") from None


def of_course(client: Client, course: Course, assignment: str, jury: Jury, *, secret: bytes,
              tier: Tier | None = None, log: RunLog | None = None) -> Cluster:
    """Has the judges of ``jury``, which is this course's, on the cluster. With ``log`` they say on
    their workers' stderr what they do."""
    files = packing.course_files(course, assignment, secret)
    make_judge: MakeJudge = Packed(files, assignment, jury.suite, tier).judge
    return Cluster(client, make_judge if log is None else Logged(make_judge, log))


@contextmanager
def _posted(client: Client, make: MakeJudge) -> Iterator[str]:
    """The name under which workers know what to make. They forget it, and close what they made of
    it, when the block ends."""
    post = _Post(make)
    client.register_plugin(post, post.name)
    try:
        yield post.name
    finally:
        if client.status == "running":
            with suppress(CommClosedError):
                client.unregister_worker_plugin(post.name)


def _ended(client: Client, futures: Collection[Future[Any]]) -> set[Future[Any]]:
    """Wait until some of ``futures`` have ended."""
    patience = _patience()
    while True:
        try:
            done: set[Future[Any]] = wait(
                list(futures), timeout=patience, return_when=FIRST_COMPLETED).done
            return done
        except TimeoutError:
            if not _threads(client):
                raise _no_worker(patience) from None
        except FuturesCancelledError as error:
            raise _gone(error) from None


def _threads(client: Client) -> Mapping[str, int]:
    """How many each worker has."""
    try:
        threads: Mapping[str, int] = client.nthreads()
        return threads
    except CommClosedError as error:
        raise _gone(error) from None


def _gone(error: Exception) -> Exception:
    return _judge_error("the cluster's scheduler is gone, or somebody cancelled the run; start it "
                        f"again to grade the rest ({error})")


def _judge_error(why: str) -> Exception:
    from autograder.judge import JudgeError  # imports torch

    return JudgeError(why)
