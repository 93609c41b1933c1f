"""The door as people have it: the command, its graders, a browser; and graders that are killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import browser
import httpx
import nbformat
import psutil
import pytest
import warm
from browser import api
from labs import REPOSITORY, RIGHT, correlation, slow
from looking import PATIENCE, until
from mails import MailServer, a_mail_server
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import v4

from autograder import course
from autograder.store import Arrival, State, Store
from autograder.web.door import Door

PHONE = 360
QUESTIONS = ("corr2d", "conv2d_true", "edge_kernel")
PEOPLE = ("id,name,role\nada,Ada Lim,student\nben,Ben Oh,student\ncem,Cem Öz,student\n"
          "dora,Dora Ek,student\n"
          "carol,Carol,staff\n")


@dataclass(frozen=True)
class Served:
    """A door that ``autograder serve`` has opened on a copy of the first course."""

    root: Path
    url: str
    process: warm.Started
    first: str  # what it printed
    mail: MailServer  # that tells the staff

    def link(self, who: str) -> str:
        return self.said("access", "link", who, "--url", self.url)

    def said(self, *command: str) -> str:
        done = warm.autograder(*command, cwd=self.root)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def store(self) -> Store:
        return Store(course.load(self.root / "grader.toml"), shared=True)

    def program(self, who: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, headers={
            "authorization": f"Bearer {self.said('access', 'token', who)}"})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("course")
    correlation(root, questions=QUESTIONS)
    shutil.copytree(REPOSITORY / "assignments/correlation", root / "assignments/correlation")
    with (root / "grader.toml").open("a") as file:
        file.write('[door.notices]\nstaff = "STAFF"\n')
    (root / "people.csv").write_text(PEOPLE)
    with (root / "log").open("w") as log, a_mail_server() as mail, warm.started(
            warm.ENTRY, "autograder", "serve", "--port", "0", "--graders", "2", "--student", "ada",
            "--course", str(root / "grader.toml"), cwd=root, error=log,
            env=os.environ | {"STAFF": mail.url("&to=staff@example.org")}) as (process, said):
        lines = [said.readline() for _ in range(3)]
        url = lines[0].rpartition(" ")[2].strip()
        yield Served(root, url, process, "".join(lines), mail)
    assert process.returncode in (0, -signal.SIGTERM), (root / "log").read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[api.Browser]:
    with browser.chromium() as started:
        yield started


class Reader:
    """Somebody with a browser, which writes down what pages complain of and ask of others."""

    def __init__(self, chromium: api.Browser, served: Served | Door, link: str,
                 **options: object) -> None:
        self.complaints: list[str] = []
        self._served = served
        self._context = chromium.new_context(**options)
        self._context.route("**/*", self._route)
        self.page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(link)
        self.page.get_by_role("button", name="Log in").click()

    def _route(self, route: api.Route) -> None:
        if route.request.url.startswith(self._served.url):
            route.continue_()
        else:
            self.complaints.append(f"asked for {route.request.url}")
            route.abort()

    def hand_in(self, name: str) -> None:
        self.page.get_by_role("link", name="Cross-correlation", exact=True).click()
        self.page.set_input_files(
            "input[type=file]", REPOSITORY / "examples/submissions/correlation" / name)
        self.page.get_by_role("button", name="Hand in").click()

    def goes_to(self, place: str) -> None:
        self.page.goto(f"{self._served.url}{place}")

    def reads_well(self, width: int) -> None:
        """The rules of axe-core, and nothing to be scrolled to the side."""
        axe = resources.files(pytest.importorskip("axe_playwright_python")) / "axe.min.js"
        self.page.evaluate(axe.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        assert [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html']}"
                for rule in found["violations"]] == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width

    def leave(self) -> None:
        self._context.close()
        assert self.complaints == []


@pytest.mark.wcag("1.4.10")
def test_a_student_hands_in_by_a_telephone_waits_and_reads(
    served: Served, chromium: api.Browser
) -> None:
    [link] = re.findall(r"^ada, once: (.*)$", served.first, re.MULTILINE)
    reader = Reader(chromium, served, link, viewport={"width": PHONE, "height": 740})
    reader.reads_well(PHONE)
    reader.hand_in("ada.ipynb")
    assert "/handins/" in reader.page.url
    reader.page.wait_for_url(re.compile(r"/handins/\d+/result$"))  # by itself, when it is there
    assert reader.page.locator(".total:visible").inner_text().startswith("4.5 / 9")
    reader.reads_well(PHONE)
    reader.page.get_by_role("link", name="Files, receipt, a second look").click()
    reader.reads_well(PHONE)
    with reader.page.expect_download() as saved:
        reader.page.get_by_role("link", name="Save the receipt").click()
    assert "genuine: ada handed in correlation" in served.said("receipt", str(saved.value.path()))
    reader.goes_to("/assignments/correlation?language=zh")
    assert reader.page.get_by_role("button", name="提交").is_visible()
    reader.reads_well(PHONE)
    reader.page.locator("#words").fill("Kernels of one pixel.")
    reader.page.get_by_role("button", name="提出").click()
    assert "Kernels of one pixel." in reader.page.content()
    reader.leave()


def test_without_scripts_a_student_does_the_same(served: Served, chromium: api.Browser) -> None:
    reader = Reader(chromium, served, served.link("ben"), java_script_enabled=False)
    reader.hand_in("ben.ipynb")
    number = int(reader.page.url.rpartition("/")[2])
    result = reader.page.get_by_role("link", name="Read the result")
    again = reader.page.get_by_role("link", name="Look again")
    assert str(result.or_(again).get_attribute("href")).startswith(f"/handins/{number}")
    with served.store() as store:
        def graded() -> bool:
            arrival = store.arrivals.find(number)
            return arrival is not None and arrival.state is State.GRADED

        until(graded)
    result.click()  # the page comes anew by itself
    assert "Ben Oh" in reader.page.content()
    reader.leave()


def test_the_desk_can_be_read_by_everybody(served: Served, chromium: api.Browser) -> None:
    [link] = re.findall(r"^instructor, once: (.*)$", served.first, re.MULTILINE)
    reader = Reader(chromium, served, link, viewport={"width": 1280, "height": 800})
    for place in ("/staff", "/staff/assignments/correlation", "/staff/people/ada",
                  "/staff/requests", "/requests/1"):
        reader.goes_to(place)
        reader.reads_well(1280)
    reader.page.locator("#outcome").fill("You are right.")
    reader.page.locator("#add").fill("1")
    reader.page.get_by_role("button", name="Close it").click()
    reader.goes_to("/staff/people/ada")
    assert "5.5 / 9" in reader.page.content()
    reader.leave()
    until(lambda: served.mail.told() == [("staff@example.org", f"{served.url}/requests/1")])


def test_a_notebook_hands_itself_in_and_shows_its_result(
    served: Served, chromium: api.Browser, tmp_path: Path
) -> None:
    """In a real kernel, by a module beside it; its page is shown in a frame of its own."""
    (tmp_path / "token").write_text(served.said("access", "token", "dora", "--scope", "submit"))
    (tmp_path / "right.py").write_text(RIGHT)
    names = "corr2d, conv2d_true, Conv2D, edge_kernel"
    cells = [f"%load_ext autograder\nfrom right import {names}",
             "def corr2d(X, K):\n    raise ValueError('not yet')",
             "import os\nos.environ['JPY_SESSION_NAME'] = os.path.abspath('correlation.ipynb')\n"
             f"%submit right.py --to {served.url} --token-file token"]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    saved = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in (cells[0], cells[2])])
    (tmp_path / "correlation.ipynb").write_text(nbformat.writes(saved))
    client = NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3",
                            resources={"metadata": {"path": str(tmp_path)}})
    [output] = client.execute().cells[2].outputs
    nbformat.validate(notebook)
    said = output.data["text/plain"]
    assert "What runs here is not what was in the file: corr2d." in said
    assert "Points taken off: 4.5 of the 9 earned." in said
    assert "points: 4.5 of 9" in said
    [receipt] = tmp_path.glob("receipt-correlation-*.json")
    assert "genuine: dora handed in correlation" in served.said("receipt", str(receipt))
    page, _ = HTMLExporter(theme="dark").from_notebook_node(notebook)
    (tmp_path / "lab.html").write_text(page)
    with chromium.new_context(color_scheme="null", offline=True,  # the light one, unless told
                              viewport={"width": PHONE, "height": 740}) as context:
        shown = context.new_page()
        shown.goto((tmp_path / "lab.html").as_uri(), wait_until="domcontentloaded")
        result = shown.frame_locator("iframe.report")
        total = result.locator(".total:visible")
        assert total.inner_text().startswith("4.5 / 9")
        red = total.evaluate("each => getComputedStyle(document.body).backgroundColor"
                             ".match(/\\d+/g).map(Number)[0]")
        assert red < 100  # as dark as its notebook
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_terminal_hands_in_and_says_what_came_of_it(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "correlation.ipynb"
    shutil.copy(REPOSITORY / "examples/submissions/correlation/ada.ipynb", file)
    command = ("submit", str(file), "--to", served.url)
    variables = os.environ | {"AUTOGRADER_TOKEN": served.said("access", "token", "dora"),
                              "COLUMNS": "100"}
    done = warm.autograder(*command, "--language", "zh", cwd=tmp_path, env=variables)
    assert done.returncode == 0, done.stderr
    assert "迟交" in done.stdout and "✓   严格卷积" in done.stdout
    assert f"{served.url}/handins/" in done.stdout
    sent = warm.autograder(*command, "--no-wait", cwd=tmp_path, env=variables)
    assert sent.returncode == 0 and "Received: correlation" in sent.stdout
    assert "points" not in sent.stdout
    dora = served.program("dora")
    [before] = [each["score"] for each in dora.get("/api/assignments").json()]
    file.write_text('{"cells": [')  # cut off
    torn = warm.autograder(*command, cwd=tmp_path, env=variables)
    assert torn.returncode == 3 and "was cut off" in torn.stdout
    assert f"Points that count, handed in before: {before:g} of" in torn.stderr
    [now] = dora.get("/api/assignments").json()
    assert before > 0 and (now["score"], now["newest"]) == (before, "unreadable")


def test_what_a_killed_grader_was_grading_another_one_grades_once(served: Served) -> None:
    answer = served.program("cem").post("/api/assignments/correlation/handins",
                                        files=[("files", ("correlation.py", slow().encode()))])
    number = answer.json()["number"]
    with served.store() as store:
        def arrival() -> Arrival:
            found = store.arrivals.find(number)
            assert found is not None
            return found

        def graders() -> list[psutil.Process]:
            """Those that hold the lock by which a run lives."""
            return [each for each in warm.beside(served.process)
                    if any("-run" in file.path for file in each.open_files())]

        busy: list[psutil.Process] = []  # the others hold one while they look

        def alone() -> bool:
            busy[:] = graders()
            return arrival().begun == 1 and len(busy) == 1

        until(alone)
        busy[0].kill()
        until(lambda: not arrival().state.is_queued)
        assert arrival().state is State.GRADED and arrival().graders_ended == 1
        assert [each.status for each in store.history("cem")] == ["graded"]
    assert served.program("cem").get(f"/api/handins/{number}/result").json()["score"] > 0


def test_the_instructors_link_is_printed_until_somebody_of_the_staff_is_in(served: Served) -> None:
    assert "instructor, once" in served.first
    with served.store() as store:
        for each in store.keys.all():  # whoever was in may have left
            store.keys.revoke(each.number)
    again = subprocess.Popen(
        [sys.executable, "-P", "-m", "autograder", "serve", "--port", "0", "--graders", "0",
         "--student", "ada", "--course", served.root / "grader.toml"],
        stdout=subprocess.PIPE, text=True)
    try:
        assert again.stdout is not None
        lines = [again.stdout.readline() for _ in range(2)]
    finally:
        again.terminate()
        again.wait(60)
    assert "is open" in lines[0] and lines[1].startswith("ada, once")
