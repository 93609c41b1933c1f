"""A test that is said to begin no process is failed where it does begin one."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

WAYS = {
    "a fork": "pid = os.fork()\n    if not pid: os._exit(0)\n    os.waitpid(pid, 0)",
    "a command": "subprocess.run(['true'], check=True)",
    "a spawn": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "a shell": "os.system('true')",
    "a warm process asked for another": "warm.launch().process.wait()",
}


def outcomes(pytester: pytest.Pytester, body: str, kind: str, fixture: str = "") -> dict[str, int]:
    pytester.makeini("[pytest]\nmarkers =\n    unit\n    worker\n")
    pytester.makeconftest("from begun import pytest_runtest_call, pytest_runtest_setup\n")
    pytester.makepyfile(
        "import os, subprocess, pytest, warm\n\n\n"
        "@pytest.fixture\ndef zygote(): return None\n\n\n"
        f"@pytest.mark.{kind}\ndef test_it({fixture}):\n    {body}\n")
    found = pytester.inline_run("-p", "no:cacheprovider", "-p", "no:schemathesis")
    return dict(zip(("passed", "skipped", "failed"), found.countoutcomes(), strict=True))


@pytest.mark.parametrize("body", [pytest.param(body, id=way) for way, body in WAYS.items()])
def test_a_unit_that_begins_a_process_fails(pytester: pytest.Pytester, body: str) -> None:
    assert outcomes(pytester, body, "unit")["failed"] == 1
    assert outcomes(pytester, body, "worker")["passed"] == 1  # what it does is right, elsewhere


def test_a_unit_that_could_ask_for_workers_fails(pytester: pytest.Pytester) -> None:
    """They are forked where no one here hears of it."""
    assert outcomes(pytester, "pass", "unit", "zygote")["failed"] == 1
    assert outcomes(pytester, "pass", "worker", "zygote")["passed"] == 1


def test_a_unit_that_begins_none_passes(pytester: pytest.Pytester) -> None:
    assert outcomes(pytester, "pass", "unit")["passed"] == 1
