"""`autograder ci`: a checkout graded where a pipeline runs, and nothing secret in what it shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml  # type: ignore[import-untyped]
from labs import REPOSITORY, Lab
from nbformat import v4

from autograder import cli
from autograder.exchange.workflow import Annotation, github, plain, source_lines

TWICE = "def twice(x):\n    return x + x"
RAISES = "def twice(x):\n    y = x\n    raise KeyError(y)"
THRICE = "def thrice(x):\n    return twice(x) + x"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout, to work in; the course is elsewhere."""
    Lab(tmp_path / "course").write()
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "GITLAB_")):
            monkeypatch.delenv(name)
    folder = tmp_path / "checkout"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def commit(path: Path, *cells: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = v4.new_notebook(cells=[
        v4.new_markdown_cell("def twice(x):\n"), *(v4.new_code_cell(cell) for cell in cells)])
    nbformat.write(notebook, path)


def ci(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["ci", "--course", "../course/grader.toml", "--sandbox", "landlock", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_all_points_are_exit_status_0(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(checkout / "work/lab.ipynb", TWICE, THRICE)
    assert ci(capsys) == (0, "lab: 3 / 3\n", "")
    report = json.loads((checkout / "autograder-reports/lab.ctrf.json").read_text())
    assert report["results"]["extra"]["score"] == 3
    suites = ElementTree.parse(checkout / "autograder-reports/lab.junit.xml").getroot()
    assert suites.attrib["failures"] == "0"


@pytest.mark.parametrize(("threshold", "status"), [("1", 1), ("0.2", 0)])
def test_the_threshold_decides_the_status(
    checkout: Path, capsys: pytest.CaptureFixture[str], threshold: str, status: int
) -> None:
    commit(checkout / "lab.ipynb", RAISES, THRICE)
    code, said, _ = ci(capsys, "--threshold", threshold)
    assert code == status and said.endswith("lab: 0.75 / 3\n")


def test_a_threshold_is_a_share_and_no_percentage(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(checkout / "lab.ipynb", TWICE, THRICE)
    code, said, error = ci(capsys, "--threshold", "80")
    assert (code, said) == (2, "") and "less than or equal to 1" in error


def test_an_annotation_stands_at_the_line_of_the_notebook(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary.md"))
    commit(checkout / "lab.ipynb", "# mine", RAISES, THRICE)
    code, said, _ = ci(capsys)
    command = said.splitlines()[0]
    assert code == 1 and command.startswith("::error file=lab.ipynb,line=")
    line = int(command.partition("line=")[2].partition(",")[0])
    assert "raise KeyError(y)" in (checkout / "lab.ipynb").read_text().splitlines()[line - 1]
    assert "title=Twice%3A 0 / 2::" in command
    assert "It raised KeyError at line 3 of code cell 2." in command
    summary = (checkout / "summary.md").read_text()
    assert "<h3>Lab: 0.75 / 3</h3>" in summary and "\n\n" not in summary


def test_a_bonus_left_undone_is_no_error(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = checkout / "../course/grader.toml"
    table.write_text(table.read_text().replace('name = "thrice"', 'name = "thrice"\nbonus = true'))
    commit(checkout / "lab.ipynb", TWICE)
    code, said, _ = ci(capsys)
    assert code == 0 and said.startswith("note: lab.ipynb: Thrice: 0 / 1\n")
    assert said.endswith("lab: 2 / 2\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, said, _ = ci(capsys)
    assert code == 0 and said.startswith("::notice file=lab.ipynb,line=1,title=Thrice%3A 0 / 1::")


def test_what_a_pipeline_shows_holds_no_hidden_input(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that prints its arguments tells nobody. What it raises is told of inputs that
    everybody may know: with another secret, the same."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary.md"))
    commit(checkout / "lab.ipynb",
           "def twice(x):\n    print('seen', x)\n    raise ValueError('got %d' % x)", THRICE)
    _, said, error = ci(capsys, "--format", "gradescope", "--format", "ctrf", "--format", "junit")
    shown = said + error + "".join(
        path.read_text() for path in (checkout / "summary.md",
                                      *(checkout / "autograder-reports").iterdir()))
    assert "wrong" in shown or "exception" in shown
    assert "seen" not in shown


def test_several_assignments_of_a_checkout_are_all_graded_or_the_named_ones(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = ci(capsys)
    assert code == 2 and "no notebook of this course lies here (lab.ipynb)" in said
    commit(checkout / "mine.ipynb", TWICE, THRICE)
    assert ci(capsys)[0] == 2
    assert ci(capsys, "--assignment", "lab")[:2] == (0, "lab: 3 / 3\n")


@pytest.mark.parametrize("name", ["Lab.ipynb", "work/LAB.IPYNB"])
def test_letter_case_is_nobodys_fault(
    name: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(checkout / name, TWICE, THRICE)
    assert ci(capsys)[:2] == (0, "lab: 3 / 3\n")


def test_what_cannot_be_read_is_below_every_threshold(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "lab.ipynb").write_text("{")
    code, said, _ = ci(capsys, "--threshold", "0")
    assert code == 1 and "not a notebook, or was cut off" in said
    assert said.endswith("lab: unreadable\n")


def test_a_course_in_the_checkout_is_not_taken_for_ours(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reference would run unconfined, and is a student's."""
    mark = checkout.parent / "mark"
    lab = Lab(checkout)
    lab.reference = f"open({str(mark)!r}, 'w').close()\n{lab.reference}"
    lab.write()
    (checkout / ".git").mkdir()
    commit(checkout / "notebooks/lab.ipynb", TWICE, THRICE)

    def status(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments, "--sandbox", "landlock"])
        return int(ended.value.code or 0)

    assert status("ci", "notebooks") == 2
    assert "name the course by --course or AUTOGRADER_COURSE" in capsys.readouterr().err
    for path in ("notebooks", ".", "notebooks/.."):
        assert status("ci", path, "--course", "grader.toml") == 2
        assert f"lies in the checkout {checkout}, where students can" in capsys.readouterr().err
    monkeypatch.setenv("AUTOGRADER_COURSE", str(checkout / "grader.toml"))
    assert status("ci", "notebooks") == 2
    monkeypatch.setenv("AUTOGRADER_COURSE", str(checkout.parent / "course/grader.toml"))
    assert status("ci", "notebooks") == 0
    assert not mark.exists()
    # Control: a verb that believes who names the course runs what it says.
    assert status("grade", "lab", "notebooks", "--course", "grader.toml", "-j", "1") == 0
    assert mark.exists()


@pytest.mark.parametrize(("arguments", "said"), [
    (["--assignment", "lub"], "no assignment 'lub'"),
    (["--format", "canvas"], "no format 'canvas' for one student; there are: junit, ctrf,"),
])
def test_a_mistake_is_one_line_and_exit_status_2(
    checkout: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, _, error = ci(capsys, *arguments)
    assert code == 2 and said in error and error.count("\n") == 1


# Escaping -------------------------------------------------------------------------------------

HOSTILE = Annotation("a,line=1::\n::set-env name=X::y.ipynb", 3, "t:,%\r\n::stop", "a\n::error::b%")


def test_nothing_in_an_annotation_is_a_command_of_its_own() -> None:
    command = github(HOSTILE)
    assert "\n" not in command and "\r" not in command
    properties, _, text = command.removeprefix("::error ").partition("::")
    assert len(properties.split(",")) == 3 and text == "a%0A::error::b%25"
    assert not any(line.startswith("::") for line in plain(HOSTILE).splitlines())


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_lines_of_cells_are_found_however_the_file_is_written(indent: int | None) -> None:
    """Only where each line of a cell has a line of its own can they differ."""
    notebook = v4.new_notebook(cells=[
        v4.new_markdown_cell("[{\"source\": 1}]"), v4.new_code_cell('a = "\\"]}"\n\nb = 2'),
        v4.new_code_cell("c")])
    notebook.cells[1].outputs = [v4.new_output("stream", text='"source": ["x"]\n')]
    text = json.dumps(json.loads(nbformat.writes(notebook)), indent=indent)
    found = source_lines(text)
    assert sorted(found) == [(0, 1), (0, 2), (0, 3), (1, 1)]
    lines = text.splitlines()
    assert "b = 2" in lines[found[0, 3] - 1] and '"c"' in lines[found[1, 1] - 1]


@pytest.mark.parametrize("text", ["", "{", "[]]]", '{"cells": 3}', '{"cells": [{"source": "'])
def test_what_is_no_notebook_has_no_lines(text: str) -> None:
    assert source_lines(text) == {}


# Ready-made files -----------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["github-central.yml", "gitlab-ci.yml"])
def test_ready_made_pipelines_call_the_verb_as_it_is(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (REPOSITORY / "docs/ci" / name).read_text()
    assert isinstance(yaml.safe_load(text), dict)
    calls = [line.split("autograder ci ", 1)[1].split() for line in text.splitlines()
             if "autograder ci " in line and not line.lstrip().startswith("#")]
    assert calls
    with pytest.raises(SystemExit):
        cli.main(["ci", "--help"])
    known = capsys.readouterr().out
    assert [word for call in calls for word in call
            if word.startswith("--") and word not in known] == []


def test_the_autograder_for_classroom50_leaves_its_result(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as it stands, as that runner does."""
    commit(checkout / "lab.ipynb", RAISES, THRICE)
    course = checkout.parent / "course"
    (course / ".venv/bin").mkdir(parents=True)
    (course / ".venv/bin/autograder").symlink_to(Path(sys.executable).with_name("autograder"))
    done = subprocess.run(
        [sys.executable, REPOSITORY / "docs/ci/classroom50-autograder.py"], cwd=checkout,
        env={**os.environ, "AUTOGRADER_COURSE": str(course / "grader.toml"),
             "RUNNER_TEMP": str(checkout.parent),
             "CLASSROOM": "cnn", "ASSIGNMENT": "lab", "SUBMISSION_TAG": "submit/1",
             "COMMIT_URL": "https://example.org/c", "RELEASE_URL": "https://example.org/r"})
    result = json.loads((checkout / "result.json").read_text())
    assert (done.returncode, result["score"], result["max-score"]) == (0, 75, 300)
