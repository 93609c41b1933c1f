"""The probes of a real GPU, as far as a machine without one can hold them to anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from timed import REPOSITORY, TASK

from autograder.course import load
from autograder.timing.devices import lacks
from autograder.timing.probes import PROBES, exploits
from autograder.timing.probes.problems import FUNCTIONS, HONEST, problems


def test_probes_need_torch_and_the_standard_library_alone() -> None:
    code = ("import sys\nbefore = {n.split('.')[0] for n in sys.modules}\n"
            "import torch\nfrom autograder.timing.probes import PROBES\n"
            "import autograder.timing.probes.peer\n"
            "theirs = {n.split('.')[0] for n in sys.modules} - before\n"
            "print(*sorted(theirs & {'pydantic', 'sqlalchemy', 'pytest', 'rich', 'typer'}))\n"
            "print(*sorted(n for n in sys.modules if n.startswith('autograder.judge')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_probes_time_are_right(name: str) -> None:
    names: dict[str, object] = {}
    exec(FUNCTIONS[name], names)
    inputs = TASK.draw()
    function = names["f"]
    assert callable(function)
    convolutions = torch.backends.cudnn.conv  # type: ignore[attr-defined]
    before = convolutions.fp32_precision
    try:
        assert TASK.is_right(function(*inputs, *TASK.numbers), inputs)
    finally:
        convolutions.fp32_precision = before  # one of them chooses less


def test_probes_take_the_courses_own_problems() -> None:
    table = load(REPOSITORY / "grader.toml").assignment("fast_conv").question("conv2d_speed_gpu")
    assert table.performance is not None
    assert [tensors for tensors, _, _ in problems(REPOSITORY)] == [
        problem.tensors for problem in table.performance.problems]


def test_the_staffs_solution_is_what_probes_compare_with() -> None:
    names: dict[str, object] = {}
    exec((REPOSITORY / "solutions/fast_conv/baseline.py").read_text(encoding="utf-8"), names)
    exec(HONEST, names)
    inputs = TASK.draw()
    one, other = (names[name](*inputs, 1, 1) for name in ("f", "conv2d_fast"))  # type: ignore[operator]
    torch.testing.assert_close(one, other)


def test_sources_that_peers_run_are_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is compiled where a peer would begin."""
    seen: list[str] = []

    class NoGpu:
        def close(self) -> None:
            """Nothing was opened."""

    class NoPeer(Exception):
        pass

    def peer(gpu: object, source: str, *rest: object) -> None:
        compile(source, "peer", "exec")
        seen.append(source)
        raise NoPeer

    monkeypatch.setattr(exploits, "opened_gpu", NoGpu)
    monkeypatch.setattr(exploits, "Peer", peer)
    for probe in exploits.ALL:
        with pytest.raises(NoPeer):
            probe(REPOSITORY)
    assert len(seen) == len(exploits.ALL)


@pytest.mark.skipif(lacks("cuda") is None, reason="this machine has a GPU")
def test_without_a_driver_a_probe_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="libcuda"):
        PROBES["canaries_alone"](tmp_path)


def test_a_peer_that_is_stopped_ends_with_who_began_it() -> None:
    """A probe is killed when its time is over, and a stopped process would stay on the device."""
    child = ("import os, signal\nfrom autograder.timing.probes.peer import end_with_parent\n"
             "end_with_parent()\nos.kill(os.getpid(), signal.SIGSTOP)")
    parent = ("import os, subprocess, sys\n"
              "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
              "os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WEXITED)\n"
              "print('stopped', flush=True)\nos._exit(0)")
    # The pipe ends with the last of both, so that this would take its time if one did not.
    done = subprocess.run([sys.executable, "-c", parent, child], capture_output=True, text=True,
                          check=True, timeout=300)
    assert done.stdout == "stopped\n"
