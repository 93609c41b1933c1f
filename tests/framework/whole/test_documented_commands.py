"""Every command that the documents show is run as it stands, in a course that has what it names."""

from __future__ import annotations

import shlex
import shutil
import zipfile
from pathlib import Path

import pytest
from labs import REPOSITORY
from test_documents import commands

from autograder import cli

ELSEWHERE = {
    "autograder audit": "`make audit`: half an hour",
    "autograder audit correlation": "`make audit`",
    "autograder audit --secrets 20 -o results/audit": "`make audit`",
    "autograder audit correlation --only corr2d --secrets 1": "authoring/test_audit.py",
    "autograder bench": "`make bench`",
    "autograder grade first_steps examples/submissions/first_steps": "authoring/test_new.py",
    "autograder import nbgrader ~/course101": "authoring/test_importing.py",
    "autograder import otter ~/homework": "authoring/test_importing.py",
    "autograder import otter ~/homework/hw01": "authoring/test_importing.py",
    "autograder init": "authoring/test_new.py",
    "autograder init statistics": "authoring/test_new.py",
    "autograder bench correlation --size 10 --size 1000": "`make bench`",
    "autograder grade correlation submissions/ --cluster tcp://127.0.0.1:8786": "test_cluster.py",
    "autograder grade correlation submissions/ --cluster tcp://lab0:8786": "test_cluster.py",
    "autograder grade correlation submissions/ --slurm 20": "test_cluster.py",
    "autograder person ann forget --why 'asked for it on 3 May'": "intake/test_verbs.py",
    "autograder person old": "intake/test_verbs.py",
    "autograder show ann correlation --file --digest 3f9c -o earlier.ipynb":
        "intake/test_verbs.py",
}
"""What runs somewhere else, and where."""

ELSEWHERE |= dict.fromkeys((
    "autograder marks export correlation essay -o essay.csv",
    "autograder marks export correlation essay --anonymous -o essay.csv",
    "autograder marks export correlation why_blur --anonymous -o why.csv",
    "autograder marks import essay.csv", "autograder marks import why.csv",
), "test_marks_verbs.py")
ELSEWHERE |= dict.fromkeys((
    "autograder serve --graders 0", "autograder serve --student ada",
    "autograder serve --host 0.0.0.0 --url https://grader.example.org",
    "autograder work --store postgresql://grader@db/course --graders 8",
    "autograder submit correlation.ipynb --to https://grader.example.org",
    "autograder submit correlation.ipynb helpers.py --to https://grader.example.org",
    "autograder submit lab.ipynb helpers.py --assignment correlation",
    "autograder submit correlation.ipynb --token-file token --no-wait",
), "web/test_door.py")
ELSEWHERE["autograder work --store postgresql://grader@db/course --door "
          "https://grader.example.org"] = "web/test_machines.py"
ELSEWHERE |= {f"autograder people reveal lusab-babad-gutih --why \"{why}\"": "test_people.py"
              for why in ("asked for a second look", "asks for a second look")}


STATUSES = {"doctor": {0, 1, 2}, "check": {0, 1}, "ci": {0, 1}, "feedback": {0, 3},
            "people": {0, 3}}
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Cross-correlation (4711)
    Points Possible,,,,,18.00
"Lovelace, Ann",ann,,ann,A,
"Boole, Bob",bob,,bob,A,
"""
PARTICIPANTS = "Full name,Email address,ID number\nAnn Lovelace,ann@uni.example,ann\n"
PEOPLE = "id,name,section\nann,Ann Lovelace,A\nbob,Bob Boole,A\n"

ANSWERS = {"answers.csv": "Student,Assignment,Words\nann,correlation,Why?\n",
           "form.csv": "Your number,What is wrong?\nann,All of it.\n"}


def documented() -> list[str]:
    """Every command once."""
    said = {command for document, command in commands()
            if "FORMAT" not in command and document != "docs/a-term.md"}  # played as a whole
    return sorted(said - set(ELSEWHERE))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's course as ``course``, with hand-ins, and a home with an nbgrader course."""
    root = tmp_path_factory.mktemp("world")
    course, home = root / "course", root / "home"
    for folder in ("solutions", "tests/hidden", "assignments"):
        shutil.copytree(REPOSITORY / folder, course / folder,
                        ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "grader.toml", course)
    examples = REPOSITORY / "examples" / "submissions" / "correlation"
    right, wrong = examples / "ada.ipynb", examples / "emil.ipynb"
    places = ["submissions/ann.ipynb", "ann.ipynb", "2025/ann.ipynb", "2026/ada.ipynb",
              "correlation.ipynb", "../checkout/correlation.ipynb",
              "../checkout/submission/correlation.ipynb",
              "examples/submissions/correlation/ann.ipynb"]
    for place in places:
        (course / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(right, course / place)
    for place in ("submissions/bob.ipynb", "2026/bob.ipynb"):
        shutil.copy(wrong, course / place)
    with zipfile.ZipFile(course / "bob.zip", "w") as archive:
        archive.write(wrong, "correlation.ipynb")
    (course / "textbook.py").write_text("import torch\n\n\ndef corr2d(X, K):\n    return X\n")
    for name in ("canvas", "moodle"):
        with zipfile.ZipFile(course / f"{name}.zip", "w") as archive:
            archive.write(right, "lovelaceann_12345_67890_correlation.ipynb" if name == "canvas"
                          else "Ann Lovelace_12345_assignsubmission_file_/correlation.ipynb")
    for name, text in ANSWERS.items():
        (course / name).write_text(text)
    for name in ("gradebook.csv", "grades.csv"):
        (course / name).write_text(GRADEBOOK)
    (course / "participants.csv").write_text(PARTICIPANTS)
    (course / "people.csv").write_text(PEOPLE)
    shutil.copytree(course / "assignments" / "correlation" / "checks",
                    course / "correlation" / "checks")
    (home / "Downloads").mkdir(parents=True)
    shutil.copy(right, home / "Downloads" / "lab.ipynb")
    nbgrader = home / "course101"
    (nbgrader / "submitted" / "ann" / "correlation").mkdir(parents=True)
    shutil.copy(right, nbgrader / "submitted" / "ann" / "correlation" / "correlation.ipynb")
    (nbgrader / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        run("autograder grade correlation submissions/")
        run("autograder grade correlation ann.ipynb")
        run("autograder grade correlation submissions/")
        for _ in range(7):
            run("autograder requests open ann correlation corr2d --words Why?")
        for _ in range(3):
            run("autograder access token ann")
        run("autograder new blur")
    return root


def run(command: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(shlex.split(command)[1:])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", documented())
def test_documented_commands_run(
    world: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb = command.split()[1]
    monkeypatch.chdir(world / ("checkout" if verb == "ci" else "course"))
    monkeypatch.setenv("HOME", str(world / "home"))
    words = command.replace("~", str(world / "home")).replace("[PATH]", "submission")
    if verb == "diff" and " 12 " in command:
        words = words.replace(" 12 ", " 1 ")  # one of the runs that there are here
    if verb == "new":
        name = command.split()[2]
        for folder in ("solutions", "tests/hidden", "assignments"):
            shutil.rmtree(world / "course" / folder / name, ignore_errors=True)
        shutil.copy(REPOSITORY / "grader.toml", world / "course")
    assert run(words) in STATUSES.get(verb, {0})


def test_what_runs_elsewhere_is_documented() -> None:
    assert set(ELSEWHERE) <= {command for _, command in commands()}
