"""All rows of a store, out of one database and into another, of either kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from autograder.store.database import Database, StoreError
from autograder.store.tables import Base, ClaimRow, Moment

_MANY = 200  # rows held at once; records are long

Fields = dict[str, Any]
"""A row as JSON has it, by its columns: times are text."""


class Copies:
    """Copies of a store. What runs are grading just now is no part of them."""

    tables: Mapping[str, Table] = {
        table.name: table for table in Base.metadata.sorted_tables
        if table is not ClaimRow.__table__}
    """By name, in an order in which they can be filled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def taken(self) -> Iterator[Iterator[tuple[str, Iterator[Fields]]]]:
        """Each table's name and rows, all as of one moment, while graders go on."""
        with self._database.snapshot() as connection:
            yield ((name, _rows(connection, table)) for name, table in self.tables.items())

    def refuse_unless_empty(self) -> None:
        """Raises StoreError where something is in the store."""
        with self._database.session() as session:
            self._refuse_unless_empty(session.connection())

    def put(self, tables: Iterable[tuple[str, Iterable[Fields]]]) -> None:
        """Fill the store with what ``taken`` gave: whole or not at all.

        Raises:
            StoreError: something is in it already.
        """
        with self._database.exclusive() as session:
            connection = session.connection()
            self._refuse_unless_empty(connection)
            for name, rows in tables:
                _fill(connection, self.tables[name], iter(rows))

    def _refuse_unless_empty(self, connection: Connection) -> None:
        for name, table in self.tables.items():
            if connection.scalar(select(func.count()).select_from(table)):
                raise StoreError(
                    f"{self._database.where}: is not empty (it has {name}); restore into an empty "
                    "database, which [store] url in grader.toml names")


def _rows(connection: Connection, table: Table) -> Iterator[Fields]:
    found = connection.execution_options(yield_per=_MANY).execute(
        select(table).order_by(*table.primary_key))
    for row in found:
        yield {name: value.isoformat() if isinstance(value, datetime) else value
               for name, value in row._mapping.items()}


def _fill(connection: Connection, table: Table, rows: Iterator[Fields]) -> None:
    moments = [column.name for column in table.columns if isinstance(column.type, Moment)]
    while some := list(islice(rows, _MANY)):
        connection.execute(insert(table), [
            {**row, **{name: datetime.fromisoformat(row[name]) for name in moments if row[name]}}
            for row in some])
    if connection.dialect.name == "postgresql" and "id" in table.columns:
        # It counts what it numbers itself, and no other numbers.
        connection.execute(text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "
            f"FROM {table.name}"))
