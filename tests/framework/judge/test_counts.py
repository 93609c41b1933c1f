"""What one right submission takes in a warm class, counted: no clock, so that no neighbour matters.

A count that is another fails, and says which. One that fell is written down, so that it stays; one
that rose, where that is worth it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from labs import RIGHT, Bench, correlation, submitted

from autograder.judge import Judge
from autograder.judge.collecting import Collected
from autograder.protocol import Channel
from autograder.result import SubmissionStatus
from autograder.sandbox.client import Zygote
from autograder.store import Store

TAKES = {
    "workers": 1,  # visible checks pass, before it meets what is secret: nothing is explained
    "requests": 172,
    "KiB to workers": 70,
    "KiB from workers": 36,
    "checks run by pytest": 0,  # and not called with what our own fixtures give
    "SQL statements to keep the result": 2,
}
"""Of a right submission of `correlation` -> how many of each it takes."""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What happens from here on, by its name in ``TAKES``."""
    found: Counter[str] = Counter()

    def count(owner: Any, name: str, what: str) -> None:
        function = getattr(owner, name)

        def counting(*arguments: Any, **keywords: Any) -> Any:
            found[what] += 1
            return function(*arguments, **keywords)

        monkeypatch.setattr(owner, name, counting)

    count(Zygote, "spawn", "workers")
    count(Channel, "send", "requests")
    count(Collected, "_run_by_pytest", "checks run by pytest")
    send, read = Channel.send, Channel._read

    def sending(self: Channel, header: Any, body: list[bytes], *deadline: Any) -> None:
        found["bytes to workers"] += len(str(header)) + sum(map(len, body))
        send(self, header, body, *deadline)

    def reading(self: Channel, size: int, *deadline: Any) -> memoryview:
        found["bytes from workers"] += size
        return read(self, size, *deadline)

    monkeypatch.setattr(Channel, "send", sending)
    monkeypatch.setattr(Channel, "_read", reading)
    return found


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Iterator[Judge]:
    with Bench(correlation(tmp_path_factory.mktemp("course")), "correlation", zygote) as judge:
        judge.grade(submitted(RIGHT))  # what references answer is known from here on
        yield judge


def test_a_right_submission_takes_what_it_took(
    judge: Judge, counted: Counter[str], tmp_path: Path
) -> None:
    result = judge.grade(submitted(RIGHT + "\n# another"))
    assert result.status is SubmissionStatus.GRADED
    for way in ("to", "from"):
        counted[f"KiB {way} workers"] = -(-counted.pop(f"bytes {way} workers") // 1024)

    with Store(judge.course) as store:
        run = store.begin("correlation", "counts")

        def statement(*_: object) -> None:
            counted["SQL statements to keep the result"] += 1

        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", statement)
        try:
            store.add(run, result)
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", statement)

    assert {what: counted[what] for what in TAKES} == TAKES
