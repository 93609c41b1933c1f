"""docs/data-map.md names every column of the store, every column of the table of people, and
every file that a person's export has."""

from __future__ import annotations

import re

from labs import REPOSITORY

from autograder.course import roster
from autograder.intake import giving
from autograder.store.tables import VERSIONS, Base

MAP = (REPOSITORY / "docs" / "data-map.md").read_text(encoding="utf-8")


def test_every_column_of_the_store_is_in_the_map_once_and_no_other() -> None:
    there = [f"{table.name}.{column.name}" for table in [*Base.metadata.sorted_tables, VERSIONS]
             for column in table.columns]
    section = MAP.partition("## In the store")[2].partition("## In files")[0]
    assert sorted(re.findall(r"`(\w+\.\w+)`", re.sub(r"`\w+\.json`", "", section))) == sorted(there)


def test_every_column_of_people_is_in_the_map() -> None:
    [line] = [line for line in MAP.splitlines() if line.startswith("| `people.csv`")]
    assert set(roster.COLUMNS) <= set(re.findall(r"`(\w+)`", line))


def test_every_part_of_an_export_is_in_the_map() -> None:
    parts = re.findall(r"^(\w+(?:\.json|/))", giving._README, re.MULTILINE)
    assert [part for part in parts if f"`{part}`" not in MAP] == []
