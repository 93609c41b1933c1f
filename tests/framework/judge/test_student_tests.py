"""Tests that students write are put to right and to wrong implementations, and learn nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from labs import Lab, asked, submitted

from autograder.authoring.audit import audit
from autograder.course import CourseError
from autograder.gradebook import grade
from autograder.judge import Judge, JudgeError, tests_run
from autograder.judge.implementation import Student
from autograder.judge.sessions import Sessions
from autograder.result import QuestionResult, Result, Status, SubmissionStatus, for_student
from autograder.sandbox.client import Zygote

REFERENCE = Lab.reference + (
    "\n\ndef test_twice(f):\n    assert f(3) == 6\n    assert f(0) == 0\n")
WRONG = Lab.misconceptions + (
    "\n\n@wrong('plus-two', 'You add two.')\ndef twice(x):\n    return x + 2\n"
    "\n\n@wrong('never-at-seven', 'Seven is a number, too.')\ndef twice(x):\n"
    "    return 15 if x == 7 else 2 * x\n")
RIGHT = ("from autograder.suite import Alternatives\n\nright = Alternatives(__file__)\n\n\n"
         "@right('recursive')\ndef twice(x):\n    half = x // 2\n"
         "    return 2 * twice(half) + 2 * (x % 2) if x not in (0, -1) else 2 * x\n\n\n"
         "@right('shifted')\ndef twice(x):\n    return x << 1\n\n\n"
         "@right('of-numpy', is_for_tests=False)\ndef twice(x):\n    import numpy\n"
         "    return numpy.int64(2 * x)\n\n\n"
         "@right('one-number', at_least=0.5)\ndef test_twice(f):\n    assert f(2) == 4\n")
TABLE = ('\n[[assignments.lab.questions]]\nname = "test_twice"\ntitle = "Tests"\nkind = "tests"\n'
         'of = "twice"\npoints = 2\nbonus = true\n')
NOTEBOOK = Lab.notebook + (
    "\n\n# %%\ndef test_twice(f):\n    '''Tests.'''\n    ### BEGIN SOLUTION\n"
    "    assert f(30) == 60\n    ### END SOLUTION\n")


def lab(root: Path) -> Lab:
    limits = "[assignments.lab.limits]\ncall_seconds = 1\ncell_seconds = 3\n"
    return replace(Lab(root, settings=limits),
                   reference=REFERENCE, misconceptions=WRONG, notebook=NOTEBOOK, texts=TABLE,
                   files={"solutions/lab/alternatives.py": RIGHT})


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote):  # type: ignore[no-untyped-def]
    with lab(tmp_path_factory.mktemp("lab")).judge(zygote) as judge:
        yield judge


SOLVED = "def twice(x):\n    return x + x\ndef thrice(x):\n    return 3 * x\n"


def examined(judge: Judge, tests: str) -> QuestionResult:
    return asked(judge.grade(submitted(SOLVED + tests, "lab")), "test_twice")


def failed(question: QuestionResult) -> set[str]:
    return {check.id for check in question.checks if check.status is not Status.PASSED}


def test_wrong_implementations_that_are_found_count(judge: Judge) -> None:
    """Of those that staff's own tests find: nobody need find the one that is wrong at seven."""
    every = examined(judge, "def test_twice(f):\n    assert f(30) == 60\n")
    assert [check.id for check in every.checks] == [
        "right_implementations", "not-doubled", "plus-two"]
    assert (every.status, every.earned) == (Status.PASSED, 1)
    half = examined(judge, "def test_twice(f):\n    assert f(2) == 4\n")
    assert failed(half) == {"plus-two"} and half.earned == 1 / 2
    assert str(half.message) == "Mistakes that your tests find: 1 of 2."
    none = examined(judge, "def test_twice(f):\n    f(2)\n")
    assert (none.status, none.earned) == (Status.FAILED, 0)


def test_a_wrong_implementation_may_call_other_graded_functions(
    tmp_path: Path, zygote: Zygote
) -> None:
    """They are right there, as they are where staff's own tests meet it: that it raises an
    exception finds nobody."""
    course = lab(tmp_path)
    wrong = course.misconceptions + (
        "\n\n@wrong('by-thrice', 'You take one away from three times.')\n"
        "def twice(x):\n    return thrice(x) - 1\n")
    with replace(course, misconceptions=wrong).judge(zygote) as judge:
        assert "by-thrice" in failed(examined(judge, "def test_twice(f):\n    assert f(1) == 2\n"))
        assert not failed(examined(judge, "def test_twice(f):\n    assert f(30) == 60\n"))


