"""What is handed in is kept, or refused with a reason; and nothing is received twice."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections import deque
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from databases import a_course, a_result, lab, server, store
from fake_judge import fake_jury
from hand_ins import ADA, BOB
from hand_ins import packed as zipped

from autograder import course
from autograder.course import Course
from autograder.course.roster import Person, Roster, RosterError, load
from autograder.grading import jury
from autograder.grading.work import QueueGrader, Workplace
from autograder.intake import IntakeError, KeptFiles, receipts, receiving, whose
from autograder.intake.erasing import forget
from autograder.intake.receipts import Receipt, is_genuine, read
from autograder.intake.receiving import MAX_FILES, Left, Refusal, barred, left, receive
from autograder.result import SubmissionRecord
from autograder.store import State, Store
from autograder.store.keys import KeyKind
from autograder.submission import Submission

__all__ = ["lab", "server", "store"]  # fixtures

SECRET = b"a secret of the tests, 32 bytes!"
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
ANN = Person("ann")


def limited(root: Path, attempts: str) -> Course:
    file = root / "grader.toml"
    file.write_text(file.read_text().replace(
        "questions =", f"attempts = {attempts}\nquestions =", 1))
    return course.load(file)


def hand_in(lab: Course, store: Store, content: bytes = ADA, *, name: str = "correlation.ipynb",
            at: datetime = NOON, person: Person = ANN, roster: Roster | None = None,
            ) -> Receipt | Refusal:
    return receive(lab, store, SECRET, roster or Roster(), person, "correlation", {name: content},
                   at, "test")


def received(answer: Receipt | Refusal) -> Receipt:
    assert isinstance(answer, Receipt), answer
    return answer


def refused(answer: Receipt | Refusal) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


def test_a_hand_in_is_kept_waits_and_has_a_receipt(lab: Course, store: Store) -> None:
    receipt = received(hand_in(lab, store))
    assert KeptFiles(lab).find(receipt.digest) == {"correlation.ipynb": ADA}
    [arrival] = store.arrivals.all()
    assert (arrival.student, arrival.at, arrival.state) == ("ann", NOON, State.WAITING)
    assert is_genuine(read(receipt.written()), SECRET)
    for lie in ({"student": "bob"}, {"at": NOON - timedelta(days=1)}, {"digest": "0" * 64}):
        assert not is_genuine(receipt.model_copy(update=lie), SECRET)
    assert not is_genuine(receipt, b"another secret of the tests, 32!")


def test_what_is_no_receipt_is_said_to_be_none() -> None:
    with pytest.raises(receipts.ReceiptError, match="not a receipt"):
        read("{}")


def test_the_same_files_once_more_are_the_same_hand_in(lab: Course, store: Store) -> None:
    first, again = received(hand_in(lab, store)), received(hand_in(
        lab, store, at=NOON + timedelta(hours=1)))
    assert again == first
    other = received(hand_in(lab, store, BOB))
    assert (other.number, len(store.arrivals.all())) == (first.number + 1, 2)
    assert received(hand_in(lab, store)).number > other.number  # who goes back means it


def test_names_lead_nowhere(lab: Course, store: Store) -> None:
    receipt = received(hand_in(lab, store, name="../../etc/C:\\work\\my .ipynb"))
    assert KeptFiles(lab).find(receipt.digest) == {"my .ipynb": ADA}
    assert {each.name for each in KeptFiles(lab).folder.rglob("*.zst")} == {f"{receipt.digest}.zst"}


def test_attempts_are_counted_and_our_own_fault_costs_none(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    lab = limited(tmp_path, "{ max = 2 }")
    with Store(lab) as store:
        received(hand_in(lab, store))
        [first] = store.arrivals.all()
        assert left(lab, store, Roster(), ANN, "correlation", NOON) == Left(1)
        store.arrivals.ended(first, first.digest, State.INTERNAL)
        assert left(lab, store, Roster(), ANN, "correlation", NOON) == Left(2)
        later = datetime.now(UTC) + timedelta(hours=1)
        received(hand_in(lab, store, at=later))  # the same files: an attempt from now on
        assert store.arrivals.all()[0].state is State.WAITING
        received(hand_in(lab, store, BOB))
        assert refused(hand_in(lab, store, ADA + b" ")).kind == "attempts"
        assert received(hand_in(lab, store, ADA, person=Person("bob"))).student == "bob"


def test_a_refusal_says_when_one_may_come_again(tmp_path: Path) -> None:
    a_course(tmp_path)
    limited(tmp_path, "{ per = { hours = 2, allowed = 2 } }")
    file = tmp_path / "grader.toml"
    file.write_text(file.read_text().replace("[course]", '[course]\ntimezone = "Europe/Berlin"'))
    with Store(lab := course.load(file)) as store:
        received(hand_in(lab, store, at=NOON))
        received(hand_in(lab, store, BOB, at=NOON + timedelta(hours=1)))
        later = NOON + timedelta(minutes=90)
        refusal = refused(hand_in(lab, store, ADA + b" ", at=later))
        assert (refusal.kind, refusal.again) == ("pace", NOON + timedelta(hours=2))
        assert str(refusal.reason) == \
            "That is too often. You may hand in again at 2026-10-12 16:00 CEST."
        assert received(hand_in(lab, store, ADA + b" ", at=NOON + timedelta(hours=2)))


def test_what_ended_graders_rests_before_it_is_graded_again(lab: Course, store: Store) -> None:
    def failed() -> datetime:
        [arrival] = store.arrivals.all()
        run = store.begin("correlation", "test")
        store.add(run, a_result("ann", submission=SubmissionRecord(digest=arrival.digest)))
        store.finish(run)
        store.arrivals.ended(arrival, arrival.digest, State.INTERNAL)
        [arrival] = store.arrivals.all()
        assert arrival.ended is not None
        return arrival.ended

    received(hand_in(lab, store))
    for minutes in (5, 10, 20):
        ended = failed()
        refusal = refused(hand_in(lab, store, at=ended + timedelta(seconds=1)))
        assert (refusal.kind, refusal.again) == ("pace", ended + timedelta(minutes=minutes))
        assert store.arrivals.queue().length == 0
        received(hand_in(lab, store, at=ended + timedelta(minutes=minutes)))
        assert store.arrivals.queue().length == 1


def test_whose_hand_ins_end_graders_waits_an_hour_after_three(lab: Course, store: Store) -> None:
    now = datetime.now(UTC)
    for number in range(3):
        received(hand_in(lab, store, ADA + bytes([32]) * number, at=now))
        arrival = store.arrivals.all()[0]
        store.arrivals.ended(arrival, arrival.digest, State.INTERNAL)
    first = store.arrivals.all()[-1].ended
    assert first is not None
    refusal = refused(hand_in(lab, store, BOB, at=datetime.now(UTC)))
    assert (refusal.kind, refusal.again) == ("pace", first + timedelta(hours=1))
    received(hand_in(lab, store, BOB, person=Person("bob"), at=now))  # costs nobody else anything
    received(hand_in(lab, store, BOB, at=first + timedelta(hours=1)))


def test_nobody_fills_the_disk_in_a_day(
    lab: Course, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_MOST_A_DAY", 100_000)
    for _ in range(2):
        received(hand_in(lab, store, os.urandom(60_000)))
    refusal = refused(hand_in(lab, store, os.urandom(9)))
    assert (refusal.kind, refusal.again) == ("pace", NOON + timedelta(days=1))
    assert barred(lab, store, Roster(), ANN, "correlation", NOON) == refusal  # before it comes
    assert barred(lab, store, Roster(), ANN, "correlation", NOON + timedelta(days=1)) is None


def test_of_who_was_slower_than_the_team_no_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_course(tmp_path)
    lab = limited(tmp_path, "{ max = 1 }")
    ann, bob = (Person(name, team="red") for name in ("ann", "bob"))
    roster, keep = Roster({"ann": ann, "bob": bob}), KeptFiles.keep

    def beaten(kept: KeptFiles, submission: Submission) -> bool:
        is_new = keep(kept, submission)
        if submission.student == "ann":
            received(hand_in(lab, store, his, person=bob, roster=roster))
        return is_new

    for his, stay in ((BOB, 1), (ADA, 1)):  # of his, if they are the same
        with Store(lab) as store:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(KeptFiles, "keep", beaten)
                answer = hand_in(lab, store, person=ann, roster=roster)
            assert isinstance(answer, Receipt) == (his == ADA)
            [arrival] = store.arrivals.all()
            kept = [each.name for each in KeptFiles(lab).folder.rglob("*.zst")]
            assert (len(kept), kept[0]) == (stay, f"{arrival.digest}.zst")
        shutil.rmtree(tmp_path / "kept")


def test_who_is_erased_waits_no_more_and_leaves_no_file(lab: Course, store: Store) -> None:
    (lab.root / "people.csv").write_text("id\nann\nbob\n")
    hers = received(hand_in(lab, store))
    his = received(hand_in(lab, store, BOB, person=Person("bob")))
    store.keys.make(KeyKind.SESSION, "ann", timedelta(hours=1))
    forget(lab, store, "ann", "asked for it")
    assert [each.student for each in store.arrivals.all()] == ["bob"]
    assert store.keys.all() == []
    assert KeptFiles(lab).find(hers.digest) is None and KeptFiles(lab).find(his.digest)
    assert store.persons.sweep(KeptFiles(lab).sweep) == 0  # what waits is needed


def test_a_team_has_its_attempts_together(tmp_path: Path) -> None:
    a_course(tmp_path)
    lab = limited(tmp_path, "{ max = 1 }")
    ann, bob = (Person(name, team="red") for name in ("ann", "bob"))
    roster = Roster({"ann": ann, "bob": bob})
    with Store(lab) as store:
        received(hand_in(lab, store, person=ann, roster=roster))
        assert refused(hand_in(lab, store, BOB, person=bob, roster=roster)).kind == "attempts"


def many(*others: str) -> dict[str, bytes]:
    """A zip of more notebooks than are looked into."""
    return {"a.zip": zipped({f"{number}.ipynb": ADA for number in range(501)}
                            | dict.fromkeys(others, ADA))}


def packed(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("correlation.ipynb", bytes(size))
    return file.getvalue()


@pytest.mark.parametrize(("files", "kind"), [
    (dict, "nothing"), (lambda: {"a.ipynb": b""}, "nothing"), (lambda: {"a.pdf": b"%PDF"}, "kind"),
    (lambda: {f"{number}.py": b"1" for number in range(MAX_FILES + 1)}, "files"),
    (lambda: {"a.ipynb": bytes(65 * 2**20)}, "bytes"), (lambda: {"a.zip": b"PK no zip"}, "zip"),
    (lambda: {"a.zip": packed(201 * 2**20)}, "zip"), (many, "zip")])
def test_what_is_too_much_is_refused_and_not_kept(
    files: Callable[[], dict[str, bytes]], kind: str, tmp_path: Path
) -> None:
    lab = a_course(tmp_path)
    with Store(lab) as store:
        answer = receive(lab, store, SECRET, Roster(), ANN, "correlation", files(), NOON,
                         "test")
        assert refused(answer).kind == kind
        assert store.arrivals.all() == [] and not KeptFiles(lab).folder.exists()


@pytest.mark.parametrize("name", ["x/correlation.ipynb", "correlation/mine.ipynb"])
def test_many_notebooks_of_which_one_is_named_are_received(
    name: str, lab: Course, store: Store
) -> None:
    received(receive(lab, store, SECRET, Roster(), ANN, "correlation", many(name), NOON, "test"))


@pytest.mark.parametrize(("files", "said"), [
    ({}, "Nothing came."), ({"": b""}, "Nothing came."), ({"a.ipynb": b""}, "The file is empty.")])
def test_a_file_that_is_empty_is_not_told_as_none(
    files: dict[str, bytes], said: str, lab: Course, store: Store
) -> None:
    answer = refused(receive(lab, store, SECRET, Roster(), ANN, "correlation", files, NOON, "test"))
    assert said in str(answer.reason)


def test_everybodys_first_comes_before_anybodys_second(lab: Course, store: Store) -> None:
    numbers = [received(hand_in(lab, store, ADA + bytes([32]) * turn, person=Person(name))).number
               for turn, name in enumerate(["ann", "ann", "ann", "bob", "cleo"])]
    assert [each.number for each in store.arrivals.queued()] \
        == [numbers[each] for each in (0, 3, 4, 1, 2)]
    taken = []
    for _ in numbers:
        with store.arrivals.work("test") as work:
            assert work is not None
            taken.append(work.arrival.student)
            store.arrivals.ended(work.arrival, work.arrival.digest, State.GRADED)
    assert taken == ["ann", "bob", "cleo", "ann", "ann"]
    store.arrivals.again([numbers[0]], "a check was wrong")
    late = received(hand_in(lab, store, BOB, person=Person("dan"))).number
    assert [each.number for each in store.arrivals.queued()] == [late, numbers[0]]
    assert store.arrivals.queue().length == 2


def grader(lab: Course, store: Store, people: Roster | None = None) -> QueueGrader:
    return QueueGrader(Workplace(lab.root / "grader.toml"), store, lab, people or Roster())


def test_what_ends_every_grader_is_given_up_and_holds_up_nobody(
    tmp_path: Path,
) -> None:
    lab = a_course(tmp_path)
    with Store(lab) as store:
        received(hand_in(lab, store))
        for _ in range(3):
            with store.arrivals.work("killed") as work:
                assert work is not None
        assert grader(lab, store).work() is True
        [arrival] = store.arrivals.all()
        assert (arrival.state, arrival.graders_ended) == (State.INTERNAL, 3)
        assert [each.status for each in store.history("ann")] == ["internal"]


def test_between_its_result_and_its_end_a_hand_in_is_nobody_elses(lab: Course) -> None:
    with Store(lab) as one, Store(lab) as other:
        receipt = received(hand_in(lab, one))
        files = Submission("ann", "correlation", {"correlation.ipynb": ADA}, NOON)
        for is_found in (False, True):  # kept now, or by an earlier grading
            with one.arrivals.work("one") as work:
                assert work is not None and work.claims.take(deque([files]), 1) == [files]
                if is_found:
                    work.claims.release(files)
                else:
                    one.add(work.run, a_result("ann", digest=receipt.digest))
                with other.arrivals.work("other") as nothing:
                    assert nothing is None
                one.arrivals.ended(work.arrival, receipt.digest, State.GRADED)
            with other.arrivals.work("other") as nothing:
                assert nothing is None
            [arrival] = one.arrivals.all()
            assert (arrival.state, arrival.graders_ended) == (State.GRADED, 0)
            one.arrivals.again([receipt.number], "once more")


def test_of_two_graders_one_ends_a_hand_in(
    lab: Course, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET.decode())
    received(hand_in(lab, store))
    for _ in range(3):
        with store.arrivals.work("killed") as work:  # so that no judge is needed
            assert work is not None
    with Store(lab) as other:
        second, ended = grader(lab, other), store.arrivals.ended

        def others_first(*arguments: Any, **how: Any) -> None:
            assert len(store.history("ann")) == 1
            assert second.work() is False
            ended(*arguments, **how)

        monkeypatch.setattr(store.arrivals, "ended", others_first)
        assert grader(lab, store).work() is True
        assert second.work() is False
    [arrival] = store.arrivals.all()
    assert (arrival.state, arrival.graders_ended) == (State.INTERNAL, 3)
    assert len(store.history("ann")) == 1


def test_a_hand_in_whose_files_are_damaged_costs_itself_only(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    with Store(lab) as store:
        receipt = received(hand_in(lab, store))
        KeptFiles(lab).place(receipt.digest).write_bytes(b"no zstd")
        assert grader(lab, store).work() is True
        assert store.arrivals.all()[0].state is State.INTERNAL
        assert grader(lab, store).work() is False  # nothing waits any more


def test_a_machine_without_the_kept_files_takes_nothing_away(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    with Store(lab) as store:
        received(hand_in(lab, store))
        KeptFiles(lab).folder.rename(tmp_path / "elsewhere")
        with pytest.raises(IntakeError, match="say by --door whom to ask"):
            grader(lab, store).work()
        [arrival] = store.arrivals.all()
        assert (arrival.state, arrival.begun) == (State.WAITING, 0)  # and gives nothing up


def test_a_slip_in_the_table_of_people_gives_nothing_up(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    (tmp_path / "people.csv").write_text("id\nann\nann\n")
    with Store(lab) as store:
        received(hand_in(lab, store))
        with pytest.raises(RosterError):
            grader(lab, store).work()
        [arrival] = store.arrivals.all()
        assert (arrival.state, arrival.begun) == (State.WAITING, 0)


def teams(root: Path, **members: str) -> Roster:
    """What the course is from now on: ``blue="cem dan"``."""
    (root / "people.csv").write_text("id,team\n" + "".join(
        f"{each},{team}\n" for team, those in members.items() for each in those.split()))
    return load(course.load(root / "grader.toml"))


def grade_all(lab: Course, store: Store, suite: str = "1") -> None:
    """As graders of that suite do, one for each hand-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET.decode())
        patch.setattr(jury, "of_course", partial(fake_jury, suite=suite * 64))
        while store.arrivals.queue().length:
            with closing(grader(lab, store)) as one:
                assert one.work() is True


