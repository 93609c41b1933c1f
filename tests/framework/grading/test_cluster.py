"""Judges on a Dask cluster: the same results, whichever process dies, and by the right suite."""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

import dask
import fake_judge
import pytest
import warm
from distributed import Client, Scheduler
from fake_judge import graded, notes
from labs import REPOSITORY, SECRET, correlation
from looking import until
from test_run import GRADED, INTERNAL, a_course, handed_in, statuses

from autograder import course
from autograder.course import Course, packing
from autograder.course.digests import suite_digest
from autograder.grading import run
from autograder.grading.executors import Executor, Here, Logged, cluster
from autograder.grading.interrupts import Interrupted
from autograder.grading.jury import Jury, of_course
from autograder.judge import JudgeError
from autograder.result import Result
from autograder.store import Store
from autograder.submission import Submission, find
from autograder.telemetry.log import RunLog

EXAMPLES = REPOSITORY / "examples" / "submissions" / "correlation"
# Wrong in parts, hostile, a folder, a script, unreadable; none that runs into time limits, which a
# busy machine would not reach at the same check twice.
CLASS = ["dana.ipynb", "goran.ipynb", "ivan", "nora.ipynb", "tia.py"]
WORKER = ["worker", "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"]
TESTS = str(Path(__file__).parents[1])  # where workers that are not warm find the fake judge
SOON = {"autograder.wait": "200ms", "distributed.comm.timeouts.connect": "500ms"}


# Real schedulers and workers ------------------------------------------------------------------

@contextmanager
def program(*command: str, ready: str, **environment: str) -> Iterator[None]:
    """A program that is ready; killed with its children at the end."""
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **environment},
    ) as process:
        assert process.stderr is not None
        try:
            heard(process.stderr, ready)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def warm_dask(*arguments: str, ready: str, **environment: str) -> Iterator[str]:
    """``dask ARGUMENTS``, and what it says when it is ready; killed at the end."""
    with warm.started("warm_dask:main", "dask", *arguments, cwd=Path.cwd(),
                      env={**os.environ, **environment}) as (process, said):
        try:
            yield heard(said, ready)
        finally:
            process.send_signal(signal.SIGKILL)


def heard(said: IO[str], ready: str) -> str:
    """What matches ``ready`` there. Read on, by a thread, or who says it blocks."""
    lines = []
    for line in said:
        lines.append(line)
        if found := re.search(ready, line):
            threading.Thread(target=said.read, daemon=True).start()
            return found[0]
    pytest.fail("".join(lines))


def scheduler(*options: str) -> AbstractContextManager[str]:
    """Its address. A submission that was on two dying workers is not tried on a third."""
    return warm_dask(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *options,
        ready=r"t\w+://127\S+", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")


def worker(address: str, *options: str, **environment: str) -> AbstractContextManager[str]:
    return warm_dask(*WORKER, address, *options, ready="Registered to", **environment)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A cluster of two workers, whose nannies start them again when they die."""
    with scheduler() as address, worker(address, "--nworkers", "2"), \
            cluster.connected(address) as client:
        client.wait_for_workers(2)
        yield client


@pytest.fixture
def none() -> Iterator[str]:
    """The address of a scheduler that has no workers yet."""
    with scheduler() as address:
        yield address


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    return a_course(tmp_path)


def grade(client: Client, lab: Course, submissions: Sequence[Submission], *, trouble: str = "",
          suite: str = fake_judge.SUITE, told: Callable[[Result], None] = lambda result: None,
          ) -> list[Result]:
    """Results of the fake judge, in the order in which they came."""
    jury = fake_judge.fake_jury(lab, suite=suite, trouble=trouble)
    return graded_by(cluster.Cluster(client, jury.make_judge), jury, lab, submissions, told=told)


def graded_by(executor: Executor, jury: Jury, lab: Course, submissions: Sequence[Submission], *,
              told: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Results in the order in which they came, each of which the store has once."""
    results: list[Result] = []

    def keep(result: Result, fresh: bool) -> None:
        results.append(result)
        told(result)

    with Store(lab) as store:
        run.grade(lab, "correlation", submissions, jury, executor, store=store, progress=keep)
        assert all(len(store.history(each.student)) == 1 for each in submissions)
    return results


class Busy:
    """Says when a judge is busy with a submission of a student called ``waits``, and lets it be:
    graded again, that submission waits no more."""

    def __init__(self, lab: Course, then: Callable[[int], None]) -> None:
        fifo = lab.root / "fifo"
        os.mkfifo(fifo)

        def hear() -> None:
            with fifo.open(encoding="utf-8") as judge:
                process = int(judge.readline())
                fifo.unlink()
                then(process)

        self.thread = threading.Thread(target=hear)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *exception: object) -> None:
        self.thread.join()