def test_whoever_accuses_a_right_one_earns_nothing(judge: Judge) -> None:
    """The alternative does not take what the task does not ask for."""
    for tests in ("assert f(2) == 5", "assert f(2.5) == 5", "f(1) / 0", "undefined",
                  "__import__('time').sleep(1e6)"):
        question = examined(judge, f"def test_twice(f):\n    {tests}\n")
        assert question.earned == 0, tests
        assert "right_implementations" in failed(question) and len(failed(question)) == 3
    told = examined(judge, "def test_twice(f):\n    x = 1\n    assert f(2) == 5, 'not five'\n")
    account = told.checks[0].explained
    assert account is not None and account.raised == "AssertionError"
    assert account.source == "assert f(2) == 5, 'not five'"


STRICT = "def test_twice(f):\n    assert f(30) == 60 and type(f(30)) is int\n"


def test_what_is_right_by_leave_alone_is_not_put_to_tests(
    judge: Judge, tmp_path: Path, zygote: Zygote
) -> None:
    """And loses no point by itself. The control: without the mark it accuses them."""
    assert examined(judge, STRICT).earned == 1
    whole = replace(lab(tmp_path), files={
        "solutions/lab/alternatives.py": RIGHT.replace(", is_for_tests=False", "")})
    with whole.judge(zygote) as other:
        assert "right_implementations" in failed(examined(other, STRICT))


def test_tests_have_the_time_of_a_cell(judge: Judge) -> None:
    """They call often; a graded function's second is not theirs."""
    slow = "import time\ndef test_twice(f):\n    time.sleep({})\n    assert f(30) == 60\n"
    assert examined(judge, slow.format(1.3)).earned == 1
    account = examined(judge, slow.format(1e6)).checks[0].explained
    assert account is not None and account.status is Status.TIMEOUT
    assert str(account.message).startswith("Your tests take longer than they may (3 s)")


def test_tests_cannot_count_the_implementations(judge: Judge) -> None:
    """Each is met by a fresh process. The control: counting works within one."""
    counting = ("met = []\ndef test_twice(f):\n    met.append(f)\n    {}\n"
                "    assert len(met) < 3\n")
    assert examined(judge, counting.format("met.extend('ab')")).earned == 0
    assert failed(examined(judge, counting.format("pass"))) == {"not-doubled", "plus-two"}