def counts(store: Store) -> dict[str, tuple[str, str | None, str | None]]:
    """Student -> by which suite, of which team and by whom what counts was handed in."""
    return {each.student: (each.environment.suite[0], each.submission.team,
                           each.submission.handed_in_by)
            for each in store.counting("correlation")}


def test_what_is_graded_again_is_graded_for_those_for_whom_it_was(
    tmp_path: Path,
) -> None:
    lab = a_course(tmp_path)
    before = teams(tmp_path, red="ann bob", blue="cem dan", alone="eve")
    with Store(lab) as store:
        for hour, (who, content) in enumerate(
                [("cem", BOB), ("eve", ADA + b" "), ("ann", ADA)]):
            received(hand_in(lab, store, content, person=before.people[who], roster=before,
                             at=NOON + timedelta(hours=hour)))
        grade_all(lab, store)
        now = teams(tmp_path, red="bob", blue="cem dan ann eve")
        numbers = [each.number for each in store.arrivals.all()]
        assert store.arrivals.again(numbers, "a check was wrong") == 3
        grade_all(lab, store, "2")
        assert counts(store) == {
            "ann": ("2", "red", "ann"), "bob": ("2", "red", "ann"), "cem": ("2", "blue", "cem"),
            "dan": ("2", "blue", "cem"), "eve": ("2", None, None)}
        assert [set(whose.whose(store, now, each)) for each in store.arrivals.all()] == [
            {"ann", "bob"}, {"eve"}, {"cem", "dan"}]


