"""Our engine in Gradescope's container: the scripts of its zip, and the program they run.

Run as ``python -m autograder.exchange.gradescope_container ROOT``, where ROOT is Gradescope's
``/autograder``. Gradescope runs it as root; student code runs confined, under a user id of its own.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from autograder import alone
from autograder.course import Assignment, Course
from autograder.exchange import gradescope
from autograder.exchange.format import as_json
from autograder.report.files import write_whole
from autograder.submission import of_student

_SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Python 3.11 or newer is needed: choose a base image
# that has it (Ubuntu 24.04), or name one by PYTHON. For a smaller image, let PIP_EXTRA_INDEX_URL
# name an index of PyTorch that has the CPU build.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is older than Python 3.11: choose another base image" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y python3-venv
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --no-cache-dir "$root/source/package"
chmod -R go= "$root/source"
"""

_RUN = """\
#!/usr/bin/env bash
# Runs for every submission, as root.
root="${AUTOGRADER_ROOT:-/autograder}"
exec "${AUTOGRADER_PYTHON:-$root/venv/bin/python}" \
    -m autograder.exchange.gradescope_container "$root"
"""


def scripts() -> dict[str, bytes]:
    """What Gradescope runs: name at the top of the zip -> content."""
    return {"setup.sh": _SETUP.encode(), "run_autograder": _RUN.encode()}


def main(root: Path) -> None:
    """Grade ROOT/submission by ROOT/source/course into ROOT/results/results.json.

    What goes wrong on our side is told to staff, on stdout, and to the student in general. There
    is then no score, by which Gradescope knows that the run failed.
    """
    try:
        course, secret = alone.opened(root / "source" / "course")
        [assignment] = course.assignments.values()
        text = _graded(root, course, assignment, secret)
    except Exception:
        print(traceback.format_exc())
        text = as_json({"output": gradescope.FAILED, "output_format": "text",
                        "stdout_visibility": "hidden"})
    results = root / "results"
    results.mkdir(exist_ok=True)
    write_whole(results / "results.json", text)


def _graded(root: Path, course: Course, assignment: Assignment, secret: bytes) -> str:
    said = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
    circumstances = gradescope.circumstances(said)
    submission = of_student(root / "submission", circumstances.student or "student", assignment)
    course, submission = circumstances.applied(course, submission)
    result = alone.grade(course, submission, secret=secret)
    if result.message is not None:
        print(result.message)  # for staff: Gradescope keeps stdout from students
    return gradescope.render(result, assignment)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
