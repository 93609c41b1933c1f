"""On each system, in each shell: help, completion, the page for ``man``, and clear words."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import warm
from labs import REPOSITORY

from autograder import systems
from autograder.cli import described, manual

AUTOGRADER = Path(sys.executable).with_name("autograder")


def run(*command: str | Path, cwd: Path | None = None, **variables: str
        ) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd,
                          env={**os.environ, "COLUMNS": "100", **variables})


def autograder(*arguments: str, **variables: str) -> str:
    return warm.autograder(*arguments, cwd=Path.cwd(), env={
        **os.environ, "COLUMNS": "100", **variables}).stdout


def test_every_verb_answers_to_both_forms_of_help() -> None:
    for name, command in described.verbs().items():
        with command.make_context(name, [], resilient_parsing=True,
                                  help_option_names=["-h", "--help"]) as context:
            assert command.get_help_option(context) is not None
            assert "-h" not in {form for each in command.params for form in each.opts}, name
    said = [autograder("people", "import", form) for form in ("-h", "--help")]
    assert said[0] == said[1]
    assert "gradebook.csv" in said[0]


def test_bash_completes_with_the_script_that_is_shown(tmp_path: Path) -> None:
    script = run(AUTOGRADER, _AUTOGRADER_COMPLETE="source_bash").stdout
    (tmp_path / "completion").write_text(script)
    done = run("bash", "--norc", "-c", textwrap.dedent("""\
        source "$0/completion"
        COMP_WORDS=(autograder gr) COMP_CWORD=1
        _autograder_completion autograder
        printf '%s\\n' "${COMPREPLY[@]}"
        COMP_WORDS=(autograder people "") COMP_CWORD=2
        _autograder_completion autograder
        printf '%s\\n' "${COMPREPLY[@]}"
        """), str(tmp_path), PATH=f"{AUTOGRADER.parent}{os.pathsep}{os.environ['PATH']}")
    assert {"grade", "gradebook", "import", "list"} <= set(done.stdout.split()), done.stderr


@pytest.mark.parametrize(("shell", "asked"), [
    ("zsh", {"_TYPER_COMPLETE_ARGS": "autograder gra"}),
    ("fish", {"_TYPER_COMPLETE_ARGS": "autograder gra",
              "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ("powershell", {"_TYPER_COMPLETE_ARGS": "autograder gra"}),
])
def test_other_shells_are_answered_as_their_scripts_ask(
    shell: str, asked: dict[str, str]
) -> None:
    """What the script runs, not the shell itself: it is not on every machine."""
    script = autograder(_AUTOGRADER_COMPLETE=f"source_{shell}")
    assert all(variable in script for variable in asked)
    assert "gradebook" in autograder(_AUTOGRADER_COMPLETE=f"complete_{shell}", **asked)


def test_the_page_for_man_has_every_verb_and_option() -> None:
    page = manual.page().replace(r"\-", "-").replace(r"\e", "\\")
    assert page == (REPOSITORY / "docs/autograder.1").read_text().replace(r"\-", "-") \
        .replace(r"\e", "\\")
    for name, command in described.verbs().items():
        assert f".SS autograder {name}\n" in page
        assert all(form in page for each in command.params for form in each.opts
                   if each.param_type_name == "option")
    orders = {line.split()[0] for line in page.splitlines() if re.match(r"[.']", line)}
    assert orders == {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi", ".nh", ".ad"}


# A Python that takes itself for another system's. What only others have cannot be imported; what
# would find out, is before.
REHEARSED = """\
import ctypes, importlib.abc, json, os, sys, sysconfig
import asyncio, click, multiprocessing, rich.console, subprocess, tempfile, typer
{before}
sysconfig.get_config_vars()
sys.platform = {system!r}
class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {gone}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
for name in {gone}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Gone())
from autograder import cli
told = []
for command in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(error.fileno(), 2)
            cli.main(command)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.append([command, status, *(file.seek(0) or file.read() for file in (out, error))])
print(json.dumps(told))
"""
GONE = {"linux": ["nbgrader", "otter", "dask", "distributed", "psycopg"],  # other extras'
        "darwin": [], "win32": ["fcntl", "pwd", "grp", "resource", "termios"]}
BEFORE = {"darwin": "import torch", "linux": "", "win32": ""}


def on(system: str, *commands: list[str], cwd: Path | None = None
       ) -> list[subprocess.CompletedProcess[str]]:
    """How each of the commands ends there."""
    program = REHEARSED.format(system=system, gone=GONE[system], before=BEFORE[system])
    done = run(sys.executable, "-P", "-c", program, json.dumps(commands), cwd=cwd)
    assert done.returncode == 0, done.stderr
    return [subprocess.CompletedProcess(*told) for told in json.loads(done.stdout)]


def test_macos_checks_notebooks_and_says_that_it_does_not_grade(tmp_path: Path) -> None:
    emil = str(REPOSITORY / "examples/submissions/correlation/emil.ipynb")
    checks = str(REPOSITORY / "assignments/correlation/checks")
    checked, doctor = on("darwin", ["check", emil, "--checks", checks], ["doctor"])
    assert checked.returncode == 1
    assert "no sandbox on this machine" in checked.stderr
    assert "true convolution" in checked.stdout
    assert doctor.returncode == 2
    assert doctor.stderr.split() == f"error: {systems.lacking('darwin')}".split()


def test_windows_says_what_to_use_instead_whatever_is_asked() -> None:
    check, doctor, version = on("win32", ["check", "lab.ipynb"], ["doctor"], ["--version"])
    for ended in (check, doctor):
        assert ended.returncode == 2
        assert "WSL 2" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert version.returncode == 0


def test_a_course_is_made_and_built_with_the_extra_grade_alone(tmp_path: Path) -> None:
    """`build` needed nbgrader, for a checksum: who followed the README after `pip install
    'nbjudge[grade]'` got no further than to that."""
    made, built, imported = on(
        "linux", ["init"], ["build"], ["import", "nbgrader", "."], cwd=tmp_path)
    assert made.returncode == 0
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "assignments/first_steps/first_steps.ipynb").is_file()
    assert imported.returncode != 70


def test_linux_lacks_nothing() -> None:
    assert systems.lacking("linux") is None
