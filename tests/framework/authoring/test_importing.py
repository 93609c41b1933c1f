"""Assignments of nbgrader's and otter's become ours, and nothing of them is run meanwhile."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from labs import Bench
from nbformat import v4

from autograder import cli
from autograder.authoring import build, new
from autograder.authoring.audit import audit
from autograder.authoring.importing import nbgrader, otter, source
from autograder.authoring.importing.asserts import Vocabulary, translated
from autograder.authoring.importing.source import ImportFailed
from autograder.authoring.importing.writing import write
from autograder.course import Course, SandboxPolicy, load
from autograder.gradebook import grade
from autograder.sandbox.client import Zygote
from autograder.submission import Submission

FOREIGN = Path(__file__).parent / "foreign"
NAMES = ("series", "vectors", "primes", "rainfall")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A new course, and what the verbs said that took four assignments over."""
    root = tmp_path_factory.mktemp("course")
    new.begin(root / "course")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "course")
        from autograder.cli import console

        with console.output.capture() as shown:
            for kind in ("nbgrader", "otter"):
                with pytest.raises(SystemExit) as ended:
                    cli.main(["import", kind, str(FOREIGN / kind)])
                assert ended.value.code == 0
    return root / "course", shown.get()


@pytest.fixture(scope="module")
def course(said: tuple[Path, str]) -> Course:
    return load(said[0] / "grader.toml").model_copy(update={
        "sandbox": SandboxPolicy(require="none")})


def test_shares_are_told(said: tuple[Path, str]) -> None:
    """docs/moving-here.md has these figures."""
    rows = [line.split() for line in said[1].splitlines()]
    told = {row[0]: " ".join(row[2:5]) for row in rows if len(row) == 6 and row[3] == "of"}
    assert told == {
        "terms": "6 of 6", "series_sum": "3 of 6", "norm": "4 of 4", "cosine": "4 of 4",
        "column_means": "2 of 2", "smallest": "2 of 2", "primes_up_to": "5 of 6", "q3": "4 of 4",
        "totals": "2 of 2", "wettest": "2 of 3"}
    assert said[1].count("said exactly:") == 2


def test_nothing_of_them_is_run(said: tuple[Path, str]) -> None:
    """Two of the notebooks would leave a file. The control: run, they do."""
    assert not [*said[0].parent.rglob("it-ran"), *FOREIGN.rglob("it-ran")]
    notebook = nbformat.read(FOREIGN / "otter/primes/primes.ipynb", as_version=4)
    [cell] = [cell.source for cell in notebook.cells if "it-ran" in cell.source]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(said[0].parent)
        exec(cell.replace("%matplotlib inline", ""), {})
    (said[0].parent / "it-ran").unlink()


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_is_right_and_the_handout_is_not(
    course: Course, name: str, zygote: Zygote
) -> None:
    assert build.write(course, build.build(course, name))
    given = build.build(course, name).files[f"{name}.ipynb"]
    text = "\n".join(cell.source for cell in nbformat.reads(given.decode(), as_version=4).cells)
    for telling in ("HIDDEN", "SOLUTION", "MARK SCHEME", "a * q**k", "np.argmax", "|q|", "smallest"
                    " = 2", "infinitely many, plus"):
        assert telling not in text
    with Bench(course, name, zygote, tier="none") as judge:
        for notebook, share in ((build.solution_notebook(course, name), 1), (given, 0)):
            result = judge.grade(Submission("ann", name, {f"{name}.ipynb": notebook}, None))
            for question in grade(course, result).questions:
                if question.kind == "code":
                    assert question.score == share * question.max_score, question.name


def test_what_was_read_is_what_is_asked(course: Course) -> None:
    """Points, kinds, texts, files; hidden tests stay hidden; what is left is marked."""
    series, vectors = course.assignment("series"), course.assignment("vectors")
    assert [(each.name, float(each.points), each.kind) for each in series.questions] == [
        ("terms", 3, "code"), ("series_sum", 2, "code"), ("limit", 2, "text"),
        ("both", 3, "text")]
    assert series.question("series_sum").uses == ["terms"]
    assert vectors.files == ["heights.csv"]
    assert course.assignment("primes").question("q3").defines == ["is_prime", "answer"]
    suite = (course.suite("primes") / "test_primes_up_to.py").read_text()
    visible, _, hidden = suite.partition("def test_larger")
    assert "check.primes_up_to(3)" in visible and "check.primes_up_to(20)" in hidden
    assert suite.count('visibility("visible")') == 1
    assert "# TODO(import) Larger: could not be said exactly." in hidden
    master = (course.solutions("series") / "notebook.py").read_text()
    assert "TODO(import) limit: a_use (1 point): code that a person marks" in master


