"""Where a part of the tree of control groups is the grader's, each worker has a group of its own.

The tests make such a part, which takes root, and run the real commands in it.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from labs import Lab

from autograder.worker import cgroup

REPOSITORY = Path(__file__).resolve().parents[3]
ORDINARY_UID = 12_345
INSIDE = ("import os, sys; open(sys.argv[1] + '/cgroup.procs', 'w').write('0'); "
          "os.execvp(sys.argv[2], sys.argv[2:])")

WORKERS = """
import json, pathlib, sys
from autograder import doctor
from autograder.course import Limits
from autograder.sandbox.client import Zygote
from autograder.sandbox.launch import launch

def groups():
    return {place.name: (place / 'cgroup.procs').read_text().split()
            for place in pathlib.Path(sys.argv[1]).iterdir() if place.is_dir()}

with Zygote(launch(plots=False)) as zygote:
    workers = [zygote.spawn(tier, Limits()) for tier in ('namespaces', 'landlock', 'none')]
    during = groups()
    for worker in workers:
        worker.stop()
    print(json.dumps([during, groups(), doctor.machine()["cgroups"]]))
"""

# What the doctor says of this machine, where a worker has been.
FACTS = """
import json
from autograder import doctor
from autograder.course import Limits
from autograder.sandbox.client import Zygote
from autograder.sandbox.launch import launch

with Zygote(launch(plots=False)) as zygote:
    zygote.spawn('none', Limits()).stop()
    print(json.dumps(doctor.machine()))
"""


@pytest.fixture
def delegated() -> Iterator[Path]:
    """A control group in which nobody is, and which may limit others as far as this kernel lets."""
    tree = next((Path(line.split()[4]) for line in
                 Path("/proc/self/mountinfo").read_text().splitlines()
                 if " - cgroup2 " in line), None)
    if tree is None or not os.access(tree / "cgroup.procs", os.W_OK) or os.geteuid():
        pytest.skip("needs root, and control groups of version 2")
    place = tree / f"autograder-test-{os.getpid()}"
    place.mkdir()
    yield place
    _wait_until_empty(place)
    for group in sorted(place.rglob("*/"), reverse=True):
        group.rmdir()
    place.rmdir()


def _wait_until_empty(group: Path) -> None:
    """Until the last process in it or below has left: a supervisor ends after its worker."""
    changes = select.poll()
    with (group / "cgroup.events").open() as events:
        changes.register(events, select.POLLPRI)
        while "populated 1" in events.read():
            assert changes.poll(30_000), f"still in {group}: {list(group.rglob('cgroup.procs'))}"
            events.seek(0)


def within(group: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as the only process of ``group``."""
    return subprocess.run([sys.executable, "-c", INSIDE, str(group), *command], cwd=REPOSITORY,
                          capture_output=True, text=True, timeout=300)


def facts(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    told: str = json.loads(done.stdout)["cgroups"]
    return told


@pytest.mark.parametrize("user", ["root", "ordinary user"])
def test_every_worker_has_a_group_which_ends_with_it(delegated: Path, user: str) -> None:
    command = [sys.executable, "-c", WORKERS, str(delegated)]
    if user != "root":
        for part in (".", "cgroup.procs", "cgroup.subtree_control"):
            os.chown(delegated / part, ORDINARY_UID, ORDINARY_UID)
        command = [sys.executable, str(REPOSITORY / "tests/framework/ordinary_user.py"),
                   str(ORDINARY_UID), str(REPOSITORY), "--", *command]
    done = within(delegated, *command)
    assert done.returncode == 0, done.stderr
    during, after, told = json.loads(done.stdout)
    grader = during.pop("autograder-self")
    assert len(grader) >= 2  # the judge, the zygote and the supervisors
    assert sorted(map(len, during.values())) == [1, 1, 1]
    assert set(after) == {"autograder-self"}
    assert told.startswith("one for each worker")


def test_a_class_is_graded_in_groups_and_none_is_left(delegated: Path, tmp_path: Path) -> None:
    """Nor of a worker that ended itself, or was ended."""
    Lab(tmp_path, settings="[assignments.lab.limits]\ncall_seconds = 1\n").write()
    (tmp_path / "class").mkdir()
    for student, does in {"ada": "return x + x", "hana": "import os; os._exit(1)",
                          "rosa": "while True: pass"}.items():
        (tmp_path / "class" / f"{student}.py").write_text(f"def twice(x):\n    {does}\n")
    done = within(delegated, sys.executable, "-P", "-m", "autograder", "grade", "lab",
                  str(tmp_path / "class"), "--workers", "2", "--course",
                  str(tmp_path / "grader.toml"))
    assert done.returncode == 0, done.stderr
    grades = {file.stem: json.loads(file.read_text())["result"] for file in
              (tmp_path / "results" / "lab").glob("*.json")}
    assert {name: (each["status"], each["questions"][0]["status"])
            for name, each in grades.items()} == {
        "ada": ("graded", "passed"), "hana": ("graded", "crashed"), "rosa": ("graded", "timeout")}
    assert [group.name for group in delegated.iterdir() if group.is_dir()] == ["autograder-self"]


def test_what_a_killed_grader_has_left_is_cleared_away(delegated: Path) -> None:
    (delegated / "autograder-self").mkdir()
    (delegated / "worker-1").mkdir()
    done = within(delegated, sys.executable, "-c",
                  "from autograder.worker import cgroup; cgroup.prepare()")
    assert done.returncode == 0, done.stderr
    assert [group.name for group in delegated.iterdir() if group.is_dir()] == ["autograder-self"]


def test_a_group_that_others_are_in_is_left_alone(delegated: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", INSIDE, str(delegated), "cat"],
                          stdin=subprocess.PIPE) as other:
        told = facts(within(delegated, sys.executable, "-c", FACTS))
        assert told == f"not used: other processes are in the grader's control group, {delegated}"
        assert [group for group in delegated.iterdir() if group.is_dir()] == []
        other.communicate()


def test_a_group_bounds_memory_and_says_who_broke_the_bound(delegated: Path) -> None:
    limited(delegated, "memory")
    group = cgroup.Group(delegated, 7, memory=64 << 20, threads=128)
    assert ended_in(group, "bytearray(32 << 20)") == 0
    assert not group.ran_out_of_memory()
    assert ended_in(group, "bytearray(256 << 20)") == -9
    assert group.ran_out_of_memory()
    group.remove()
    assert not (delegated / "worker-7").exists()


def test_a_group_bounds_threads(delegated: Path) -> None:
    limited(delegated, "pids")
    start = "import threading\nfor _ in range(16): threading.Thread(target=input).start()"
    group = cgroup.Group(delegated, 8, memory=1 << 30, threads=64)
    assert ended_in(group, start) == 0
    group.remove()
    group = cgroup.Group(delegated, 8, memory=1 << 30, threads=8)
    assert ended_in(group, start) == 1
    group.remove()


def limited(place: Path, controller: str) -> None:
    """Let groups below ``place`` be limited by ``controller``; skips where nobody can."""
    for group in (place.parent, place):
        with suppress(OSError):
            (group / "cgroup.subtree_control").write_text(f"+{controller}")
    if controller not in cgroup.limited(place):
        pytest.skip(f"this kernel has given {controller} to control groups of version 1")


def ended_in(group: cgroup.Group, code: str) -> int:
    """How a Python ends that runs ``code`` in ``group``."""
    return subprocess.run([sys.executable, "-c", code], preexec_fn=group.enter,
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
