"""Masters become assignments: stubs for students, solutions for staff, and no mistake slips by."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.build import BuildError, Built
from autograder.course import Course, load

ROOT = Path(__file__).parents[3]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"

MASTER = '''\
# %% [markdown]
# # Doubling
#
# Twice is plenty.

# %%
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twice_as_much = x + x
    return twice_as_much
    ### END SOLUTION


# %%
assert double(2) == 4

# %% tags=["staff"]
print("for staff only")
'''


def course_in(folder: Path, master: str = MASTER) -> Course:
    """A course of one assignment, ``doubling``, that grades ``double``."""
    (folder / "grader.toml").write_text(
        '[course]\nname = "Small"\n[assignments.doubling]\ntitle = "Doubling"\n'
        '[[assignments.doubling.questions]]\nname = "double"\ntitle = "Double"\npoints = 1\n'
    )
    source = folder / "solutions" / "doubling" / "notebook.py"
    source.parent.mkdir(parents=True)
    source.write_text(master)
    return load(folder / "grader.toml")


@pytest.fixture(scope="module")
def course() -> Course:
    return load(ROOT / "grader.toml")


@pytest.fixture(scope="module")
def built(course: Course) -> Built:
    return build.build(course, "correlation")


@pytest.fixture
def plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A matplotlib that draws nothing: notebooks need it, the framework does not."""
    package, pyplot = ModuleType("matplotlib"), ModuleType("matplotlib.pyplot")

    def subplots(
        rows: int = 1, columns: int = 1, squeeze: bool = True, **_: object
    ) -> tuple[MagicMock, Any]:
        axes = [[MagicMock() for _ in range(columns)] for _ in range(rows)]
        return MagicMock(), axes if not squeeze else axes[0] if columns > 1 else axes[0][0]

    vars(pyplot).update(subplots=subplots, show=lambda: None)
    vars(package).update(pyplot=pyplot)
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)


def read(content: bytes) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.reads(
        content.decode(), as_version=nbformat.NO_CONVERT
    )
    nbformat.validate(notebook)
    return notebook


