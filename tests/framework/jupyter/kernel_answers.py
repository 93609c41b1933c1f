"""What a kernel answers to notebooks that were run in it: a process for each, forked from this one,
for some of them end theirs::

    python kernel_answers.py CHECKS FILE…     # a line of JSON for each FILE
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from autograder import load_ipython_extension
from autograder.jupyter import session
from autograder.jupyter.alarm import Alarm
from autograder.jupyter.checking import checked
from autograder.submission import Submission, divided, read
from autograder.worker import stub_modules

PATIENCE = 5  # seconds of computing, for a statement: some never end


def answers(checks: Path, file: Path) -> str:
    """The questions of the result, as JSON. What stands in for packages where notebooks are graded
    does so here, and a statement that fails costs no other, as there."""
    notebook = read(Submission("x", "x", {file.name: file.read_bytes()}, None))
    shell = InteractiveShell()
    load_ipython_extension(shell)
    stub_modules.install(shell.user_ns)
    parts = [*divided(notebook).cells, *notebook.broken]
    for cell in sorted(parts, key=lambda cell: (cell.index, cell.above)):
        shell.execution_count = cell.index + 1
        with contextlib.suppress(KeyboardInterrupt), Alarm(PATIENCE):
            shell.run_cell("#\n" * cell.above + cell.source, store_history=True)
    # Statement by statement, its history is not the notebook's.
    found = checked(replace(session.of(shell), notebook=notebook), checks=checks)
    return found.result.model_dump_json(by_alias=True)


def main(checks: str, *files: str) -> None:
    importlib.import_module("matplotlib.pyplot")  # once for all
    for file in map(Path, files):
        reading, writing = os.pipe()
        if os.fork() == 0:
            with contextlib.redirect_stdout(io.StringIO()):
                said = answers(Path(checks), file)
            with open(writing, "w") as pipe:  # noqa: PTH123
                pipe.write(said)
            os._exit(0)
        os.close(writing)
        with open(reading) as pipe:  # noqa: PTH123
            said = pipe.read()
        os.wait()
        print(json.dumps([str(file), said]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
