"""What a kernel tells a student, beside what a worker's judge tells of the same notebook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from autograder import selfcheck
from autograder.result import CheckResult, QuestionResult, Result
from autograder.submission.notebook import code_of

PROGRAM = Path(__file__).with_name("kernel_answers.py")
NO_ANSWER = "the kernel ended"


def told(question: QuestionResult) -> dict[str, Any]:
    """All that a student reads of a question's visible checks."""
    said = {"status": question.status, "message": str(question.message),
            "diagnosis": [each.id for each in question.diagnosis],
            "wiring": question.wiring and question.wiring.model_dump()}
    return said | {check.id: _explained(check) for check in question.checks}


def _explained(check: CheckResult) -> dict[str, Any] | None:
    if check.explained is None:
        return None
    account = check.explained.model_dump()
    if check.explained.raised == "RecursionError":  # where a stack ends, is chance
        account |= dict.fromkeys(("text", "line", "cell", "source", "message"))
    return account


def as_notebook(file: Path, folder: Path) -> Path:
    """A notebook as it is; of a script, one with its cells: a kernel has no other."""
    if file.suffix == ".ipynb":
        return file
    cells = [v4.new_code_cell(code.source) for code in code_of(file.name, file.read_bytes())]
    made = folder / f"{file.stem}.ipynb"
    made.write_text(nbformat.writes(v4.new_notebook(cells=cells)), encoding="utf-8")
    return made


def differing(checks: Path, files: Sequence[Path], folder: Path) -> dict[str, dict[str, Any]]:
    """By file and by question: what is told otherwise, by the kernel and by the judge."""
    notebooks = [as_notebook(file, folder) for file in files]
    here = _from_the_kernel(checks, notebooks, folder)
    found: dict[str, dict[str, Any]] = {}
    for file, notebook, expected in zip(files, notebooks, _from_a_judge(checks, notebooks, folder),
                                        strict=True):
        if not here[str(notebook)]:
            found[file.name] = {NO_ANSWER: {}}
            continue
        answered = Result.model_validate_json(here[str(notebook)])
        for one, other in zip(answered.questions, expected.questions, strict=True):
            if wrong := dict(_unequal(told(one), told(other))):
                found.setdefault(file.name, {})[one.name] = wrong
    return found


def _unequal(one: Any, other: Any, where: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _unequal(one.get(key), other.get(key), f"{where} {key}".strip())
    elif one != other:
        yield where, (one, other)


def _from_the_kernel(checks: Path, notebooks: Sequence[Path], folder: Path) -> dict[str, str]:
    """In a folder with the files that an assignment's students are given."""
    beside = folder / "kernel"
    shutil.copytree(checks.parent, beside, ignore=shutil.ignore_patterns("checks"))
    done = subprocess.run(
        [sys.executable, "-P", str(PROGRAM), str(checks), *map(str, notebooks)], cwd=beside,
        capture_output=True, text=True, check=True, env=os.environ | {"MPLBACKEND": "agg"})
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    return dict(json.loads(line) for line in lines)


def _from_a_judge(checks: Path, notebooks: Sequence[Path], folder: Path) -> Iterator[Result]:
    """By one judge, which stays; so the file has to be the same."""
    file = folder / "checked.ipynb"
    file.write_bytes(notebooks[0].read_bytes())
    with selfcheck.Checker(file, checks=checks) as checker:
        for notebook in notebooks:
            file.write_bytes(notebook.read_bytes())
            yield checker.check().grade.result
