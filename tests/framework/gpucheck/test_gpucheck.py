"""The look at a machine's GPU runs through where there is none, and always leaves its report."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import ExitStatus
from autograder.gpucheck import check, report
from autograder.gpucheck.children import ChildReport, run
from autograder.gpucheck.layers import ALONE, CUMULATIVE, FRESH, IN_PARTS

# All that a machine with torch and nothing beside it lacks.
BLOCKED = """
import runpy, sys
class Lacks:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {
            "pydantic", "pytest", "sqlalchemy", "alembic", "typer", "rich", "yaml", "babel",
            "nbformat", "nbconvert", "jinja2", "jupytext", "IPython", "matplotlib", "zstandard",
            "numpy",
        }:
            raise ModuleNotFoundError(f"{name} is not here")
sys.meta_path.insert(0, Lacks())
runpy.run_module("autograder.gpucheck", run_name="__main__", alter_sys=True)
"""


def command(output: Path) -> list[str]:
    return [sys.executable, "-P", "-c", BLOCKED, "--output", str(output)]


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Any]]:
    """Exit status, what is printed, and the report."""
    output = tmp_path_factory.mktemp("gpucheck") / "report.json"
    done = subprocess.run(command(output), capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, json.loads(output.read_text())


def test_it_says_what_is_lacking_here(looked: tuple[int, str, dict[str, Any]]) -> None:
    status, printed, found = looked
    if found["facts"]["gpus"]:
        pytest.skip("this machine has a GPU")
    assert status == ExitStatus.SHORT and found["complete"]
    assert found["lacking"][-1] == "no program can use CUDA here, confined or not"
    assert any("load the driver" in reason for reason in found["facts"]["lacking"])
    assert "libcuda.so.1" in found["driver, in a fresh process"]["find libcuda"]["error"]["text"]
    assert "lacking: no program can use CUDA here" in printed


def test_every_layer_was_rehearsed_alone_and_with_the_others(
    looked: tuple[int, str, dict[str, Any]]
) -> None:
    _, printed, found = looked
    rehearsed = found["rehearsal"]
    assert list(rehearsed) == [each.name for each in (*CUMULATIVE, *ALONE, *IN_PARTS)]
    if "put the layers on" not in rehearsed["only namespaces"]:  # this machine has them
        assert not any("error" in outcome for outcome in rehearsed["+ seccomp"].values())
    told = rehearsed["seccomp, told of"]["say what was refused"]["answer"]
    assert {each["call"] for each in told} == {"socket", "bind", "listen"}, "refused later"
    assert "open the three nodes" in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_report_is_left_by_one_that_is_ended(number: int, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    with subprocess.Popen(command(output), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the facts are in it
        process.send_signal(number)
        process.stdout.read()
    found = json.loads(output.read_text())
    assert found["complete"] is False and "python" in found["facts"]
    assert found.get("ended by") == ("SIGTERM" if number == signal.SIGTERM else None)
    assert process.returncode == (ExitStatus.INTERRUPTED if number == signal.SIGTERM else -number)


def test_a_child_may_hang_die_or_raise() -> None:
    hung = run(lambda tell: (tell({"begun": "a"}), time.sleep(600)), 0.2)  # type: ignore[func-returns-value]
    assert hung == ChildReport([{"begun": "a"}], "silent for 0.2 s, signal 9")
    died = run(lambda tell: os.kill(os.getpid(), signal.SIGUSR1), 30)
    assert died == ChildReport([], f"signal {signal.SIGUSR1.value}")
    raised = run(lambda tell: os.rmdir("/nowhere"), 30)  # noqa: PTH106
    assert raised.ended == "exit 1" and raised.said[0]["error"]["errno"] == 2


def test_what_ended_a_child_is_said_of_the_step_that_it_had_begun() -> None:
    told = ChildReport([{"begun": "a"}, {"step": "a", "ms": 1.0}, {"begun": "b"}], "signal 11")
    found = report.outcomes(told)
    assert found["a"] == {"ms": 1.0} and "signal 11" in found["b"]["error"]["text"]


@pytest.mark.parametrize(("failing", "blamed"), [
    ((), ""), (("nothing",), "fails without any layer"), (("limits", "+ user"), "limits"),
    (("+ seccomp", "only seccomp"), "seccomp"), (("+ landlock", "+ seccomp"), "landlock"),
    (("only landlock", "only seccomp", "+ seccomp"), "landlock")])
def test_the_layer_in_the_way_is_named(failing: tuple[str, ...], blamed: str) -> None:
    """The one that refuses a step alone, or else the one with which it begins to fail."""
    columns = (*CUMULATIVE, *ALONE)
    found = {each.name: {"cuInit": {"error": {}} if each.name in failing else {"ms": 1.0}}
             for each in columns}
    assert report.blamed(columns, found, "cuInit") == blamed
    fresh = {FRESH.name: {"cuInit": {"ms": 1.0}}}
    assert report.blamed(columns, found | fresh, "cuInit") == blamed.replace(
        "fails without any layer", "the fork")


def test_probes_are_run_one_by_one_whatever_becomes_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "probes_of_a_test.py").write_text("""
import os, time
def asks(course): return {"course": str(course), "gpu": os.environ["CUDA_VISIBLE_DEVICES"]}
PROBES = {"asks": asks, "raises": lambda course: 1 / 0, "dies": lambda course: os.kill(
    os.getpid(), 10), "hangs": lambda course: time.sleep(600), "last": lambda course: 1.5}
""")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(check, "PROBES", "probes_of_a_test")
    monkeypatch.setattr(check, "_PROBE_SECONDS", 1.0)
    look = check.MachineCheck(tmp_path / "report.json", tmp_path, 300)
    look._measure("GPU-a")
    found = json.loads((tmp_path / "report.json").read_text())["figures"]
    assert found["asks"]["answer"] == {"course": str(tmp_path), "gpu": "GPU-a"}
    assert found["last"]["answer"] == 1.5
    assert {name: outcome["error"]["text"] for name, outcome in found.items()
            if "error" in outcome} == {
        "raises": "division by zero", "dies": "signal 10", "hangs": "silent for 1 s, signal 9"}
    some = check.MachineCheck(tmp_path / "some.json", tmp_path, 300, ["last", "lasst"])
    some._measure("GPU-a")
    assert list(json.loads((tmp_path / "some.json").read_text())["figures"]) == ["last"]
    assert some._lacking == ["lasst is no figure; there are asks, raises, dies, hangs, last"]
    late = check.MachineCheck(tmp_path / "late.json", tmp_path, 0)
    late._measure("GPU-a")
    found = json.loads((tmp_path / "late.json").read_text())["figures"]
    assert {outcome["error"]["text"] for outcome in found.values()} == {"no time was left"}


def test_without_probes_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "PROBES", "autograder.no_such_module")
    look = check.MachineCheck(tmp_path / "report.json", tmp_path, 300)
    look._measure("GPU-a")
    assert look._lacking == ["nothing is measured: No module named 'autograder.no_such_module'"]