# The same results -----------------------------------------------------------------------------

def scores(results: Sequence[Result]) -> dict[str, tuple[object, ...]]:
    return {result.student: (result.status, result.environment,
                             [(question.earned, question.corrected, question.diagnosis)
                              for question in result.questions])
            for result in results}


def test_two_workers_grade_the_example_class_as_this_machine_does(
    two: Client, tmp_path: Path
) -> None:
    lab = correlation(tmp_path, questions=("corr2d", "conv2d_true"))
    submissions = find([EXAMPLES / name for name in CLASS], lab.assignment("correlation"))
    ours = of_course(lab, "correlation", secret=SECRET)
    there = cluster.of_course(two, lab, "correlation", ours, secret=SECRET)
    elsewhere = graded_by(there, ours, lab, submissions)
    assert len(elsewhere) == len(submissions) == len(CLASS)
    other_lab = lab.model_copy(update={
        "store": course.StoreTable(url=f"sqlite:///{tmp_path}/here.db")})
    here = graded_by(Here(ours.make_judge), ours, other_lab, submissions)
    assert scores(elsewhere) == scores(here)


@pytest.mark.parametrize("name", course.load(REPOSITORY / "grader.toml").assignments)
def test_what_travels_of_a_course_has_the_digest_of_the_whole(name: str, tmp_path: Path) -> None:
    whole = course.load(REPOSITORY / "grader.toml")
    for path, content in packing.course_files(whole, name, SECRET).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    part, secret = packing.opened(tmp_path)
    assert suite_digest(part, name) == suite_digest(whole, name)
    assert secret == SECRET


def test_every_worker_writes_the_log_of_the_run_that_it_grades_for(
    two: Client, lab: Course
) -> None:
    jury = fake_judge.fake_jury(lab)
    logged = Logged(jury.make_judge, RunLog("json", "c0ffee"))
    graded_by(cluster.Cluster(two, logged), jury, lab, handed_in(lab, *map(str, range(8))))
    runs = two.run(lambda: [handler.formatter.log.run for handler in
                            logging.getLogger("autograder").handlers])
    assert list(runs.values()) == [["c0ffee"], ["c0ffee"]]


def test_a_worker_holds_one_judge_at_a_time(none: str, lab: Course) -> None:
    with worker(none), cluster.connected(none) as client:
        for suite, student in (("5" * 64, "ann"), ("6" * 64, "bob")):
            grade(client, lab, handed_in(lab, student), suite=suite)
    what = [what for what, _ in notes(lab.root)]
    assert what[:5] == ["seated", "ann", "closed", "seated", "bob"]


# Whichever dies -------------------------------------------------------------------------------

def test_a_worker_killed_in_mid_run_loses_nothing_and_doubles_nothing(
    two: Client, lab: Course
) -> None:
    killed: list[int] = []

    def kill_its_worker(result: Result) -> None:
        if not killed:
            killed.append(next(process for who, process in notes(lab.root)
                               if who == result.student))
            os.kill(killed[0], signal.SIGKILL)

    names = [f"s{number}" for number in range(12)]
    results = grade(two, lab, handed_in(lab, *names), told=kill_its_worker)
    assert sorted(result.student for result in results) == sorted(names)
    assert set(statuses(results).values()) == {GRADED}


def test_what_a_killed_worker_was_busy_with_is_graded_by_one_that_joined_since(
    none: str, lab: Course
) -> None:
    submissions = handed_in(lab, "waits", "ann", "bob")
    with worker(none, "--no-nanny"), cluster.connected(none) as client:
        joining = worker(none, "--no-nanny")

        def another_comes_and_this_one_goes(process: int) -> None:
            try:
                joining.__enter__()
            finally:
                os.kill(process, signal.SIGKILL)

        with Busy(lab, another_comes_and_this_one_goes):
            results = grade(client, lab, submissions)
        joining.__exit__(None, None, None)
    assert statuses(results) == dict.fromkeys(["waits", "ann", "bob"], GRADED)
    first, second = [process for who, process in notes(lab.root) if who == "waits"]
    assert first != second


def test_a_submission_that_kills_every_worker_costs_nobody_else_anything(
    two: Client, lab: Course
) -> None:
    others = [f"s{number}" for number in range(6)]
    results = grade(two, lab, handed_in(lab, *others[:3], "segfault", *others[3:]))
    assert statuses(results) == dict.fromkeys(others, GRADED) | {"segfault": INTERNAL}


