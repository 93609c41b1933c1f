"""An audit passes a sound suite, and finds each way in which one can be unsound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from labs import ESSAY, ESSAY_CELL, Lab

from autograder import cli
from autograder.authoring.audit import Audit, audit, audit_all
from autograder.authoring.auditor import Stage, Step, StepResult
from autograder.authoring.kept import AuditFile, AuditFileError
from autograder.judge import JudgeError
from autograder.result import Status

ALTERNATIVES = (
    "from autograder.suite import Alternatives\n\nright = Alternatives(__file__)\n\n\n"
    "@right('shifted')\ndef twice(x):\n    return x << 1\n")


def audited(lab: Lab, secrets: int = 2) -> Audit:
    return audit(lab.write(), "lab", secrets=secrets, tier="none")


def test_a_sound_suite_has_no_breach(tmp_path: Path) -> None:
    found = audited(Lab(tmp_path, files={"solutions/lab/alternatives.py": ALTERNATIVES}))
    assert found.breaches == []
    assert [(kill.id, kill.question, kill.score, kill.diagnosed) for kill in found.kills] == [
        ("not-doubled", "twice", 0, ("not-doubled",)), ("squared", "thrice", 0, ("squared",))]
    assert found.alternatives == {"twice/shifted": 1}
    assert (found.alike, found.undiagnosed) == ([], [])


def test_what_is_taken_out_is_listed(tmp_path: Path) -> None:
    """It has to kill nothing."""
    found = audited(Lab(tmp_path, twice=(
        "@pytest.mark.skip(reason='The sheet was wrong.')\ndef test_sheet(check):\n"
        "    '''As on the sheet.'''\n    1 / 0\n\n\n") + Lab.twice))
    assert found.breaches == []
    assert found.skipped == ["twice.test_sheet (The sheet was wrong.)"]


def test_a_text_is_nobodys_to_audit(tmp_path: Path) -> None:
    found = audited(Lab(tmp_path, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY))
    assert found.breaches == [] and len(found.kills) == 2


MORE = Lab.misconceptions + "\n\n@wrong({id!r}, 'Said.')\ndef {body}\n"
UNSOUND = {
    "a misconception that nothing kills": (
        {"misconceptions": MORE.format(id="for-a-million", body=(
            "twice(x):\n    return x if x == 10**6 else 2 * x"))},
        "twice: nothing kills for-a-million"),
    "a function that may keep its answers": (
        {"twice": Lab.twice.replace("check.twice(draw.number(10, 10**9))", (
            "check.twice(draw.normal(3))"))},
        "twice: nothing kills a version of twice that keeps its answers by shapes and numbers"),
    "a check that kills nothing": (
        {"thrice": Lab.thrice + "\n\ndef test_none(check):\n    '''Of nothing.'''\n"
                                "    check.thrice(0)\n"},
        "thrice: test_none kills no misconception"),
    "a model solution that is wrong": (
        {"notebook": Lab.notebook.replace("doubled = x + x", "doubled = x * x")},
        "twice: the model solution does not pass test_one, test_any"),
    "a model solution with a cell that fails": (
        {"notebook": Lab.notebook + "\n\n# %%\n1 / 0\n"},
        "the model solution fails: Code cell 3, line 1: ZeroDivisionError: division by zero"),
    "stubs that earn points": (
        {"twice": Lab.twice + "\n\ndef test_free(expect):\n    '''Of anybody.'''\n"
                              "    expect.equal(1, 1)\n"},
        "the untouched stubs score 0.4, not 0"),
    "a right solution that loses points": (
        {"files": {"solutions/lab/alternatives.py": ALTERNATIVES.replace("<< 1", "<< 2")}},
        "twice: only 0 of 2 (fails test_one, test_any), though shifted is right"),
    "a misconception that costs elsewhere": (
        {"notebook": Lab.notebook.replace("return doubled", "return thrice(x) - x").replace(
            "twice(x) + x", "x + x + x")},
        "twice: only 0 of 2 (fails test_one, test_any) by squared, a misconception about thrice, "
        "on which it does not build"),
    "a verdict that depends on the secret": (
        {"misconceptions": MORE.format(id="odd-ones", body=(
            "twice(x):\n    return 2 * x if x % 2 and x > 1 else x"))},
        "flaky: twice.test_any for odd-ones: failed under "),
    "a check that depends on the one before": (
        {"twice": "seen = []\n\n\n" + Lab.twice.replace("check.twice(1)", (
            "seen.append(1)\n    check.twice(1)")).replace("    check.twice(draw", (
                "    assert seen\n    seen.clear()\n    check.twice(draw"))},
        "twice: test_any is internal for the model solution when run "),
}


@pytest.mark.parametrize(("change", "breach"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_unsound_is_a_breach(
    tmp_path: Path, change: dict[str, object], breach: str
) -> None:
    lab = replace(Lab(tmp_path), **change)  # type: ignore[arg-type]
    found = audited(lab, secrets=8 if "flaky" in breach else 1)
    assert [said for said in found.breaches if said.startswith(breach)], found.breaches


def test_a_suite_that_fails_is_told_once_with_its_exception(tmp_path: Path) -> None:
    """And not as a fault of every misconception."""
    found = audited(Lab(tmp_path, twice=Lab.twice + "\n\ndef test_more(check):\n    '''More.'''\n"
                                                    "    check.twice(1).more\n"))
    [told] = [said for said in found.breaches if "test_more" in said]
    assert told.startswith("twice: the model solution does not pass test_more (test_twice")
    assert "AttributeError: 'int' object has no attribute 'more'" in told
    assert not [said for said in found.breaches if "does not build" in said]


def test_a_variables_check_has_nothing_to_draw(tmp_path: Path) -> None:
    suite = ("import pytest\n\npytestmark = pytest.mark.question('seven')\n\n\n"
             "def test_value(check):\n    '''It is seven.'''\n    check.seven.value()\n")
    lab = Lab(
        tmp_path, reference=Lab.reference + "\n\nseven = 7\n",
        notebook=Lab.notebook + "\n\n# %%\n### BEGIN SOLUTION\nseven = 7\n### END SOLUTION\n",
        texts='[[assignments.lab.questions]]\nname = "seven"\ntitle = "Seven"\npoints = 1\n',
        files={"tests/hidden/lab/test_seven.py": suite})
    assert audited(lab).fixed == ["twice.test_one"]


def test_misconceptions_that_no_input_tells_apart_are_told(tmp_path: Path) -> None:
    twins = MORE.format(id="left-alone", body="twice(x):\n    return +x")
    found = audited(Lab(tmp_path, misconceptions=twins))
    assert found.alike == [("not-doubled", "left-alone")]
    assert found.breaches == []


def test_a_broken_reference_is_an_error_and_no_audit(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=r"reference\.py"):
        audited(Lab(tmp_path, reference="def def"))


def test_a_master_that_does_not_build_is_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Assignments are audited in processes of their own, from which the error has to come."""
    Lab(tmp_path, notebook="def twice(:").write()
    with pytest.raises(SystemExit) as ended:
        cli.main(["audit", "lab", "--secrets", "1", "--course", str(tmp_path / "grader.toml")])
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert line.startswith("error: solutions/lab/notebook.py:1: this is not Python")


