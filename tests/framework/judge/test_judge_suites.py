"""Suites and references: what is broken in them is said before anybody is graded, naming the file;
what breaks all the same is the grader's fault and nobody's 0."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from labs import SECRET, Bench, Lab, asked, submitted

from autograder import course, gradebook
from autograder.course import Course
from autograder.course.digests import question_digests, suite_digest
from autograder.judge import Judge, JudgeError, staff
from autograder.report.rows import StudentRow
from autograder.result import Array, Status, SubmissionStatus, Visibility, for_student
from autograder.sandbox.client import Zygote

RIGHT = "def twice(x):\n    return x + x\ndef thrice(x):\n    return twice(x) + x\n"
DRAWN = ("def test_drawn(check, draw):\n    '''Drawn.'''\n"
         "    check.twice(draw.normal(2, 3))\n    check.twice(draw.integers(4))\n")


Refusal = Callable[[Course], str]


@pytest.fixture
def refusal(zygote: Zygote) -> Refusal:
    """What is said about a course that cannot be graded with."""

    def found(broken: Course) -> str:
        with pytest.raises(JudgeError) as caught:
            Bench(broken, "lab", zygote).close()
        return str(caught.value)

    return found


# ---------------------------------------------------------------- broken files


CHECK = "def test_one(check):\n    '''One.'''\n    check.twice(1)\n"
BROKEN_SUITES = {
    "a syntax error": (CHECK + "def def\n", "SyntaxError"),
    "an error at import": ("1 / 0\n" + CHECK, "ZeroDivisionError"),
    "a misspelt mark": (f"@pytest.mark.wieght(2)\n{CHECK}", "'wieght' not found"),
    "no title": ("def test_one(check):\n    check.twice(1)\n", "has no docstring"),
    "two checks of one name": (
        "class TestA:\n    def test_two(self):\n        '''A.'''\n\n\n"
        "class TestB:\n    def test_two(self):\n        '''B.'''\n", "test_two stands twice"),
    "a check that follows none": (f"@pytest.mark.follows('test_tow')\n{CHECK}",
                                  "follows test_tow, which is no check"),
    "another question": (f"{CHECK}\n\ntest_one = pytest.mark.question('quarter')(test_one)\n",
                         "'quarter', which grader.toml does not have"),
    "a name that nobody grades": (
        CHECK.replace("check.twice", "check.twise"),
        "test_one: check.twise: no question of this assignment grades 'twise'; did you mean "
        "'twice'?"),
    "a check that there is not": (
        CHECK.replace("twice(1)", "twice.print(1)"),
        "test_one: check.twice.print: there is no such check; did you mean 'prints'?"),
    "a refusal looked at": (
        CHECK.replace("(check)", "(refuses)").replace("check.twice(1)", "refuses.twice.new(1)"),
        "refuses.twice.new: there is no such check; write refuses.twice(…)"),
    "no check": ("", "no check belongs to the question 'twice'"),
}


@pytest.mark.parametrize(("twice", "words"), BROKEN_SUITES.values(), ids=BROKEN_SUITES)
def test_a_broken_suite_is_refused_by_file_and_fault(
    twice: str, words: str, tmp_path: Path, refusal: Refusal
) -> None:
    text = refusal(Lab(tmp_path, twice=twice).write())
    assert words in text
    assert "test_twice" in text or str(tmp_path) in text or "question twice" in text


def test_two_checks_of_one_name_and_one_title_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    twins = "class TestA:\n    def test_two(self):\n        '''A.'''\n\n\n"
    assert "test_two stands twice" in refusal(
        Lab(tmp_path, twice=twins + twins.replace("TestA", "TestB")).write())


@pytest.mark.parametrize("mark", [
    "visibility('secret')", "visibility()", "weight('two')", "weight(-1)", "weight(0)",
    "seconds('long')",
])
def test_a_mark_that_says_nonsense_is_refused(mark: str, tmp_path: Path, refusal: Refusal) -> None:
    assert "test_one" in refusal(Lab(tmp_path, twice=f"@pytest.mark.{mark}\n{CHECK}").write())


def test_a_class_is_no_function_to_call(tmp_path: Path, refusal: Refusal) -> None:
    classes = "from torch import nn\n\nclass twice(nn.Module): pass\n\ndef thrice(x): return x\n"
    misconceptions = Lab.misconceptions.replace("def twice(x):\n    return x", "class twice: pass")
    found = refusal(Lab(tmp_path, reference=classes, misconceptions=misconceptions,
                        twice=CHECK).write())
    assert "test_one: check.twice(…): twice is a class, and its objects do not travel; write " \
        "check.twice.new(…)" in found


@pytest.mark.parametrize(("reference", "twice", "words"), [
    ("def twice(x): return range(x)\ndef thrice(x): return 3 * x\n", CHECK,
     "the reference of twice answers a value of type range, which does not travel"),
    (Lab.reference, CHECK.replace("twice(1)", "twice(range(3))"),
     "twice() is given a value of type range, which cannot travel to a worker; hand on"),
])
def test_what_does_not_travel_is_the_suites_mistake_and_nobodys_zero(
    reference: str, twice: str, words: str, tmp_path: Path, zygote: Zygote
) -> None:
    judge = Lab(tmp_path, reference=reference, twice=twice).judge(zygote)
    result = judge.grade(submitted(RIGHT, "lab"))
    judge.close()
    [check] = asked(result, "twice").checks
    assert result.status is SubmissionStatus.INTERNAL and check.status is Status.INTERNAL
    assert check.fault is not None and words in check.fault
    assert re.search(r"test_twice_\d+\.py:\d+: ", check.fault)


def test_a_pattern_that_means_nothing_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    lab = Lab(tmp_path, settings='[rules.off]\noperators = ["softmx*"]\n'
              'calls = ["numpy.linlg.*", "numpy.linalg.*"]\n')
    lab.write()
    file = tmp_path / "grader.toml"
    file.write_text(file.read_text().replace('name = "twice"', 'name = "twice"\nforbid = ["off"]'))
    lines = refusal(course.load(file)).split("\n")
    assert [line.partition("grader.toml: ")[2].split(" means")[0] for line in lines] == [
        "rules.off.operators: 'softmx*'", "rules.off.calls: 'numpy.linlg.*'"]


def test_a_rule_of_the_courses_own_is_part_of_what_decides(tmp_path: Path) -> None:
    digests = []
    for pattern in ("sum", "mean"):
        lab = Lab(tmp_path, settings=f'[rules.off]\noperators = ["{pattern}"]\n')
        lab.write()
        file = tmp_path / "grader.toml"
        file.write_text(
            file.read_text().replace('name = "thrice"', 'name = "thrice"\nforbid = ["off"]'))
        digests.append(question_digests(course.load(file), "lab")["thrice"])
    assert digests[0] != digests[1]


BROKEN_SOLUTIONS = {
    "a reference with a syntax error": ("reference", "def def", "reference.py: cannot be imported"),
    "a reference that lacks a name": (
        "reference", "def twice(x): return 2 * x", "reference.py: defines no thrice"),
    "misconceptions that raise": (
        "misconceptions", "1 / 0", "misconceptions.py: cannot be imported: ZeroDivisionError"),
    "misconceptions that collect nothing": (
        "misconceptions", "x = 3", "misconceptions.py: defines no `wrong = Misconceptions"),
    "misconceptions of one id": (
        "misconceptions", Lab.misconceptions.replace("squared", "not-doubled"),
        "misconceptions.py: the ids not-doubled stand twice"),
    "a misconception about nothing": (
        "misconceptions", Lab.misconceptions.replace("def thrice", "def triple"),
        "misconceptions.py: squared implements triple, which no question grades"),
}


@pytest.mark.parametrize(("part", "text", "words"), BROKEN_SOLUTIONS.values(), ids=BROKEN_SOLUTIONS)
def test_a_broken_solution_is_refused_by_file_and_fault(
    part: str, text: str, words: str, tmp_path: Path, refusal: Refusal
) -> None:
    assert words in refusal(Lab(tmp_path, **{part: text}).write())  # type: ignore[arg-type]


def by_question(root: Path, misconceptions: str = Lab.misconceptions) -> Course:
    """The lab, whose misconceptions are a folder with a file for each question."""
    found = Lab(root, misconceptions=misconceptions).write()
    whole = found.solutions("lab") / "misconceptions.py"
    head, *wrong = whole.read_text().split("\n\n\n@wrong")
    whole.with_suffix("").mkdir()
    for question, text in zip(("twice", "thrice"), wrong, strict=True):
        (whole.with_suffix("") / f"{question}.py").write_text(f"{head}\n\n\n@wrong{text}\n")
    whole.unlink()
    return found


def test_misconceptions_are_one_file_or_one_for_each_question(tmp_path: Path) -> None:
    whole = staff.load(Lab(tmp_path / "whole").write(), "lab").misconceptions
    parts = staff.load(by_question(tmp_path / "parts"), "lab").misconceptions
    assert [(each.id, each.name, each.message) for each in parts] == [
        (each.id, each.name, each.message) for each in whole]
    assert [each.program for each in parts] == [each.program for each in whole]
    (tmp_path / "parts/solutions/lab/misconceptions/twice.py").unlink()  # nobody has to write any
    found = course.load(tmp_path / "parts/grader.toml")
    assert [each.name for each in staff.load(found, "lab").misconceptions] == ["thrice"]


@pytest.mark.parametrize("apart", [False, True], ids=["one file", "a file for each question"])
def test_a_misconception_calls_other_graded_functions_as_they_are_right(
    apart: bool, tmp_path: Path
) -> None:
    """As in the notebook, where it stands beside right ones, and also where its own file has wrong
    ones; and by a helper of the file."""
    called = Lab.misconceptions.replace(
        "def thrice(x):\n    return x * x", "def thrice(x):\n    return _helped(x)\n\n\n"
        "def _helped(x):\n    return twice(x)")
    found = by_question(tmp_path, called) if apart else Lab(tmp_path, misconceptions=called).write()
    wrong = {each.name: each.implementation for each in staff.load(found, "lab").misconceptions}
    assert (wrong["twice"](5), wrong["thrice"](5)) == (5, 10)


def test_alternatives_are_one_file_or_one_for_each_question(tmp_path: Path) -> None:
    head = "from autograder.suite import Alternatives\n\nright = Alternatives(__file__)\n"
    right = '\n\n@right("shifted")\ndef twice(x):\n    return x << 1\n'
    whole = Lab(tmp_path / "whole", files={"solutions/lab/alternatives.py": head + right}).write()
    parts = Lab(tmp_path / "parts", files={
        "solutions/lab/alternatives/twice.py": head + right}).write()
    found, alike = (staff.load(each, "lab").alternatives for each in (parts, whole))
    assert [(each.id, each.name, each.program) for each in found] == [
        (each.id, each.name, each.program) for each in alike] != []
    (tmp_path / "parts/solutions/lab/alternatives/fourfold.py").write_text(head + right)
    with pytest.raises(JudgeError, match=r"fourfold\.py: belongs to no question; the alternatives"):
        staff.load(course.load(tmp_path / "parts/grader.toml"), "lab")


MISPLACED = {
    "in the file of another question": (
        "misconceptions/twice.py", Lab.misconceptions,
        "twice.py: squared implements thrice, which the question twice does not grade"),
    "of no question": (
        "misconceptions/fourfold.py", Lab.misconceptions,
        "misconceptions/fourfold.py: belongs to no question"),
    "beside the folder": (
        "misconceptions.py", Lab.misconceptions,
        "lab/misconceptions.py: belongs to no question"),
    "of the same id": (
        "misconceptions/thrice.py", Lab.misconceptions.replace("squared", "not-doubled").replace(
            "def twice", "def thrice"), "thrice.py: the ids not-doubled stand twice"),
    "of the same id in two files": (
        "misconceptions/thrice.py",
        Lab.misconceptions.replace("def twice", "def thrice"),
        "lab/misconceptions: the ids not-doubled stand twice"),
}


@pytest.mark.parametrize(("file", "text", "words"), MISPLACED.values(), ids=MISPLACED)
def test_misplaced_misconceptions_are_refused(
    file: str, text: str, words: str, tmp_path: Path
) -> None:
    found = by_question(tmp_path)
    (found.solutions("lab") / file).write_text(text)
    with pytest.raises(JudgeError, match=re.escape(words)):
        staff.load(found, "lab")


def test_what_is_not_there_is_named(tmp_path: Path, refusal: Refusal, zygote: Zygote) -> None:
    whole = Lab(tmp_path).write()
    (tmp_path / "solutions/lab/misconceptions.py").unlink()
    Bench(whole, "lab", zygote).close()  # nobody has to write any
    (tmp_path / "solutions/lab/reference.py").unlink()
    assert "reference.py: no such file" in refusal(whole)
    empty = Lab(tmp_path / "other").write()
    for file in empty.suite("lab").iterdir():
        file.unlink()
    empty.suite("lab").rmdir()
    assert "hidden/lab: no such directory" in refusal(empty)


def test_a_tier_below_what_the_course_requires_is_refused(
    tmp_path: Path, zygote: Zygote
) -> None:
    Lab(tmp_path).write()
    file = tmp_path / "grader.toml"
    file.write_text(file.read_text().replace('require = "none"', 'require = "landlock"'))
    words = r"would be 'none'.*requires 'landlock'.*autograder doctor"
    with pytest.raises(JudgeError, match=words):
        Bench(course.load(file), "lab", zygote, tier="none")


# ---------------------------------------------------------------- one judge, a whole class


COUNTING = "asked = []\n\n\n" + Lab.reference.replace(
    "    return x + x", "    asked.append(x)\n    return x + x")


def test_a_reference_is_asked_once_for_the_whole_class(tmp_path: Path, zygote: Zygote) -> None:
    lab = Lab(tmp_path, reference=COUNTING, twice=DRAWN)
    with lab.judge(zygote) as judge:
        asked_of = judge.examiner.staff.reference.asked
        scores, counts = [], []
        for source in (RIGHT, RIGHT.replace("x + x\ndef", "x\ndef"), RIGHT):
            scores.append(asked(judge.grade(submitted(source, "lab")), "twice").status)
            counts.append(len(asked_of))
    assert scores == [Status.PASSED, Status.FAILED, Status.PASSED]
    assert counts[0] > 0 and counts[2] == counts[1], "the third one's answers were known"


def test_what_an_answer_leads_to_is_each_students_own(tmp_path: Path, zygote: Zygote) -> None:
    """A check may put an answer into the next call: equal places, other inputs."""
    chained = ("def test_chained(check, student):\n    '''Twice, and thrice that.'''\n"
               "    check.thrice(student.twice(5))\n")
    wrong_twice = "def twice(x):\n    return x\ndef thrice(x):\n    return 3 * x\n"
    firsts_answer = wrong_twice.replace("3 * x", "30")
    with Lab(tmp_path, thrice=chained).judge(zygote) as judge:
        found = [asked(judge.grade(submitted(source, "lab")), "thrice").checks[0].status
                 for source in (RIGHT, wrong_twice, firsts_answer)]
    assert found == [Status.PASSED, Status.PASSED, Status.FAILED]


# ---------------------------------------------------------------- one process, several suites


def test_two_courses_with_files_of_one_name_have_their_own_checks(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        lab = Lab(tmp_path / name, twice="", files={"tests/hidden/lab/test_twice.py": (
            f"import pytest\n\n\n@pytest.mark.question('twice')\n{CHECK}".replace("one", name)
        )})
        suite = lab.suite()
        found.append([check.id for check in suite.checks["twice"]])
        suite.close()
    assert found == [["test_one"], ["test_two"]]


def test_what_pytest_is_told_elsewhere_does_not_reach_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k any")
    suite = Lab(tmp_path).suite()
    suite.close()
    assert len(suite.checks["twice"]) == 2


# ---------------------------------------------------------------- checks that are taken out


SKIP = "@pytest.mark.skip(reason='The sheet was wrong.')\n"


def test_a_skipped_check_is_not_run_and_weighs_nothing(tmp_path: Path, zygote: Zygote) -> None:
    """Others may say that they follow from it."""
    broken = ("@pytest.mark.weight(9)\n@pytest.mark.visibility('visible')\n" + SKIP +
              "def test_sheet(check):\n    '''As on the sheet.'''\n    1 / 0\n\n\n")
    follows = Lab.twice.replace("@pytest.mark.weight(3)",
                                "@pytest.mark.weight(3)\n@pytest.mark.follows('test_sheet')")
    with Lab(tmp_path, twice=broken + follows).judge(zygote) as judge:
        right = judge.grade(submitted(RIGHT, "lab"))
        half = judge.grade(submitted("def twice(x): return 2 if x == 1 else 0\n", "lab"))
    question = asked(right, "twice")
    assert [check.id for check in question.checks] == ["test_one", "test_any"]
    assert [(check.id, check.title, check.reason) for check in question.skipped] == [
        ("test_sheet", "As on the sheet.", "The sheet was wrong.")]
    assert question.earned == 1 and asked(half, "twice").earned == Fraction(1, 4)
    assert "sheet" not in for_student(right).model_dump_json()


def test_one_set_of_values_may_be_skipped(tmp_path: Path) -> None:
    suite = Lab(tmp_path, twice=(
        "@pytest.mark.parametrize('x', [1, pytest.param(2, marks=pytest.mark.skip('Two.'))])\n"
        "def test_some(check, x):\n    '''Some.'''\n    check.twice(x)\n")).suite()
    suite.close()
    assert [check.id for check in suite.checks["twice"]] == ["test_some[1]"]
    assert [check.id for check in suite.skipped["twice"]] == ["test_some[2]"]


INSIDE = "def test_one(check):\n    '''One.'''\n    {}\n    check.twice(1)\n"
NO_SKIPS = {
    "a condition": (f"@pytest.mark.skipif(True, reason='On Mondays.')\n{CHECK}",
                    "pytest.mark.skipif is not for suites"),
    "an expected failure": (f"@pytest.mark.xfail\n{CHECK}", "pytest.mark.xfail is not for suites"),
    "no reason": (f"@pytest.mark.skip\n{CHECK}", "says no reason"),
    "an empty reason": (f"@pytest.mark.skip(reason=' ')\n{CHECK}", "says no reason"),
    "a call of skip": (INSIDE.format("pytest.skip('later')"), ":8: pytest.skip is not for suites"),
    "a call of xfail": (INSIDE.format("pytest.xfail('so')"), "pytest.xfail is not for suites"),
    "a package that may be missing": (INSIDE.format("pytest.importorskip('scipy')"),
                                      "pytest.importorskip is not for suites"),
    "its exception": (INSIDE.format("raise pytest.skip.Exception('later')"),
                      "pytest.skip is not for suites"),
    "another name for it": (f"from pytest import skip as later\n\n\n{CHECK}",
                            "pytest.skip is not for suites"),
    "a whole file": (f"pytest.skip('later', allow_module_level=True)\n\n\n{CHECK}",
                     "pytest.skip is not for suites"),
    "all checks of a question": (f"{SKIP}{CHECK}",
                                 "every check of the question 'twice' is skipped"),
}


@pytest.mark.parametrize(("twice", "words"), NO_SKIPS.values(), ids=NO_SKIPS)
def test_what_would_decide_while_it_runs_is_refused_in_one_sentence(
    twice: str, words: str, tmp_path: Path, refusal: Refusal
) -> None:
    text = refusal(Lab(tmp_path, twice=twice).write())
    assert words in text and len(text.splitlines()) == 1
    assert "@pytest.mark.skip(reason=" in text or "every check" in text


# ---------------------------------------------------------------- what breaks while grading


FAULTS = [
    "1 / 0", "assert 1 == 2", "raise KeyError", "getattr(check, 'quarter')(1)", "expect.that(1)",
    "__import__('pytest').skip('later')", "pytest.fail('no')", "raise MemoryError",
]


def test_a_fault_of_a_check_is_internal_and_no_ones_zero(tmp_path: Path, zygote: Zygote) -> None:
    """The other checks and questions count what they count; the submission is not graded."""
    broken = [f"def test_{n}(check, expect):\n    '''B.'''\n    {body}\n\n\n"
              for n, body in enumerate(FAULTS)]
    broken.append("def test_fixture(chekc):\n    '''An unknown fixture.'''\n\n\n")
    with Lab(tmp_path, twice="".join(broken) + Lab.twice).judge(zygote) as judge:
        result = judge.grade(submitted(RIGHT, "lab"))
    assert result.status is SubmissionStatus.INTERNAL
    assert asked(result, "twice").status is Status.INTERNAL
    assert [check.status for check in asked(result, "twice").checks] == (
        [Status.INTERNAL] * len(broken) + [Status.PASSED] * 2)
    assert asked(result, "thrice").status is Status.PASSED


def test_staff_read_what_a_check_raised_and_where_and_students_do_not(
    tmp_path: Path, zygote: Zygote
) -> None:
    lab = Lab(tmp_path, twice="def test_broken(check, chekc=7):\n    '''Broken.'''\n"
              "    check.twice(1)\n    raise ValueError('of the seventh kind')\n\n\n"
              "@pytest.mark.visibility('visible')\n"
              "def test_fixture(chekc):\n    '''An unknown fixture.'''\n")
    with lab.judge(zygote) as judge:
        result = judge.grade(submitted(RIGHT, "lab"))
    [file] = lab.root.glob("tests/hidden/lab/test_twice_*.py")
    broken, fixture = asked(result, "twice").checks
    line = file.read_text().splitlines().index("    raise ValueError('of the seventh kind')") + 1
    assert broken.fault == f"{file.name}:{line}: ValueError: of the seventh kind"
    assert fixture.fault is not None and "FixtureLookupError: ('chekc'" in fixture.fault
    assert fixture.fault.startswith(f"{file.name}, before test_fixture began: ")
    row = StudentRow.of(gradebook.grade(judge.course, result))
    assert f"{file.name}:{line}" in str([each.reason for each in row.incidents])
    assert file.name not in for_student(result).model_dump_json()


def test_a_reference_that_raises_is_not_the_students_error(tmp_path: Path, zygote: Zygote) -> None:
    lab = Lab(tmp_path, reference="def twice(x): raise ValueError\ndef thrice(x): return 3 * x")
    with lab.judge(zygote) as judge:
        result = judge.grade(submitted(RIGHT, "lab"))
        assert (result.status, asked(result, "thrice").earned) == (SubmissionStatus.INTERNAL, 1)
        wrong = judge.grade(submitted("def twice(x): raise ValueError", "lab"))
    assert asked(wrong, "twice").status is Status.ERROR, "the student comes first"


def test_when_the_zygote_dies_the_next_submission_is_graded_all_the_same(tmp_path: Path) -> None:
    with Judge(Lab(tmp_path).write(), "lab", secret=SECRET) as judge:
        before = judge.grade(submitted(RIGHT, "lab"))
        judge._zygote._process.kill()
        judge._zygote._process.wait()
        after = judge.grade(submitted(RIGHT, "lab"))
    for result in (before, after):
        assert result.is_graded and all(question.earned == 1 for question in result.questions)


# ---------------------------------------------------------------- hidden inputs


def inputs(judge: Judge) -> list[object]:
    """What a function that answers nothing was asked."""
    result = judge.grade(submitted("def twice(x): return None\n", "lab"))
    accounts = [check.account for check in asked(result, "twice").checks]
    return [account.evidence.arguments for account in accounts if account and account.evidence]


def test_inputs_are_the_secrets_and_no_ones_elses(
    tmp_path: Path, zygote: Zygote
) -> None:
    """One secret draws the same for everybody, today and after the suite is mended; another one
    draws other inputs."""
    lab = Lab(tmp_path, twice=DRAWN)
    with lab.judge(zygote) as judge:
        first, again = inputs(judge), inputs(judge)
    lab.twice = CHECK + "\n\n" + DRAWN
    with lab.judge(zygote) as mended:
        later = inputs(mended)[1:]
    with lab.judge(zygote, secret=b"another secret of 32 bytes, yes!") as other:
        foreign = inputs(other)[1:]
    assert first == again == later
    assert foreign != first
    [[drawn]] = first
    assert isinstance(drawn, Array) and drawn.shape == [2, 3]


def test_two_checks_draw_different_inputs(tmp_path: Path, zygote: Zygote) -> None:
    lab = Lab(tmp_path, twice=DRAWN + "\n\n" + DRAWN.replace("test_drawn", "test_again"))
    with lab.judge(zygote) as judge:
        one, other = inputs(judge)
    assert one != other


def test_the_digest_changes_with_whatever_decides_a_verdict(tmp_path: Path) -> None:
    """And with nothing else: a later due date, or other points, grade nobody again."""
    found = Lab(tmp_path).write()
    digests = {suite_digest(found, "lab")}
    assert {suite_digest(found, "lab")} == digests
    for file in (*found.suite("lab").iterdir(), found.solutions("lab") / "reference.py",
                 found.solutions("lab") / "misconceptions.py"):
        file.write_text(file.read_text() + "\n# mended\n")
        digests.add(suite_digest(found, "lab"))
    lab = found.assignment("lab")
    stricter = lab.model_copy(update={"cells": "all"})
    digests.add(suite_digest(
        found.model_copy(update={"assignments": {"lab": stricter}}), "lab"))
    assert len(digests) == 6
    for worth in ({"title": "Laboratory"}, {"follow_through": 0.5}, {"questions": [
            question.model_copy(update={"points": Decimal(9)}) for question in lab.questions]}):
        other = found.model_copy(update={"assignments": {"lab": lab.model_copy(update=worth)}})
        assert suite_digest(other, "lab") == suite_digest(found, "lab")


def test_a_questions_own_misconceptions_are_in_its_digest_alone(tmp_path: Path) -> None:
    found = by_question(tmp_path)
    before = question_digests(found, "lab")
    file = found.solutions("lab") / "misconceptions/thrice.py"
    file.write_text(file.read_text() + "\n# mended\n")
    after = question_digests(found, "lab")
    assert [name for name in before if before[name] != after[name]] == ["thrice"]


def test_titles_weights_and_visibility_are_what_the_author_said(
    tmp_path: Path, zygote: Zygote
) -> None:
    lab = Lab(tmp_path, twice=(
        "@pytest.mark.visibility('visible')\n@pytest.mark.weight(0.5)\n"
        "def test_b(check):\n    '''  The title.\n\n    Not the title.'''\n"
        "    check.twice(1)\n\n\n"
        "@pytest.mark.visibility('silent')\n@pytest.mark.seconds(9)\n" + CHECK))
    with lab.judge(zygote) as judge:
        first, second = judge.examiner.suite.checks["twice"]
        result = asked(judge.grade(submitted(RIGHT, "lab")), "twice")
    assert (first.title, first.visibility, first.seconds) == (
        "The title.", Visibility.VISIBLE, None)
    assert (second.visibility, second.seconds) == (Visibility.SILENT, 9)
    assert [check.weight for check in result.checks] == [Fraction(1, 2), 1]
    assert result.earned == 1
