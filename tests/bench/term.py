"""A term of thousands: how long the gradebook takes, and what memory.

    python tests/bench/term.py --people 2000 --assignments 10 --hand-ins 5

Fills a store with made results (7 questions of 9 checks, some late, some wrong), decides a few
hundred things, and asks for everybody's term, as ``autograder gradebook`` does.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from sqlalchemy import insert

from autograder.course import Course, load
from autograder.course.roster import Person, written
from autograder.gradebook import Adjustment, Extension, Verdicts, Waiver, Whom
from autograder.gradebook.term import term
from autograder.gradebook.verdicts import QuestionVerdict
from autograder.result import Status, SubmissionStatus
from autograder.store import Store
from autograder.store.tables import ResultRow, RunRow

QUESTIONS, CHECKS = 7, 9
DUE = datetime(2026, 10, 1, 22, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--assignments", type=int, default=10)
    parser.add_argument("--hand-ins", type=int, default=5)
    options = parser.parse_args()
    people, assignments, hand_ins = options.people, options.assignments, options.hand_ins
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        course = _course(Path(folder), assignments)
        (Path(folder) / "people.csv").write_text(written(
            Person(f"s{number:05}", section="ABCD"[number % 4]) for number in range(people)))
        with Store(course) as store:
            _fill(store, people, assignments, hand_ins)
            _decide(store, people, assignments)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        with Store(course) as store:
            book = store.book()
        read = time.process_time() - start
        found = term(book, datetime.now(UTC))
        whole = time.process_time() - start
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{people} people x {assignments} assignments x {hand_ins} hand-ins: "
              f"{whole:.2f} s, {read:.2f} of it reading; memory +{grown / 1024:.0f} MB; "
              f"mean {sum(each.percent or 0 for each in found) / len(found):.1f} %")


def _course(folder: Path, assignments: int) -> Course:
    questions = "".join(
        f'[[assignments.lab{{number}}.questions]]\nname = "q{each}"\ntitle = "Q"\npoints = 3\n'
        for each in range(QUESTIONS))
    (folder / "grader.toml").write_text(
        '[course]\nname = "Term"\ntimezone = "Europe/Berlin"\n'
        '[store]\nurl = "sqlite:///kept/grades.db"\n'
        "[late]\nper_day = 0.1\nbank = 5\nat_most = 2\n[gradebook]\ndrop_lowest = 1\n"
        + "".join(f'[assignments.lab{number}]\ntitle = "Lab"\n'
                  f"due = {(DUE + number * timedelta(days=7)).isoformat()}\n"
                  + questions.format(number=number) for number in range(assignments)))
    return load(folder / "grader.toml")


def _fill(store: Store, people: int, assignments: int, hand_ins: int) -> None:
    with store._database.session() as session:
        session.execute(insert(RunRow).values(
            id=1, started=DUE, assignment="lab0", command="", autograder=""))
        for assignment in range(assignments):
            session.execute(insert(ResultRow), list(_rows(people, assignment, hand_ins)))
        session.commit()


def _rows(people: int, assignment: int, hand_ins: int) -> Iterator[dict[str, object]]:
    for person in range(people):
        for hand_in in range(hand_ins):
            at = DUE + timedelta(days=7 * assignment, hours=random.randint(-48, 30))
            verdicts = Verdicts(
                f"s{person:05}", f"lab{assignment}", SubmissionStatus.GRADED, at, None,
                {f"q{each}": _verdict() for each in range(QUESTIONS)})
            yield {"run_id": 1, "key": "k", "student": verdicts.student,
                   "assignment": verdicts.assignment, "submission": f"{person}-{hand_in}",
                   "submitted": at, "suite": "", "tier": "", "status": "graded", "created": at,
                   "record": "{}" + " " * 20_000, "verdicts": verdicts.written()}


def _verdict() -> QuestionVerdict:
    passed = [random.random() < 0.9 for _ in range(CHECKS)]
    return QuestionVerdict(
        Status.PASSED if all(passed) else Status.FAILED, Fraction(sum(passed), CHECKS), None,
        json.dumps({f"test_of_some_kind_{each}": ("1", str(int(ok)))
                    for each, ok in enumerate(passed)}))


def _decide(store: Store, people: int, assignments: int) -> None:
    for each in range(200):
        name, who = f"lab{each % assignments}", Whom("person", f"s{random.randrange(people):05}")
        store.acts.add(Adjustment(assignment=name, reason="", whom=who, question="q0", kind="add",
                                  points=Decimal(1)))
        store.acts.add(Extension(assignment=name, reason="", whom=who,
                                 due=DUE + timedelta(days=7 * (each % assignments) + 2)))
    store.acts.add(Waiver(assignment="lab0", reason="", question="q1",
                          check="test_of_some_kind_3"))


if __name__ == "__main__":
    main()