def code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def everything(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def solution_lines(master: str) -> Iterator[str]:
    inside = False
    for line in map(str.strip, master.splitlines()):
        if line in (BEGIN, END):
            inside = line == BEGIN
        elif inside:
            yield line


# The assignment `correlation`


def test_the_solution_notebook_runs_from_top_to_bottom(course: Course, plots: None) -> None:
    """The model solutions satisfy every example a student sees."""
    notebook = read(build.solution_notebook(course, "correlation"))
    assert "SOLUTION" not in everything(notebook)
    assert sum(source.count("assert ") for source in code(notebook)) >= 20
    namespace: dict[str, Any] = {}
    for number, source in enumerate(code(notebook)):
        exec(compile(source, f"<cell {number}>", "exec"), namespace)


def test_every_graded_name_is_a_stub_that_says_so(
    course: Course, built: Built, plots: None
) -> None:
    """A student's fresh notebook defines every graded name; each raises NotImplementedError."""
    namespace: dict[str, Any] = {}
    for source in code(read(built.files["correlation.ipynb"])):
        with suppress(NotImplementedError, NameError):  # of examples, which need the stubs
            exec(source, namespace)
    for name in course.assignment("correlation").names:
        stub: Callable[..., object] = namespace[name]
        required = [None for parameter in inspect.signature(stub).parameters.values()
                    if parameter.default is parameter.empty]
        assert stub.__doc__
        with pytest.raises(NotImplementedError, match=name):
            stub(*required)


def test_a_student_reads_no_line_of_a_solution(course: Course, built: Built) -> None:
    master = (course.solutions("correlation") / "notebook.py").read_text(encoding="utf-8")
    received = everything(read(built.files["correlation.ipynb"]))
    telling = [line for line in solution_lines(master) if len(line) > 24]
    assert len(telling) > 15
    assert [line for line in telling if line in received] == []


def test_the_notebook_is_clean(built: Built) -> None:
    """nbformat 4.5, the Python 3 kernel, unique ids, no outputs."""
    notebook = read(built.files["correlation.ipynb"])
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert built.files["requirements.txt"].split() == [b"torch", b"numpy", b"matplotlib"]


def test_every_question_shows_its_points(course: Course, built: Built) -> None:
    received = everything(read(built.files["correlation.ipynb"]))
    headings = [line for line in received.splitlines()
                if re.match(r"## 1\.\d+ ", line) and "graded by hand" not in line]
    for question, heading in zip(course.assignment("correlation").questions, headings, strict=True):
        said = f"bonus {question.points}" if question.bonus else f"{question.points} points"
        assert f"({said}" in heading


def test_what_is_committed_is_what_the_master_builds(course: Course, built: Built) -> None:
    assert build.differences(course, built) == []


def test_building_twice_gives_the_same_bytes(course: Course, built: Built) -> None:
    assert build.build(course, "correlation") == built


# Stubs


def test_a_solution_becomes_one_line_at_its_own_indentation(tmp_path: Path) -> None:
    stub = read(build.build(course_in(tmp_path), "doubling").files["doubling.ipynb"])
    assert code(stub)[0] == (
        'def double(x):\n    """Twice x."""\n'
        '    raise NotImplementedError("write double here")'
    )


def test_a_method_is_named_with_its_class(tmp_path: Path) -> None:
    master = MASTER.replace("def double(x):", "class double:\n  def forward(self, x):")
    stub = read(build.build(course_in(tmp_path, master), "doubling").files["doubling.ipynb"])
    assert 'raise NotImplementedError("write double.forward here")' in code(stub)[0]


def test_staff_cells_stay_at_home(tmp_path: Path) -> None:
    """Neither the stub notebook nor the solution notebook has them."""
    course = course_in(tmp_path)
    stub = read(build.build(course, "doubling").files["doubling.ipynb"])
    solution = read(build.solution_notebook(course, "doubling"))
    assert [len(notebook.cells) for notebook in (stub, solution)] == [3, 3]
    assert "for staff only" not in everything(stub) + everything(solution)


def test_a_marker_in_another_spelling_hides_its_solution_too(tmp_path: Path) -> None:
    master = MASTER.replace(BEGIN, "#begin  Solution").replace(END, "## End solution")
    stub = read(build.build(course_in(tmp_path, master), "doubling").files["doubling.ipynb"])
    assert "twice_as_much" not in everything(stub)


def test_short_and_declaring_lines_may_stand_anywhere(tmp_path: Path) -> None:
    """`return x` or an import gives nothing away."""
    master = MASTER.replace("    twice_as_much = x + x\n    return twice_as_much",
                            "    import math\n    x = x + x\n    return x")
    master += "\n# %%\nimport math\n\n\ndef same(x):\n    return x\n"
    build.build(course_in(tmp_path, master), "doubling")


# What a master must not do


@pytest.mark.parametrize(("old", "new", "where", "problem", "remedy"), [
    pytest.param(f"    {END}\n\n\n# %%\nassert double(2) == 4\n", "", ":13",
                 "the cell ends inside the solution begun on line 9", END, id="cell-ends"),
    pytest.param(MASTER[MASTER.index(f"    {END}"):], "", ":9",
                 "this solution never ends", END, id="never-ends"),
    pytest.param(f"    {BEGIN}\n", "", ":11", "a solution ends that never began", BEGIN,
                 id="never-began"),
    pytest.param("    return twice", f"    {BEGIN}\n    return twice", ":11",
                 "begins inside the one begun on line 9", "do not nest", id="nested"),
    pytest.param("    twice_as_much = x + x\n    return twice_as_much\n", "    # soon\n", ":9",
                 "this solution holds no code", "write the solution", id="empty"),
    pytest.param("assert double(2)", f"{BEGIN}\nfour = double(2)\n{END}\nassert double(2)", ":16",
                 "stands outside any function", "inside the function", id="outside"),
    pytest.param("def double(x):", "class double:", ":9",
                 "stands outside any function", "inside the function", id="class-body"),
    pytest.param("def double(x):", "def dubble(x):", "", "grades double, which no cell defines",
                 "correct grader.toml", id="undefined"),
    pytest.param("assert double(2) == 4", "def double(x):\n    return 2 * x", ":16",
                 "double is graded but holds no solution block", BEGIN, id="untouched"),
    pytest.param("# %%\ndef", '# %% tags=["staff"]\ndef', ":7",
                 "students do not receive its stub", "'staff'", id="staff-only"),
    pytest.param("assert double(2) == 4", "x = 1\ntwice_as_much  =  x + x", ":17",
                 "'twice_as_much = x + x' here, a line of the solution on line 10",
                 "other words", id="leak-in-code"),
    pytest.param("# Twice is plenty.", "# Say `return twice_as_much`.", ":4",
                 "'return twice_as_much' here, a line of the solution on line 11",
                 "other words", id="leak-in-prose"),
    pytest.param("    twice_as", "    if x:\nx", ":11", "this is not Python",
                 "correct it", id="not-python"),
    pytest.param(f"    {BEGIN}\n    twice_as_much = x + x\n    return",
                 f"    if x:\n    {BEGIN}\n        twice_as_much = x + x\n        return",
                 ":10", "without its solutions this is not Python", "move the markers",
                 id="stub-not-python"),
])
def test_a_mistake_in_a_master_is_named_with_its_place_and_remedy(
    tmp_path: Path, old: str, new: str, where: str, problem: str, remedy: str
) -> None:
    assert MASTER.count(old) == 1
    course = course_in(tmp_path, MASTER.replace(old, new))
    with pytest.raises(BuildError) as raised:
        build.build(course, "doubling")
    message = str(raised.value)
    assert message.startswith(f"solutions/doubling/notebook.py{where}: ")
    said, _, to_do = message.rpartition("; ")
    assert problem in said and remedy in to_do


def test_a_missing_master_is_a_build_error(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    (tmp_path / "solutions/doubling/notebook.py").unlink()
    with pytest.raises(BuildError, match=r"notebook\.py: cannot be read .*; write the master"):
        build.build(course, "doubling")


def test_a_master_that_is_not_utf_8_is_a_build_error(tmp_path: Path) -> None:
    course = course_in(tmp_path)
    (tmp_path / "solutions/doubling/notebook.py").write_bytes(b"# %%\n# caf\xe9\n")
    with pytest.raises(BuildError, match="not UTF-8 text at byte 10; save it as UTF-8"):
        build.build(course, "doubling")


def test_an_unknown_assignment_is_a_build_error(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="did you mean 'doubling'"):
        build.solution_notebook(course_in(tmp_path), "dubling")


# Writing and comparing


@pytest.fixture
def written(tmp_path: Path) -> SimpleNamespace:
    """The small course with its assignment written."""
    course = course_in(tmp_path)
    built = build.build(course, "doubling")
    folder = tmp_path / "assignments" / "doubling"
    assert len(build.differences(course, built)) == 3
    assert sorted(build.write(course, built)) == [
        folder / "doubling.ipynb", folder / "requirements.txt", folder / "tests" / "double.py"]
    return SimpleNamespace(course=course, built=built, folder=folder)


def test_what_was_written_differs_in_nothing(written: SimpleNamespace) -> None:
    assert build.differences(written.course, written.built) == []
    assert build.write(written.course, written.built) == []


def test_an_edited_a_missing_and_a_stale_file_are_found_and_put_right(
    written: SimpleNamespace
) -> None:
    notebook, requirements = written.folder / "doubling.ipynb", written.folder / "requirements.txt"
    stale = written.folder / "renamed.ipynb"
    stale.write_bytes(notebook.read_bytes())
    notebook.write_text("{}")
    requirements.unlink()
    assert build.differences(written.course, written.built) == [
        "assignments/doubling/doubling.ipynb: differs from what its master builds",
        "assignments/doubling/requirements.txt: missing",
        "assignments/doubling/renamed.ipynb: stale: its master does not build it",
    ]
    assert build.write(written.course, written.built) == [notebook, requirements, stale]
    assert build.differences(written.course, written.built) == []
    assert not stale.exists()


def test_an_editors_checkpoints_are_left_alone(written: SimpleNamespace) -> None:
    checkpoint = written.folder / ".ipynb_checkpoints" / "doubling-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_text("{}")
    assert build.differences(written.course, written.built) == []
    build.write(written.course, written.built)
    assert checkpoint.exists()
