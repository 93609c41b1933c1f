"""All that is kept of a person, for that person."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import Course, roster
from autograder.course.roster import Person
from autograder.errors import AutograderError
from autograder.gradebook import Whom, for_student
from autograder.intake.files import KeptFiles, safe_names
from autograder.names import canonical
from autograder.store import Filed, Store
from autograder.whole_files import whole_file

_YEAR = timedelta(days=365.25)

_README = """\
This is what the course "{course}" keeps of {id}, as of {now}.

person.json        the line in the course's table of people
results/           one file for each time that a hand-in was graded: what the checks found, and what
                   it is worth now. What the checks put in is left out where it is hidden: it is
                   the same for everybody, and the course's. So is what a student's page leaves out
handins/           the files that were handed in, as they came, in folders named by the beginning of
                   the digest that results and hand-ins name
adjustments.json   points that somebody of the staff changed, for you alone or for you among others
extensions.json    more time, likewise
marks.json         points for free texts
requests.json      second looks that were asked for, with all that was written
handins.json       what was handed in through the door, and when
notices.json       what you were told of by mail: that it is there, and no more
launches.json      what the learning platform calls you, by which you came in
written.json       points and comments that were written into other programs' gradebooks
events.json        lines of the log of who did what, about you alone
"""


class PersonError(AutograderError):
    """Nothing is known of such a person. The text says what to do."""


def named(course: Course, store: Store, name: str) -> tuple[Person, set[str]]:
    """Who is meant, and all names in the store that are this person's.

    Raises:
        PersonError: nobody is.
    """
    people = roster.load(course)
    person = people.find(name)
    wanted = canonical(name)
    names = {each for each in store.persons.names()
             if (people.find(each) is person if person else canonical(each) == wanted)}
    if person is None and not names:
        raise PersonError(f"nobody called {name!r}: neither in {roster.file(course)} nor in the "
                          "store")
    person = person or Person(min(names))
    return person, names | {person.id}


def old(course: Course, store: Store) -> list[tuple[str, datetime]]:
    """Who has nothing newer than ``[store] keep_years``, and when the newest is from; nobody where
    the course does not say how long."""
    if course.store.keep_years is None:
        return []
    people = roster.load(course)
    newest: dict[str, datetime] = {}
    for name, at in store.persons.newest().items():
        id = person.id if (person := people.find(name)) else name
        newest[id] = max(at, newest.get(id, at))
    end = datetime.now(UTC) - course.store.keep_years * _YEAR
    return sorted((id, at) for id, at in newest.items() if at < end)


def give(course: Course, store: Store, name: str, output: Path) -> Person:
    """Write a zip of all that there is of a person.

    Raises:
        PersonError: nobody is called so.
        StoreError: the database refuses.
        IntakeError: files of theirs are damaged.
    """
    person, names = named(course, store, name)
    with whole_file(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(
            course=course.name, id=person.id, now=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"))
        archive.writestr("person.json", _json(asdict(person)))
        for place, content in _results(course, store, names):
            archive.writestr(place, content)
        for title, rows in _said(course, store, names).items():
            archive.writestr(f"{title}.json", _json(rows))
    store.events.add("person export", person.id, student=person.id)
    return person


def _results(course: Course, store: Store, names: set[str]) -> Iterator[tuple[str, str | bytes]]:
    """Results and the files that they are of, by their places in the zip."""
    desk, kept = store.desk(), KeptFiles(course)
    digests: set[str] = set()
    for filed in store.persons.results(names):
        grade = None
        if filed.result is not None and filed.assignment in course.assignments:
            grade = for_student(desk.grade(filed.result)).model_dump(mode="json", by_alias=True)
        yield f"results/{filed.number}-{filed.assignment}.json", _json(
            {**_line(filed), "grade": grade})
        digests.add(filed.submission)
    digests |= {arrival.digest for arrival in store.arrivals.all(students=names)}
    for digest in sorted(digests):
        files = kept.find(digest) or {}
        for name, safe in safe_names(files).items():
            yield f"handins/{digest[:16]}/{safe}", files[name]


def _line(filed: Filed) -> dict[str, Any]:
    return {"graded_at": filed.created, "assignment": filed.assignment,
            "digest": filed.submission}


def _said(course: Course, store: Store, names: set[str]) -> dict[str, list[dict[str, Any]]]:
    people = roster.load(course)

    def covers(whom: Whom) -> bool:
        return any(whom.covers(name, people) for name in names)

    requests = [asdict(each) for name in names for each in store.requests.all(student=name)]
    return {**store.persons.acts(names, covers), "requests": requests,
            "events": [asdict(each) for each in store.events.all(students=names)]}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