def test_one_question_is_audited_alone(tmp_path: Path) -> None:
    free = Lab.thrice + "\n\ndef test_none(check):\n    '''Of nothing.'''\n    check.thrice(0)\n"
    found = audit(Lab(tmp_path, thrice=free).write(), "lab", secrets=1, tier="none",
                  only=["twice"])
    assert [kill.question for kill in found.kills] == ["twice"]
    assert found.breaches == []  # though a check of the other question kills nothing


def test_a_question_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Lab(tmp_path).write()
    with pytest.raises(SystemExit) as ended:
        cli.main(["audit", "lab", "--only", "four", "--course", str(tmp_path / "grader.toml")])
    assert ended.value.code == 2
    assert "--only four: no such question" in capsys.readouterr().err


def test_processes_find_what_one_does_and_tell_what_they_do(tmp_path: Path) -> None:
    course = Lab(tmp_path).write()
    kept, told = AuditFile(tmp_path / "kept", course), []
    [found] = audit_all(course, ["lab", "lab"], secrets=2, workers=1, kept=kept,
                        tell=lambda done, total, what: told.append((done, total, what)))
    assert told[0] == (0, 0, "lab: suite and references")
    assert {total for _, total, _ in told[1:]} == {14}
    assert sorted(told) == told and told[-1][2].startswith("lab: ")
    again = AuditFile(tmp_path / "kept", course).found(
        "lab", Step(Stage.MISCONCEPTION, "twice", "not-doubled"))
    assert again is not None and again.kills == found.kills[:1]
    assert found == audited(Lab(tmp_path))


def test_what_was_found_holds_until_its_question_changes(tmp_path: Path) -> None:
    course, file = Lab(tmp_path).write(), tmp_path / "kept"
    suites = {}
    for question in ("twice", "thrice"):  # each in a file of its question's own
        [suite] = course.suite("lab").glob(f"test_{question}_*.py")
        suites[question] = suite.rename(suite.with_name(f"test_{question}.py"))
    before = StepResult(breaches=["one"], mutants=3,
                      verdicts=[("twice.test_one for odd", Status.FAILED, None)])
    steps = Step(Stage.MUTANTS, "twice"), Step(Stage.MUTANTS, "thrice"), Step(Stage.TOGETHER)
    kept = AuditFile(file, course)
    for step in steps:
        kept.keep("lab", step, before)

    def held() -> list[bool]:
        return [AuditFile(file, course).found("lab", step) == before for step in steps]

    assert held() == [True, True, True]
    suites["twice"].write_text(suites["twice"].read_text() + "# Other.\n")
    assert held() == [False, True, False]
    (course.solutions("lab") / "notebook.py").write_text(Lab.notebook + "\n# %%\n1\n")
    assert held() == [False, False, False]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """A last line that was cut off is none."""
    course, file = Lab(tmp_path).write(), tmp_path / "kept"
    AuditFile(file, course).keep("lab", Step(Stage.TOGETHER), StepResult())
    whole = file.read_text()
    file.write_text(whole + whole[:40])
    AuditFile(file, course).keep("lab", Step(Stage.NOTEBOOKS), StepResult(mutants=1))
    found = AuditFile(file, course)
    assert found.found("lab", Step(Stage.TOGETHER)) == StepResult()
    assert found.found("lab", Step(Stage.NOTEBOOKS)) == StepResult(mutants=1)
    file.write_text("student,points\n" + whole)
    with pytest.raises(AuditFileError, match="kept:1: no line of an audit's"):
        AuditFile(file, course)
