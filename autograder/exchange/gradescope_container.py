"""Our engine in Gradescope's container: the scripts of its zip, and the program they run.

Run as ``python -P -m autograder.exchange.gradescope_container ROOT MEGABYTES``, where ROOT is
Gradescope's ``/autograder``, and MEGABYTES the container's memory. Gradescope runs it as root;
student code runs confined, under a user id of its own.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from autograder import safe_path
from autograder.course import Assignment, Course, packing
from autograder.exchange import gradescope
from autograder.exchange.format import ExchangeError, as_json
from autograder.gradebook import grade
from autograder.gradebook.leaderboard import entries
from autograder.grading import one
from autograder.report import translations
from autograder.report.words import say
from autograder.submission import of_student
from autograder.whole_files import write_whole

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
# Runs for every submission, as root. In a larger container, write its megabytes here for 768.
root="${AUTOGRADER_ROOT:-/autograder}"
exec "${AUTOGRADER_PYTHON:-$root/venv/bin/python}" \
    -P -m autograder.exchange.gradescope_container "$root" "${AUTOGRADER_MEMORY_MB:-768}"
"""

# Megabytes, as measured (docs/exchange.md).
_OURS_MB = 550  # that judge, zygote, supervisor and a worker take together
_TIMED_MB = 1536  # that timing takes: two workers, and large problems
_HELD = 18  # answers of the largest size that the judge has room for: it keeps wrong ones


def scripts() -> dict[str, bytes]:
    """What Gradescope runs: name at the top of the zip -> content."""
    return {"setup.sh": _SETUP.encode(), "run_autograder": _RUN.encode()}


def main(root: Path, megabytes: int) -> None:
    """Grade ROOT/submission by ROOT/source/course into ROOT/results/results.json, in a container
    with so many megabytes of memory.

    What goes wrong on our side is told to staff, on stdout, and to the student in general. There
    is then no score, by which Gradescope knows that the run failed.
    """
    language = translations.ENGLISH
    try:
        course, secret = packing.opened(root / "source" / "course")
        language = translations.language(course.language)
        course = within(course, megabytes)
        [assignment] = course.assignments.values()
        text = _graded(root, course, assignment, secret)
    except Exception:
        print(traceback.format_exc())
        text = as_json({"output": say(gradescope.FAILED, language), "output_format": "text",
                        "stdout_visibility": "hidden"})
    results = root / "results"
    results.mkdir(exist_ok=True)
    write_whole(results / "results.json", text)


def within(course: Course, megabytes: int) -> Course:
    """``course`` with limits by which grading stays within so much memory: half of what we leave
    is the notebook's, and half is for its answers that the judge holds.

    Raises:
        ExchangeError: it is too little for what is timed, and would be taken for students' faults.
    """
    for name, assignment in course.assignments.items():
        if megabytes < _TIMED_MB and any(each.performance for each in assignment.questions):
            raise ExchangeError(
                f"{name} has timed questions, and needs a container of {_TIMED_MB} MB; choose a "
                f"larger one in Gradescope, and write its megabytes for {megabytes} in "
                "run_autograder")
    half = max(megabytes - _OURS_MB, 0) // 2
    return course.model_copy(update={"assignments": {
        name: assignment.model_copy(update={"limits": assignment.limits.model_copy(update={
            "memory_mb": min(assignment.limits.memory_mb, max(half, 64)),
            "answer_mb": min(assignment.limits.answer_mb, max(half // _HELD, 1))})})
        for name, assignment in course.assignments.items()}})


def _graded(root: Path, course: Course, assignment: Assignment, secret: bytes) -> str:
    said = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
    circumstances = gradescope.circumstances(said)
    submission = of_student(root / "submission", circumstances.student or "student", assignment)
    submission = circumstances.applied(course, submission)
    for note in circumstances.notes:
        print(note)  # for staff: Gradescope keeps stdout from students
    result = one.grade(course, submission, secret=secret)
    if result.message is not None:
        print(result.message)  # for staff, too
    return gradescope.render(grade(course, result), assignment,
                             entries([result], course, assignment.name))


if __name__ == "__main__":
    safe_path.require("python -P -m autograder.exchange.gradescope_container")
    main(Path(sys.argv[1]), int(sys.argv[2]))
