"""The command line: real grading from a shell, and one clear line for every mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import warm
from fake_judge import fake_jury

from autograder import cli
from autograder.cli import verbs
from autograder.course import load
from autograder.grading import run
from autograder.grading.executors import Here
from autograder.store import Store
from autograder.submission import find

GRADER_TOML = """
[course]
name = "Convolution"
[store]
url = "sqlite:///kept/grades.db"
[sandbox]
require = "{require}"
[assignments.correlation]
title = "Cross-correlation"
questions = [{{ name = "corr2d", title = "Cross-correlation", points = 4 }}]
[assignments.pooling]
title = "Pooling"
questions = [{{ name = "pool2d", title = "Pooling", points = 1 }}]
"""

RIGHT = """
import torch
def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
"""

MASTER = """# %%
def {name}(X, K):
    ### BEGIN SOLUTION
    answer_of_the_staff = X + K
    return answer_of_the_staff
    ### END SOLUTION
"""


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole small course: one question with one check in each assignment."""
    put(tmp_path / "grader.toml", GRADER_TOML.format(require="landlock"))
    for assignment, name in (("correlation", "corr2d"), ("pooling", "pool2d")):
        put(tmp_path / "solutions" / assignment / "notebook.py", MASTER.format(name=name))
        put(tmp_path / "solutions" / assignment / "reference.py",
            "from torch.nn.functional import conv2d\n"
            "from autograder.suite import sums_of_products\n"
            f"@sums_of_products\ndef {name}(X, K):\n"
            "    return conv2d(X[None, None], K[None, None])[0, 0]\n")
        put(tmp_path / "tests" / "hidden" / assignment / f"test_{name}.py",
            f'import pytest\npytestmark = pytest.mark.question("{name}")\n'
            f'def test_values(check, draw):\n    """Values are right."""\n'
            f"    check.{name}(draw.normal(5, 6), draw.normal(2, 3))\n")
    return tmp_path


def autograder(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.autograder(*arguments, cwd=root, env=os.environ | {"COLUMNS": "120"})


# Grading, with the real judge -----------------------------------------------------------------

def test_a_class_is_graded_from_the_shell_and_its_grades_are_kept(root: Path) -> None:
    handed_in = root / "handed-in"
    put(handed_in / "ann.py", RIGHT)
    put(handed_in / "bob.py", "def corr2d(X, K):\n    return X\n")
    put(handed_in / "eve.ipynb", "not a notebook")
    put(handed_in / "mal.py", f"import sys\nsys.settrace(None)\n{RIGHT}")

    first = autograder(root, "grade", "correlation", "handed-in", "-o", "reports", "-j", "2")
    assert first.returncode == 3, first.stderr  # one is unreadable
    rows = {line.split()[0]: line.split() for line in first.stdout.splitlines() if line.split()}
    assert rows["ann"][-2:] == ["graded", "4"]
    assert rows["bob"][-2:] == ["graded", "0"]
    assert "unreadable" in rows["eve"]
    assert rows["mal"][-2:] == ["graded", "4"], "it costs nothing"
    assert first.stdout.splitlines()[-1] == "Reports: reports"
    assert (root / "reports" / "correlation" / "ann.html").is_file()
    assert (root / "kept" / "grades.db").is_file()
    assert first.stderr == ("handed-in: 4 hand-ins, layout folder (a file or a folder for each "
                            "student)\n")

    again = autograder(root, "grade", "correlation", "handed-in", "-o", "reports", "-j", "2")
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)
    shown = autograder(root, "show", "ann")
    assert [line.split()[3:6] for line in shown.stdout.splitlines() if "correlation" in line] == [
        ["correlation", "graded", "4"]]
    assert "read the code" not in shown.stdout
    assert "read the code. It names settrace (code cell 2, line 2)." in \
        autograder(root, "show", "mal").stdout.replace("\n", " ")
    assert "settrace" in (root / "reports" / "correlation" / "index.html").read_text()
    assert "settrace" not in (root / "reports" / "correlation" / "mal.html").read_text()


