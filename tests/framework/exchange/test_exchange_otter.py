"""otter-grader, the real one: its checks run in our notebooks, and our engine in its runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
import warm
import yaml
from labs import REPOSITORY, RIGHT, Lab
from nbformat import v4
from otter.test_files import ExceptionTestFile

from autograder.authoring import build
from autograder.course import Course, load
from autograder.course.digests import suite_digest
from autograder.exchange import bundles
from autograder.submission import find, read

SECRET = b"a secret of the tests, 32 bytes!"
EXAMPLES = "\n# %%\nassert twice(2) == 4\n"
SOLVED = ["def twice(x):\n    return x + x", "def thrice(x):\n    return twice(x) + x"]


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    """The lab, with an example of ``twice`` in its notebook."""
    lab = Lab(tmp_path / "course")
    lab.notebook = lab.notebook.replace("\n# %%\ndef thrice", f"{EXAMPLES}\n# %%\ndef thrice")
    return lab.write()


# It has imported otter, and nothing of ours; each line names a program, where it runs, and where
# what it prints goes.
OTTER = """
import json, os, sys, traceback
import otter
for line in sys.stdin:
    code, folder, said = json.loads(line)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.chdir(folder)
            with open(said, "w") as sys.stdout:
                exec(code, {"__name__": "__main__"})
            status = 0
        except BaseException:
            traceback.print_exc()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Python = Callable[[str, Path], str]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Python]:
    """What a program prints in a folder that has otter and nothing of ours."""
    said = tmp_path_factory.mktemp("otter") / "said"
    with subprocess.Popen([sys.executable, "-P", "-c", OTTER], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def run(code: str, folder: Path) -> str:
            print(json.dumps([code, str(folder), str(said)]), file=requests, flush=True)
            assert answers.readline() == "0\n"
            return said.read_text()

        yield run


# In the student's notebook --------------------------------------------------------------------

COURSE = load(REPOSITORY / "grader.toml")


@pytest.mark.parametrize("name", ["capstone", "channels", "correlation", "fast_conv", "geometry",
                                  "pooling"])
def test_every_question_that_is_written_has_a_test_that_otter_reads(name: str) -> None:
    folder = REPOSITORY / "assignments" / name
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    assert notebook.metadata.otter.OK_FORMAT is False
    written = {each.name: each for each in COURSE.assignment(name).questions if each.is_examined}
    assert set(notebook.metadata.otter.tests) == set(written)
    for question, text in notebook.metadata.otter.tests.items():
        test = ExceptionTestFile.from_string(text)
        assert (test.name, test.possible) == (question, float(written[question].points))
        assert (folder / "tests" / f"{question}.py").read_text() == text


@pytest.mark.parametrize("beside", [False, True], ids=["notebook alone", "tests beside it"])
def test_check_and_check_all_work_with_otter_and_nothing_of_ours(
    python: Python, tmp_path: Path, beside: bool
) -> None:
    """Right functions pass, a wrong one fails, and a missing one fails."""
    built = build.build(COURSE, "correlation")
    for name, content in built.files.items():
        if beside or name == "correlation.ipynb":
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
    wrong = "\ndef conv2d_true(X, K):\n    return corr2d(X, K)\ndel edge_kernel\n"
    cells = nbformat.reads(built.files["correlation.ipynb"].decode(), as_version=4).cells
    helpers = next(cell.source for cell in cells if "def refuses" in cell.source)
    said = python(
        f"{helpers}\n{RIGHT}{wrong}\nimport json, otter\n"
        "grader = otter.Notebook('correlation.ipynb')\n"
        "one = grader.check('corr2d')\nall = grader.check_all()\n"
        "print('!' + json.dumps([one.score, {n: r.score for n, r in all.results.items()}]))\n",
        tmp_path)
    one, scores = json.loads(said.rpartition("!")[2])
    assert one == 4
    assert scores == {"corr2d": 4, "conv2d_true": 0, "Conv2D": 3, "edge_kernel": 0,
                      "learn_kernel": 4, "parameters": 2}


def test_a_failing_example_is_shown_with_its_line(
    python: Python, lab: Course, tmp_path: Path
) -> None:
    (tmp_path / "lab.ipynb").write_bytes(build.build(lab, "lab").files["lab.ipynb"])
    said = python("def twice(x):\n    return x\nimport otter\n"
                  "print(otter.Notebook('lab.ipynb').check('twice').summary())", tmp_path)
    assert "assert twice(2) == 4" in said and "AssertionError" in said


def test_what_otter_exports_is_a_submission(
    python: Python, lab: Course, tmp_path: Path
) -> None:
    folder = tmp_path / "ann"
    folder.mkdir()
    (folder / "lab.ipynb").write_bytes(build.solution_notebook(lab, "lab"))
    python("import otter\ngrader = otter.Notebook('lab.ipynb')\ngrader.check_all()\n"
           "grader.export(pdf=False)", folder)
    [archive] = folder.glob("lab_*.zip")
    [submission] = find([archive], lab.assignment("lab"))
    assert (submission.problem, list(submission.files)) == (None, ["lab.ipynb"])
    assert submission.student == "ann"
    assert any("return twice(x) + x" in cell.source for cell in read(submission).cells)


def test_the_ready_made_check_in_a_students_repository_is_right(
    lab: Course, tmp_path: Path
) -> None:
    """Run as it stands in the workflow: status 0 for the right notebook, 1 for the stub."""
    workflow = yaml.safe_load(
        (REPOSITORY / "docs/ci/github-in-student-repository.yml").read_text())
    script = workflow["jobs"]["check"]["steps"][-1]["run"].replace("correlation.ipynb", "lab.ipynb")
    stub = build.build(lab, "lab").files["lab.ipynb"]
    (tmp_path / "lab.ipynb").write_bytes(stub)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = partial(subprocess.run, ["bash", "-e", "-c", script], cwd=tmp_path, text=True,
                  capture_output=True, env={**os.environ, "PATH": path})
    assert run().returncode == 1
    notebook = nbformat.reads(stub.decode(), as_version=4)
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    next(code).source = SOLVED[0]
    nbformat.write(notebook, tmp_path / "lab.ipynb")
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr


# otter run ------------------------------------------------------------------------------------

def otter_run(course: Course, folder: Path, cells: list[str]) -> dict[str, Any]:
    """What the real command makes of a notebook."""
    bundles.write(bundles.otter_run(course, "lab", SECRET), folder / "autograder.zip")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, folder / "lab.ipynb")
    done = warm.program("otter.cli:cli", "otter", "run", "-a", "autograder.zip", "lab.ipynb",
                        cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    results: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return results


def test_otter_run_gives_our_scores_in_its_results(lab: Course, tmp_path: Path) -> None:
    """Diagnosis and follow-through included; hidden inputs not."""
    results = otter_run(lab, tmp_path, ["def twice(x):\n    return x", SOLVED[1]])
    scores = {test["name"]: (test["score"], test["max_score"], test["visibility"])
              for test in results["tests"]}
    assert scores == {"twice": (0.0, 2.0, "visible"), "thrice": (0.75, 1.0, "visible")}
    said = results["tests"][0]["output"]
    assert "add it once more" in said and "Twice any number. result:\n        wrong answer" in said
    assert not any(word.isdigit() and len(word) > 1 for word in said.split())


def test_a_hostile_notebook_never_runs_in_otters_process(lab: Course, tmp_path: Path) -> None:
    """It writes a mark where only otter's process could, forges results, and ends the process."""
    mark = tmp_path / "mark"
    forged = json.dumps({"tests": [{"name": "twice", "score": 1000, "max_score": 2}]})
    results = otter_run(lab, tmp_path, [
        *SOLVED,
        f"open({str(mark)!r}, 'w').close()",
        f"open('../results/results.json', 'w').write({forged!r})",
        "import os; os._exit(0)"])
    assert not mark.exists()
    assert {test["name"]: test["score"] for test in results["tests"]} == {"twice": 2, "thrice": 1}


@pytest.mark.parametrize("plugin", ["GradingPlugin", None], ids=["", "control"])
def test_what_lies_beside_the_notebook_is_imported_by_nobody(
    lab: Course, tmp_path: Path, plugin: str | None
) -> None:
    """otter starts a Python in the folder of what was handed in. Control: without our plugin."""
    mark = tmp_path / "mark"
    files = dict(bundles.otter_run(lab, "lab", SECRET))
    if plugin is None:
        files["otter_config.json"] = b"{}"
    bundles.write(files, tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "ann.zip", "w") as archive:
        archive.writestr("lab.ipynb", nbformat.writes(
            v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in SOLVED])))
        archive.writestr("ipykernel_launcher.py", f"open({str(mark)!r}, 'w').close()")
        archive.writestr("folder/pickle.py", "")
    warm.program("otter.cli:cli", "otter", "run", "-a", "autograder.zip", "ann.zip", cwd=tmp_path)
    assert mark.exists() == (plugin is None)
    if plugin is not None:
        results = json.loads((tmp_path / "results.json").read_text())
        assert {test["name"]: test["score"] for test in results["tests"]} \
            == {"twice": 2, "thrice": 1}


def test_what_cannot_be_read_has_no_score_and_a_reason(lab: Course, tmp_path: Path) -> None:
    results = otter_run(lab, tmp_path, ["#" * 2_100_000])
    assert results["tests"] == [] and "score" not in results
    assert "longer than 2 million characters" in results["output"]


def test_a_bundle_holds_one_assignment_and_no_solution_notebook(tmp_path: Path) -> None:
    files = bundles.otter_run(COURSE, "correlation", SECRET)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    course = load(tmp_path / "course/grader.toml")
    assert list(course.assignments) == ["correlation"]
    assert suite_digest(course, "correlation") == suite_digest(COURSE, "correlation")
    assert not any("geometry" in name or "notebook.py" in name for name in files
                   if name.startswith("course/"))