def test_tests_cannot_go_by_the_clock(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first implementation that they meet is right, and they could tell by the time that all
    others are later. So they meet right ones once more. Here a file that changes is the time. The
    control: what says nothing of answers earns."""
    restart, runs = Student.restart, 0

    def later(self: Student, only: Collection[str] = ()) -> None:
        nonlocal runs
        runs += 1
        if runs > 1 and self._laid_out is not None:
            (self._laid_out.folder / "hour.py").write_text("early = False\n")
        restart(self, only)

    monkeypatch.setattr(Student, "restart", later)
    handed = replace(submitted(
        SOLVED + "from hour import early\ndef test_twice(f):\n    f(3)\n    assert early\n", "lab"),
        beside={"hour.py": b"early = True\n"})
    for again in (2, 0):
        monkeypatch.setattr(tests_run, "AGAIN", again)
        runs = 0
        found = asked(judge.grade(handed), "test_twice")
        assert runs > 2 and found.earned == (0 if again else 1)
        account = found.checks[0].explained
        assert (account is not None and account.source == "assert early"
                and "not by the time or by chance" in str(account.message)) == bool(again)


def test_tests_may_lie_in_a_module_that_is_handed_in(judge: Judge) -> None:
    handed = replace(submitted(SOLVED + "from mine import *\n", "lab"), beside={
        "mine.py": b"def test_twice(f):\n    assert f(30) == 60\n"})
    assert asked(judge.grade(handed), "test_twice").earned == 1


def test_nothing_but_answers_reaches_the_tests(judge: Judge) -> None:
    """Of an implementation they hold a function of ours, which knows nothing of it."""
    looking = ("import gc, sys\ndef test_twice(f):\n    f(1)\n"
               "    seen = [str(each) for each in gc.get_objects()\n"
               "            if isinstance(each, str | dict)]\n"
               "    seen += [str(getattr(f, name, '')) for name in dir(f)]\n"
               "    assert not any('You add ' + 'two' in each or 'plus' + '-two' in each "
               "for each in seen)\n"
               "    try:\n        f('a', 'b')\n    except ValueError as error:\n"
               "        assert str(error) == 'it refuses these arguments'\n"
               "    assert f(30) == 60\n")
    assert examined(judge, looking).earned == 1


def test_who_wrote_no_tests_loses_nothing(judge: Judge) -> None:
    """And their grade is as final as any."""
    for tests, says in (
            ("", "There are no tests: test_twice is not defined."),
            ("test_twice = undefined\n", "There are no tests: test_twice is not defined."),
            ("def test_twice(f):\n    raise NotImplementedError('write test_twice here')\n",
             "Not implemented yet.")):
        result = judge.grade(submitted(SOLVED + tests, "lab"))
        verdict = asked(for_student(result), "test_twice")
        assert (verdict.status, str(verdict.message), verdict.checks) == (
            Status.MISSING, says, [])
        graded = grade(judge.course, result)
        assert (graded.score, graded.max_score, graded.open) == (3, 3, [])
    more = judge.grade(submitted(SOLVED + "def test_twice(f):\n    assert f(30) == 60\n", "lab"))
    assert grade(judge.course, more).score == 5


def test_tests_in_which_a_package_takes_no_argument_are_written(judge: Judge) -> None:
    tests = ("import torch\ndef test_twice(f):\n"
             "    torch.nn.functional.pad(torch.ones(3, 3), (1, 1, 1, 1), mode='replicate')\n")
    verdict = asked(for_student(judge.grade(submitted(SOLVED + tests, "lab"))), "test_twice")
    assert verdict.status is Status.FAILED
    told = verdict.checks[0].explained
    assert told and "fail on an implementation that is right" in str(told.message)
    assert "Padding size 4 is not supported" in (told.said or "")


STUB = ("def test_twice(f):\n    'Of twice.'\n"
        "    raise NotImplementedError('write test_twice here')\n")


def test_a_stub_is_seen_without_a_process(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of: list[str] = []
    answering = Sessions.answering

    def noted(self: Sessions, programs: Sequence[str], name: str) -> object:
        asked_of.append(name)
        return answering(self, programs, name)

    monkeypatch.setattr(Sessions, "answering", noted)
    result = judge.grade(submitted(SOLVED + STUB, "lab"))
    assert (str(asked(result, "test_twice").message), asked_of) == ("Not implemented yet.", [])
    judge.grade(submitted(SOLVED + "def test_twice(f):\n    assert f(30) == 60\n", "lab"))
    assert asked_of  # the control


def test_tests_run_once_for_all_who_answer_alike(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who answers what they ask in two ways is met twice, whatever the tests make of it. Where
    they run again, they do so once more, to see whether they need the rest of the notebook; where
    they find something, they meet two right ones once more."""
    runs: list[str] = []
    restart = Student.restart

    def noted(self: Student, only: Collection[str] = ()) -> None:
        runs.append("")
        restart(self, only)

    monkeypatch.setattr(Student, "restart", noted)
    for tests, often, found in (("pass", 1, 0), ("assert f(2) == 4", 5, 1),
                                ("assert f(30) == 60", 6, 2), ("f(30)", 4, 0)):
        runs.clear()
        question = examined(judge, f"def test_twice(f):\n    {tests}\n")
        assert (len(runs), question.earned * 2) == (often, found), tests


PREPARED = """
def prepared():
    import builtins
    builtins.least = 0
    print("met")
    return 3
factor = prepared()
def twice(x):
    return x + x
def thrice(x):
    return factor * x
"""


@pytest.mark.parametrize(("tests", "missed", "met"), [
    ("assert f(30) == 60", set(), 2),
    ("assert f(30) == 60 + least", set(), 6),
    ("import builtins; assert f(30) == 60 + vars(builtins).get('least', 1)", set(), 6),
    ("assert f(30) == 60 or f(30) > least", {"not-doubled", "plus-two"}, 4),
])
def test_what_tests_do_not_need_runs_once_more(
    judge: Judge, tests: str, missed: set[str], met: int
) -> None:
    """In the process that decides and in the one that explains; but where tests turn out to need it
    after all, for a right implementation or for a wrong one, it runs again for each."""
    result = judge.grade(submitted(f"{PREPARED}def test_twice(f):\n    {tests}\n", "lab"))
    assert failed(asked(result, "test_twice")) == missed
    assert result.load.output.count("met") == met


@pytest.mark.parametrize("called", [f"(0x{'f' * 5000})", "a" + ".b" * 900])
def test_what_python_reads_and_does_not_write_is_graded(judge: Judge, called: str) -> None:
    """In the place of the stub's exception: a number of thousands of digits, a name without end."""
    result = judge.grade(submitted(SOLVED + f"def test_twice(f):\n    raise {called}()\n", "lab"))
    assert result.status is SubmissionStatus.GRADED


@pytest.mark.parametrize("written", [
    "def better(f):\n    assert f(30) == 60\ntest_twice = better\n",
    "exec('def test_twice(f):\\n    assert f(30) == 60')\n",
    "def test_twice(f):\n    assert f(30) == 60\n",
    "for test_twice in [lambda f: [1][f(30) != 60]]:\n    pass\n",
])
def test_tests_behind_a_stub_are_tests(judge: Judge, written: str) -> None:
    assert examined(judge, STUB + written).earned > 0


def test_students_read_which_mistakes_they_do_not_find(judge: Judge) -> None:
    """By what the mistake is, and without its code."""
    result = judge.grade(submitted(SOLVED + "def test_twice(f):\n    assert f(2) == 4\n", "lab"))
    shown = for_student(result)
    [check] = [each for each in asked(shown, "test_twice").checks if each.id == "plus-two"]
    assert check.title == "You add two."
    assert check.explained is not None
    assert str(check.explained.message) == "Your tests do not find this mistake yet."
    assert "x + 2" not in shown.model_dump_json()


def test_a_regrade_of_another_question_keeps_them(judge: Judge) -> None:
    first: Result = judge.grade(submitted(SOLVED + "def test_twice(f):\n    f(2)\n", "lab"))
    kept = first.model_copy(update={"questions": [
        each.model_copy(update={"suite": "other"}) if each.name == "thrice" else each
        for each in first.questions]})
    again = judge.grade(submitted(SOLVED + "def test_twice(f):\n    f(2)\n", "lab"), kept)
    assert again.questions == first.questions


def test_it_is_audited(tmp_path: Path) -> None:
    """Other people's tests, too: they have to keep and to lose what staff says they do."""
    lax = WRONG + (
        "\n\n@wrong('only-called', 'They look at nothing.')\ndef test_twice(f):\n    f(1)\n"
        "\n\n@wrong('all-found', 'No mistake at all.')\ndef test_twice(f):\n"
        "    assert f(30) == 60\n")
    found = audit(replace(lab(tmp_path), misconceptions=lax).write(), "lab", secrets=1,
                  tier="none")
    assert [each for each in found.breaches if "never-at-seven" not in each] == [
        "test_twice: nothing kills all-found"]
    assert found.alternatives["test_twice/one-number"] == 0.5
    assert found.undiagnosed == ["never-at-seven"]  # of tests, nothing is diagnosed


@pytest.mark.parametrize(("tests", "says"), [
    ("    assert f(2) == 5\n", "fails on a right implementation of twice"),
    ("    pass\n", "finds no mistake among the misconceptions of twice"),
])
def test_staffs_own_tests_have_to_be_right(
    tmp_path: Path, zygote: Zygote, tests: str, says: str
) -> None:
    broken = replace(lab(tmp_path), reference=Lab.reference + f"\n\ndef test_twice(f):\n{tests}")
    with broken.judge(zygote) as judge:
        met = examined(judge, "def test_twice(f):\n    assert f(30) == 60\n")
        untouched = examined(judge, "")
    assert met.status is Status.INTERNAL and says in (met.checks[0].fault or "")
    assert untouched.status is Status.MISSING, "who has written none does not wait for it"


def test_tests_of_what_has_no_misconceptions_say_so(tmp_path: Path, zygote: Zygote) -> None:
    none = lab(tmp_path)
    none = replace(none, misconceptions="from autograder.suite import Misconceptions\n\n"
                                        "wrong = Misconceptions(__file__)\n")
    with pytest.raises(JudgeError, match="put to the misconceptions of twice, and there is none"):
        none.judge(zygote)


@pytest.mark.parametrize(("old", "new", "says"), [
    ('of = "twice"', 'of = "twcie"', "did you mean 'twice'"),
    ('of = "twice"\n', "", "tests name by `of` the function"),
    ('kind = "tests"\n', "", "no other kind has an `of`"),
    ('of = "twice"', 'of = "twice"\nuses = ["twice"]', "they use, forbid and time nothing"),
])
def test_a_table_that_cannot_be_is_explained(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(CourseError) as raised:
        replace(lab(tmp_path), texts=TABLE.replace(old, new)).write()
    assert says in str(raised.value)
