"""Which of a student's submissions counts: the one handed in last, or the best."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from databases import a_result, lab, scores, server, store
from example_results import verdicts

from autograder.course import Course, LatePolicy, Policy, Question
from autograder.gradebook import Adjustment, Whom, grade
from autograder.result import SubmissionRecord, SubmissionStatus
from autograder.store import Store

__all__ = ["lab", "server", "store"]  # fixtures

INTERNAL = SubmissionStatus.INTERNAL
MONDAY, TUESDAY = (datetime(2026, 10, day, tzinfo=UTC) for day in (12, 13))


def handed_in(files: str, at: datetime | None) -> SubmissionRecord:
    return SubmissionRecord(digest=files * 64, submitted_at=at)


def test_the_submission_handed_in_last_counts_or_the_best(
    store: Store, lab: Course
) -> None:
    run = store.begin("correlation", "grade")
    for student, files, at, score in [
        ("ann", "b", TUESDAY, 1.0), ("ann", "a", MONDAY, 3.0),  # graded the other way round
        ("bob", "a", MONDAY, 2.0), ("bob", "b", TUESDAY, 4.0),
    ]:
        store.add(run, a_result(student, score, submission=handed_in(files, at)))
    assert scores(lab, store.counting("correlation", "latest")) == [("ann", 1.0), ("bob", 4.0)]
    assert scores(lab, store.counting("correlation", "best")) == [("ann", 3.0), ("bob", 4.0)]
    assert len(store.history("ann")) == 2


def test_a_regrade_replaces_the_result_of_its_submission_only(store: Store, lab: Course) -> None:
    run = store.begin("correlation", "grade")
    for files, at, score in [("a", MONDAY, 4.0), ("b", TUESDAY, 2.0), ("a", MONDAY, 1.0)]:
        store.add(run, a_result(score=score, submission=handed_in(files, at)))
    assert scores(lab, store.counting("correlation", "best")) == [("ann", 2.0)]  # no longer 4
    assert scores(lab, store.counting("correlation", "latest")) == [("ann", 2.0)]


def test_of_equally_good_submissions_the_later_one_counts(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for files, at in (("b", TUESDAY), ("a", MONDAY)):
        store.add(run, a_result(submission=handed_in(files, at)))
    [best] = store.counting("correlation", "best")
    assert best.submission.submitted_at == TUESDAY


@pytest.mark.parametrize("status", [SubmissionStatus.UNREADABLE, SubmissionStatus.INTERNAL])
@pytest.mark.parametrize("policy", ["latest", "best"])
def test_what_is_no_grade_takes_none_away_and_is_told(
    store: Store, policy: Policy, status: SubmissionStatus
) -> None:
    run = store.begin("correlation", "grade")
    for student, files, at, score in [("ann", "a", MONDAY, 2.0), ("bob", "a", TUESDAY, 0.0)]:
        store.add(run, a_result(student, score, submission=handed_in(files, at)))
    for student, at in (("ann", TUESDAY), ("bob", MONDAY), ("cem", TUESDAY)):
        store.add(run, a_result(student, submission=handed_in("b", at), status=status,
                                questions=[]))
    found = {each.student: each for each in store.grades("correlation", policy)}
    assert {who: (each.score, each.is_graded, each.newer) for who, each in found.items()} == {
        "ann": (2.0, True, status), "bob": (0.0, True, None), "cem": (0.0, False, None)}
    for who, told in (("ann", status), ("bob", None), ("cem", status)):
        for book in (store.book(policy), store.book(policy, student=who)):
            total = book.totals(who)["correlation"]
            assert (total.is_decided, total.ungraded) == (who != "cem", told)
    store.add(run, a_result(score=1.0, submission=handed_in("b", TUESDAY)))  # mended, or again
    [ann] = [each for each in store.grades("correlation", policy) if each.student == "ann"]
    assert (ann.score, ann.newer) == (1.0 if policy == "latest" else 2.0, None)


@pytest.mark.parametrize("at", [MONDAY, None])
@pytest.mark.parametrize("policy", ["latest", "best"])
def test_a_fault_of_ours_over_the_same_files_takes_no_grade_away_and_is_told(
    store: Store, policy: Policy, at: datetime | None
) -> None:
    """Ann's only files; of bob's the newest, or the best; of cem nothing but faults of ours."""
    run, again = (store.begin("correlation", "grade") for _ in range(2))
    older = at and at - timedelta(days=1)
    store.add(run, a_result("bob", 1.0, submission=handed_in("b", older)))
    for student in ("ann", "bob"):
        store.add(run, a_result(student, 3.0, submission=handed_in("a", at)))
    for student in ("ann", "bob", "cem", "cem"):
        store.add(again, a_result(student, submission=handed_in("a", at), status=INTERNAL,
                                  questions=[]))
    found = {each.student: each for each in store.grades("correlation", policy)}
    assert {who: (each.score, each.is_graded, each.newer) for who, each in found.items()} == {
        "ann": (3.0, True, INTERNAL), "bob": (3.0, True, INTERNAL), "cem": (0.0, False, None)}
    for who in found:
        for book in (store.book(policy), store.book(policy, student=who)):
            total = book.totals(who)["correlation"]
            assert (total.is_decided, total.ungraded) == (who != "cem", INTERNAL)
    before, after = (store.counting_numbers("correlation", policy, until=until)
                     for until in (run, again))
    assert before.items() < after.items() and after.keys() - before.keys() == {"cem"}
    for who, points in (("ann", 3), ("bob", 3), ("cem", 0)):
        of = who, "correlation", "a" * 64
        total_of, result = store.total_of_hand_in(*of), store.of_hand_in(*of)
        assert total_of is not None and result is not None
        assert total_of.score == store.totals_of_hand_ins(who)[of[1:]].score == points
        assert (result.status is INTERNAL) is (who == "cem")


def test_a_fault_of_ours_over_the_best_is_told_where_newer_files_are_graded(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for files, at, score in (("a", MONDAY, 3.0), ("b", TUESDAY, 1.0)):
        store.add(run, a_result(score=score, submission=handed_in(files, at)))
    store.add(run, a_result(submission=handed_in("a", MONDAY), status=INTERNAL, questions=[]))
    found = [each for policy in ("best", "latest") for each in store.grades("correlation", policy)]
    assert [(each.score, each.newer) for each in found] == [(3.0, INTERNAL), (1.0, None)]


def test_what_could_not_be_read_stands_below_a_fault_of_ours(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for status in (SubmissionStatus.GRADED, SubmissionStatus.UNREADABLE, INTERNAL):
        store.add(run, a_result(submission=handed_in("a", MONDAY), status=status, questions=[]))
    [ann] = store.grades("correlation")
    assert (ann.result.status, ann.newer) == (SubmissionStatus.UNREADABLE, INTERNAL)


def test_where_nothing_says_when_the_one_graded_last_counts(store: Store, lab: Course) -> None:
    run = store.begin("correlation", "grade")
    first, second = (a_result(score=score, submission=handed_in(files, None))
                     for files, score in (("a", 1.0), ("b", 2.0)))
    store.add(run, first)
    assert not store.is_outdated(first)
    store.add(run, second)
    assert store.is_outdated(first) and not store.is_outdated(second)
    store.add(run, first)
    assert scores(lab, store.counting("correlation", "latest")) == [("ann", 1.0)]


def test_the_course_says_which_counts_where_nobody_else_does(lab: Course) -> None:
    with Store(lab.model_copy(update={"counts": "best"})) as store:
        run = store.begin("correlation", "grade")
        for files, at, score in (("a", MONDAY, 4.0), ("b", TUESDAY, 2.0)):
            store.add(run, a_result(score=score, submission=handed_in(files, at)))
        assert scores(lab, store.counting("correlation")) == [("ann", 4.0)]
        assert scores(lab, store.counting("correlation", "latest")) == [("ann", 2.0)]


def test_what_stood_when_a_run_had_ended_can_be_asked_for(store: Store, lab: Course) -> None:
    first, nothing_new, second = (store.begin("correlation", "grade") for _ in range(3))
    store.add(first, a_result(score=1.0))
    store.add(second, a_result(score=2.0))
    store.add(second, a_result("bob", 3.0))

    def stood(run: int) -> dict[str, float]:
        return {student: grade(lab, store.result(number)).score
                for student, number in store.counting_numbers("correlation", until=run).items()}

    assert stood(first) == stood(nothing_new) == {"ann": 1.0}
    assert stood(second) == {"ann": 2.0, "bob": 3.0}


def test_the_best_is_so_by_the_points_of_today(lab: Course) -> None:
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        store.add(run, a_result(submission=handed_in("a", MONDAY), questions=[
            verdicts(1), verdicts(0, "pool2d")]))
        store.add(run, a_result(submission=handed_in("b", TUESDAY), questions=[
            verdicts(0), verdicts(1, "pool2d")]))
        [best] = store.counting("correlation", "best")
        assert best.submission.submitted_at == MONDAY
    table = lab.assignment("correlation")
    pool2d = Question(name="pool2d", title="Pooling", points=Decimal(9))
    dearer = table.model_copy(update={"questions": [*table.questions, pool2d]})
    later = lab.model_copy(update={"assignments": {"correlation": dearer}})
    with Store(later) as store:
        [best] = store.counting("correlation", "best")
        assert best.submission.submitted_at == TUESDAY


def test_when_files_were_handed_in_is_known_by_the_newest_result_that_says(store: Store) -> None:
    run = store.begin("correlation", "grade")
    for at in (MONDAY, TUESDAY, None):
        store.add(run, a_result(submission=handed_in("a", at)))
    assert store.handed_in("a" * 64, "correlation", "ann") == (TUESDAY, None)
    assert store.handed_in("b" * 64, "correlation", "ann") is None
    assert store.handed_in("a" * 64, "correlation", "bob") is None


def test_what_was_kept_under_another_name_of_a_person_is_theirs(store: Store, lab: Course) -> None:
    run = store.begin("correlation", "grade")
    for student, files, at, score in [("ann", "a", MONDAY, 3.0), ("4150", "b", TUESDAY, 1.0),
                                      ("7", "c", MONDAY, 4.0)]:
        store.add(run, a_result(student, score, submission=handed_in(files, at)))
    assert scores(lab, store.counting("correlation")) == [("4150", 1.0), ("7", 4.0), ("ann", 3.0)]
    (lab.root / "people.csv").write_text("id,canvas\nann,4150\n")
    assert scores(lab, store.counting("correlation", "latest")) == [("7", 4.0), ("ann", 1.0)]
    assert scores(lab, store.counting("correlation", "best")) == [("7", 4.0), ("ann", 3.0)]
    assert {each.student: each.score for each in store.grades("correlation", "latest")} \
        == {"7": 4.0, "ann": 1.0}
    assert [float(each.score) for each in store.book("latest").totals("ann").values()] == [1.0]


def test_a_students_pages_of_the_book_say_what_the_book_says(store: Store, lab: Course) -> None:
    (lab.root / "people.csv").write_text("id,email\nann,ann@uni.example\nbob,\n")
    run = store.begin("correlation", "grade")
    for student, files, at, score in [
            ("ann", "a", MONDAY, 3.0), ("Ann@Uni.example", "b", TUESDAY, 1.0),
            ("bob", "a", MONDAY, 2.0), ("bob", "b", TUESDAY, 4.0)]:
        store.add(run, a_result(student, score, submission=handed_in(files, at)))
    whole = store.book()
    for student in ("ann", "bob"):
        found = store.book(student=student)
        assert found.totals(student) == whole.totals(student) != {}
    assert store.book(student="ann").totals("bob") == store.book(student="nobody").totals("bob")


def test_what_was_kept_under_another_name_is_worth_the_same_wherever_it_is_asked(
    lab: Course
) -> None:
    (lab.root / "people.csv").write_text("id,login\nann,a1\n")
    pooling = lab.assignment("correlation").model_copy(update={"name": "pooling"})
    late = LatePolicy(per_day=0.1, bank=1)
    course = lab.model_copy(update={
        "late": late, "assignments": {**lab.assignments, "pooling": pooling}})
    with Store(course) as store:
        run = store.begin("correlation", "grade")
        for student, assignment, score in (("a1", "correlation", 2.0), ("ann", "pooling", 4.0)):
            store.add(run, a_result(student, score, assignment=assignment, submission=(
                SubmissionRecord(digest="a" * 64, submitted_at=TUESDAY, due=MONDAY))))
        store.acts.add(Adjustment(assignment="correlation", whom=Whom("person", "ann"), reason="",
                                  question=None, kind="add", points=Decimal(1)))
        counts = store.book().totals("ann")["correlation"]
        assert (counts.slip_days, counts.score) == (0, Decimal("2.80"))  # 2 - 0.2 + 1
        of = "a1", "correlation", "a" * 64
        total, result = store.total_of_hand_in(*of), store.of_hand_in(*of)
        assert total is not None and result is not None
        found = store.desk(student="a1").grade(result)
        assert (found.student, found.score) == ("ann", 2.8)
        assert total.score == counts.score
        assert [each.score for each in store.history("a1")] == [2.8]
