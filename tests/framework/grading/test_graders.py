"""Graders that are kept at work, as the processes that they are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue

import pytest
from labs import RIGHT, SECRET, correlation

from autograder import course
from autograder.course import roster
from autograder.grading.course_now import CourseNow
from autograder.grading.graders import Graders
from autograder.grading.work import Workplace
from autograder.intake.receiving import receive
from autograder.store import State, Store
from autograder.telemetry.log import RunLog

PATIENCE = 240.0
CLASS = "id,team\nann,red\nbob,red\ncem,blue\ndan,blue\n"


@contextmanager
def heard() -> Iterator[SimpleQueue[logging.LogRecord]]:
    """What this process writes in its log meanwhile."""
    said: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler, logger = QueueHandler(said), logging.getLogger("autograder")
    logger.addHandler(handler)
    yield said
    logger.removeHandler(handler)


def test_who_takes_a_graders_place_refuses_the_table_that_the_door_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET.decode())
    correlation(tmp_path, questions=["corr2d"])
    place, table = Workplace(tmp_path / "grader.toml"), tmp_path / "people.csv"
    table.write_text(CLASS)
    lab = course.load(place.toml)
    people = roster.load(lab)
    with Store(lab) as store, closing(CourseNow(place)) as now, heard() as said:
        receive(lab, store, SECRET, people, people.people["ann"], "correlation",
                {"correlation.py": RIGHT.encode()}, datetime.now(UTC), "test")
        table.write_text("id,team\ndan,blue\n")
        with Graders(place, 1, RunLog.fresh("json"), lambda: now.people):
            messages: list[str] = []
            while messages.count("grader ended") < 2:  # the first one's place took another
                messages.append(said.get(timeout=PATIENCE).getMessage())
        assert messages.count("people cannot be used") == 1
        [arrival] = store.arrivals.all()
        assert (arrival.state, arrival.begun, store.counting("correlation")) == (
            State.WAITING, 0, [])
