"""What a class hands in, laid out on the disk or packed; and what was found of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from autograder.submission import Submission

GRADER_TOML = """
[course]
name = "Convolution"
[assignments.correlation]
title = "Cross-correlation"
[[assignments.correlation.questions]]
name = "corr2d"
title = "Cross-correlation"
points = 4
[[assignments.correlation.questions]]
name = "Conv2D"
title = "A layer"
points = 3
"""


def notebook(*sources: str) -> bytes:
    """A notebook as Jupyter saves it."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


ADA = notebook("def corr2d(X, K): return 'Ada'")
BOB = notebook("def corr2d(X, K): return 'Bob'")
BOTH = notebook("def corr2d(X, K): pass", "class Conv2D: pass")


def lay(root: Path, files: Mapping[str, bytes]) -> Path:
    """Files below ``root``; a name that ends with a slash is an empty folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def found(submissions: Sequence[Submission]) -> dict[str, bytes | None]:
    """Student -> the content that will be graded, None for a problem."""
    assert all((len(each.files) == 1) != (each.problem is not None) for each in submissions)
    return {each.student: next(iter(each.files.values()), None) for each in submissions}


def problem(submissions: Sequence[Submission], student: str) -> str:
    (submission,) = (each for each in submissions if each.student == student)
    return str(submission.problem)