def test_who_is_called_late_and_has_no_time_is_told_and_may_be_given_one(root: Path) -> None:
    """Canvas says LATE and not by how much; it was on time in silence."""
    with (root / "grader.toml").open("a") as file:
        file.write('[late]\nper_day = 0.25\n')
    put(root / "grader.toml", (root / "grader.toml").read_text().replace(
        'title = "Cross-correlation"\n',
        'title = "Cross-correlation"\ndue = 2026-10-12T23:59:00+02:00\n', 1))
    put(root / "class" / "lovelace_LATE_12345_67890_x.py", RIGHT)
    put(root / "class" / "boole_12346_67891_x.py", RIGHT)
    told = autograder(root, "grade", "correlation", "class")
    assert told.returncode == 3
    assert "layout canvas" in told.stderr and "12345: its name says late" in told.stderr
    assert "12346:" not in told.stderr

    times = put(root / "times.csv", "student,submitted_at\n12345,2026-10-13T12:00:00+02:00\n"
                                    "99999,2026-10-13T12:00:00+02:00\n")
    done = autograder(root, "grade", "correlation", "class", "--times", str(times))
    assert done.returncode == 0, done.stderr
    assert "1 student of it handed nothing in, '99999' is the first" in done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.split()}
    assert (rows["12345"][-1], rows["12346"][-1]) == ("3", "4")


def test_extensions_that_help_nobody_are_told(root: Path) -> None:
    put(root / "grader.toml", (root / "grader.toml").read_text().replace(
        'title = "Cross-correlation"\n',
        'title = "Cross-correlation"\ndue = 2026-10-12T23:59:00+02:00\n', 1)
        + "[extensions]\nannna = { correlation = 2026-10-15T12:00:00Z }\n"
          "ben = { correlation = 2025-10-15T12:00:00Z }\n"
          "zoe = { correlation = 2026-10-15T12:00:00Z }\n")
    put(root / "class" / "anna.py", RIGHT)
    put(root / "class" / "ben.py", RIGHT)
    done = autograder(root, "grade", "correlation", "class")
    said = done.stderr.replace("\n", " ")
    assert done.returncode == 3
    assert "the extension of 'annna' is nobody here; did you mean 'anna'?" in said
    assert "extensions.ben: 2025-10-15T12:00:00+00:00 is not later than the due date" in said
    assert "1 student with an extension handed nothing in, 'zoe' is the first" in said


def test_all_assignments_below_a_folder_are_graded(root: Path) -> None:
    put(root / "class" / "correlation" / "ann.py", RIGHT)
    put(root / "class" / "pooling" / "ann.py", RIGHT.replace("corr2d", "pool2d"))
    put(root / "class" / "lenet" / "ann.py", RIGHT)
    done = autograder(root, "grade", "--all", "class")
    assert done.returncode == 0, done.stderr
    assert "skipped class/lenet: no assignment of this course" in done.stderr
    assert done.stdout.splitlines()[-1] == f"Reports: {root / 'results'}"
    for assignment in ("correlation", "pooling"):
        assert (root / "results" / assignment / "ann.html").is_file()
    assert not (root / "results" / "lenet").exists()


def test_a_full_disk_costs_reports_and_no_grade(root: Path) -> None:
    """One line says so, the rest of the class is graded, and the next run only writes reports."""
    for number in range(4):
        put(root / "class" / f"ann{number}.py", f"{RIGHT}\n# {number}\n")
    (root / "full").mkdir()
    done = warm.shell("mount -t tmpfs -o size=8k none full && "
                      "autograder grade correlation class -o full -j 1",
                      "unshare", "--mount", cwd=root)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    assert done.returncode == 2
    [found, error] = done.stderr.splitlines()
    assert found.startswith("class: 4 hand-ins") and "No space left on device" in error
    with Store(load(root / "grader.toml")) as store:
        assert [len(store.history(f"ann{number}")) for number in range(4)] == [1] * 4
    again = autograder(root, "grade", "correlation", "class", "-o", "reports")
    assert again.returncode == 0
    assert len(list((root / "reports" / "correlation").glob("ann*.html"))) == 4
    with Store(load(root / "grader.toml")) as store:
        assert len(store.history("ann0")) == 1


def test_without_a_sandbox_the_output_warns(root: Path) -> None:
    put(root / "grader.toml", GRADER_TOML.format(require="none"))
    put(root / "ann.py", RIGHT)
    done = autograder(root, "grade", "correlation", "ann.py", "--sandbox", "none",
                      "--allow-unsandboxed")
    assert done.returncode == 0, done.stderr
    assert "WARNING: graded without a sandbox" in done.stderr


