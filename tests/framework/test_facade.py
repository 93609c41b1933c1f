"""What authors write uses ``autograder.suite`` and the fixtures, and nothing else of ours; masters
of notebooks what students use, too: ``autograder.notebook``."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from labs import REPOSITORY, Lab, account, asked, submitted

from autograder import course, suite
from autograder.authoring import new
from autograder.result import CheckResult, MismatchKind, Part, Status
from autograder.sandbox.client import Zygote

WRITTEN = ("tests/hidden", "solutions", "assignments/*/checks")
AUTHORING = (REPOSITORY / "docs" / "authoring.md").read_text()


def offences(file: Path) -> Iterator[str]:
    """Imports of ours that are not of the façade, and private attributes of what is not one's own.
    """
    facades = {"autograder.suite"} | (
        {"autograder.notebook"} if file.name == "notebook.py" else set())
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names) if module == "autograder":
                modules = [f"autograder.{alias.name}" for alias in names]
            case ast.ImportFrom(module=module):
                modules = [module or "."]
            case _:
                modules = []
        for module in modules:
            if module.split(".")[0] == "autograder" and module not in facades:
                yield f"{file}:{node.lineno}: imports {module}"
        if isinstance(node, ast.Attribute) and _is_private(node.attr) \
                and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            yield f"{file}:{node.lineno}: uses {node.attr}"


def _is_private(name: str) -> bool:
    """Of ours: torch has private names too."""
    return name.startswith("_") and not name.endswith("__") and not hasattr(torch.nn.Module(), name)


def files_of(root: Path) -> list[Path]:
    return [file for where in WRITTEN for folder in sorted(root.glob(where))
            for file in sorted(folder.rglob("*.py"))]


def test_our_own_course_uses_the_facade_only() -> None:
    files = files_of(REPOSITORY)
    assert {"reference.py", "pixel_uses.py", "alternatives.py", "notebook.py", "test_LeNet.py",
            "test_train.py"} <= {file.name for file in files}
    assert [offence for file in files for offence in offences(file)] == []


def test_a_new_assignment_uses_the_facade_only(tmp_path: Path) -> None:
    made = new.create(Lab(tmp_path).write(), tmp_path / "grader.toml", "blur")
    assert made and all(path.suffix == ".py" for path in made)
    assert [offence for file in made for offence in offences(file)] == []


def test_offences_are_found(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text("from autograder import result\nimport autograder.judge.compare\n"
                    "from autograder.suite import sentence\nfrom autograder.result import Status\n"
                    "def test_it(student):\n    student.f._answer([student._taking])\n")
    assert [offence.partition(": ")[2] for offence in offences(file)] == [
        "imports autograder.result", "imports autograder.judge.compare",
        "imports autograder.result", "uses _answer", "uses _taking"]


def test_each_question_has_a_file_of_its_own_name() -> None:
    """So that a change of it grades that question again, and no other."""
    for name, assignment in course.load(REPOSITORY / "grader.toml").assignments.items():
        questions = {f"test_{question.name}.py" for question in assignment.examined.questions}
        assert {file.name for file in (REPOSITORY / "tests/hidden" / name).glob("test_*.py")} \
            == questions


def test_every_name_is_described() -> None:
    """The façade's names, and the methods that authors call."""
    kinds = (suite.Expect, suite.Draw, suite.Object, suite.Pair, suite.StudentCode)
    methods = [value for kind in kinds for name, value in vars(kind).items()
               if inspect.isfunction(value) and not name.startswith("_")]
    assert all(inspect.getdoc(method) for method in methods)
    quoted = " ".join(re.findall(r"`[^`]+`", re.sub(r"(?s)```.*?```", "", AUTHORING)))
    for name in (*suite.__all__, *(method.__name__ for method in methods)):
        assert re.search(rf"\b{name}\b", quoted), name


# What a suite can do ---------------------------------------------------------------------------


RIGHT = """
import torch
def twice(x):
    return x + x
def thrice(x):
    return x(torch.ones(2, 3)) if callable(x) else 3 * x
"""

MADE = '''
import torch
from autograder.suite import sentence

def suite_made():
    from torch import nn
    class Made(nn.Linear):
        def calls(self):
            return 7
    return Made(3, 1)

'''


@pytest.fixture
def outcome(tmp_path: Path, zygote: Zygote) -> Iterator[Outcome]:
    yield Outcome(tmp_path, zygote)


class Outcome:
    """How one check ends, whose body is written here, for a right solution or another one."""

    def __init__(self, root: Path, zygote: Zygote) -> None:
        self._root = root
        self._zygote = zygote

    def __call__(self, body: str, code: str = "") -> CheckResult:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        lab = Lab(self._root, thrice=f"{MADE}def test_it(student, check, expect, draw):\n"
                  f"    '''It.'''\n{lines}")
        with lab.judge(self._zygote) as judge:
            [check] = asked(judge.grade(submitted(RIGHT + code, "lab")), "thrice").checks
            return check


def kind_of(check: CheckResult) -> MismatchKind | None:
    account = check.account
    return account.mismatch.kind if account and account.mismatch else None


def test_an_object_of_ours_is_given_to_the_students_code(outcome: Outcome) -> None:
    body = ("made = student.define(suite_made)\n"
            "expect.tensor(student.thrice(made), (2, 1))\n"
            "expect.equal(made.method('calls'), 7)")
    assert outcome(body).status is Status.PASSED
    wrong = outcome(body, "def thrice(x):\n    return [x]\n")
    assert kind_of(wrong) is MismatchKind.TYPE and account(wrong).evidence is not None
    raising = outcome(body, "def thrice(x):\n    raise ValueError\n")
    assert raising.status is Status.ERROR
    assert "Made" in str(account(raising).evidence), "the object is shown as what it is"


