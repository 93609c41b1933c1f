"""What a notebook finds where it is graded: files, modules beside it, packages, what stands in for
them; and variables that are graded."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from labs import Lab, account, asked, submitted
from nbformat import v4

from autograder import course, doctor, intake
from autograder.authoring import build
from autograder.course import CourseError, Tier
from autograder.judge import Judge, JudgeError
from autograder.result import Result, Status
from autograder.sandbox.client import Zygote
from autograder.submission import find

RAIN = "month,mm\n1,40\n2,35\n3,50\n"
REFERENCE = ("def twice(name):\n    return [2 * int(line.split(',')[1]) for line in open(name)"
             ".read().split()[1:]]\n\n\nthrice = 3 * sum(twice('data/rain.csv')) // 2\n")
LAB: dict[str, Any] = {
    "settings": 'files = ["data/rain.csv"]\n',
    "reference": REFERENCE,
    "twice": "def test_it(check):\n    '''It.'''\n    check.twice('data/rain.csv')\n",
    "thrice": ("@pytest.mark.visibility('visible')\ndef test_it(check):\n    '''It.'''\n"
               "    check.thrice.value()\n"),
    "misconceptions": (
        "from autograder.suite import Misconceptions\n\nwrong = Misconceptions(__file__)\n\n\n"
        "@wrong('once', 'That is it once.')\ndef thrice():\n"
        "    return sum(int(line.split(',')[1]) for line in open('data/rain.csv').read()"
        ".split()[1:])\n"),
    "notebook": (
        "# %%\ndef twice(name):\n    '''Twice.'''\n    ### BEGIN SOLUTION\n"
        "    lines = open(name).read().split()\n"
        "    return [2 * int(line.split(',')[1]) for line in lines[1:]]\n    ### END SOLUTION\n\n\n"
        "# %%\n### BEGIN SOLUTION\nthrice = 3 * sum(twice('data/rain.csv')) // 2\n"
        "### END SOLUTION\n"),
    "files": {"solutions/lab/data/rain.csv": RAIN},
}


def lab(root: Path) -> Lab:
    made = replace(Lab(root), **LAB)
    made.write()
    return made


RIGHT = ("def twice(name):\n    with open(name) as file:\n        next(file)\n"
         "        return [2 * int(line.partition(',')[2]) for line in file]\n"
         "thrice = sum(twice('data/rain.csv')) * 3 // 2\n")


def test_files_are_given_and_variables_are_graded(tmp_path: Path, zygote: Zygote, tier: Tier
                                                  ) -> None:
    with lab(tmp_path).judge(zygote) as judge:
        judge._tier = tier
        result = judge.grade(submitted(RIGHT, "lab"))
        assert [each.status for each in result.questions] == [Status.PASSED, Status.PASSED]
        wrong = judge.grade(submitted(RIGHT + "thrice = 125\n", "lab"))
        assert [each.id for each in asked(wrong, "thrice").diagnosis] == ["once"]
        left = judge.grade(submitted(RIGHT + "thrice = ...\n", "lab"))
        assert asked(left, "thrice").earned == 0 and left.is_graded
        missing = judge.grade(submitted(RIGHT.replace("thrice", "thirce"), "lab"))
        assert asked(missing, "thrice").status is Status.MISSING


def test_nobody_writes_to_what_everybody_is_given(
    tmp_path: Path, zygote: Zygote, tier: Tier
) -> None:
    """Where there is a sandbox. The control: without one, it can be written to."""
    spoilt = ("import os\ntry:\n    os.chmod('data/rain.csv', 0o644)\n"
              "    open('data/rain.csv', 'w').write('month,mm\\n1,1\\n')\n"
              "except OSError:\n    pass\n" + RIGHT)
    everything = replace(lab(tmp_path), settings=LAB["settings"] + 'cells = "all"\n')
    with everything.judge(zygote) as judge:
        judge._tier = tier
        result = judge.grade(submitted(spoilt, "lab"))
        is_safe = asked(result, "twice").status is Status.PASSED
        assert is_safe == (tier != "none")
        assert judge.grade(submitted(RIGHT, "lab")).questions[0].status is Status.PASSED


def test_students_are_given_the_files(tmp_path: Path) -> None:
    made = lab(tmp_path).write()
    files = build.build(made, "lab").files
    assert files["data/rain.csv"] == RAIN.encode()
    (tmp_path / "solutions/lab/data/rain.csv").unlink()
    with pytest.raises(build.BuildError, match=r"cannot be read .* gives it to students"):
        build.build(made, "lab")
    with pytest.raises(JudgeError, match=r"rain\.csv: cannot be read"):
        Judge(made, "lab", secret=b"x" * 16, tier="none")


@pytest.mark.parametrize("name", ["../grader.toml", "/etc/passwd", "checks/x", "lab.ipynb", "a//b"])
def test_only_what_lies_there_can_be_given(tmp_path: Path, name: str) -> None:
    with pytest.raises(CourseError, match=r"files\[0\].*names no file below"):
        replace(lab(tmp_path), settings=f'files = ["{name}"]\n').write()


NOTEBOOK = nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell(
    "import numpy; from helpers import thrice\nimport random\n\n\ndef twice(x):\n"
    "    import tools.nothing\n"), v4.new_code_cell("from helpers import twice")]))
HELPERS = "import sums\n\n\ndef twice(x):\n    return sums.add(x, x)\n\n\ndef thrice(x):\n" \
          "    return 3 * x\n"
SUMS = "def add(x, y):\n    return x + y\n"


def graded(root: Path, zygote: Zygote, path: Path) -> Result:
    with Lab(root).judge(zygote) as judge:
        [submission] = find([path], judge.assignment)
        kept = intake.KeptFiles(judge.course)
        kept.keep(submission)
        result = judge.grade(submission)
        [again], notes = intake.submissions(kept, [result])
        assert notes == [] and again.beside == submission.beside
        assert again.digest == submission.digest
        return result


@pytest.mark.parametrize("packed", [False, True])
def test_modules_are_handed_in_beside_the_notebook(
    tmp_path: Path, zygote: Zygote, packed: bool
) -> None:
    """Those that it imports, from its own folder, and no others."""
    names = {"lab.ipynb": NOTEBOOK, "helpers.py": HELPERS, "sums.py": SUMS, "other.py": "1 / 0",
             "deeper/random.py": "1 / 0"}
    folder = tmp_path / "handed-in"
    (folder / "ann").mkdir(parents=True)
    if packed:
        with zipfile.ZipFile(folder / "ann" / "all.zip", "w") as archive:
            for name, text in names.items():
                archive.writestr(f"lab/{name}", text)
    else:
        for name, text in names.items():
            (folder / "ann" / name).parent.mkdir(exist_ok=True)
            (folder / "ann" / name).write_text(text)
    result = graded(tmp_path, zygote, folder)
    assert [each.status for each in result.questions] == [Status.PASSED, Status.PASSED]
    assert sorted(name for name in result.submission.files if "/" in name) == [
        "beside/helpers.py", "beside/sums.py"]


def test_what_stood_in_is_named_where_it_failed(tmp_path: Path, zygote: Zygote) -> None:
    source = ("import seaborn as sns\nimport torch\n"
              "def twice(x):\n    return torch.from_numpy(sns.load_dataset('tips'))\n"
              "def thrice(x):\n    return sns.thrice(x)\n")
    with Lab(tmp_path).judge(zygote) as judge:
        result = judge.grade(submitted(source, "lab"))
    for question in result.questions:
        said = account(question.checks[0])
        assert "The package seaborn is not there" in str(said.advice), question.name


def test_stand_ins_can_be_switched_off(tmp_path: Path, zygote: Zygote) -> None:
    source = "import seaborn\ndef twice(x):\n    return x + x\n"
    statuses = []
    for settings in ("", "stand_ins = false\n"):
        with replace(Lab(tmp_path), settings=settings).judge(zygote) as judge:
            statuses.append([error.type for error in judge.grade(
                submitted(source, "lab")).load.errors])
    assert statuses == [[], ["ModuleNotFoundError"]]


def test_a_package_that_is_needed_is_the_real_one(tmp_path: Path, zygote: Zygote) -> None:
    """Even one that is stood in for elsewhere, and installed."""
    source = ("import nbgrader\nfrom nbgrader import nothing_of_this_name\n"
              "def twice(x):\n    return x + x\n")
    errors = []
    for settings in ("", 'needs = ["nbgrader"]\n'):
        with replace(Lab(tmp_path), settings=settings).judge(zygote) as judge:
            errors.append([error.type for error in judge.grade(submitted(source, "lab")
                                                               ).load.errors])
    assert errors == [[], ["ImportError"]]


def test_a_package_that_is_not_there_is_the_graders_fault(tmp_path: Path) -> None:
    made = replace(Lab(tmp_path), settings='needs = ["nowhere_at_all"]\n').write()
    with pytest.raises(JudgeError, match="lab needs nowhere_at_all, which is not installed"):
        Judge(made, "lab", secret=b"x" * 16, tier="none")
    *missing, stood_in = doctor.packages(course.load(tmp_path / "grader.toml"))
    assert len(missing) == 1 and "pip install nowhere_at_all" in missing[0]
    assert "seaborn" in stood_in and doctor.packages(None) == [stood_in]
