"""Packages that lie beside the environment are found by workers as by the judge; other folders of
its path are out of sight."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.worker import packages

CODE = """
import sys
from autograder.course import Limits
from autograder.protocol import RunCell
from autograder.sandbox.client import Zygote, best_tier
from autograder.sandbox.launch import launch
with Zygote(launch(plots=False)) as zygote:
    worker = zygote.spawn(best_tier(zygote, Limits()), Limits())
    reply = worker.request(RunCell(0, "import beside, os; print(beside.NAME)\\n"
                                   "assert not [n for n in os.environ if 'PYTHON' in n]"),
                           seconds=30)
    print(worker.stop().output if reply.raised is None else reply.raised.message)
"""


def folder(place: Path, *, installed: bool) -> Path:
    (place / "beside").mkdir(parents=True)
    (place / "beside/__init__.py").write_text("NAME = 'found'\n")
    if installed:
        (place / "beside-1.0.dist-info").mkdir()
    return place


def worker_says(variables: dict[str, str]) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([sys.executable, "-P", "-c", CODE], env={**kept, **variables},
                          capture_output=True, text=True, check=True).stdout.strip()


def test_what_a_module_system_puts_on_the_path(tmp_path: Path) -> None:
    assert worker_says({"PYTHONPATH": str(folder(tmp_path, installed=True))}) == "found"


def test_a_folder_of_somebodys_own_modules_is_no_workers_business(tmp_path: Path) -> None:
    """The control: the judge itself would find it."""
    told = worker_says({"PYTHONPATH": str(folder(tmp_path, installed=False))})
    assert told == "No module named 'beside'"


def test_a_course_is_none_whatever_was_installed_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(folder(tmp_path, installed=True))
    monkeypatch.setattr(sys, "path", [place, ""])
    assert packages.folders() == [place]
    (tmp_path / "grader.toml").touch()
    assert packages.folders() == []


@pytest.mark.parametrize("enabled", [True, False])
def test_a_users_own_packages_are_found_where_the_judge_finds_them(
    enabled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages.site, "ENABLE_USER_SITE", enabled)
    monkeypatch.setattr(packages.site, "getuserbase", lambda: str(tmp_path))
    told = packages.variables()
    assert ("PYTHONUSERBASE" in told, "PYTHONNOUSERSITE" in told) == (enabled, not enabled)
