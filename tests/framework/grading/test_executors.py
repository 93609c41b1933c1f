"""Tasks in, outcomes out: an executor takes no more than it has room for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from fake_judge import FakeJudge, notes
from test_run import a_course, handed_in

from autograder.grading.executors import Executor, Here, Judged, Lost, Pool, ToJudge, local

EXECUTORS = {"here": Here, "pool": partial(Pool, workers=2)}


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Executor:
    made: Executor = EXECUTORS[request.param](partial(FakeJudge, tmp_path))
    return made


class Tasks(Iterator[ToJudge]):
    """Counts how many were taken."""

    def __init__(self, root: Path, *students: str) -> None:
        self._left = iter(handed_in(a_course(root), *students))
        self.taken = 0

    def __next__(self) -> ToJudge:
        submission = next(self._left)
        self.taken += 1
        return ToJudge(submission)


def test_without_a_task_no_judge_is_made(executor: Executor, tmp_path: Path) -> None:
    assert list(executor.run(iter(()))) == []
    assert notes(tmp_path) == []


def test_every_task_has_one_outcome(executor: Executor, tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(7)]
    outcomes = list(executor.run(Tasks(tmp_path, *names)))
    assert all(isinstance(outcome, Judged) and outcome.result.student ==
               outcome.task.submission.student for outcome in outcomes)
    assert sorted(outcome.task.submission.student for outcome in outcomes) == names


def test_tasks_are_taken_when_there_is_room(executor: Executor, tmp_path: Path) -> None:
    tasks = Tasks(tmp_path, *(f"s{number}" for number in range(9)))
    with closing(executor.run(tasks)) as outcomes:
        for done, _ in enumerate(outcomes, 1):
            assert tasks.taken - done < 4


def test_judges_end_with_the_outcomes(executor: Executor, tmp_path: Path) -> None:
    with closing(executor.run(Tasks(tmp_path, "ann", "bob"))) as outcomes:
        next(outcomes)
    seated = {process for what, process in notes(tmp_path) if what == "seated"}
    assert seated
    for process in seated:  # this one, whose judge was closed; or another, which is gone
        assert ("closed", process) in notes(tmp_path) or not Path(f"/proc/{process}").exists()
    [again] = executor.run(Tasks(tmp_path, "cem"))
    assert again.task.submission.student == "cem"


def test_what_ends_two_processes_is_lost_and_the_rest_is_judged(tmp_path: Path) -> None:
    names = ["s1", "segfault", "s2", "s3", "s4", "s5"]
    pool = Pool(partial(FakeJudge, tmp_path), 2)
    outcomes = {each.task.submission.student: each for each in pool.run(Tasks(tmp_path, *names))}
    assert sorted(outcomes) == sorted(names)
    assert [name for name, each in outcomes.items() if isinstance(each, Lost)] == ["segfault"]


@pytest.mark.parametrize(("submissions", "workers", "kind"), [
    (9, 1, Here), (1, 4, Here), (1, None, Here), (9, 4, Pool), (9, None, Pool)])
def test_a_process_is_spared_where_it_gains_nothing(
    tmp_path: Path, submissions: int, workers: int | None, kind: type
) -> None:
    assert type(local(partial(FakeJudge, tmp_path), submissions, workers)) is kind
