"""What runs where student code runs brings nothing of ours along but the protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder import worker
from autograder.worker import ours

MODULES = sorted(f"autograder.worker.{file.stem}" for file in Path(worker.__file__).parent.glob(
    "*.py") if file.stem != "__init__")
OURS = ("autograder.worker", "autograder.protocol", "autograder.rules", "autograder.sizes")


def loaded_by(*modules: str) -> set[str]:
    """Modules that a fresh interpreter has after importing these."""
    code = f"import json, sys, {', '.join(modules)}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True,
                          check=True)
    return set(json.loads(done.stdout))


def strangers(loaded: set[str]) -> set[str]:
    """Modules of ours that belong to neither the worker nor the protocol."""
    return {name for name in loaded if name.split(".")[0] == "autograder" and name != "autograder"
            and ".".join(name.split(".")[:2]) not in OURS}


def test_the_worker_brings_the_protocol_and_nothing_else_of_ours() -> None:
    loaded = loaded_by(*MODULES)
    assert loaded >= {*MODULES, "autograder.protocol.requests"} and len(MODULES) > 10
    assert strangers(loaded) == set()


def test_all_of_our_modules_are_known_also_those_that_come_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = ours.names()
    assert "autograder.worker.ours" in known and "sys" not in known
    for late in ("autograder.late", "autograder_of_others"):
        monkeypatch.setitem(sys.modules, late, ModuleType(late))
    assert {*ours.names()} == {*known, "autograder.late"}


def test_a_stranger_would_be_found() -> None:
    """The control."""
    assert "autograder.course" in strangers(loaded_by("autograder.sandbox.client"))
