"""What a notebook names that gets at its own process is shown to staff, and to nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from example_results import a_result

from autograder.report.rows import names_of
from autograder.result import Suspicion, for_student
from autograder.submission import Cell, Notebook, Submission, read, suspicious

REPOSITORY = Path(__file__).resolve().parents[3]


def found(*cells: str) -> list[tuple[str, int | None, int]]:
    notebook = Notebook(tuple(Cell(number, text) for number, text in enumerate(cells)), ())
    return [(one.name, one.cell, one.line) for one in suspicious(notebook)]


@pytest.mark.parametrize(("code", "name"), [
    ("import sys\nsys.settrace(None)", "settrace"),
    ("from sys import settrace as quiet\nquiet(None)", "settrace"),
    ("import sys\ngetattr(sys, 'settrace')(None)", "settrace"),
    ("import gc\n[o for o in gc.get_objects()]", "get_objects"),
    ("import runpy, numpy\nrunpy.run_path(numpy.linalg._linalg.__file__)['inv']", "run_path"),
    ("from importlib.util import spec_from_file_location as load", "spec_from_file_location"),
    ("import importlib.machinery as m\nm.SourceFileLoader('x', path).load_module()",
     "SourceFileLoader"),
    ("import ctypes.util", "ctypes"),
    ("from ctypes import string_at", "ctypes"),
    ("import sys\nsys._getframe(1).f_globals", "f_globals"),
    ("object.__subclasses__()", "__subclasses__"),
    ("import torch\ntorch._C._dispatch_dump('aten::conv2d')", "_C"),
    ("from torch._C import _dispatch_has_kernel", "_dispatch_has_kernel"),
    ("import torch\ntorch.library.Library('aten', 'IMPL')", "torch.library"),
    ("import torch.library", "torch.library"),
    ("from torch import library", "torch.library"),
    ("import sys\nsys.modules['x']", "sys.modules"),
    ("open('/proc/self/maps')", "/proc/"),
    ("from autograder.worker import denial\ndenial.deny(())", "autograder"),
    ("__import__('autograder.worker.denial')", "autograder."),
    ("try:\n    1 / 0\nexcept Exception as error:\n"
     "    error.__traceback__.tb_frame.f_trace_lines = False", "f_trace_lines"),
])
def test_a_name_that_leads_to_the_process_is_found(code: str, name: str) -> None:
    assert name in [said for said, _, _ in found(code)]


@pytest.mark.parametrize("code", [
    "'''Never use ctypes here.'''", "# sys.settrace(None)",
    "get_ipython().system('autograder check')",
    "import torch\ntorch.nn.functional.unfold", "library = 1\nmodules = list(net.modules())",
    "def f():\n    'Without ctypes.'\n    return 1",
])
def test_what_only_looks_like_it_is_not(code: str) -> None:
    assert found(code) == []


def test_each_name_is_told_once_for_each_cell_with_its_first_line() -> None:
    twice = "import gc\n\ngc.get_objects()\ngc.get_objects()"
    assert found("x = 1", twice, "gc.get_objects()") == [
        ("get_objects", 1, 3), ("get_objects", 2, 1)]


def test_a_hostile_cell_costs_little_and_breaks_nothing() -> None:
    nested, many = "(" * 90_000, "a.ctypes;" * 20_000
    assert found(nested, "x = " + "-" * 90_000 + "1", many) == [("ctypes", 2, 1)]


def test_modules_that_were_handed_in_beside_it_are_read_too() -> None:
    notebook = Notebook((Cell(0, "import helpers"),), (), files={
        "helpers.py": b"import gc\n\ngc.get_objects()", "ctypes.csv": b"ctypes"})
    [one] = suspicious(notebook)
    assert (one.name, one.cell, one.module, one.line) == ("get_objects", None, "helpers.py", 3)
    assert names_of([one]) == "It names get_objects (helpers.py, line 3)."


def names(path: Path) -> list[str]:
    submission = Submission("ann", path.parent.name, {path.name: path.read_bytes()}, None)
    return [one.name for one in suspicious(read(submission))]


OURS = [path for pattern in ("assignments/*/*.ipynb", "solutions/*/notebook.py",
                             "solutions/*/alternatives.py", "solutions/*/alternatives/*.py",
                             "solutions/*/misconceptions/*.py")
        for path in sorted(REPOSITORY.glob(pattern))]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_nothing_that_we_hand_out_or_hold_for_an_answer_is_suspicious(path: Path) -> None:
    """But for what staff's files are made with."""
    assert {*names(path)} - {"autograder"} == set()


@pytest.mark.parametrize("line", [
    "from autograder.notebook import check",
    "from autograder.notebook import observe, predict",
    "from autograder.notebook import (observe, predict)",
    "from autograder.notebook import check  # myself",
    "from autograder.notebook import check; check('corr2d')",
])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_who_checks_themselves_is_not_suspicious(line: str, end: str) -> None:
    """Whatever ends their lines."""
    def named(line: str) -> list[str]:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
                "source": end.join(["try:", f"    {line}", "except ImportError:", "    pass", ""])}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        content = json.dumps(notebook).encode()
        return [one.name for one in suspicious(read(
            Submission("ann", "lab", {"lab.ipynb": content}, None)))]

    assert named(line) == []
    assert named(line.replace("notebook", "worker")) == ["autograder"], "the control"


def test_the_example_class_has_some_to_read() -> None:
    """The control."""
    examples = REPOSITORY / "examples/submissions"
    assert names(examples / "correlation/omar.ipynb") == ["_getframe", "f_locals", "f_back"]
    assert "ctypes" in names(examples / "correlation/uma.ipynb")


def test_students_are_not_told() -> None:
    result = a_result("ann").model_copy(update={
        "suspicions": [Suspicion(name="ctypes", cell=0, line=1)]})
    assert "ctypes" in result.model_dump_json(), "the control"
    assert "ctypes" not in for_student(result).model_dump_json()
