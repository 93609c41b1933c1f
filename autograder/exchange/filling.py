"""A platform's table of grades, filled in from a store, which remembers what was put there."""

from __future__ import annotations

from dataclasses import replace

from autograder.course import Course
from autograder.exchange.format import Exported, Filled, Known, PerClass
from autograder.names import shown
from autograder.store import Store


def known(store: Store, format_name: str, assignment: str, *, overwrite: bool) -> Known:
    """What is known of the table in which an assignment's grades stand."""
    return Known(store.decisions().roster, store.written.of(format_name, assignment),
                 store.written.of(f"{format_name} comment", assignment), overwrite)


def remember(store: Store, format_name: str, assignment: str, exported: Exported) -> None:
    """Remember what was written into a table: what differs next time is a person's."""
    store.written.keep(format_name, assignment, exported.written)
    store.written.keep(f"{format_name} comment", assignment, exported.comments)


def note(store: Store, what: str, exported: Exported, many: int, *, overwrite: bool,
         by: str | None = None) -> None:
    """A line in the log: so many of ``many`` students' grades were exported."""
    store.events.add("export", what, after=f"{len(exported.written)} of {many} students"
                     + (", overwriting" if overwrite else ""), by=by)


def fill_in(store: Store, course: Course, assignment: str, chosen: PerClass, table: bytes,
            name: str, *, overwrite: bool, by: str) -> Filled:
    """A table that came from elsewhere with everybody's grades, as the verb ``export`` fills it in.

    Args:
        name: what its file is called, by strangers.
        by: who has it filled in.

    Raises:
        ExchangeError: it is no such table.
    """
    grades = store.grades_of_people(assignment)
    there = replace(known(store, chosen.name, assignment, overwrite=overwrite),
                    to_overwrite="tick the box in the form to replace it")
    filled = chosen.filled(table, shown(name), grades, course.assignment(assignment), there)
    remember(store, chosen.name, assignment, filled.exported)
    note(store, f"{assignment} · {chosen.name} · the desk", filled.exported, len(grades),
         overwrite=overwrite, by=by)
    return filled
