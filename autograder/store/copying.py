"""All rows of a store, out of one database and into another, of either kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select, text

from autograder.store.database import Database, StoreError
from autograder.store.tables import Base, ClaimRow, KeyRow, Moment

_MANY = 200  # rows held at once; records are long
_MOST = 2**31  # what PostgreSQL's whole numbers stay below

Fields = dict[str, Any]
"""A row as JSON has it, by its columns: times are text."""


class Copies:
    """Copies of a store. What runs are grading just now is no part of them, nor who may come in by
    the door: a backup lets nobody in whom somebody has shut out since."""

    tables: Mapping[str, Table] = {
        table.name: table for table in Base.metadata.sorted_tables
        if table not in (ClaimRow.__table__, KeyRow.__table__)}
    """By name, in an order in which they can be filled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def taken(self) -> Iterator[Iterator[tuple[str, Iterator[Fields]]]]:
        """Each table's name and rows, all as of one moment, while graders go on."""
        with self._database.snapshot() as connection:
            yield ((name, _rows(connection, table)) for name, table in self.tables.items())

    @contextmanager
    def put(self, tables: Iterable[tuple[str, Iterable[Fields]]]) -> Iterator[None]:
        """Fill the store with rows of ``as_row``: whole, when this block has ended well, or not at
        all.

        Raises:
            StoreError: something is in it already.
        """
        with self._database.exclusive() as session:
            connection = session.connection()
            self._refuse_unless_empty(connection)
            for name, rows in tables:
                _fill(connection, self.tables[name], iter(rows))
            yield

    def _refuse_unless_empty(self, connection: Connection) -> None:
        for name, table in self.tables.items():
            if connection.scalar(select(func.count()).select_from(table)):
                raise StoreError(
                    f"{self._database.where}: is not empty (it has {name}); restore into an empty "
                    "database, which [store] url in grader.toml names")


def as_row(name: str, fields: Any) -> Fields:
    """What ``taken`` gave of a table's row, to be put into one: with its times.

    Raises:
        ValueError: it is no row of that table.
    """
    columns = Copies.tables[name].columns
    if not isinstance(fields, dict) or fields.keys() != set(columns.keys()):
        raise ValueError("it has other columns")
    return {column.name: _value(column, fields[column.name]) for column in columns}


def _value(column: Column[Any], value: Any) -> Any:
    if value is None and column.nullable:
        return None
    try:
        if isinstance(column.type, Moment):
            return datetime.fromisoformat(value).astimezone(UTC)
        if column.type.python_type is int:
            return range(_MOST)[value]
        return value.encode().decode()  # neither a number nor half a surrogate pair
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError):
        raise ValueError(f"{column.name} cannot be {value!r:.40}") from None


def _rows(connection: Connection, table: Table) -> Iterator[Fields]:
    found = connection.execution_options(yield_per=_MANY).execute(
        select(table).order_by(*table.primary_key))
    for row in found:
        yield {name: value.isoformat() if isinstance(value, datetime) else value
               for name, value in row._mapping.items()}


def _fill(connection: Connection, table: Table, rows: Iterator[Fields]) -> None:
    while some := list(islice(rows, _MANY)):
        connection.execute(insert(table), some)
    if connection.dialect.name == "postgresql" and "id" in table.columns:
        # It counts what it numbers itself, and no other numbers.
        connection.execute(text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "
            f"FROM {table.name}"))