def test_the_audit_is_green_once_misconceptions_are_written(course: Course) -> None:
    before = audit(course, "primes", secrets=1, tier="none").breaches
    assert before and all("kills" in each for each in before)
    shutil.copy(FOREIGN / "finished" / "primes.py",
                course.solutions("primes") / "misconceptions.py")
    shutil.copy(FOREIGN / "finished" / "primes_suite.py",
                course.suite("primes") / "test_answers_stay.py")
    assert audit(course, "primes", secrets=1, tier="none").breaches == []


def test_what_is_there_already_is_left_alone(
    said: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (said[0] / "grader.toml").read_text()
    monkeypatch.chdir(said[0])
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", "nbgrader", str(FOREIGN / "nbgrader")])
    assert ended.value.code == 2 and "assignments.series: is there" in capsys.readouterr().err
    assert (said[0] / "grader.toml").read_text() == before


@pytest.mark.parametrize(("points", "each", "total", "weights"), [
    ("4", (None, None, 2), 4, [1, 1, 2]),
    ("[1, 2, 5]", (None, None, None), 8, [1, 2, 5]),
    ("{each: 2}", (None, None, None), 6, [1, 1, 1]),
    ("", (None, None, None), 1, [1, 1, 1]),
    ("", (None, 3, 1), 4, [0.001, 3, 1]),  # a weight is above 0
    ("2", (0, None, None), 2, [0.001, 1, 1]),
])
def test_points_of_tests_are_those_that_otter_gives(
    tmp_path: Path, points: str, each: tuple[int | None, ...], total: float, weights: list[float]
) -> None:
    """As `TestFile.resolve_test_file_points` of otter's does."""
    tests = [v4.new_code_cell("".join((
        f'""" # BEGIN TEST CONFIG\npoints: {worth}\n""" # END TEST CONFIG\n'
        if worth is not None else "", f"assert f({number}) == {number}")))
        for number, worth in enumerate(each)]
    raw = v4.new_raw_cell
    nbformat.write(v4.new_notebook(cells=[
        v4.new_markdown_cell("# Homework"),
        raw(f"# BEGIN QUESTION\nname: q1\npoints: {points}"), raw("# BEGIN SOLUTION"),
        v4.new_code_cell("def f(x):\n    return x # SOLUTION"), raw("# END SOLUTION"),
        raw("# BEGIN TESTS"), *tests, raw("# END TESTS"), raw("# END QUESTION"),
    ]), tmp_path / "hw.ipynb")
    new.begin(tmp_path / "course")
    file = tmp_path / "course/grader.toml"
    for imported in otter.assignments(tmp_path):
        write(load(file), file, imported)
    [question] = load(file).assignment("hw").questions
    assert (question.points, question.title) == (total, "f")
    suite = (tmp_path / "course/tests/hidden/hw/test_f.py").read_text()
    found = re.findall(r"(?:weight\(([\d.]+)\)\n.*\n)?def test_", suite)
    assert [float(weight or 1) for weight in found] == weights


def test_what_is_no_assignment_is_one_error(tmp_path: Path) -> None:
    for read in (nbgrader.assignments, otter.assignments):
        with pytest.raises(ImportFailed, match="lies there; name"):
            list(read(tmp_path))
    (tmp_path / "a.ipynb").write_text('{"BEGIN QUESTION')
    for read in (nbgrader.assignments, otter.assignments):
        with pytest.raises(ImportFailed, match="is no notebook that can be read"):
            list(read(tmp_path))


def nbgraders(path: Path, *cells: tuple[str, dict[str, object]]) -> None:
    """A source notebook of nbgrader's: cells of code, and what its metadata say of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(v4.new_notebook(cells=[
        v4.new_code_cell(source, metadata={"nbgrader": said} if said else {})
        for source, said in cells]), path)


SOLUTION = ("def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION",
            {"solution": True, "grade": False, "grade_id": "a"})


@pytest.mark.parametrize("cells", [
    [v4.new_code_cell(SOLUTION[0]), v4.new_code_cell("assert square(3) == 9")],  # no marks
    [v4.new_markdown_cell("# Before you turn this in")],  # as `nbgrader quickstart` makes one
], ids=["lost", "header"])
def test_what_nothing_is_graded_of_is_left_out_and_breaks_no_course(
    cells: list[nbformat.NotebookNode], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str]
) -> None:
    new.begin(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    before = Path("grader.toml").read_text()
    theirs = tmp_path / "theirs/source"
    theirs.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=cells), theirs / "empty.ipynb")
    for status, good in ((2, False), (3, True)):
        if good:
            nbgraders(theirs / "good/good.ipynb", SOLUTION, ("assert square(3) == 9", {
                "solution": False, "grade": True, "grade_id": "t", "points": 2}))
        with pytest.raises(SystemExit) as ended:
            cli.main(["import", "nbgrader", str(tmp_path / "theirs")])
        assert ended.value.code == status
        assert "empty.ipynb: nothing of it would be graded" in capsys.readouterr().err
        assert (Path("grader.toml").read_text() != before) == good
        assert not Path("solutions/empty").exists()
    assert {*load(Path("grader.toml")).assignments} == {"first_steps", "good"}


@pytest.mark.parametrize(("points", "worth", "light"), [
    ((2, 0, -1), 2.0, 2), ((0, None, "x"), 1, 3), ((1, 2), 3, 0)])
def test_tests_that_are_worth_nothing_are_no_checks_of_weight_0(
    points: tuple[object, ...], worth: float, light: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch
) -> None:
    new.begin(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    nbgraders(tmp_path / "theirs/lab.ipynb", SOLUTION, *(
        (f"assert square({n}) == {n * n}",
         {"solution": False, "grade": True, "grade_id": f"t{n}", "points": each})
        for n, each in enumerate(points)))
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", "nbgrader", str(tmp_path / "theirs")])
    assert ended.value.code == 0
    [suite] = Path("tests/hidden").rglob("test_square.py")
    assert suite.read_text().count("weight(0.001)") == light
    assert suite.read_text().count("def test_") == len(points)
    course = load(Path("grader.toml")).model_copy(update={"sandbox": SandboxPolicy(require="none")})
    [name] = {*course.assignments} - {"first_steps"}
    assert [each.points for each in course.assignment(name).questions] == [worth]
    build.write(course, build.build(course, name))


def test_a_folder_above_is_named_by_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course").mkdir()
    shutil.copytree(FOREIGN / "otter", tmp_path / "theirs")
    monkeypatch.chdir(tmp_path / "course")
    found = [each.name for each in otter.assignments(Path("../theirs"))]
    assert found and found == [each.name for each in otter.assignments(FOREIGN / "otter")]


def test_code_that_is_no_python_stays_with_staff(tmp_path: Path) -> None:
    cells = [v4.new_code_cell("%%bash\nls"), v4.new_code_cell("print 'old'")]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    [found] = nbgrader.assignments(tmp_path)
    assert found.code == ["# Of another language:\n#     %%bash\n#     ls"]
    assert found.pieces[1].source == "print 'old'"


@pytest.mark.parametrize(("said", "points"), [
    (2, 2), ("1.5", 1.5), (None, 0), ("many", 0), ([3], 0), ({}, 0), (-1, 0), (float("nan"), 0),
    (float("inf"), 0), (10**400, 0),
])
def test_points_that_are_none_are_no_points(tmp_path: Path, said: object, points: float) -> None:
    """Metadata hold whatever somebody typed, and JSON more than numbers."""
    assert source.points(said) == points
    cells = [v4.new_markdown_cell("Say why.", metadata={"nbgrader": {
        "grade_id": "why", "grade": True, "solution": True, "points": said}})]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    [found] = nbgrader.assignments(tmp_path)
    assert [each.points for each in found.questions] == [points]


NOTEBOOK = Vocabulary.of(["def f(x, y=0): pass\ndef helper(x): pass\nclass C: pass\nv = 3"])
SAID = {
    "assert f(1) == 2": "check.f(1)",
    "assert [1] == f(1, y=2), 'no'": "check.f(1, y=2)",
    "assert v == 3": "check.v.value()",
    "assert f(v) == 2": "expect.holds(lambda answer: answer == 2,",
    "assert np.isclose(f(1), 0.5, atol=1e-3)": "np.isclose(answer, 0.5, atol=0.001)",
    "assert abs(f(1) - 2) < 0.1": "expect.holds(lambda answer: abs(answer - 2) < 0.1,",
    "np.testing.assert_allclose(f(1), 2)": "np.testing.assert_allclose(answer, 2) is None",
    "x = f(1)\nassert x.shape == (2,)": "expect.holds(lambda x: x.shape == (2,),",
    "with pytest.raises(ValueError):\n    f(0)": "refuses.f(0)",
    "try:\n    f(0)\n    assert False\nexcept ValueError:\n    pass": "refuses.f(0)",
    "for n in range(3):\n    assert f(n) == n": "for n in range(3):\n    check.f(n)",
    "def test_it(f):\n    assert f(1) == 2\n\ntest_it(f)": "check.f(1)",
    "assert all(x > 0 for x in f(3))": "all((x > 0 for x in answer))",
}
LEFT = ("assert helper(1) == 2",
        "assert all(f(n) for n in range(3))", "c = C()", "del f", "assert f(len(f(1))) == 2",
        "try:\n    f(0)\nexcept OSError:\n    pass\nelse:\n    assert False",
        "while f(1):\n    pass", "assert True")


@pytest.mark.parametrize(("source", "line"), SAID.items())
def test_assertions_are_said_exactly(source: str, line: str) -> None:
    found = translated(source, NOTEBOOK, {"f", "v"}, is_hidden=False)
    assert line in "\n".join(found.body) and (found.exact, found.left) == (1, [])


@pytest.mark.parametrize("source", LEFT)
def test_what_cannot_be_said_exactly_is_left(source: str) -> None:
    found = translated(source, NOTEBOOK, {"f", "v"}, is_hidden=True)
    assert (found.exact, len(found.left)) == (0, 1)
