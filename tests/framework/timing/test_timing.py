"""Timed questions: what they are worth, when they count, and who is on the leaderboard."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fake_judge import SEED, SUITE, FakeJudge
from labs import account
from rich.console import Console
from timed import BASELINE, REPOSITORY, TASK, timed_course

from autograder import cli, gradebook
from autograder.course import Course, CourseError, Device, Question, Tier, load
from autograder.gradebook.leaderboard import entries
from autograder.grading import run
from autograder.grading.executors import Here
from autograder.grading.jury import Jury
from autograder.judge.staff import JudgeError
from autograder.report import leaderboard
from autograder.result import (
    Account,
    CheckResult,
    Environment,
    Mismatch,
    MismatchKind,
    Performance,
    QuestionResult,
    Result,
    Status,
    SubmissionRecord,
    SubmissionStatus,
    for_student,
)
from autograder.store import Store
from autograder.submission import Submission
from autograder.timing import measuring, timekeeper
from autograder.timing.devices import exclusive
from autograder.timing.devices.cpu import Cores
from autograder.timing.measuring import Measured, measure
from autograder.timing.pending import awaiting, deferred, joined, with_timed
from autograder.timing.protocol import Call, Runner
from autograder.timing.statistics import LEAST_PAIRS, MOST_PAIRS, Decision, Ratio
from autograder.timing.tasks import Task
from autograder.timing.timekeeper import Timekeeper

GRADER_TOML = """
[course]
name = "Convolution"
secret_file = "secret"
[leaderboard]
ann = "Quick Fox"
[assignments.fast]
title = "Fast convolution"
[[assignments.fast.questions]]
name = "conv2d_fast"
title = "Convolution"
points = 3
forbid = ["convolution operators", "loops"]
[[assignments.fast.questions]]
name = "speed"
title = "Speed"
points = 2
bonus = true
[assignments.fast.questions.performance]
of = "conv2d_fast"
problems = [{ tensors = [[2, 3, 9, 8], [4, 3, 3, 3], [4]], numbers = [1, 1] },
            { tensors = [[1, 3, 6, 8], [4, 3, 3, 3], [4]], numbers = [1, 0] }]
tiers = [[1000, 1.0], [2000, 0.5]]
"""


@pytest.fixture
def lab(tmp_path: Path) -> Course:
    return timed_course(tmp_path, GRADER_TOML)


def with_device(course: Course, device: Device) -> Course:
    text = GRADER_TOML.replace('of = "conv', f'device = "{device}"\nof = "conv')
    (course.root / "grader.toml").write_text(text)
    return load(course.root / "grader.toml")


def speed(course: Course) -> Question:
    return course.assignment("fast").questions[1]


def submitted(source: str, student: str = "ann") -> Submission:
    return Submission(student=student, assignment="fast", files={"fast.py": source.encode()},
                      submitted_at=None)


def examined(status: Status = Status.PASSED, kind: MismatchKind | None = None) -> QuestionResult:
    right = status is Status.PASSED
    check = CheckResult(id="test_values", title="Values", status=status, earned=Fraction(right),
                        decided=Account(status=status, mismatch=Mismatch(kind=kind))
                        if kind else None)
    return QuestionResult(name="conv2d_fast", status=status, checks=[check])


def result_of(
    course: Course, tier: Tier = "namespaces", question: QuestionResult | None = None,
    submission: Submission | None = None,
) -> Result:
    """What a judge makes of the examined question, and what is still to be timed."""
    question = question or examined()
    submission = submission or submitted(BASELINE)
    return with_timed(Result(
        assignment="fast", student=submission.student, status=SubmissionStatus.GRADED,
        questions=[question],
        submission=SubmissionRecord(digest=submission.digest, files=submission.file_digests),
        environment=Environment(autograder="0", python="3", torch="2", platform="linux",
                                sandbox=tier, suite=SUITE, seed=SEED),
    ), course.assignment("fast"), None, {})


def fast(question: Question) -> QuestionResult:
    """The timed question, as somebody as fast as the staff has it."""
    check = CheckResult(id="problem_1", title="A problem", status=Status.PASSED,
                        earned=Fraction(1))
    return deferred(question).model_copy(update={
        "status": Status.PASSED, "checks": [check]})


def worth(course: Course, results: Sequence[Result]) -> list[tuple[str, float]]:
    grades = [gradebook.grade(course, result) for result in results]
    return [(grade.student, grade.score) for grade in grades]


def replaced(result: Result, course: Course, *questions: QuestionResult) -> Result:
    return joined(result, course.assignment("fast"), questions)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pair is too disturbed: tests are run on busy machines."""
    monkeypatch.setattr("autograder.timing.disturbance._MOST_WAITED", 2.0)
    monkeypatch.setattr("autograder.timing.disturbance._MOST_TAKEN", float("inf"))
    monkeypatch.setattr(measuring, "_SLOW_STAFF", float("inf"))