def test_a_table_that_the_door_refuses_makes_no_teams(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    before = teams(tmp_path, red="ann bob", blue="cem dan")
    with Store(lab) as store:
        received(hand_in(lab, store, person=before.people["ann"], roster=before))
        teams(tmp_path, blue="dan")
        for _ in range(2):  # another grader is begun with whom the door knows
            with closing(grader(lab, store, before)) as one, \
                    pytest.raises(RosterError, match="3 of 4 students are not in it any more"):
                one.work()
            [arrival] = store.arrivals.all()
            assert (arrival.state, arrival.begun) == (State.WAITING, 0)
        teams(tmp_path, red="ann bob", blue="cem")
        grade_all(lab, store)
        assert set(counts(store)) == {"ann", "bob"}


def test_what_nobody_could_grade_is_graded_for_the_team_as_it_is(tmp_path: Path) -> None:
    lab = a_course(tmp_path)
    before = teams(tmp_path, red="ann")
    with Store(lab) as store:
        receipt = received(hand_in(lab, store, person=before.people["ann"], roster=before))
        place = KeptFiles(lab).place(receipt.digest)
        place.rename(tmp_path / "elsewhere")
        assert grader(lab, store).work() is True
        assert store.arrivals.all()[0].state is State.INTERNAL and not store.history("ann")
        (tmp_path / "elsewhere").rename(place)
        teams(tmp_path, red="ann bob")
        store.arrivals.again([receipt.number], "the files are back")
        grade_all(lab, store)
        assert set(counts(store)) == {"ann", "bob"}


def test_a_judge_stays_with_its_assignment_while_nobody_waits_for_long(
    lab: Course, store: Store
) -> None:
    now = datetime.now(UTC)

    def first(at: datetime) -> str:
        with store.arrivals.exclusively() as counted:
            for name, assignment in (("ann", "pooling"), ("bob", "correlation")):
                counted.add(name, assignment, "0" * 64, at, "test")
        with store.arrivals.work("test", "correlation") as work:
            assert work is not None
            for each in store.arrivals.all():
                store.arrivals.ended(each, each.digest, State.GRADED)
            return work.arrival.assignment

    assert first(now) == "correlation"
    assert first(now - timedelta(minutes=1)) == "pooling"  # which is the older one