def test_a_broken_suite_is_one_error_and_no_result(root: Path) -> None:
    put(root / "ann.py", RIGHT)
    put(root / "tests" / "hidden" / "correlation" / "test_corr2d.py", "def test_values(:\n")
    done = autograder(root, "grade", "correlation", "ann.py")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1].startswith("error: the hidden suite is broken:")
    assert "Traceback" not in done.stderr
    assert "nobody goes by 'ann'" in autograder(root, "show", "ann").stderr


# Mistakes -------------------------------------------------------------------------------------

@pytest.fixture
def here(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    return root


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code, what went to stdout, and what to stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    output, messages = capsys.readouterr()
    return code, output, messages


@pytest.mark.parametrize(("arguments", "said"), [
    (["grade"], "name an assignment and what was handed in"),
    (["grade", "correlation"], "name an assignment and what was handed in"),
    (["grade", "corelation", "ann.py"],
     "no assignment 'corelation' in grader.toml; did you mean 'correlation'?"),
    (["grade", "correlation", "./nowhere.ipynb"], "error: nowhere.ipynb: no such file or folder"),
    (["similar", "correlation", "no.zip"], "error: no.zip: no such file or folder"),
    (["feedback", "correlation", "no.zip", "-o", "x"], "error: no.zip: no such file or folder"),
    (["grade", "correlation", "tests", "--times=no.csv"], "error: no.csv: No such file"),
    (["people", "import", "tests"], "error: tests: Is a directory"),
    (["requests", "import", "no.csv"], "error: no.csv: No such file"),
    (["marks", "import", "no.csv"], "error: no.csv: No such file"),
    (["check", "no.ipynb"], "no.ipynb"),
    (["restore", "no.zip"], "error: no.zip: no such file"),
    (["grade", "correlation", "solutions/pooling/../../tests/none"], "tests/none"),
    (["grade", "correlation", "ann.py", "--course", "elsewhere.toml"],
     "elsewhere.toml: no such file"),
    (["grade", "correlation", "ann.py", "--sandbox", "none"], "add --allow-unsandboxed"),
    (["grade", "correlation", "--all", "solutions"], "leave ASSIGNMENT and PATH out"),
    (["grade", "--all", "nowhere"], "nowhere: not a folder"),
    (["grade", "--all", "solutions", "--times", "t.csv"], "--times is of one assignment"),
    (["grade", "--nbgrader", "class", "--layout", "canvas"], "leave --layout and --times out"),
    (["grade", "--all", "tests"], "tests: has no folder named like an assignment"),
    (["build", "corelation"], "did you mean 'correlation'?"),
    (["show", "ann", "corelation"], "did you mean 'correlation'?"),
])
def test_a_mistake_is_one_line_that_says_what_to_do(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, output, messages = call(capsys, *arguments)
    lines = messages.splitlines()
    assert code == 2
    assert [line.startswith("error: ") for line in lines if not line.startswith("skipped")] \
        == [True]
    assert said in lines[-1]
    assert "traceback" not in messages
    assert output == ""


def test_every_mistake_in_grader_toml_has_its_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "grader.toml", "[course]\nname = 3\n[stor]\n")
    code, _, messages = call(capsys, "show", "ann")
    assert code == 2
    assert len(messages.splitlines()) == 3
    assert all(line.startswith("error: ") for line in messages.splitlines())


@pytest.mark.parametrize("arguments", [["--colour"], ["grade", "-j", "0"], ["mark"]])
def test_options_that_do_not_exist_are_refused(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert call(capsys, *arguments)[0] == 2


def test_a_store_that_cannot_be_used_says_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "kept" / "grades.db", "not a database" * 100)
    code, _, messages = call(capsys, "show", "ann")
    assert (code, messages.count("error: ")) == (2, 1)
    assert "not a SQLite database" in messages


def test_a_secret_that_others_can_read_says_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(here / "ann.py", RIGHT)
    put(here / "kept" / "secret", "0" * 64).chmod(0o644)
    code, _, messages = call(capsys, "grade", "correlation", "ann.py")
    assert (code, messages.count("error: ")) == (2, 1)
    assert "run: chmod 600" in messages


# Building and showing -------------------------------------------------------------------------

def test_build_writes_and_check_only_looks(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output, _ = call(capsys, "build", "--check")
    assert code == 1 and "assignments/correlation/correlation.ipynb: missing" in output
    assert not (here / "assignments").exists()
    assert call(capsys, "build")[0] == 0
    assert (here / "assignments" / "pooling" / "pooling.ipynb").is_file()
    assert call(capsys, "build", "--check") == (0, "", "")


def test_the_course_is_found_from_a_folder_inside_it(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here / "solutions" / "pooling")
    assert call(capsys, "runs")[:2] == (0, "no runs\n")


def test_names_and_files_of_students_cannot_write_to_the_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "[bold red]ann\x1b[2J\u202e"
    [honest] = find([put(here / "ann.py", RIGHT)], load(here / "grader.toml")
                    .assignment("correlation"))
    course = load(here / "grader.toml")
    hostile = type(honest)(name, "correlation", honest.files, None)
    with Store(course) as store:
        jury = fake_jury(course)
        run.grade(course, "correlation", [hostile], jury, Here(jury.make_judge), store=store)
    for arguments in (["show", name], ["grade", "correlation", name]):
        _, output, messages = call(capsys, *arguments)
        shown = output + messages
        assert "[bold red]ann[2J" in shown
        assert "\x1b" not in shown and "\u202e" not in shown


def test_tables_of_results_and_runs_break_no_word_at_80_columns(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    course = load(here / "grader.toml")
    submissions = find([put(here / "ann.py", RIGHT)], course.assignment("correlation"))
    command = "/opt/course/venv/bin/autograder grade correlation submissions/week1"
    with Store(course) as store:
        jury = fake_jury(course)
        run.grade(course, "correlation", submissions, jury, Here(jury.make_judge), store=store,
                  command=command)
    shown, listed = call(capsys, "show", "ann")[1], call(capsys, "runs")[1]
    for table, words in ((shown, ["assignment", "correlation", "graded"]),
                         (listed, ["assignment", "correlation", "finished", "autograder",
                                   "submissions/week1"])):
        assert all(len(line) <= 80 for line in table.splitlines())
        assert all(word in table.split() for word in words), table


def test_help_answers_without_loading_torch() -> None:
    script = ("import sys\nfrom autograder import cli\n"
              "try: cli.main(['grade', '--help'])\n"
              "except SystemExit as ended: assert ended.code == 0\n"
              "assert not {'torch', 'sqlalchemy', 'nbformat'} & set(sys.modules)")
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                           check=False)
    assert shown.returncode == 0, shown.stderr
    assert "autograder grade --all examples/submissions -o results" in shown.stdout


SLIPS = [  # no such file, no such assignment, an option that wants another, two that say the same
    ["grade", "correlation", "ann.py"],
    ["grade", "corelation", "."],
    ["grade", "correlation", ".", "--sandbox", "none"],
    ["grade", "correlation", ".", "--cluster", "tcp://lab", "-j", "2"],
]


def test_a_slip_of_the_keyboard_is_told_without_loading_torch(here: Path) -> None:
    assert loaded("from autograder import cli", *SLIPS) == [(2, False)] * len(SLIPS)


def test_nothing_but_a_judge_loads_torch(here: Path) -> None:
    """Seen with a judge that needs none, on a class of one that is graded, and then found again."""
    put(here / "ann.py", RIGHT)
    start = "from autograder import cli\nfrom autograder.grading import jury\n" \
            "from fake_judge import fake_jury\njury.of_course = fake_jury"
    assert loaded(start, *[["grade", "correlation", "ann.py"]] * 2) == [(0, False)] * 2


LOADED = """\
import os, sys
{start}
for arguments in {commands!r}:
    if os.fork() == 0:
        try:
            cli.main(arguments)
        except SystemExit as ended:
            print("ended", ended.code, "torch" in sys.modules, flush=True)
        os._exit(0)
    os.wait()
"""


def loaded(start: str, *commands: list[str]) -> list[tuple[int, bool]]:
    """The exit status of each command, in a process of its own, and whether it loaded torch."""
    shown = subprocess.run(
        [sys.executable, "-c", LOADED.format(start=start, commands=commands)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])})
    ends = [line.split() for line in shown.stdout.splitlines() if line.startswith("ended ")]
    return [(int(status), torch == "True") for _, status, torch in ends]


def test_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = call(capsys, "--version")
    assert code == 0 and output.startswith("autograder ")


def test_no_line_of_a_verbs_help_is_broken_where_the_source_is() -> None:
    def all_of(command: Any) -> Iterator[Any]:
        yield command
        for each in getattr(command, "commands", {}).values():
            yield from all_of(each)

    helps = [command.help or "" for command in all_of(typer.main.get_command(verbs.app))]
    assert len(helps) > 40
    assert [help for help in helps if "\n" in help.replace("\n\n", "")] == []