Timed = Callable[..., QuestionResult]


@pytest.fixture
def timed(lab: Course, unhurried: None, lacking: dict[Tier, str]) -> Iterator[Timed]:
    tier: Tier = "landlock" if "namespaces" in lacking else "namespaces"
    with Timekeeper(lab, "fast") as keeper:
        def time(source: str, question: QuestionResult | None = None) -> QuestionResult:
            submission = submitted(source)
            before = result_of(lab, tier, question, submission)
            after = keeper.time(submission, before, [speed(lab)])
            return after.questions[1]

        yield time


# What a submission gets -----------------------------------------------------------------------

def test_a_fast_function_gets_the_points_of_its_tier_for_every_problem(timed: Timed) -> None:
    found = timed(BASELINE)
    assert (found.status, found.earned) == (Status.PASSED, 1)
    assert [check.earned for check in found.checks] == [1, 1]
    assert found.performance is not None and found.performance.interval is not None
    low, high = found.performance.interval
    assert low <= (found.performance.ratio or 0) <= high
    assert found.performance.pairs >= 2 * LEAST_PAIRS and found.performance.tier == "100%"


def test_the_staffs_solution_waits_warm_for_the_next_submission(
    timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until one ends badly beside it, and not for longer than a process may work."""
    made: list[str] = []
    warm = timekeeper.warm

    def warming(staff: Runner, task: Task) -> list[float]:
        made.append("begun")
        return warm(staff, task)

    monkeypatch.setattr(timekeeper, "warm", warming)
    timed(BASELINE)
    timed(BASELINE + "\n# another's")
    assert made == ["begun"] * 2  # one for each problem
    timed("import os\ndef conv2d_fast(*arguments):\n    os._exit(0)")
    timed(BASELINE)
    assert made == ["begun"] * 3
    monkeypatch.setattr(Runner, "has_worked_long", True)
    timed(BASELINE)
    timed(BASELINE)
    assert made == ["begun"] * 5


def test_a_function_too_slow_to_wait_for_gets_nothing(
    lab: Course, monkeypatch: pytest.MonkeyPatch, timed: Timed
) -> None:
    monkeypatch.setattr(measuring, "LEAST_PATIENCE", 0.2)
    monkeypatch.setattr(measuring, "_BEYOND", 0.0)
    found = timed("import time\ndef conv2d_fast(*arguments):\n    time.sleep(60)")
    assert (found.status, found.earned) == (Status.FAILED, 0)
    said = "More than 2000.0 times the staff solution's time."
    assert str(account(found.checks[0]).message) == said
    assert found.performance is not None and found.performance.ratio is None


@pytest.mark.parametrize(("source", "status", "says"), [
    ("return X", Status.ERROR, "It raised RuntimeError"),
    ("return torch.zeros(X.shape[0], 4, *X.shape[2:])", Status.FAILED,
     "conv2d_fast answered wrongly"),
    ("raise MemoryError", Status.ERROR, "It raised MemoryError at line 4"),
    ("return F.conv2d(X, W, b, stride, padding)", Status.FORBIDDEN, "It calls torch.conv2d,"),
    ("os._exit(0)", Status.CRASHED, "The process that ran it ended before"),
])
def test_what_is_not_right_while_it_is_timed_gets_nothing(
    timed: Timed, source: str, status: Status, says: str
) -> None:
    found = timed("import os, torch\nimport torch.nn.functional as F\n"
                  f"def conv2d_fast(X, W, b, stride, padding):\n    {source}\n")
    assert (found.status, found.earned) == (status, 0)
    assert str(found.message).startswith(says)


@pytest.mark.parametrize(("question", "status"), [
    (examined(Status.FAILED, MismatchKind.VALUES), Status.FAILED),
    (examined(Status.ERROR), Status.FAILED),
    (examined(Status.MISSING), Status.FAILED),
    (examined(Status.FORBIDDEN), Status.FORBIDDEN),
    (examined().model_copy(update={"checks": []}), Status.FAILED),
])
def test_speed_counts_only_where_values_are_right(
    timed: Timed, question: QuestionResult, status: Status
) -> None:
    found = timed(BASELINE, question)
    assert (found.status, found.earned) == (status, 0)
    assert str(found.message) == (
        "Not timed: speed counts only when the answers of conv2d_fast are right.")


def test_a_fault_of_the_contract_does_not_keep_a_function_from_being_timed(timed: Timed) -> None:
    assert timed(BASELINE, examined(Status.FAILED, MismatchKind.DTYPE)).earned == 1


def test_helpers_in_other_cells_come_along(timed: Timed) -> None:
    helper = BASELINE.replace("F.unfold", "columns_of") + "\ncolumns_of = F.unfold\n"
    assert timed(helper).earned == 1


def test_what_is_much_faster_than_the_staffs_is_shown_to_staff_alone(lab: Course) -> None:
    fast = Measured(Decision(Ratio(0.3, 0.25, 0.4), 0.25), 15, 2, 0.012)
    usual = Measured(Decision(Ratio(1.0, 0.9, 1.1), 0.9), 15, 0, 0.012)
    assert "0.30 times the staff solution's 12.0 ms" in timekeeper._suspicion([usual, fast])
    assert timekeeper._suspicion([usual]) == ""
    performance = Performance(ratio=0.3, suspicion="0.30 times")
    question = deferred(speed(lab)).model_copy(update={"performance": performance})
    shown = for_student(replaced(result_of(lab), lab, question))
    assert shown.questions[1].performance == Performance(ratio=0.3)


def test_a_machine_too_busy_defers(timed: Timed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.timing.disturbance._MOST_WAITED", -1.0)
    found = timed(BASELINE)
    assert (found.status, found.earned) == (Status.DEFERRED, 0)
    assert "too busy" in str(found.message)


# Between the staff's function and a student's -----------------------------------------------

class Paced(Runner):
    """In the place of a worker: calls of known times, in turns."""

    def __init__(self, *seconds: float, starved: bool = False, interrupted: bool = False) -> None:
        self.name = "paced"
        self._equipment = Cores()
        self.calls = [Call(each, 0.0, starved, interrupted, True) for each in seconds]
        self.count = 0

    def prepare(self, task: Task) -> None:
        """Nothing to be done."""

    def call(self, seconds: float, verify: bool = True) -> Call:
        self.count += 1
        return self.calls[self.count % len(self.calls)]


STEADY = 0.010, 0.0101, 0.0099


def paced(student: Paced, staff: Paced) -> tuple[Measured, int]:
    times = [call.net for call in staff.calls]
    return measure(staff, student, TASK, times, [1.25, 3, 10], seconds=60), student.count


def test_a_function_that_is_slow_in_every_second_call_is_taken_at_its_slow_calls() -> None:
    found, calls = paced(Paced(0.010, 0.050), Paced(*STEADY))
    assert found.decision.varies and calls > MOST_PAIRS
    assert found.decision.bound == pytest.approx(5.0, rel=0.05)


def test_threads_that_keep_each_other_from_a_core_are_no_busy_machine() -> None:
    found, _ = paced(Paced(0.050, starved=True), Paced(*STEADY))
    assert found.decision.bound == pytest.approx(5.0, rel=0.05)


@pytest.mark.parametrize(("student", "staff"), [
    (Paced(0.010, 0.050), Paced(0.010, 0.0135, 0.010, 0.008)),
    (Paced(0.010), Paced(0.010, starved=True)),
    (Paced(0.010), Paced(0.010, interrupted=True)),
    (Paced(0.010, interrupted=True), Paced(0.010)),
])
def test_a_machine_that_disturbs_the_staffs_function_decides_nothing(
    student: Paced, staff: Paced
) -> None:
    assert paced(student, staff)[0].decision.bound is None


def test_times_that_vary_are_believed_the_second_time(
    timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    high = Measured(Decision(Ratio(1500.0, 900.0, 1900.0), 1900.0), 60, 0, 0.01)
    fair = Measured(Decision(Ratio(950.0, 900.0, 990.0), 900.0), 60, 0, 0.01)
    for said, share in (([high, fair] * 2, 1.0), ([high] * 4, 0.5)):
        monkeypatch.setattr(timekeeper, "measure", lambda *_, said=said: said.pop(0))
        found = timed(BASELINE)
        assert not said and found.earned == share
    assert str(account(found.checks[0]).message) == (
        "Between 900.00 and 1900.00 times the staff solution's time, from 60 pairs of calls. Its "
        "own times vary so much, not the machine's, that 1900.00 counts: 50 % of the points.")


def test_more_cores_than_there_are_defer(timed: Timed, lab: Course) -> None:
    timed_table = speed(lab).performance
    assert timed_table is not None
    # Frozen models can be copied only: the keeper is given the changed question.
    changed = speed(lab).model_copy(update={
        "performance": timed_table.model_copy(update={"threads": 64})})
    with Timekeeper(lab, "fast") as keeper:
        after = keeper.time(submitted(BASELINE), result_of(lab), [changed])
    assert after.questions[1].status is Status.DEFERRED
    assert "timed on (64)" in str(after.questions[1].message)


@pytest.mark.parametrize(("baseline", "says"), [
    (None, "no such file"),
    ("def conv2d_fast(X, W, b, stride, padding):\n    return X[:1, :1]", "answers other"),
    ("def conv2d_fast(X, W, b, stride, padding):\n    raise ValueError", "did not answer"),
    (f"{BASELINE}\n\nright, calls = conv2d_fast, []\ndef conv2d_fast(*given):\n"
     "    calls.append(1)\n    assert len(calls) < 6\n    return right(*given)\n",
     "answered at first, and then raised AssertionError; .* what is graded is kept"),
    ("# \udcff", "cannot be read: 'utf-8' codec"),
])
def test_a_broken_staff_solution_is_staffs_to_mend(
    lab: Course, baseline: str | None, says: str
) -> None:
    file = lab.solutions("fast") / "baseline.py"
    file.unlink() if baseline is None else file.write_text(
        baseline, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(JudgeError, match=says), Timekeeper(lab, "fast") as keeper:
        keeper.time(submitted(BASELINE), result_of(lab), [speed(lab)])


# When it is timed -----------------------------------------------------------------------------

def test_a_judges_result_counts_without_what_is_still_to_be_timed(lab: Course) -> None:
    result = result_of(lab)
    assert [(q.name, q.status) for q in result.questions] == [
        ("conv2d_fast", Status.PASSED), ("speed", Status.DEFERRED)]
    grade = gradebook.grade(lab, result)
    assert (grade.score, grade.max_score, grade.open) == (3, 3, ["speed"])


def test_points_that_are_no_bonus_belong_to_the_total(lab: Course) -> None:
    (lab.root / "grader.toml").write_text(GRADER_TOML.replace("bonus = true", ""))
    counting = load(lab.root / "grader.toml")
    assert gradebook.grade(counting, result_of(counting)).max_score == 5


def test_what_is_not_graded_is_not_timed(lab: Course) -> None:
    broken = result_of(lab).model_copy(update={"status": SubmissionStatus.INTERNAL})
    assert awaiting(broken, lab.assignment("fast"), ["cpu"]) == []
    assert with_timed(broken, lab.assignment("fast"), None, {}) == broken


class Judge(FakeJudge):
    """A judge that finds every function right, on a course with a timed question."""

    def __init__(self, course: Course) -> None:
        super().__init__(course.root)
        self._course = course

    def grade(self, submission: Submission, earlier: Result | None = None) -> Result:
        environment = super().grade(submission).environment
        made = result_of(self._course, submission=submission)
        return made.model_copy(update={"questions": made.questions[:1],
                                       "environment": environment})


class Timer:
    """A timekeeper that finds everything fast, and notes whom it timed."""

    def __init__(self, course: Course, log: list[str]) -> None:
        self._course = course
        self._log = log

    def time(
        self, submission: Submission, result: Result, questions: Sequence[Question]
    ) -> Result:
        self._log.append(submission.student)
        return replaced(result, self._course, *map(fast, questions))

    def close(self) -> None:
        self._log.append("closed")


Grade = Callable[..., list[Result]]


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def grade(lab: Course, log: list[str]) -> Grade:
    def grade(
        *students: str, devices: tuple[Device, ...] = ("cpu",), **options: Any
    ) -> list[Result]:
        told: list[Result] = []
        jury = Jury(lambda: Judge(lab), {}, SUITE, SEED, ("namespaces",),
                    make_timer=lambda: Timer(lab, log), devices=devices)
        with Store(lab) as store:
            run.grade(lab, "fast", [submitted(f"# {who}", who) for who in students], jury,
                      Here(jury.make_judge), store=store,
                      progress=lambda result, fresh: told.append(result), **options)
        return told

    return grade


def test_everybody_is_timed_after_everybody_is_graded(
    lab: Course, grade: Grade, log: list[str]
) -> None:
    results = grade("ann", "ben")
    assert log == ["ann", "ben", "closed"]
    assert worth(lab, results) == [("ann", 5), ("ben", 5)]
    with Store(lab) as store:
        assert [entry.score for entry in store.history("ann")] == [3, 5]


def test_nobody_is_timed_twice_unless_asked(grade: Grade, log: list[str]) -> None:
    grade("ann")
    grade("ann")
    assert log == ["ann", "closed"]
    grade("ann", only="performance", force=True)
    assert log == ["ann", "closed"] * 2


def test_timing_can_be_left_for_later(lab: Course, grade: Grade, log: list[str]) -> None:
    first, = grade("ann", only="correctness")
    assert (worth(lab, [first]), first.questions[1].status, log) == (
        [("ann", 3)], Status.DEFERRED, [])
    later = grade("ann", "new", only="performance")
    assert worth(lab, later) == [("ann", 5)]


def test_a_device_that_is_not_here_leaves_it_deferred(grade: Grade, log: list[str]) -> None:
    for asked in ({"devices": ()}, {"device": "cuda"}):
        result, = grade("ann", **asked)
        assert (result.questions[1].status, log) == (Status.DEFERRED, [])


def test_a_course_for_cuda_says_what_it_waits_for(lab: Course) -> None:
    course = with_device(lab, "cuda")
    question = result_of(course).questions[1]
    assert str(question.message) == (
        "Not timed yet: it is timed on a GPU, and the machine that graded the rest has none.")
    assert awaiting(result_of(course), course.assignment("fast"), ["cpu"]) == []
    assert awaiting(result_of(course), course.assignment("fast"), ["cuda"]) == [speed(course)]


# grader.toml ----------------------------------------------------------------------------------

@pytest.mark.parametrize(("old", "new", "says"), [
    ('of = "conv2d_fast"', 'of = "conv2d_fats"', "did you mean 'conv2d_fast'"),
    ("[[1000, 1.0], [2000, 0.5]]", "[[2000, 1.0], [1000, 0.5]]", "ratios must rise"),
    ("[[1000, 1.0], [2000, 0.5]]", "[[1000, 0.5], [2000, 1.0]]", "shares fall"),
    ("bonus = true", 'uses = ["conv2d_fast"]', "is timed: what it defines"),
    ('of = "conv2d_fast"', 'device = "tpu"\nof = "conv2d_fast"', "not one of 'cpu' or 'cuda'"),
    ("tiers =", "tires =", "did you mean 'tiers'"),
    ("[4]]", "[0]]", "greater than or equal to 1"),
])
def test_mistakes_in_the_table_are_told(lab: Course, old: str, new: str, says: str) -> None:
    (lab.root / "grader.toml").write_text(GRADER_TOML.replace(old, new, 1))
    with pytest.raises(CourseError) as error:
        load(lab.root / "grader.toml")
    assert says in str(error.value)


def test_the_courses_own_problems_have_answers() -> None:
    course = load(REPOSITORY / "grader.toml")
    with Timekeeper(course, "fast_conv") as keeper:
        reference = keeper._reference.conv2d_fast
    table = next(q.performance for q in course.assignment("fast_conv").questions if q.performance)
    shapes = [Task(problem, reference).shapes[-1] for problem in table.problems]
    assert shapes == [[8, 32, 64, 64], [32, 32, 28, 28], [24, 48, 28, 24]]


def test_another_grader_of_this_machine_times_afterwards() -> None:
    code = ("from autograder.timing.devices import exclusive\n"
            "print('about to time', flush=True)\n"
            "with exclusive():\n    print('timing', flush=True)\n")
    with exclusive():
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "about to time\n"
        waiting = re.compile(rf"-> FLOCK .* {other.pid} ")
        while not waiting.search(Path("/proc/locks").read_text()):
            assert other.poll() is None, "it did not wait"
    assert other.communicate(timeout=60)[0] == "timing\n"


def test_one_submission_at_a_time_on_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And beside others on other GPUs; whoever times on the cores has the machine alone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = ("import fcntl, sys\nfrom unittest import mock\n"
            "from autograder.timing.devices.lock import exclusive\n"
            "real = fcntl.flock\n"
            "def at_once(descriptor, how):\n    real(descriptor, how | fcntl.LOCK_NB)\n"
            "with mock.patch('fcntl.flock', at_once):\n"
            "    with exclusive(*sys.argv[1:]):\n        pass\n")

    def succeeds(*uuid: str) -> bool:
        done = subprocess.run([sys.executable, "-c", code, *uuid], capture_output=True, text=True)
        assert done.returncode == 0 or "BlockingIOError" in done.stderr
        return done.returncode == 0

    with exclusive("GPU-test-1"):
        assert (succeeds("GPU-test-1"), succeeds("GPU-test-2"), succeeds()) == (False, True, False)
    with exclusive():
        assert not succeeds("GPU-test-1")
    assert succeeds("GPU-test-1") and succeeds()


# The leaderboard ------------------------------------------------------------------------------

def on_board(course: Course, student: str, ratio: float, **changes: Any) -> Result:
    timed = fast(speed(course)).model_copy(update={
        "performance": Performance(ratio=ratio, interval=(ratio, ratio + 0.25), pairs=45),
        **changes})
    return replaced(result_of(course, submission=submitted(BASELINE, student)), course, timed)


def test_the_leaderboard_has_those_who_want_to_be_on_it(lab: Course) -> None:
    found = entries([on_board(lab, "ann", 1.1), on_board(lab, "ben", 0.9)], lab, "fast")
    assert [(entry.alias, entry.ratio) for entry in found] == [("Quick Fox", 1.1)]


@pytest.mark.parametrize("change", [
    {"status": Status.DEFERRED}, {"status": Status.FAILED}, {"performance": Performance()},
])
def test_the_leaderboard_has_what_was_timed(lab: Course, change: dict[str, Any]) -> None:
    assert entries([on_board(lab, "ann", 1.1, **change)], lab, "fast") == []


def test_the_leaderboard_has_right_functions_only(lab: Course) -> None:
    flawed = on_board(lab, "ann", 1.1)
    wrong = examined(Status.FAILED, MismatchKind.DTYPE)
    flawed = replaced(flawed, lab, wrong)
    assert entries([flawed], lab, "fast") == []


def test_the_leaderboard_is_shown_without_names(
    lab: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(lab) as store:
        number = store.begin("fast", "")
        store.add(number, on_board(lab, "ann", 1.25))
    page = tmp_path / "board.html"
    file = str(lab.root / "grader.toml")
    with pytest.raises(SystemExit) as ended:
        cli.main(["leaderboard", "fast", "--course", file, "--json", "--html", str(page)])
    assert ended.value.code == 0
    entry, = json.loads(capsys.readouterr().out)
    assert (entry["alias"], entry["interval"], entry["device"]) == ("Quick Fox", [1.25, 1.5], "cpu")
    assert "Quick Fox" in page.read_text() and "ann" not in page.read_text().split("</style>")[1]


def test_an_alias_is_harmless_wherever_it_is_shown(lab: Course) -> None:
    hostile = "<b>\x1b[31m[bold]"
    course = lab.model_copy(update={"leaderboard": {"ann": hostile}})
    found = entries([on_board(lab, "ann", 1.1)], course, "fast")
    assert "<b>" not in leaderboard.page(found, "Fast")
    console = Console(width=100, record=True, file=None)
    with console.capture() as shown:
        console.print(leaderboard.table(found, "Fast"))
    assert "\x1b[31m" not in shown.get() and "[bold]" in shown.get()
