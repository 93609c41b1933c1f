"""Faults of our own: whatever breaks under a run, nothing is lost, nobody is given 0 points for it,
and the same command finishes the work."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import warm
from fake_judge import fake_jury, graded
from labs import Lab

from autograder import course, gradebook, store
from autograder.course import Course
from autograder.grading import run
from autograder.grading.executors import Here
from autograder.grading.interrupts import Interrupted
from autograder.result import Result
from autograder.store import Store
from autograder.submission import find

STRIDE = 51  # lines between two moments at which Ctrl-C is tried
STUDENTS = [f"s{number}" for number in range(6)]
RIGHT = "def twice(x):\n    return x + x\n\n\ndef thrice(x):\n    return 3 * x\n"
# A suite runs in the judge. The first check to find the file FAULT does once what is written there.
SUITE = """
from pathlib import Path


def test_any(check, draw):
    '''Twice any number.'''
    fault = Path(__file__).with_name("FAULT")
    try:
        fault.rename(fault.with_name("done"))
    except FileNotFoundError:
        pass
    else:
        exec(fault.with_name("done").read_text(), {**globals(), "check": check})
    check.twice(draw.number(10, 10**9))
"""


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    """A course in which two thirds of the points come through the check that can have faults."""
    (tmp_path / "class").mkdir()
    for student in STUDENTS:
        (tmp_path / "class" / f"{student}.py").write_text(f"{RIGHT}# {student}\n")
    limits = "[assignments.lab.limits]\ncall_seconds = 2\n"
    return Lab(tmp_path, twice=SUITE, settings=limits).write()


def grade(lab: Course) -> subprocess.CompletedProcess[str]:
    return warm.autograder("grade", "lab", "class", "-j", "2", cwd=lab.root)


def kept(lab: Course) -> dict[str, list[tuple[str, float | None]]]:
    """Status and score of every row of every student."""
    with Store(lab) as store:
        return {student: [(entry.status.value, entry.score) for entry in store.history(student)]
                for student in STUDENTS}


def worth(lab: Course, result: Result) -> float:
    return gradebook.grade(lab, result).score


WHOLE = ("graded", 3.0)


def the_same_command_finishes(lab: Course) -> bool:
    """Whether everybody has all points after another run; nobody may have had fewer before it."""
    before = kept(lab)
    assert all(row == WHOLE or row[0] == "internal" for rows in before.values() for row in rows)
    again = grade(lab)
    assert again.returncode == 0, again.stdout + again.stderr
    after = kept(lab)
    return all(after[student] == (rows if WHOLE in rows else [*rows, WHOLE])
               for student, rows in before.items())


# In the judge ---------------------------------------------------------------------------------

BELOW = """
import os, signal
from autograder.grading.executors import pool
def below(pid):
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]
zygote = pool._judge()._zygote._process.pid
"""
RUN = "import multiprocessing, os, signal\nrun = multiprocessing.parent_process().pid\n"
FAULTS = {
    # What ends, ends for some submissions at most, which are graded once more.
    "the judge is killed": (0, "import os; os.kill(os.getpid(), 9)"),
    "the zygote is killed": (0, f"{BELOW}os.kill(zygote, 9)"),
    "the worker's supervisor is killed": (
        0, f"{BELOW}[os.kill(supervisor, 9) for supervisor in below(zygote)]"),
    # What remains is told, and left to the next run.
    "memory is refused once": (3, "raise MemoryError"),
    "memory is short from now on": (
        3, "import resource, torch\nbig = torch.zeros(1 << 26, dtype=torch.uint8)\n"
        "size = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size + (8 << 20), -1))\ncheck.twice(big)"),
    "the database is locked": (
        2, "import builtins, sqlite3\n"
        "builtins.held = sqlite3.connect('results/grades.db', isolation_level=None)\n"
        "builtins.held.execute('BEGIN IMMEDIATE')"),
    "Ctrl-C": (130, f"{RUN}os.kill(run, signal.SIGINT)"),
    "SIGTERM": (130, f"{RUN}os.kill(run, signal.SIGTERM)"),
}


@pytest.mark.parametrize(("status", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_the_midst_of_a_run_costs_nobody_a_point(
    lab: Course, status: int, fault: str
) -> None:
    with (lab.root / "grader.toml").open("a") as toml:
        toml.write('[store]\nurl = "sqlite:///results/grades.db?timeout=0.1"\n')
    assert_nobody_pays(course.load(lab.root / "grader.toml"), status, fault)


def assert_nobody_pays(lab: Course, status: int, fault: str) -> None:
    suite = lab.suite("lab")
    (suite / "FAULT").write_text(fault)
    done = grade(lab)
    assert (suite / "done").exists(), "there was no fault"
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if status == 0:
        assert set(map(tuple, kept(lab).values())) == {(WHOLE,)}
    assert the_same_command_finishes(lab)


@pytest.fixture
def small_machine() -> Iterator[Path]:
    """A control group whose processes have a gigabyte and a quarter together."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mounted, kind = line.split(" - ")
        group = Path(mounted.split()[4], f"autograder-test-{os.getpid()}")
        match kind.split():
            case ["cgroup", _, options] if "memory" in options.split(","):
                limit = group / "memory.limit_in_bytes"
            case ["cgroup2", *_] if "memory" in (
                    group.parent / "cgroup.subtree_control").read_text().split():
                limit = group / "memory.max"
            case _:
                continue
        try:
            group.mkdir()
        except OSError:
            continue
        limit.write_text(str(1280 << 20))
        for no_swap in (group / "memory.swap.max", group / "memory.swappiness"):
            with suppress(OSError):  # it has one of the two
                no_swap.write_text("0")
        yield group
        while group.exists():
            with suppress(OSError):  # somebody has been killed in it, and is not gone yet
                for place in sorted([group, *group.rglob("*/")], reverse=True):
                    place.rmdir()
        return
    pytest.skip("needs root, and a control group that limits memory")