def test_what_cannot_be_made_is_an_error(outcome: Outcome) -> None:
    check = outcome("def broken():\n    return undefined\nstudent.define(broken)")
    assert check.status is Status.ERROR
    assert str(account(check).message) == "It raised NameError."


def test_gradients_of_an_object(outcome: Outcome) -> None:
    assert outcome(
        "inputs, found = student.define(suite_made).gradients(\n"
        "    torch.ones(2, 3), upstream=torch.ones(2, 1), wanted=[0])\n"
        "expect.tensor(inputs[0], (2, 3))\n"
        "expect.equal(found['bias'], torch.full((1,), 2.0))\n"
        "expect.gradient(found['weight'], of='made')").status is Status.PASSED
    missing = outcome(
        "_, found = student.define(suite_made).gradients(\n"
        "    torch.ones(2, 3), upstream=torch.ones(9))\n"
        "expect.gradient(found['weight'], of='made')")
    assert kind_of(missing) is MismatchKind.GRADIENT
    evidence = account(missing).evidence
    assert evidence is not None and evidence.function == "made"


def test_changed_arguments_are_seen(outcome: Outcome) -> None:
    body = "expect.tensor(student.thrice(draw.normal(3)), (3,))\nexpect.unchanged()"
    assert outcome(body).status is Status.PASSED
    changing = outcome(body, "def thrice(x):\n    x += 1\n    return 3 * x\n")
    assert kind_of(changing) is MismatchKind.MUTATED
    mismatch = account(changing).mismatch
    assert mismatch is not None and mismatch.where == Part(argument=1)


def test_a_changed_list_is_seen(outcome: Outcome) -> None:
    body = "check.thrice([draw.number(1, 9), 2])"
    assert outcome(body).status is Status.PASSED
    changing = outcome(body, "def thrice(x):\n    y = 3 * x\n    x.pop()\n    return y\n")
    assert kind_of(changing) is MismatchKind.MUTATED


def test_an_answer_has_to_stay(outcome: Outcome) -> None:
    body = "check.thrice.in_turn([draw.view(2, 3)], [draw.view(2, 3)], where='the first')"
    assert outcome(body).status is Status.PASSED
    kept = outcome(body, "kept = {}\ndef thrice(x):\n"
                         "    return kept.setdefault(x.shape, 3 * x)\n")
    assert kind_of(kept) is MismatchKind.VALUES
    assert account(kept).mismatch.where is None, "the second answer is wrong"  # type: ignore[union-attr]
    buffer = outcome(body, "kept = torch.zeros(2, 3)\ndef thrice(x):\n"
                           "    return kept.copy_(3 * x)\n")
    assert kind_of(buffer) is MismatchKind.VALUES
    assert account(buffer).mismatch.where == Part(name="the first")  # type: ignore[union-attr]


def test_what_an_answer_is_now(outcome: Outcome) -> None:
    assert outcome(
        "for given in ([1, 2], 2.5, torch.ones(2)):\n"
        "    answer = student.thrice.new(given)\n"
        "    expect.equal(answer.value(), 3 * given)").status is Status.PASSED


def test_a_view_is_laid_out_otherwise(outcome: Outcome) -> None:
    """In the student's process, too."""
    laid_out = ("def thrice(x):\n    return [x.stride()[-1], x.storage_offset() > 0, "
                "x.is_contiguous()]\n")
    body = "expect.equal(student.thrice(draw.view(3, 4)), [{}, True, False])"
    assert outcome(body.format(12), laid_out).status is Status.PASSED
    assert outcome("X = draw.view(4, dtype=torch.float64)\n"
                   "expect.equal(list(X.shape), [4])\n"
                   "expect.equal(student.thrice(X), [2, True, False])",
                   laid_out).status is Status.PASSED


def test_to_look_at_a_call_that_was_not_made_is_our_fault(outcome: Outcome) -> None:
    assert outcome("expect.unchanged()").status is Status.INTERNAL


def test_a_shape_that_may_not_be(outcome: Outcome) -> None:
    body = "expect.shape((2, 3), {(3, 2), (2, 3)}, sentence('No.'), 'weight')"
    assert outcome(body).status is Status.PASSED
    check = outcome(body.replace("(2, 3),", "(9, 9),", 1))
    assert (kind_of(check), str(account(check).message)) == (MismatchKind.SHAPE, "No.")
    mismatch = account(check).mismatch
    assert mismatch is not None
    assert (mismatch.where, mismatch.actual_shape) == (
        Part(name="weight"), [9, 9])


def test_diagnosis_compares_what_it_is_told(tmp_path: Path, zygote: Zygote) -> None:
    """Squares are named where they are told, and where what was answered is a matter of taste."""
    check = ("@pytest.mark.visibility('visible')\n"
             "def test_it(student, expect):\n    '''It.'''\n    answer = student.thrice(5)\n"
             "    {}\n    expect.equal(answer, 15)\n")
    named = {}
    for told in ("pass", "expect.diagnose_by()", "expect.diagnose_by(answer > 15)"):
        with Lab(tmp_path, thrice=check.format(told)).judge(zygote) as judge:
            for code in ("x * x", "x ** 3"):
                result = judge.grade(submitted(
                    f"def twice(x):\n    return x + x\ndef thrice(x):\n    return {code}\n", "lab"))
                named[told, code] = [each.id for each in asked(result, "thrice").diagnosis]
        shutil.rmtree(tmp_path / "solutions")
    assert named["pass", "x * x"] == ["squared"] and named["pass", "x ** 3"] == []
    assert named["expect.diagnose_by()", "x ** 3"] == ["squared"]
    assert named["expect.diagnose_by(answer > 15)", "x ** 3"] == ["squared"]
