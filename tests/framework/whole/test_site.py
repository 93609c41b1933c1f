"""The documents as a site: whole, found in by newcomers, and asking nobody for anything."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from labs import REPOSITORY

pytest.importorskip("zensical", reason="the package zensical is not installed")

BUILD = [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "of-documents"
    built = subprocess.run([sys.executable, REPOSITORY / ".ci/site", folder],
                           capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


class Page(HTMLParser):
    """What a page links to, loads, and can be linked at; and rows of tables by their first cell."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}
        self.rows: dict[str, str] = {}
        self._row: list[str] = []
        self._first_link = ""
        self._is_cell = False
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.add(given.get("id") or "")
        if tag == "a" and (target := given.get("href")):
            self.links.append(target)
            self._first_link = self._first_link or target
        if tag in {"script", "img", "iframe", "source"} and (source := given.get("src")):
            self.loaded.append(source)
        if tag == "link" and given.get("rel") not in {"canonical", "prev", "next"}:
            self.loaded.append(given.get("href") or "")
        if tag == "tr":
            self._row, self._first_link = [], ""
        self._is_cell = tag == "td"
        if self._is_cell:
            self._row.append("")

    def handle_data(self, data: str) -> None:
        if self._is_cell and self._row:
            self._row[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._row and self._first_link:
            self.rows[self._row[0].strip()] = self._first_link

    def target(self, link: str) -> tuple[Path, str]:
        """The file and the anchor that a link of this page leads to."""
        parts = urlsplit(link)
        place = self.file.parent / unquote(parts.path) if parts.path else self.file
        return place.resolve(), unquote(parts.fragment)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {file.resolve(): Page(file) for file in site.rglob("*.html")}


def is_foreign(link: str) -> bool:
    return bool(urlsplit(link).scheme or urlsplit(link).netloc)


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(
    pages: dict[Path, Page]
) -> None:
    assert len(pages) > 30
    broken = []
    for page in pages.values():
        if page.file.name == "404.html":  # its links are those of the root
            continue
        assert [each for each in page.loaded if is_foreign(each)] == [], page.file.name
        for link in [*page.links, *page.loaded]:
            if not is_foreign(link):
                place, anchor = page.target(link)
                place = place / "index.html" if place.is_dir() else place
                if not place.exists() or (place in pages and anchor not in pages[place].anchors):
                    broken.append(f"{page.file.name}: {link}")
    assert broken == []


@pytest.mark.parametrize("link", ["nowhere.md", "commands.md#no-such-verb"])
def test_a_broken_link_fails_the_build(site: Path, tmp_path: Path, link: str) -> None:
    shutil.copytree(site.parent / "docs", tmp_path / "docs")
    shutil.copy(site.parent / "zensical.toml", tmp_path)
    with (tmp_path / "docs/install.md").open("a") as file:
        file.write(f"\nSee [there]({link}).\n")
    built = subprocess.run(BUILD, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode != 0
    assert "install.md" in built.stdout + built.stderr


TASKS = {
    "install it": "pip install",
    "grade a first class": "autograder grade first_steps",
    "make a course of your own": "autograder init",
    "give one student more time": "autograder extend",
    "settle a dispute": "autograder requests",
    "grade in a pipeline": "autograder ci",
    "open a door of your own, where students hand in": "autograder serve",
    "read or write another format": "autograder/exchange/",
    "report a hole": "Do not open a public issue",
    "bring it up to date": "autograder backup",
}


@pytest.mark.parametrize(("task", "needed"), TASKS.items())
def test_a_newcomers_task_is_one_click_from_the_first_page(
    site: Path, pages: dict[Path, Page], task: str, needed: str
) -> None:
    """Two would do. Behind the link of the task's own row stands what one has to type or know."""
    first = pages[(site / "index.html").resolve()]
    place, anchor = first.target(first.rows[task])
    text = place.read_text(encoding="utf-8")
    section = text[text.index(f'id="{anchor}"'):] if anchor else text
    assert needed in "".join(TextOf(section).parts)


class TextOf(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def test_every_document_is_in_the_navigation() -> None:
    table = tomllib.loads((REPOSITORY / "docs/zensical.toml").read_text(encoding="utf-8"))
    listed = {page for part in table["project"]["nav"] for group in part.values() for page in group}
    there = {file.relative_to(REPOSITORY / "docs").as_posix()
             for file in (REPOSITORY / "docs").rglob("*.md")}
    beside = {file.name for file in REPOSITORY.glob("*.md")} - {"README.md"}
    assert listed == there | beside


# As a reader meets it --------------------------------------------------------------------------


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_search_finds_and_no_other_host_is_asked(served: str) -> None:
    api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on PATH")
    asked: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{served}index.html")
        page.get_by_role("button", name="Search").first.click()
        page.keyboard.type("slip days")
        result = page.get_by_role("link").filter(has_text="Deciding by hand").first
        api.expect(result).to_be_attached(timeout=30_000)
        browser.close()
    assert [url for url in asked if not url.startswith((served, "data:"))] == []
    assert any("search" in url for url in asked)
