"""Students of whom everything is kept that can be."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from example_results import ENVIRONMENT, a_result

from autograder.course import Course
from autograder.gradebook import Adjustment, Extension, TextMark, Whom
from autograder.intake import KeptFiles
from autograder.result import (
    Account,
    CheckResult,
    Load,
    QuestionResult,
    Result,
    Status,
    Suspicion,
    sentence,
)
from autograder.store import Store
from autograder.submission import Submission

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
WORDS = "please look again, says Ann"


def files(text: str) -> dict[str, bytes]:
    return {"lab.ipynb": text.encode()}


def graded(store: Store, lab: Course, student: str, text: str, earned: str = "1/2", *,
           at: datetime | None = NOON) -> Result:
    """A hand-in of one question, kept with its files, with text of the student's all over it."""
    handed_in = Submission(student, "correlation", files(text), at)
    KeptFiles(lab).keep(handed_in)
    account = Account(status=Status.ERROR, message=sentence("{said}", said=f"raised by {student}"))
    check = CheckResult(id="test_all", title="Everything.", status=Status.FAILED,
                        earned=Fraction(earned), decided=account, explained=account)
    result = a_result(student, QuestionResult(
        name="corr2d", status=Status.FAILED, checks=[check],
        message=sentence("{said}", said=f"raised by {student}")),
        load=Load(output=f"printed by {student}"),
        suspicions=[Suspicion(name=f"{student}_spies", cell=0, line=1)],
        submission=handed_in.record, environment=ENVIRONMENT)
    store.add(store.begin("correlation", shlex.join([
        "autograder", "grade", "correlation", f"{student}.ipynb"])), result)
    return result


def everything(store: Store) -> str:
    """All that the database holds, as text."""
    with store.copies.taken() as tables:
        return "\n".join(json.dumps(row) for _, rows in tables for row in rows)


def added(store: Store, reason: str, whom: Whom, points: str, question: str | None = None,
          comment: str = "") -> int:
    return store.acts.add(Adjustment(
        assignment="correlation", reason=reason, whom=whom, question=question, kind="add",
        points=Decimal(points), comment=comment))


def busy(store: Store, lab: Course) -> None:
    """Two students, of whom everything is kept that can be."""
    graded(store, lab, "ann", "her first", "1/4", at=NOON - timedelta(days=3))
    graded(store, lab, "ann", "shared")
    graded(store, lab, "bob", "shared", "3/4")
    ann = Whom("person", "ann")
    added(store, "ann was right", ann, "0.5", "corr2d", comment="You were right, Ann.")
    store.acts.add(Extension(assignment="correlation", reason="ann was ill", whom=ann,
                             due=NOON - timedelta(hours=20)))
    store.acts.add(TextMark(assignment="correlation", reason="", student="ann", question="essay",
                            points=Decimal(2), comment="Nice, Ann."))
    number = added(store, "ann asked", ann, "1")
    store.acts.revoke(Adjustment, number, reason="not for Ann Lee")
    added(store, "a fire alarm", Whom("section", "A"), "0.25")
    request = store.requests.open("ann", "correlation", "corr2d", WORDS)
    store.requests.answer(request, "I did, Ann.")
    store.requests.close(request, "half a point for Ann")
