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
import warm
from labs import REPOSITORY, RIGHT, Lab
from nbformat import v4

from autograder import cli
from autograder.authoring import build
from autograder.course import Course
from autograder.exchange.gradescope_container import scripts

AUTOGRADER = Path(sys.executable).with_name("autograder")
SOLVED = ["def twice(x):\n    return x + x", "def thrice(x):\n    return twice(x) + x"]
# Names that Python itself, or a test runner, looks for.
LOOKED_FOR = {"autograder", "sitecustomize", "usercustomize", "conftest", "nbgrader_config",
              "jupyter_config", "jupyter_nbconvert_config", "ipython_config"}
TEMPLATES = ("index.html.j2", "lab/index.html.j2", "base/index.html.j2", "feedback/index.html.j2")
TAKEN = "poison.txt"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course, graded once, so that there is something to tell."""
    course = Lab(tmp_path_factory.mktemp("course")).write()
    (course.root / "class").mkdir()
    for student in ("ann", "bob"):
        notebook = v4.new_notebook(cells=[
            v4.new_code_cell(f"# {student}"), *map(v4.new_code_cell, SOLVED)])
        nbformat.write(notebook, course.root / "class" / f"{student}.ipynb")
    build.write(course, build.build(course, "lab"))
    assert warm.autograder("grade", "lab", "class", "-j", "1", cwd=course.root).returncode == 0
    return course


@pytest.fixture
def poisoned(lab: Course, tmp_path: Path) -> Path:
    """A folder of hand-ins."""
    folder = tmp_path / "handed-in"
    shutil.copytree(lab.root / "class", folder)
    (folder / "mine.py").write_text(RIGHT)
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
    "grade --nbgrader": "grade lab --nbgrader ../nbgrader -j 2 -o ../out --force",
    "feedback": "feedback lab ann.ipynb bob.ipynb -o ../out",
    "similar": "similar lab ann.ipynb bob.ipynb --html ../similar.html",
    "ci": "ci ../checkout -o ../out",
    "check": f"check mine.py --checks {REPOSITORY}/assignments/correlation/checks",
}


@pytest.mark.parametrize("command", READING.values(), ids=READING)
def test_no_module_of_the_folder_is_imported(lab: Course, poisoned: Path, command: str) -> None:
    for place, student in (("checkout", "ann"), ("nbgrader/submitted/cy/lab", "ann"),
                           ("nbgrader/submitted/dan/lab", "bob")):
        (poisoned.parent / place).mkdir(parents=True)
        shutil.copy(poisoned / f"{student}.ipynb", poisoned.parent / place / "lab.ipynb")
    done = run(poisoned, *command.split(), AUTOGRADER_COURSE=str(lab.root / "grader.toml"))
    assert taken(poisoned) == ""
    assert done.returncode == 0, done.stdout + done.stderr


def test_gradescopes_script_imports_no_module_of_the_folder(poisoned: Path) -> None:
    """Without a course, it says so: as far as that nothing was imported."""
    (poisoned / "run_autograder").write_bytes(scripts()["run_autograder"])
    subprocess.run(["bash", "run_autograder"], cwd=poisoned, check=True, env={
        **os.environ, "AUTOGRADER_ROOT": str(poisoned), "AUTOGRADER_PYTHON": sys.executable})
    assert taken(poisoned) == ""
    assert "went wrong on our side" in (poisoned / "results/results.json").read_text()


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


# How a command begins -------------------------------------------------------------------------

@pytest.mark.parametrize("module", ["autograder", "autograder.exchange.gradescope_container"])
def test_python_m_is_refused(tmp_path: Path, module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"python -P -m {module}\n" in done.stderr


def test_a_command_that_is_started_again_is_the_same_process(tmp_path: Path) -> None:
    """Number, arguments, options, standard input and exit status."""
    script = tmp_path / "script"
    script.write_text(
        "import os, sys\nfrom autograder import safe_path\n"
        "print(os.getpid(), sys.flags.safe_path, flush=True)\nsafe_path.ensure()\n"
        "print(sys.argv[1:], sys.flags.no_user_site, os.environ['PYTHONSAFEPATH'],"
        " sys.stdin.read())\n"
        "sys.exit(7)")
    with subprocess.Popen([sys.executable, "-s", script, "a b", "", "-P"], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said, _ = process.communicate("typed")
    assert said.splitlines() == [f"{process.pid} False", f"{process.pid} True",
                                 "['a b', '', '-P'] 1 1 typed"]
    assert process.returncode == 7


@pytest.mark.parametrize("variable", ["PYTHONPATH", "LD_LIBRARY_PATH"])
@pytest.mark.parametrize("value", [":/opt/lib", "/opt/lib:", "/opt/lib:.", "/opt/lib::"])
def test_an_environment_that_means_the_working_directory_is_refused(
    tmp_path: Path, variable: str, value: str
) -> None:
    done = run(tmp_path, "--version", **{variable: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {variable} has an entry that is empty or relative")
    assert done.stderr.endswith(f"; set {variable}=/opt/lib\n")


def test_an_environment_that_names_other_places_is_taken(tmp_path: Path) -> None:
    assert run(tmp_path, "--version", PYTHONPATH="/opt/lib", LD_LIBRARY_PATH="").returncode == 0


@pytest.mark.parametrize("level", ["1", "2"])
def test_an_environment_that_leaves_asserts_out_changes_nothing(lab: Course, level: str) -> None:
    """Suites have docstrings, by which their checks are called."""
    done = run(lab.root, "grade", "lab", "class", "--force", "-j", "1", PYTHONOPTIMIZE=level,
               PYTHONSAFEPATH="1", PYTHONINSPECT="1")
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("safe", ["", "1"])
def test_streams_that_were_closed_cost_nothing(
    lab: Course, tmp_path: Path, closed: str, safe: str
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", AUTOGRADER, "grade", "lab", "class", "--force", "-j",
         "1", "-o", tmp_path],
        cwd=lab.root, env={**os.environ, "PYTHONSAFEPATH": safe}, check=False)
    assert done.returncode == 0 and (tmp_path / "lab/ann.json").stat().st_size > 0


def test_a_working_directory_that_is_gone_is_said(lab: Course, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f'mkdir x; cd x; rmdir ../x; "{AUTOGRADER}" grade lab "{lab.root}/class"'],
        cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        2, "", "error: the working directory has been removed; change into one that is there\n")


def test_a_python_that_was_told_to_leave_asserts_out_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-O", "-P", "-m", "autograder", "--version"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "") and "start it without -O" in done.stderr


def test_every_python_that_is_started_or_documented_has_a_safe_path() -> None:
    """``-I`` implies ``-P``."""
    starts = [line.strip() for file in (REPOSITORY / "autograder").rglob("*.py")
              for line in file.read_text().splitlines() if "[sys.executable" in line]
    assert starts
    assert [line for line in starts if '[sys.executable, "-P"' not in line
            and '[sys.executable, "-I"' not in line] == []
    files = [*(REPOSITORY / "docs").rglob("*.*"), *(REPOSITORY / "autograder").rglob("*.py"),
             REPOSITORY / "README.md", REPOSITORY / "Makefile"]
    said = [found for file in files if file.suffix != ".png"
            for found in re.findall(r".*-m autograder.*", file.read_text())]
    assert [line for line in said if not re.search(r"-[PI]( -B)? -m autograder", line)] == []


# Whose course it is ---------------------------------------------------------------------------

def refusal(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", [
    "grade lab .", "grade --all .", "similar lab .", "feedback lab . -o out",
    "grade lab ann.ipynb", "similar lab ann.ipynb"])
def test_a_students_grader_toml_is_not_taken_for_the_courses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    """In the folder of hand-ins: the nearest one, above which there is the course's."""
    course = Lab(tmp_path / "course").write()
    theirs = Lab(course.root / "class")
    mark = tmp_path / "mark"
    theirs.reference = f"open({str(mark)!r}, 'w').close()"
    theirs.write()
    shutil.copy(REPOSITORY / "README.md", theirs.root / "ann.ipynb")
    monkeypatch.chdir(theirs.root)
    said = refusal(*command.split(), capsys=capsys)
    assert f"{theirs.root}/grader.toml: hides {course.root}/grader.toml" in said
    (course.root / "grader.toml").unlink()
    if " ." in command:
        said = refusal(*command.split(), capsys=capsys)
        assert f"{theirs.root}/grader.toml: lies in ., which was handed in" in said
    monkeypatch.setenv("AUTOGRADER_COURSE", "grader.toml")
    assert "write the whole path" in refusal(*command.split(), capsys=capsys)
    assert not mark.exists()
