"""Stores in both kinds of database; PostgreSQL on a server of the tests' own.

``server``, ``lab`` and ``store`` are fixtures for the test files that import them.
"""

from __future__ import annotations

import multiprocessing
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import count
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import example_results
import pytest
from example_results import verdicts
from sqlalchemy import Connection, Row, create_engine, make_url, text

from autograder import course
from autograder.gradebook import grade
from autograder.result import Result
from autograder.store import Store

UNSAFE_BUT_FAST = "-F -c listen_addresses='' -c full_page_writes=off -c max_wal_size=64MB"
_numbers = count(1)


def _program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        pytest.skip(f"needs PostgreSQL's server, for its {name}: apt-get install postgresql")
    return found


class Server:
    """In a folder of its own, on a Unix socket; as user nobody where we are root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # It refuses to run as root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def new(self) -> str:
        """The URL of a new database."""
        name = f"store{next(_numbers)}"
        self.run("createdb", "-h", str(self._folder), "-U", "staff", name)
        return f"postgresql://staff@/{name}?host={self._folder}"

    def start(self) -> None:
        self.run("pg_ctl", "start", "-w", "-D", f"{self._folder}/data",
                 "-l", f"{self._folder}/log", "-o", f"-k {self._folder} {UNSAFE_BUT_FAST}")

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", f"{self._folder}/data")

    def run(self, program: str, *arguments: str) -> None:
        # Into a file, for the server would hold a pipe open.
        with (self._folder / "said").open("w+", encoding="utf-8") as said:
            done = subprocess.run([_program(program), *arguments], cwd=self._folder, stdout=said,
                                  stderr=subprocess.STDOUT, check=False, **self._user)
            said.seek(0)
            assert done.returncode == 0, said.read()


@contextmanager
def running() -> Iterator[Server]:
    """A server that runs as long as this block."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:  # sockets' paths are short
        server = Server(Path(folder))
        server.run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "staff", "-E", "UTF8",
                   "--locale=C", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()


GRADER_TOML = """
[course]
name = "Convolution"
[store]
url = "{url}"
[assignments.correlation]
title = "Cross-correlation"
questions = [{{ name = "corr2d", title = "Cross-correlation", points = 4 }}]
"""


def a_course(root: Path, url: str = "sqlite:///kept/grades.db") -> course.Course:
    path = root / "grader.toml"
    path.write_text(GRADER_TOML.format(url=url), encoding="utf-8")
    return course.load(path)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> course.Course:
    """A course whose store is in each kind of database in turn."""
    if request.param == "sqlite":
        return a_course(tmp_path, f"sqlite:///{tmp_path}/kept/grades.db")
    return a_course(tmp_path, request.getfixturevalue("server").new())


@pytest.fixture
def store(lab: course.Course) -> Iterator[Store]:
    with Store(lab) as store:
        yield store


@contextmanager
def connected(lab: course.Course) -> Iterator[Connection]:
    """The database itself, past the store."""
    url = make_url(lab.store.url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def ask(lab: course.Course, sql: str) -> list[Row[Any]]:
    with connected(lab) as connection:
        done = connection.execute(text(sql))
        return list(done) if done.returns_rows else []


def a_result(student: str = "ann", score: float = 3.0, environment: dict[str, str] | None = None,
             **fields: Any) -> Result:
    """A result that is worth ``score`` of the 4 points."""
    made = example_results.ENVIRONMENT.model_copy(update=environment or {})
    given: dict[str, Any] = {"environment": made, "questions": [verdicts(Fraction(score) / 4)]}
    return example_results.a_result(student, **given | fields)


def scores(lab: course.Course, results: Sequence[Result]) -> list[tuple[str, float]]:
    """Whose results they are, and what they are worth."""
    return [(result.student, grade(lab, result).score) for result in results]


def at_once(many: int, work: Callable[[course.Course], object], lab: course.Course) -> bool:
    """Whether ``work`` ended well in each of so many processes that began it at the same time."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(many)
    processes = [context.Process(target=_one_of, args=(barrier, work, lab)) for _ in range(many)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return {process.exitcode for process in processes} == {0}


def _one_of(barrier: Barrier, work: Callable[[course.Course], object], lab: course.Course) -> None:
    barrier.wait()
    work(lab)
