"""Commands that are started where students' files lie run none of them.

The folder has a poisoned module for every name of the standard library and of all that is installed
here, and what other programs look for where they are started. Each that runs leaves its name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from labs import REPOSITORY, Lab
from nbformat import v4

from autograder.course import Course

AUTOGRADER = Path(sys.executable).with_name("autograder")
RIGHT = ["def twice(x):\n    return x + x", "def thrice(x):\n    return twice(x) + x"]
# Names that Python itself, or a test runner, looks for.
LOOKED_FOR = {"autograder", "sitecustomize", "usercustomize", "conftest", "nbgrader_config",
              "jupyter_config", "jupyter_nbconvert_config", "ipython_config"}
TEMPLATES = ("index.html.j2", "lab/index.html.j2", "base/index.html.j2", "feedback/index.html.j2")
TAKEN = "poison.txt"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course, graded once, so that there is something to tell."""
    lab = Lab(tmp_path_factory.mktemp("course"))
    course = lab.write()
    hand_in(course.root / "class")
    assert run(course.root, "grade", "lab", "class", "-j", "1").returncode == 0
    built = run(course.root, "build")
    assert built.returncode == 0, built.stderr
    return course


@pytest.fixture
def poisoned(tmp_path: Path) -> Path:
    """A folder of hand-ins."""
    folder = tmp_path / "handed-in"
    hand_in(folder)
    names = {*sys.stdlib_module_names, *metadata.packages_distributions(), *LOOKED_FOR}
    for name in sorted(names):
        if name.isidentifier():
            (folder / f"{name}.py").write_text(
                f"open({str(tmp_path / TAKEN)!r}, 'a').write({name + ' '!r})\n")
    for name in TEMPLATES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(
            "{{ cycler.__init__.__globals__['__builtins__']"
            f".open({str(tmp_path / TAKEN)!r}, 'a').write({name + ' '!r}) }}}}")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p pickle\n")
    (folder / "evil.egg-info").mkdir()
    (folder / "evil.egg-info/PKG-INFO").write_text("Name: evil\nVersion: 1\n")
    (folder / "evil.egg-info/entry_points.txt").write_text("[pytest11]\nevil = secrets\n")
    return folder


def hand_in(folder: Path) -> None:
    folder.mkdir()
    for student in ("ann", "bob"):
        nbformat.write(v4.new_notebook(cells=[
            v4.new_code_cell(f"# {student}"), *map(v4.new_code_cell, RIGHT)]),
            folder / f"{student}.ipynb")


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command itself, as it was installed."""
    return subprocess.run([AUTOGRADER, *arguments], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, **environment}, check=False)


def taken(folder: Path) -> str:
    """What has run of all that was poisoned."""
    mark = folder.parent / TAKEN
    return mark.read_text() if mark.exists() else ""


READING = {
    "grade in this process": "grade lab ann.ipynb bob.ipynb -j 1 -o ../out --force",
    "grade in two others": "grade lab ann.ipynb bob.ipynb -j 2 -o ../out --force",
    "grade all": "grade --all ../all -j 2 -o ../out --force",
    "grade --nbgrader": "grade lab --nbgrader ../nbgrader -j 1 -o ../out --force",
    "feedback": "feedback lab ann.ipynb bob.ipynb -o ../out",
    "similar": "similar lab ann.ipynb bob.ipynb --html ../similar.html",
    "ci": "ci ../checkout -o ../out",
    "export": "export junit lab -o ../out",
    "bundle": "bundle otter lab -o ../bundle.zip",
    "audit": "audit lab --secrets 1",
    "build": "build",
    "doctor": "doctor",
}


@pytest.mark.parametrize("command", READING.values(), ids=READING)
def test_no_module_of_the_folder_is_imported(lab: Course, poisoned: Path, command: str) -> None:
    for place in ("all/lab/ann.ipynb", "checkout/lab.ipynb",
                  "nbgrader/submitted/ann/lab/lab.ipynb"):
        (poisoned.parent / place).parent.mkdir(parents=True)
        shutil.copy(poisoned / "ann.ipynb", poisoned.parent / place)
    done = run(poisoned, *command.split(), AUTOGRADER_COURSE=str(lab.root / "grader.toml"))
    assert taken(poisoned) == ""
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_imports_no_module_beside_the_notebook(lab: Course, poisoned: Path) -> None:
    checks = lab.root / "assignments/lab/checks"
    done = run(poisoned, "check", "ann.ipynb", "--checks", str(checks))
    assert (taken(poisoned), done.returncode) == ("", 0), done.stdout + done.stderr


CONTROLS = {
    "python -c": ["-c", "import pickle"],
    "python -m": ["-m", "pickle"],
    "a process of multiprocessing": [
        "-c", "import sys; here = sys.path.pop(0)\n"
              "from multiprocessing import get_context\n"
              "process = get_context('spawn').Process(target=print)\n"
              "process.start(), process.join()"],
    "a template of nbconvert": [
        "-P", "-c", "import nbformat, nbconvert\n"
                    "nbconvert.HTMLExporter().from_filename('ann.ipynb')"],
}


@pytest.mark.parametrize("program", CONTROLS.values(), ids=CONTROLS)
def test_control_the_poison_works(poisoned: Path, program: list[str]) -> None:
    subprocess.run([sys.executable, *program], cwd=poisoned, capture_output=True, check=False)
    assert taken(poisoned) != ""
