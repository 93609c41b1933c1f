"""A door and graders on two machines, one PostgreSQL between them; and what is killed of these."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import httpx
import pytest
import warm
from databases import Server, running
from labs import RIGHT, correlation, slow
from looking import until

from autograder import course
from autograder.course import Course
from autograder.intake import KeptFiles
from autograder.store import Arrival, State, Store
from autograder.store.keys import KeyKind, KeyScope

PEOPLE = "id,name,role\nada,Ada,student\nben,Ben,student\ncem,Cem,student\ncarol,Carol,staff\n"


@dataclass
class House:
    """A course that a door and two machines have; the second has none of its files."""

    root: Path
    far: Path
    database: Server
    url: str
    stack: ExitStack
    environment: dict[str, str]
    door: warm.Started | None = None

    @property
    def course(self) -> Course:
        return course.load(self.root / "grader.toml")

    def store(self) -> Store:
        return Store(self.course, shared=True)

    def started(self, root: Path, *command: str) -> tuple[warm.Started, IO[str]]:
        log = self.stack.enter_context((root / "log").open("a"))
        place = root / command[0]  # nobody else is there: so its graders are known
        place.mkdir(exist_ok=True)
        return self.stack.enter_context(warm.started(
            warm.ENTRY, "autograder", *command, "--course", str(root / "grader.toml"),
            cwd=place, error=log, env=self.environment))

    def open(self) -> None:
        """The door, without graders of its own."""
        self.door, said = self.started(self.root, "serve", "--port", self.url.rpartition(":")[2],
                                       "--graders", "0")
        assert "is open" in said.readline()

    def program(self, who: str) -> httpx.Client:
        with self.store() as store:
            token = store.keys.make(KeyKind.TOKEN, who, timedelta(hours=1), scope=KeyScope.SUBMIT)
        return httpx.Client(base_url=self.url, timeout=60, headers={
            "authorization": f"Bearer {token}"})

    def hand_in(self, who: str, text: str) -> int:
        answer = self.program(who).post("/api/assignments/correlation/handins", files=[
            ("files", ("correlation.py", text.encode()))])
        assert answer.status_code == 201, answer.text
        return int(answer.json()["number"])

    def arrival(self, number: int) -> Arrival:
        with self.store() as store:
            found = store.arrivals.find(number)
        assert found is not None
        return found

    def graded(self, number: int) -> Arrival:
        until(lambda: not self.arrival(number).state.is_queued)
        return self.arrival(number)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    root, far = (tmp_path_factory.mktemp(name) for name in ("course", "far"))
    with running() as database, ExitStack() as stack:
        store = database.new()
        for each in (root, far):
            correlation(each, questions=["corr2d"])
            (each / "people.csv").write_text(PEOPLE)
        settings = (root / "grader.toml").read_text()
        (root / "grader.toml").write_text(settings.replace("sqlite:///results/grades.db", store))
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        environment = os.environ | {"AUTOGRADER_SECRET": "a secret of the tests, 32 bytes!"}
        yield House(root, far, database, url, stack, environment)


@pytest.fixture(scope="module")
def machines(house: House) -> dict[bool, warm.Started]:
    """By whether they ask the door for files; each has one grader."""
    with house.store() as store:
        house.environment["AUTOGRADER_TOKEN"] = store.keys.make(
            KeyKind.TOKEN, "carol", timedelta(hours=1), scope=KeyScope.READ)
    here = house.started(house.root, "work", "--graders", "1")
    far = house.started(house.far, "work", "--graders", "1", "--store", house.course.store.url,
                        "--door", house.url)
    for _, said in (here, far):
        assert said.readline().endswith("wait for hand-ins; Ctrl-C ends them.\n")
    return {False: here[0], True: far[0]}


def test_a_receipt_has_its_file_though_the_door_is_killed_then(
    house: House, machines: dict[bool, warm.Started]
) -> None:
    house.open()
    number = house.hand_in("ada", RIGHT)
    assert house.door is not None
    house.door.send_signal(signal.SIGKILL)
    assert KeptFiles(house.course).find(house.arrival(number).digest) \
        == {"correlation.py": RIGHT.encode()}
    house.open()
    assert house.graded(number).state is State.GRADED


def test_of_two_graders_one_is_killed_and_nothing_is_lost_or_doubled(
    house: House, machines: dict[bool, warm.Started]
) -> None:
    number = house.hand_in("ben", slow())
    since = house.arrival(number).at

    def grading() -> list[bool]:
        with house.store() as store:  # what was cut off earlier is not finished either
            return ["--door" in each.command for each in store.runs() if each.finished is None
                    and each.assignment and each.started >= since]

    until(lambda: house.arrival(number).begun == 1 and bool(grading()))
    [is_far] = grading()
    [grader] = warm.beside(machines[is_far])
    grader.kill()
    found = house.graded(number)
    assert found.state is State.GRADED and found.graders_ended == 1
    with house.store() as store:
        assert [each.status for each in store.history("ben")] == ["graded"]


def test_a_machine_without_the_files_grades_and_all_outlive_the_database(
    house: House, machines: dict[bool, warm.Started]
) -> None:
    machines[False].send_signal(signal.SIGTERM)
    machines[False].wait(60)
    program = house.program("cem")
    number = house.hand_in("cem", slow() + "# by Cem\n")
    until(lambda: house.arrival(number).begun == 1)
    house.database.stop()  # while it is graded
    assert program.get("/api/assignments").status_code == 503
    house.database.start()
    until(lambda: program.get("/api/assignments").status_code == 200)
    assert house.graded(number).state is State.GRADED
    with house.store() as store:
        assert [each.status for each in store.history("cem")] == ["graded"]
    assert not KeptFiles(course.load(house.far / "grader.toml")).folder.exists()
