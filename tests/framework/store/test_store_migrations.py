"""The store's tables: older ones become today's with everything in them, newer ones are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import a_result, ask, at_once, connected, lab, server
from sqlalchemy import text
from test_store_policies import MONDAY, handed_in

from autograder.course import Course, load
from autograder.gradebook import grade
from autograder.report.words import exception_text
from autograder.result import CellError, Load, Part, Status, SubmissionRecord, sentence
from autograder.store import Store, StoreError, migrations, result_key
from autograder.store.tables import VERSION, VERSIONS, Base

__all__ = ["lab", "server"]  # fixtures


def from_before_versions(lab: Course) -> None:
    """The tables as they were before Alembic, with a result handed in on Monday in them."""
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        store.add(run, a_result(submission=handed_in("a", MONDAY)))
        store.add(run, a_result("bob", submission=handed_in("a", None)))
        store.finish(run)
    later = [table.name for table in reversed(Base.metadata.sorted_tables)
             if table.name not in ("results", "runs")]
    for sql in (*(f"DROP TABLE {table}" for table in ("alembic_version", *later)),
                "DROP INDEX results_assignment", "DROP INDEX results_team",
                *(f"ALTER TABLE results DROP COLUMN {name}"
                  for name in ("submitted", "verdicts", "handed_in_by")),
                "ALTER TABLE results ADD COLUMN score FLOAT NOT NULL DEFAULT 0"):
        ask(lab, sql)


def back_to(lab: Course, version: str) -> None:
    """The tables as version 8 or 9 has them."""
    for sql in ("DROP INDEX results_team", "ALTER TABLE results DROP COLUMN handed_in_by",
                f"UPDATE alembic_version SET version_num = '{version}'"):
        ask(lab, sql)


def is_as_modelled(lab: Course) -> bool:
    with connected(lab) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        return context.get_current_heads() == (str(VERSION),)


def test_the_newest_migration_is_the_tables_version() -> None:
    script = ScriptDirectory(str(resources.files(migrations)))
    assert script.get_heads() == [str(VERSION)]


def test_a_new_store_has_the_tables_that_the_code_speaks_of(lab: Course) -> None:
    Store(lab).close()
    assert is_as_modelled(lab)


def test_migrations_from_nothing_lead_to_the_same_tables(lab: Course) -> None:
    Store(lab).close()
    for table in (*reversed(Base.metadata.sorted_tables), VERSIONS):
        ask(lab, f"DROP TABLE {table.name}")
    with connected(lab) as connection:
        migrations.upgrade(connection, stamped=True)
    assert is_as_modelled(lab)


def test_a_store_from_before_versions_keeps_all_it_has(lab: Course) -> None:
    from_before_versions(lab)
    with Store(lab) as store:
        [ann, bob] = store.counting("correlation", "latest")
        assert (ann.submission.submitted_at, bob.submission.submitted_at) == (MONDAY, None)
        assert [run.results for run in store.runs()] == [2]
        [total] = store.book("latest").totals("ann").values()
        assert float(total.score) == grade(lab, ann).score > 0
        # When it was handed in is known to the database too: a later one counts.
        run = store.begin("correlation", "grade")
        older = datetime(2026, 10, 11, tzinfo=UTC)
        store.add(run, a_result(score=1.0, submission=handed_in("b", older)))
        assert store.counting("correlation", "latest")[0] == ann
    assert is_as_modelled(lab)


def find_ann(lab: Course) -> None:
    with Store(lab) as store:
        assert len(store.history("ann")) == 1


def test_processes_that_open_an_old_store_at_the_same_time_all_get_in(lab: Course) -> None:
    from_before_versions(lab)
    assert at_once(3, find_ann, lab)
    assert is_as_modelled(lab)


@pytest.mark.parametrize("version", [str(VERSION + 1), "a-branch-of-somebody"])
def test_a_store_of_a_newer_autograder_is_refused_and_left_alone(
    lab: Course, version: str
) -> None:
    Store(lab).close()
    ask(lab, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(StoreError, match=rf"kept by a newer autograder .* version {version}, "
                                         rf"here they are {VERSION}\); install that one"):
        Store(lab)
    assert ask(lab, "SELECT version_num FROM alembic_version") == [(version,)]


# Records of autograder/result/v1, which held points -----------------------------------------

# Three that version 2 of the tables kept, by this grader.toml: late, and with follow-through.
RECORDS = Path(__file__).with_name("results_v1.json")
OF_V1 = """
[course]
name = "Convolution"
[store]
url = "{url}"
[late]
per_day = 0.1
[assignments.correlation]
title = "Cross-correlation"
due = 2026-10-12T23:59:00+02:00
[[assignments.correlation.questions]]
name = "corr2d"
title = "Two-dimensional cross-correlation"
points = 4
[[assignments.correlation.questions]]
name = "conv2d_true"
title = "True convolution"
points = 2
uses = ["corr2d"]
bonus = true
"""


def of_v1(lab: Course, records: list[dict[str, Any]]) -> Course:
    """The course of these records, and a store that version 2 has kept them in."""
    file = lab.root / "grader.toml"
    file.write_text(OF_V1.format(url=lab.store.url), encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", "autograder:store/migrations")
    if lab.store_file is not None:
        lab.store_file.parent.mkdir()
    with connected(lab) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2")
        connection.execute(text("INSERT INTO runs VALUES (1, :at, :at, 'correlation', '', '')"),
                           {"at": MONDAY})
        for record in records:
            made, submission = record["environment"], record["submission"]
            key = result_key(
                digest=submission["digest"], assignment=record["assignment"], suite=made["suite"],
                tier=made["sandbox"], autograder=made["autograder"], torch=made["torch"],
                fingerprint=made["seed"])
            connection.execute(text(
                "INSERT INTO results (run_id, key, student, assignment, submission, submitted, "
                "suite, tier, status, score, created, record) VALUES (1, :key, :student, "
                ":assignment, :digest, :at, :suite, :tier, :status, :score, :created, :record)"), {
                    **record, "key": key, "digest": submission["digest"], "created": MONDAY,
                    "at": submission["submitted_at"] and MONDAY, "suite": made["suite"],
                    "tier": made["sandbox"], "record": json.dumps(record)})
    return load(file)


def records_of_v1() -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(RECORDS.read_text(encoding="utf-8"))
    return records


def points_of(record: dict[str, Any]) -> list[Any]:
    """Every number of points in a record of v1."""
    return [*(record[name] for name in ("score", "max_score", "raw_score", "penalty")),
            *([each["score"], each["max_score"], each["follow_through"], each["bonus"],
               [(check["score"], check["max_score"]) for check in each["checks"]]]
              for each in record["questions"])]


def test_what_was_kept_with_points_is_worth_the_same_without(lab: Course) -> None:
    records = records_of_v1()
    later = of_v1(lab, records)
    with Store(later) as store:
        found = {each.student: each for each in store.counting("correlation", "latest")}
        for record in records:
            now = grade(later, found[record["student"]])
            assert points_of(record) == [
                now.score, now.max_score, now.raw_score, now.penalty,
                *([each.score, each.max_score, each.follow_through, each.bonus,
                   [(check.score, check.max_score) for check in each.checks]]
                  for each in now.questions)]
            assert now.late_days == record["submission"]["late_days"]
            assert [entry.score for entry in store.history(now.student)] == [record["score"]]
    assert is_as_modelled(lab)
    assert not [name for (record,) in ask(lab, "SELECT record FROM results")
                for name in ("score", "penalty", "late_days") if f'"{name}"' in record]


def test_what_was_kept_in_sentences_is_data(lab: Course) -> None:
    with Store(of_v1(lab, records_of_v1())) as store:
        found = {each.student: each for each in store.counting("correlation", "latest")}
    checks = [check for question in found["fatma"].questions for check in question.checks]
    accounts = [check.decided for check in checks if check.decided]
    assert {each.raised for each in accounts if each.status is Status.ERROR} == {"ValueError"}
    assert Part(name="answer") in [each.mismatch.where for each in accounts if each.mismatch]
    assert found["nora"].message is not None and found["nora"].submission.due is None


def test_what_was_kept_before_there_were_shares_is_worth_as_much(lab: Course) -> None:
    records = records_of_v1()
    for question in (each for record in records for each in record["questions"]):
        del question["corrected"]
        for check in question["checks"]:
            del check["weight"], check["earned"]
    later = of_v1(lab, records)
    with Store(later) as store:
        now = [grade(later, each)
               for each in store.counting("correlation", "latest")]
    assert {each.student: each.score for each in now} == {
        record["student"]: record["score"] for record in records}


def test_a_record_that_nobody_can_read_stays_as_it_is(lab: Course) -> None:
    broken = {**records_of_v1()[0], "questions": [{"name": "corr2d"}]}
    with Store(of_v1(lab, [broken])) as store:
        assert [entry.score for entry in store.history(broken["student"])] == [None]
    [(record,)] = ask(lab, "SELECT record FROM results")
    assert json.loads(record) == broken


# Who of a team handed in --------------------------------------------------------------------

def test_of_older_results_who_of_a_team_handed_in_is_found_in_their_records(lab: Course) -> None:
    by_bob = SubmissionRecord(digest="a" * 64, team="red", handed_in_by="bob")
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        for each in (a_result(submission=by_bob), a_result("bob", submission=by_bob),
                     a_result("cid"), a_result("dan", submission=by_bob)):
            store.add(run, each)
    ask(lab, "UPDATE results SET record = '{\"handed_in_by\": \"bob\"' WHERE student = 'dan'")
    back_to(lab, "9")
    with Store(lab) as store:
        assert store.handed_in_for() == {("correlation", "bob", "a" * 64): {"ann", "bob"}}
    assert is_as_modelled(lab)


def test_whose_a_teams_hand_in_is_takes_no_look_at_records(lab: Course) -> None:
    with Store(lab) as store:
        store.add(store.begin("correlation", "grade"), a_result(submission=SubmissionRecord(
            digest="a" * 64, team="red", handed_in_by="bob")))
        ask(lab, "UPDATE results SET record = ''")
        assert store.handed_in_for(student="ann") == {("correlation", "bob", "a" * 64): {"ann"}}


# What was stopped ---------------------------------------------------------------------------

def test_of_older_records_what_was_stopped_is_told_from_exceptions(lab: Course) -> None:
    reasons = {
        "late": "It was not run: the {seconds} seconds that all cells may take together were over.",
        "slow": "It took longer than the {seconds} seconds that one statement may take, and was "
                "left out.",
        "gone": "It ended the process that ran it, and was left out."}
    load = Load(errors=[
        *(CellError(cell=0, type="Crashed" if name == "gone" else "Timeout", message=name,
                    reason=sentence(reason, seconds=5)) for name, reason in reasons.items()),
        CellError(cell=1, type="Timeout", message="own", reason=sentence("Look at its spelling.")),
        CellError(cell=2, type="Crashed", message="own")])
    kept = [a_result(load=load), a_result("bob")]
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        for result in kept:
            store.add(run, result)
    for number, record in ask(lab, "SELECT id, record FROM results"):
        older = json.loads(record)
        for error in older["load"]["errors"]:
            del error["stopped"]
        with connected(lab) as connection:
            connection.execute(text("UPDATE results SET record = :record WHERE id = :number"),
                               {"record": json.dumps(older), "number": number})
    back_to(lab, "8")
    with Store(lab) as store:
        ann, bob = store.counting("correlation", "latest")
    assert [error.stopped for error in ann.load.errors] == [
        "timeout", "timeout", "crashed", None, None]
    assert [exception_text(error) for error in ann.load.errors] == [
        "", "", "", "Timeout: own", "Crashed: own"]
    assert bob == kept[1]
    assert is_as_modelled(lab)
