"""The store's tables: older ones become today's with everything in them, newer ones are refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import a_result, ask, connected, lab, server
from test_store_policies import MONDAY, handed_in

from autograder.course import Course
from autograder.store import Store, StoreError, migrations
from autograder.store.tables import VERSION, Base

__all__ = ["lab", "server"]  # fixtures


def from_before_versions(lab: Course) -> None:
    """The tables as they were before Alembic, with a result handed in on Monday in them."""
    with Store(lab) as store:
        run = store.begin("correlation", "grade")
        store.add(run, a_result(submission=handed_in("a", MONDAY)))
        store.add(run, a_result("bob", submission=handed_in("a", None)))
        store.finish(run)
    for sql in ("DROP TABLE alembic_version", "DROP TABLE claims", "DROP INDEX results_assignment",
                "ALTER TABLE results DROP COLUMN submitted"):
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
    for table in ("claims", "results", "runs", "alembic_version"):
        ask(lab, f"DROP TABLE {table}")
    with connected(lab) as connection:
        migrations.upgrade(connection, stamped=True)
    assert is_as_modelled(lab)


def test_a_store_from_before_versions_keeps_all_it_has(lab: Course) -> None:
    from_before_versions(lab)
    with Store(lab) as store:
        [ann, bob] = store.counting("correlation", "latest")
        assert (ann.submission.submitted_at, bob.submission.submitted_at) == (MONDAY, None)
        assert [run.results for run in store.runs()] == [2]
        # When it was handed in is known to the database too: a later one counts.
        run = store.begin("correlation", "grade")
        older = datetime(2026, 10, 11, tzinfo=UTC)
        store.add(run, a_result(score=1.0, submission=handed_in("b", older)))
        assert store.counting("correlation", "latest")[0] == ann
    assert is_as_modelled(lab)


def test_processes_that_open_an_old_store_at_the_same_time_all_get_in(lab: Course) -> None:
    from_before_versions(lab)
    script = ("import sys; from pathlib import Path; from autograder import course\n"
              "from autograder.store import Store\n"
              "loaded = course.load(Path(sys.argv[1]))\n"
              "print('ready', flush=True); sys.stdin.readline()\n"
              "with Store(loaded) as store: print(len(store.history('ann')))\n")
    readers = [subprocess.Popen([sys.executable, "-c", script, lab.root / "grader.toml"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for _ in range(3)]
    for reader in readers:
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    for reader in readers:
        assert reader.stdin is not None
        reader.stdin.write("go\n")
        reader.stdin.flush()
    assert [reader.communicate()[0] for reader in readers] == ["1\n"] * 3
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
