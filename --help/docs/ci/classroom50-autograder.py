"""For Classroom 50: autograders/<ASSIGNMENT>/autograder.py.

Classroom 50's bundle is public, so the course is not in it: it lies on a runner of yours, and
AUTOGRADER_COURSE names its grader.toml. The runner starts this file in the student's checkout and
publishes result.json.
"""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # this file's folder, which may be the checkout: its modules are the student's

import os
import pathlib
import subprocess

course = pathlib.Path(os.environ.get("AUTOGRADER_COURSE", "/srv/course/grader.toml"))
assignment = os.environ["ASSIGNMENT"]
reports = pathlib.Path(os.environ.get("RUNNER_TEMP", "/tmp")) / "autograder-reports"
done = subprocess.run([
    course.parent / ".venv/bin/autograder", "ci", ".", "--course", course,
    "--assignment", assignment, "--format", "classroom50", "--output", reports])
if done.returncode not in (0, 1):  # 1: not all points, which is a result like any other
    sys.exit(done.returncode)
result = reports / f"{assignment}.classroom50.json"
if not result.exists():  # the file could not be read: there is no score, and the log says why
    sys.exit(1)
pathlib.Path("result.json").write_text(result.read_text())