def test_ctrl_c_cancels_what_is_in_flight_and_keeps_what_is_done(none: str, lab: Course) -> None:
    submissions = handed_in(lab, "ann", "bob", "waits", "cem")
    with worker(none, "--nworkers", "2"), cluster.connected(none) as client:
        client.wait_for_workers(2)
        busy: list[int] = []

        def press(process: int) -> None:
            busy.append(process)
            os.kill(os.getpid(), signal.SIGINT)

        with Busy(lab, press), pytest.raises(Interrupted) as interrupted:
            grade(client, lab, submissions)

        def in_flight(dask_scheduler: Scheduler) -> int:
            return sum(task.state == "processing" for task in dask_scheduler.tasks.values())

        idle = [worker for worker, process in client.run(os.getpid).items() if process not in busy]
        client.submit(os.getpid, workers=idle).result()
        until(lambda: client.run_on_scheduler(in_flight) == 0)  # it may not have heard all yet
    with Store(lab) as store:
        kept = [each.student for each in submissions if store.history(each.student)]
    assert "waits" not in kept
    # One more is kept when Ctrl-C comes between writing a result and counting it.
    assert len(kept) - int(str(interrupted.value).split()[1]) in (0, 1)


def test_a_scheduler_that_is_gone_ends_the_run(none: str, lab: Course) -> None:
    with worker(none), cluster.connected(none) as client:
        process = client.run_on_scheduler(os.getpid)
        with dask.config.set(SOON), Busy(lab, lambda _: os.kill(process, signal.SIGKILL)), \
                pytest.raises(JudgeError, match="the cluster's scheduler is gone"):
            grade(client, lab, handed_in(lab, "waits", "ann"))


# Refused --------------------------------------------------------------------------------------

def test_a_suite_that_is_edited_between_is_refused(two: Client, tmp_path: Path) -> None:
    for part in ("solutions/correlation", "tests/hidden/correlation"):
        shutil.copytree(REPOSITORY / part, tmp_path / part)
    shutil.copy(REPOSITORY / "grader.toml", tmp_path)
    lab = course.load(tmp_path / "grader.toml")
    ours = of_course(lab, "correlation", secret=SECRET)
    with (lab.suite("correlation") / "test_corr2d.py").open("a", encoding="utf-8") as suite:
        suite.write("# mended\n")
    there = cluster.of_course(two, lab, "correlation", ours, secret=SECRET)
    submissions = find([EXAMPLES / "ada.ipynb"], lab.assignment("correlation"))
    with pytest.raises(JudgeError, match=r"the suite of correlation has the digest .* on the w"):
        graded_by(there, ours, lab, submissions)


def test_a_worker_with_another_torch_is_refused(none: str, lab: Course, tmp_path: Path) -> None:
    other = tmp_path / "torch-1.2.3.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 1.2.3\n")
    with worker(none, PYTHONPATH=str(tmp_path)), cluster.connected(none) as client, \
            pytest.raises(JudgeError, match=r"tcp://.* has .* torch 1\.2\.3, and the run was st"):
        grade(client, lab, handed_in(lab, "ann"))
    assert notes(lab.root) == []


def test_a_judge_that_cannot_start_stops_the_run(two: Client, lab: Course) -> None:
    with pytest.raises(JudgeError, match=r"test_corr2d\.py: no such question"):
        grade(two, lab, handed_in(lab, "ann", "bob"), trouble="broken suite")


def test_a_judge_that_kills_workers_at_the_start_stops_the_run(two: Client, lab: Course) -> None:
    with pytest.raises(JudgeError, match="died while judges started"):
        grade(two, lab, handed_in(lab, "ann", "bob"), trouble="dies at once")
    assert graded(lab.root) == []


def test_a_cluster_without_workers_says_how_to_start_some(none: str) -> None:
    with dask.config.set(SOON), pytest.raises(JudgeError, match=r"no worker .* dask worker"), \
            cluster.connected(none):
        pass


def test_no_scheduler_says_how_to_start_one() -> None:
    with dask.config.set(SOON), pytest.raises(JudgeError, match="no scheduler answers"), \
            cluster.connected("tcp://127.0.0.1:1"):
        pass


def test_an_address_without_the_encryption_that_is_asked_for_is_a_mistake() -> None:
    with dask.config.set({**SOON, "distributed.comm.require-encryption": True}), \
            pytest.raises(JudgeError, match=r"no scheduler answers \(encryption required"), \
            cluster.connected("tcp://127.0.0.1:1"):
        pass


# TLS ------------------------------------------------------------------------------------------

@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """Dask's settings for one self-signed certificate that all parties have."""
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=cluster", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    settings = {"ca-file": certificate}
    for role in ("client", "scheduler", "worker"):
        settings |= {f"{role}.cert": certificate, f"{role}.key": key}
    return {f"distributed.comm.tls.{key}": value for key, value in settings.items()}


