"""A new course works as it is, and so does a new assignment of each kind."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import get_args

import pytest
from labs import Bench

from autograder import cli
from autograder.authoring import build, new
from autograder.authoring.audit import audit
from autograder.course import CourseError, SandboxPolicy, load
from autograder.gradebook import grade
from autograder.sandbox.client import Zygote
from autograder.submission import find


def run(command: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(shlex.split(command)[1:])
    return int(ended.value.code or 0)


def test_a_folder_becomes_a_course_by_the_commands_that_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder may have a repository, and any name."""
    (tmp_path / 'a "course"' / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert run("autograder init 'a \"course\"'") == 0
    commands = [line.strip() for line in capsys.readouterr().out.splitlines()
                if line.startswith("  ")]
    assert len(commands) == 3
    change, _, first = commands[0].partition(" && ")
    monkeypatch.chdir(tmp_path / shlex.split(change)[1])
    audited, graded = commands[1:]
    assert [run(each) for each in (first, f"{audited} --secrets 2", graded)] == [0, 0, 0]
    said = capsys.readouterr().out
    assert "1 alternative, 2 secrets: no breaches" in " ".join(said.split()) and "ada" in said
    ignored = Path(".gitignore").read_text().split()
    assert Path("results/secret").is_file() and "results/" in ignored and "people.csv" in ignored
    assert load(Path("grader.toml")).name == 'a "course"'


@pytest.mark.parametrize("there", ["grader.toml", "notes.txt", ".gitignore", "solutions"])
def test_what_is_there_is_left_alone(
    tmp_path: Path, there: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if there == "solutions":
        (tmp_path / there).mkdir()
    else:
        (tmp_path / there).write_text("mine")
    assert run(f"autograder init {tmp_path}") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {tmp_path}: not empty, {there} lies there; ")
    assert [path.name for path in tmp_path.iterdir()] == [there]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    new.begin(root / "all")
    return root / "all"


@pytest.mark.parametrize("like", get_args(new.Like))
def test_each_kind_builds_audits_and_grades_its_examples(
    root: Path, like: new.Like, zygote: Zygote
) -> None:
    """`ada` has everything right; `ben`, where something can be wrong, has not."""
    name = f"a_{like}"
    made = new.create(load(root / "grader.toml"), root / "grader.toml", name, like)
    assert made and not any("{{" in path.read_text() for path in made)
    course = load(root / "grader.toml").model_copy(update={
        "sandbox": SandboxPolicy(require="none")})
    assert build.write(course, build.build(course, name))
    found = audit(course, name, secrets=1, tier="none")
    assert found.breaches == []
    assert found.undiagnosed == (["one-column-only"] if like == "numpy" else [])  # of a variable
    hand_ins = find([root / "examples" / "submissions" / name], course.assignment(name))
    assert [each.student for each in hand_ins] == ["ada", "ben"]
    with Bench(course, name, zygote, tier="none") as judge:
        ada, ben = (grade(course, judge.grade(each)) for each in hand_ins)
    assert ada.result.is_graded and ben.result.is_graded
    for question, other in zip(ada.questions, ben.questions, strict=True):
        if course.assignment(name).question(question.name).is_examined:
            assert question.score == question.max_score
            assert other.score < other.max_score or like == "timed"


def test_a_name_that_is_taken_overwrites_nothing(root: Path) -> None:
    course, before = load(root / "grader.toml"), (root / "grader.toml").read_text()
    with pytest.raises(CourseError, match="is there already"):
        new.create(course, root / "grader.toml", new.FIRST)
    (root / "solutions" / "later").mkdir(parents=True)
    (root / "solutions" / "later" / "reference.py").write_text("mine")
    with pytest.raises(CourseError, match="move it away"):
        new.create(course, root / "grader.toml", "later")
    assert (root / "grader.toml").read_text() == before
    assert (root / "solutions" / "later" / "reference.py").read_text() == "mine"