def test_a_machine_that_is_out_of_memory_costs_nobody_a_point(
    lab: Course, small_machine: Path
) -> None:
    """What its own limit allows s0, the machine does not have. Its judge is the run's own process,
    with which everything would end."""
    much = RIGHT.replace("return x", "import torch\n    torch.ones(3 << 29, dtype=torch.uint8)\n"
                                     "    return x")
    (lab.root / "class" / "s0.py").write_text(much)
    toml = lab.root / "grader.toml"
    toml.write_text(toml.read_text().replace(
        "call_seconds = 2", "memory_mb = 4096\ncall_seconds = 60"))
    lab = course.load(toml)
    enter = f"echo 0 > {small_machine}/cgroup.procs && exec \"$@\""
    done = subprocess.run(
        ["sh", "-c", enter, "sh", sys.executable, "-P", "-m", "autograder", "grade", "lab", "class",
         "-j", "1"], cwd=lab.root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    with Store(lab) as store:
        latest = {result.student: result for result in store.counting("lab", "latest")}
    assert "the machine ran out of memory" in str(latest.pop("s0").message)
    assert {(result.status.value, worth(lab, result)) for result in latest.values()} == {WHOLE}
    assert the_same_command_finishes(lab)


def test_sigterm_is_heard_where_ctrl_c_is_ignored(lab: Course) -> None:
    """As by a job in the background of a shell that has no job control."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert_nobody_pays(lab, *FAULTS["SIGTERM"])
    finally:
        signal.signal(signal.SIGINT, before)


# Ctrl-C ---------------------------------------------------------------------------------------

OURS = str(Path(run.__file__).parent), str(Path(store.__file__).parent)


class Interrupter:
    """Presses Ctrl-C before the ``after``-th line that the run or the store executes."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, frame: FrameType, event: str, _: Any) -> Interrupter | None:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
        return self


@pytest.mark.parametrize("begin", [1, 18, 35])
def test_ctrl_c_at_any_moment_loses_nothing(tmp_path: Path, begin: int) -> None:
    """What was told is kept; what is kept is not graded again; the others are. The judge is one
    that takes no time, for the run is cut off a hundred times."""
    (tmp_path / "grader.toml").write_text(
        '[course]\nname = "Faked"\n[assignments.correlation]\ntitle = "Cross-correlation"\n'
        'questions = [{ name = "corr2d", title = "Cross-correlation", points = 4 }]\n')
    faked = course.load(tmp_path / "grader.toml")
    (tmp_path / "class").mkdir()
    for student in STUDENTS[:3]:
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\n")
    submissions = find([tmp_path / "class"], faked.assignment("correlation"))
    told: list[str] = []
    gc.freeze()  # else each of a hundred collections looks at all that torch has made

    def grade_all() -> None:
        with Store(faked) as store:
            jury = fake_jury(faked)
            run.grade(faked, "correlation", submissions, jury, Here(jury.make_judge), store=store,
                      progress=lambda result, fresh: told.append(result.student))

    for line in count(begin, STRIDE):
        told.clear()
        interrupter = Interrupter(line)
        sys.settrace(interrupter)
        try:
            with suppress(Interrupted, KeyboardInterrupt):
                grade_all()
        finally:
            sys.settrace(None)
        gc.collect()  # the process would have ended
        before = {student for student, rows in kept(faked).items() if rows}
        assert set(told) <= before
        begun = len(graded(tmp_path))
        grade_all()
        assert graded(tmp_path)[begun:] == sorted(set(STUDENTS[:3]) - before)
        assert all(len(rows) == 1 for rows in kept(faked).values() if rows)
        if interrupter.left > 0:
            assert line > 100, "hardly any moment was tried"
            break
        shutil.rmtree(tmp_path / "results")
    gc.unfreeze()


# The clock ------------------------------------------------------------------------------------

# Each reading of the wall clock is a year before, after, or at the real time.
SHIM = """
#define _GNU_SOURCE
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t jump(void) {
    static atomic_uint readings;
    return ((int)(atomic_fetch_add(&readings, 1) % 3) - 1) * (time_t)31536000;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += jump();
    return failed;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
"""

# The second for one student: by a judge in this process, which has imported all.
TWO_RUNS = """
import sys
from autograder.cli import main
sys.executable, judges = sys.argv[1:]
for folder in "class", "later":
    sys.argv[1:] = ["grade", "lab", folder, "-j", judges]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, ended.code
"""


@pytest.mark.parametrize("judges", ["1", "2"])
def test_a_wall_clock_that_jumps_decides_nothing(lab: Course, judges: str) -> None:
    """Neither a time limit, nor which result is the newest: in the run, its judges, and workers."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler makes the clock jump here")
    (lab.root / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "shim.so", "shim.c"], cwd=lab.root,
                   check=True)
    python = lab.root / "python"  # for the processes that are given a clean environment
    python.write_text(f'#!/bin/sh\nLD_PRELOAD={lab.root}/shim.so exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    toml = lab.root / "grader.toml"
    toml.write_text(toml.read_text().replace("call_seconds = 2", "call_seconds = 0.5"))
    hangs = RIGHT.replace("return x + x", "while True: pass")
    (lab.root / "class" / "s0.py").write_text(hangs)
    (lab.root / "class" / "s1.py").write_text(
        "import time\nbefore = time.time()\nassert abs(time.time() - before) > 1e7\n" + RIGHT)
    (lab.root / "later").mkdir()
    (lab.root / "later" / "s0.py").write_text(RIGHT)
    done = subprocess.run([python, "-c", TWO_RUNS, python, judges], cwd=lab.root,
                          capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept(lab) == {student: [WHOLE] for student in STUDENTS} | {
        "s0": [("graded", 1.0), WHOLE]}
    with Store(lab) as store:
        latest = {result.student: result for result in store.counting("lab", "latest")}
        every = [store.of_hand_in(student, "lab", entry.submission)
                 for student in STUDENTS for entry in store.history(student)]
    assert {worth(lab, result) for result in latest.values()} == {3.0}
    assert len(every) == 7 and all(each and 0 < each.seconds < 300 for each in every)


# Where results are kept -----------------------------------------------------------------------

@pytest.mark.parametrize(("spoil", "said"), [
    ("size=$(($(du -sk results | cut -f1) + 16))k",
     "the disk is full; free some space and run the same command again"),
    ("ro", "cannot be opened; make it a file, in a directory that you may write to"),
], ids=["full", "read-only"])
def test_a_disk_that_takes_nothing_more_loses_nothing(lab: Course, spoil: str, said: str) -> None:
    """In a mount namespace of its own, which ends with the shell."""
    command = "autograder grade lab -j 1 -o reports"
    done = warm.shell(f"""
        mkdir results && mount -t tmpfs -o size=8m none results || exit 77
        {command} class/s0.py
        mount -o remount,{spoil} results
        {command} class; echo status $?
        mount -o remount,rw,size=8m results
        {command} class && cp -r results kept && umount results && mv kept/* results
    """, "unshare", "--mount", cwd=lab.root)
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    assert "status 2" in done.stdout, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert kept(lab) == {student: [WHOLE] for student in STUDENTS}