def test_with_certificates_everything_is_encrypted_and_without_them_nobody_gets_in(
    certificate: dict[str, str], lab: Course
) -> None:
    environment = {"DASK_" + name.replace(".", "__").replace("-", "_").upper(): value
                   for name, value in certificate.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with scheduler("--protocol", "tls") as address, worker(address):
            assert address.startswith("tls://")
            with dask.config.set(certificate), cluster.connected(address) as client:
                assert statuses(grade(client, lab, handed_in(lab, "ann"))) == {"ann": GRADED}
            before = open_clients()
            with dask.config.set(SOON):
                for stranger in (address, address.replace("tls", "tcp")):
                    with pytest.raises(JudgeError, match="no scheduler answers") as refused, \
                            cluster.connected(stranger):
                        pass
                    # One that the garbage collector closes can hang the start of another.
                    assert open_clients() == before, refused


def open_clients() -> int:
    return sum(issubclass(type(each), Client) and each.status != "closed"
               for each in gc.get_objects())


@pytest.mark.parametrize(("option", "remedy"), [
    ("-B", "start it by `PYTHONSAFEPATH=1 dask worker ADDRESS`"),
    ("-PO", "start it without -O and without PYTHONOPTIMIZE"),
])
def test_a_worker_whose_python_was_started_unsafely_gets_no_judge(
    none: str, lab: Course, option: str, remedy: str
) -> None:
    python = program(sys.executable, option, "-m", "dask", *WORKER, none, "--no-nanny",
                     ready="Registered to", PYTHONPATH=TESTS)
    with python, cluster.connected(none) as client, pytest.raises(JudgeError, match=remedy):
        grade(client, lab, handed_in(lab, "ann"))
    assert graded(lab.root) == []


# Slurm ----------------------------------------------------------------------------------------

SLURM_CONF = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
StateSaveLocation={root}
SlurmdSpoolDir={root}
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=4000
PartitionName=lab Nodes=ALL Default=YES
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Slurm of one machine, this one."""
    for command, package in (("sbatch", "slurm-client"), ("slurmctld", "slurmctld"),
                             ("slurmd", "slurmd")):
        if shutil.which(command) is None:
            pytest.skip(f"no {command} here: apt-get install {package}")
    if os.getuid() != 0:
        pytest.skip("slurmd runs as root only")
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ports.append(taken.getsockname()[1])
    configuration = tmp_path / "slurm.conf"
    configuration.write_text(SLURM_CONF.format(
        host=socket.gethostname().split(".")[0], ports=ports, root=tmp_path,
        cores=os.cpu_count()), encoding="utf-8")
    monkeypatch.setenv("SLURM_CONF", str(configuration))
    monkeypatch.setenv("PYTHONPATH", TESTS)
    with program("slurmctld", "-D", ready="Running as primary controller"), \
            program("slurmd", "-D", ready="slurmd started"):
        yield
        while jobs():
            pass  # their ends are told to the daemons that end here


def test_slurm_wants_to_know_how_large_a_job_is(slurm: None) -> None:
    with pytest.raises(JudgeError, match=r"set cores and memory under jobqueue\.slurm"), \
            cluster.slurm(1):
        pass


SMALL = {"jobqueue.slurm.cores": 1, "jobqueue.slurm.memory": "1GB",
         "jobqueue.slurm.interface": "lo",
         "jobqueue.slurm.scheduler-options": {"dashboard_address": ":0"}}


def test_what_slurm_refuses_ends_the_run_at_once_in_its_own_words(slurm: None) -> None:
    with dask.config.set({**SMALL, "jobqueue.slurm.queue": "nowhere"}), \
            pytest.raises(JudgeError, match=r"took 0 of 2 jobs.*invalid partition.*nowhere"), \
            cluster.slurm(2):
        pass
    assert jobs("--states=pending,running") == []


def test_a_network_that_is_not_there_is_a_mistake_in_the_configuration(slurm: None) -> None:
    with dask.config.set({**SMALL, "jobqueue.slurm.interface": "ib7"}), \
            pytest.raises(JudgeError, match=r"under jobqueue\.slurm, does not do here: .*'ib7'"), \
            cluster.slurm(1):
        pass


def test_slurm_jobs_grade_and_end_with_the_run(slurm: None, lab: Course) -> None:
    ctrl_c = signal.getsignal(signal.SIGINT)
    with dask.config.set({**SMALL, "autograder.wait": "60s",
                          "jobqueue.slurm.log-directory": str(lab.root)}), \
            cluster.slurm(2) as client:
        assert len(jobs("--states=pending,running")) == 2
        results = grade(client, lab, handed_in(lab, "ann", "bob", "cem"))
    assert statuses(results) == dict.fromkeys(["ann", "bob", "cem"], GRADED)
    assert jobs("--states=pending,running") == []
    assert signal.getsignal(signal.SIGINT) is ctrl_c


def jobs(*options: str) -> list[str]:
    return subprocess.run(["squeue", "--noheader", *options], check=True,
                          capture_output=True, text=True).stdout.splitlines()
