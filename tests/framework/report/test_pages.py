"""Pages as a person meets them: in a real Chromium, without a network, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import accessibility
import browser
import nbformat
import pytest
from browser import api
from example_results import a_check, a_grade, a_question, an_assignment, an_unreadable, soup
from labs import REPOSITORY, RIGHT, Lab, correlation
from nbconvert import HTMLExporter
from nbformat import NotebookNode, v4

from autograder import cli
from autograder.authoring import build
from autograder.authoring.audit import Audit, Kill
from autograder.cli.findings import audit_page
from autograder.course.roster import Person, Roster
from autograder.exchange.notebook_page import as_html
from autograder.gradebook import Grade
from autograder.gradebook.leaderboard import LeaderboardEntry
from autograder.report import leaderboard
from autograder.report.class_list import ClassList
from autograder.report.pages import class_page, student_page
from autograder.report.rows import StudentRow
from autograder.result import (
    Array,
    Diagnosis,
    Measurement,
    Result,
    Status,
    Visibility,
    sentence,
)

# The browser ------------------------------------------------------------------------------------

NARROW = 320  # of 1 280, enlarged to 400 %; and narrower than phones


@pytest.fixture(scope="module")
def chromium() -> Iterator[api.Browser]:
    with browser.chromium() as started:
        yield started


class Visit:
    """Opens pages, and writes down whatever a page says to the console or asks of a network."""

    def __init__(self, chromium: api.Browser) -> None:
        self.complaints: list[str] = []
        self._chromium = chromium
        self.pages: list[api.Page] = []

    def __call__(self, path: Path) -> api.Page:
        context = self._chromium.new_context(
            offline=True, viewport={"width": 1280, "height": 800})
        context.route("**/*", self._route)
        page = context.new_page()
        self.pages.append(page)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page

    def _route(self, route: api.Route) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.complaints.append(f"asked for {route.request.url}")
            route.abort()

    def close(self) -> None:
        for page in self.pages:
            page.context.close()


@pytest.fixture
def visit(chromium: api.Browser) -> Iterator[Visit]:
    """Opens pages, and fails the test in which one of them complains."""
    visit = Visit(chromium)
    yield visit
    visit.close()
    assert visit.complaints == []


def test_the_browser_would_tell_of_requests_errors_and_forbidden_scripts(
        chromium: api.Browser, tmp_path: Path) -> None:
    policy = "default-src 'none'; script-src 'sha256-x'; img-src http:"
    (tmp_path / "page.html").write_text(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        "<img src=http://example.org/x.png><script>forbidden()</script>")
    visit = Visit(chromium)
    page = visit(tmp_path / "page.html")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    visit.close()
    said = "\n".join(visit.complaints)
    assert "asked for http://example.org/x.png" in said
    assert "Content Security Policy" in said
    assert "thrown" in said


# Real results, and many -------------------------------------------------------------------------

STUDENTS = ("ada.ipynb", "emil.ipynb", "fatma.ipynb", "nora.ipynb", "tia.py")
"""Right, two misconceptions, a file cut off, a script."""
OMAR = f"import os\n{RIGHT}\ndef conv2d_true(X, K):\n    os._exit(0)\n"
"""Code that ends the process."""
QUESTIONS = ("corr2d", "conv2d_true", "edge_kernel", "test_corr2d")
"""Wrong values, what builds on them, a question alone, and one of students' own tests."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of some of the example class, and of Omar, by the real command."""
    root = tmp_path_factory.mktemp("course")
    correlation(root, questions=QUESTIONS)
    folder = REPOSITORY / "examples" / "submissions" / "correlation"
    (root / "omar.py").write_text(OMAR)
    with pytest.raises(SystemExit) as ended:
        cli.main(["grade", "correlation", *(str(folder / name) for name in STUDENTS),
                  str(root / "omar.py"), "--course", str(root / "grader.toml"),
                  "--output", str(root / "results"), "--allow-unsandboxed", "-j", "1"])
    assert ended.value.code == 3  # one cannot be read
    return root / "results" / "correlation"


SIZE = 200


def a_student(number: int) -> Grade:
    flipped = [Diagnosis(id="flipped", message=sentence("The kernel is flipped."))]
    if number % 100 == 7:
        return an_unreadable(f"student.{number}")
    wrong, late = number % 3 == 0, max(0, number % 20 - 17)
    checks = [a_check(), a_check("test_big", title="A big image.", score=float(not wrong),
                                 status=Status.CRASHED if wrong else Status.PASSED)]
    score = 4.0 * (number % 41) / 40
    return a_grade(
        "Zoë Ångström" if number == 42 else f"student.{number}",
        a_question("corr2d", score, checks=checks, diagnosis=flipped if wrong else []),
        a_question("conv2d_true", float(number % 3)), a_question("edge_kernel", 3.0),
        seconds=1.0 + number % 17, digest=f"{number:064}", late_days=late,
        submitted_at=datetime(2026, 10, 13, tzinfo=UTC))


def a_class(folder: Path, size: int) -> Path:
    """The class page of so many students."""
    rows = (StudentRow.of(a_student(number)) for number in range(size))
    page = folder / "index.html"
    page.write_text(class_page(rows, an_assignment(folder)), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_class(tmp_path_factory.mktemp("many"), SIZE)


PEOPLE = ClassList.of(Roster({f"student.{number}": Person(
    f"student.{number}", f"Student {number}", section=("A", "B", "A; C", "B")[number], team="red")
    for number in range(4)}), [f"student.{number}" for number in range(3)])


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an audit's page, a leaderboard's, and the pages of a class of nobody."""
    folder = tmp_path_factory.mktemp("others")
    assignment = an_assignment(folder)
    statuses = {"test_values": Status.FAILED, "test_shape": Status.PASSED}
    audit = Audit("correlation", secrets=1, breaches=["corr2d: nothing kills slow"],
                  kills=[Kill("flipped", "corr2d", 1.0, 4.0, statuses, ("flipped",))],
                  alternatives={"corr2d/unfolded": 1.0}, alike=[("flipped", "turned")])
    entry = LeaderboardEntry("Vectorized convolution", "Speedy", 0.97, (0.95, 0.99), "cpu")
    pages = {"audit": audit_page([audit]), "leaderboard": leaderboard.page([entry], "Fast"),
             "index": class_page([], assignment),
             "people": class_page([StudentRow.of(a_student(number)) for number in range(3)],
                                  assignment, PEOPLE),
             "nora": student_page(an_unreadable("nora"), assignment)}
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


PAGES = {"class": ("reports", "index"), "right": ("reports", "ada"), "wrong": ("reports", "fatma"),
         "crashed": ("reports", "omar"), "unreadable": ("reports", "nora"),
         "nobody": ("others", "index"), "people": ("others", "people"),
         "audit": ("others", "audit"), "leaderboard": ("others", "leaderboard")}


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, chromium: api.Browser) -> Iterator[Visit]:
    """A visit to each page in turn, for all that is asked of it: opening it is what takes long."""
    folder, name = PAGES[request.param]
    visit = Visit(chromium)
    visit(request.getfixturevalue(folder) / f"{name}.html")
    yield visit
    visit.close()
    assert visit.complaints == []


@pytest.fixture
def page(opened: Visit) -> Iterator[api.Page]:
    """Each page in turn, wide and light; fails the test in which it complains."""
    [page] = opened.pages
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(media="screen", color_scheme="light")
    yield page
    assert opened.complaints == []


@contextmanager
def unfolded(page: api.Page) -> Iterator[None]:
    """Everything that is folded is open meanwhile."""
    folded = page.evaluate_handle("[...document.querySelectorAll('details:not([open])')]")
    folded.evaluate("all => all.forEach(each => { each.open = true })")
    yield
    folded.evaluate("all => all.forEach(each => { each.open = false })")


def languages(page: api.Page) -> Iterator[None]:
    """Once for each language of the page."""
    choices = page.locator(".languages input")
    yield
    for number in range(1, choices.count()):
        choices.nth(number).check()
        yield
    if choices.count():
        choices.first.check()


def test_the_report_of_accessibility_is_what_these_tests_prove() -> None:
    """`make docs` writes it. Who marks a test, or raises axe-core, writes it again."""
    assert accessibility.PAGE.read_text(encoding="utf-8") == accessibility.page()
    assert {*accessibility.tests(door=False), *accessibility.tests(door=True)} <= {
        line.split()[0] for line in accessibility.CRITERIA.splitlines()}
    assert len(accessibility.CRITERIA.splitlines()) == 55  # 31 of level A, 24 of AA


# Every page -------------------------------------------------------------------------------------

CONTRAST = "color-contrast"
ALIKE = """() => {
    const known = new Set()
    for (const cell of document.querySelectorAll("figure td, figure th")) {
        let kind = cell.outerHTML.replace(/>[^<]+/g, ">1")
        for (let each = cell.parentElement; each; each = each.parentElement)
            kind += ` ${each.localName}.${each.className} ${each.lang}`
        cell.hidden = known.has(kind)
        known.add(kind)
    }
}"""


def axe(page: api.Page, options: dict[str, object]) -> set[str]:
    """The rules of axe-core that were looked at, and are kept; fails where one is not."""
    code = resources.files(pytest.importorskip("axe_playwright_python")) / "axe.min.js"
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(code.read_text(encoding="utf-8"))
    found = page.evaluate(
        "options => axe.run({resultTypes: ['violations'], ...options})", options)
    assert [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html']}"
            for rule in found["violations"]] == []
    return {rule["id"] for rule in found["passes"]}


def test_everybody_can_read_it(page: api.Page) -> None:
    """The rules of axe-core, among them WCAG 2.2 AA: names, roles, order; in each language."""
    rules = {rule: {"enabled": True} for rule in accessibility.ALSO}
    with unfolded(page):
        for _ in languages(page):
            assert len(axe(page, {"rules": rules | {CONTRAST: {"enabled": False}}})) > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(page: api.Page, scheme: str) -> None:
    """By axe-core, which takes long for each cell: of those of pictures that differ in their
    numbers alone it is shown one."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(ALIKE)
    with unfolded(page):
        assert axe(page, {"runOnly": {"type": "rule", "values": [CONTRAST]}}) == {CONTRAST}
    page.evaluate("for (const each of document.querySelectorAll('figure [hidden]'))"
                  " each.hidden = false")


def test_dark_is_dark_and_light_is_light(page: api.Page) -> None:
    def brightness(scheme: str) -> tuple[int, int]:
        page.emulate_media(color_scheme=scheme)
        colours = page.evaluate(
            "(style => [style.backgroundColor, style.color])(getComputedStyle(document.body))")
        ground, text = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
        return ground, text
    ground, text = brightness("light")
    assert ground > 3 * 230
    assert text < 3 * 60
    ground, text = brightness("dark")
    assert ground < 3 * 60
    assert text > 3 * 200


@pytest.mark.wcag("1.4.10")
@pytest.mark.parametrize("width", [NARROW, 1280])
def test_a_page_does_not_scroll_sideways(page: api.Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    with unfolded(page):
        for _ in languages(page):
            assert page.evaluate("document.documentElement.scrollWidth") == width


def test_paper_shows_all_of_it_in_black_on_white(page: api.Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(each => each.checkVisibility() &&"
        " getComputedStyle(each).overflow !== 'visible').length") == 0
    for control in page.locator("input, nav.contents, a.download").all():
        assert not control.is_visible()


@pytest.mark.wcag("2.4.7")
def test_what_is_reached_by_keyboard_is_seen(page: api.Page) -> None:
    """Wherever Tab stops, at least at the first stops of a page, an outline shows."""
    page.evaluate("each => { each.tabIndex = -1; each.focus(); each.removeAttribute('tabindex') }",
                  page.locator("body").element_handle())
    focused = "document.activeElement"
    for stops in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused} === document.body"):  # once round
            assert stops
            break
        assert page.evaluate(f"parseFloat(getComputedStyle({focused}).outlineWidth)") >= 2, \
            page.evaluate(f"{focused}.outerHTML")


# The class page ---------------------------------------------------------------------------------

def students(page: api.Page) -> list[str]:
    """Of the rows that are shown, in their order."""
    shown: list[str] = page.evaluate(
        "[...document.querySelectorAll('#class tbody tr')].filter(row => !row.hidden)"
        ".map(row => row.cells[0].textContent)")
    return shown


def column(page: api.Page, name: str) -> list[float | None]:
    """The numbers of a column of the table of students; None where there is none."""
    texts = page.evaluate(
        "name => { const head = [...document.querySelectorAll('#class thead th')]"
        ".find(each => each.textContent.startsWith(name));"
        "return [...document.querySelectorAll('#class tbody tr')]"
        ".map(row => row.cells[head.cellIndex].textContent) }", name)
    return [float(text) if re.match(r"[\d.]+$", text) else None for text in texts]


def heading(page: api.Page, name: str) -> api.Locator:
    return page.locator("#class").get_by_role("columnheader", name=re.compile(f"^{name}"))


def test_students_are_sorted_by_any_column_both_ways(many: Path, visit: Visit) -> None:
    page = visit(many)
    api.expect(heading(page, "student")).to_have_attribute("aria-sort", "ascending")
    for name in ("total", "corr2d", "late days"):
        for order in ("descending", "ascending"):
            heading(page, name).get_by_role("button").click()
            api.expect(heading(page, name)).to_have_attribute("aria-sort", order)
            numbers = column(page, name)
            known = [number for number in numbers if number is not None]
            assert known == sorted(known, reverse=order == "descending")
            assert numbers == known + [None] * (SIZE - len(known))  # the unknown come last
    assert page.locator("#class [aria-sort]").count() == 1
    heading(page, "student").get_by_role("button").click()
    assert students(page)[:4] == ["student.0", "student.1", "student.2", "student.3"]
    assert students(page)[-1] == "Zoë Ångström"
    assert len(set(students(page))) == SIZE


@pytest.mark.wcag("2.1.1", "4.1.2")
def test_a_table_is_sorted_by_keyboard(many: Path, visit: Visit) -> None:
    page = visit(many)
    heading(page, "total").get_by_role("button").focus()
    page.keyboard.press("Enter")
    api.expect(heading(page, "total")).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Space")
    api.expect(heading(page, "total")).to_have_attribute("aria-sort", "ascending")
    api.expect(heading(page, "total").get_by_role("button")).to_be_focused()


@pytest.mark.wcag("4.1.3")
def test_a_search_shows_whom_it_finds_and_says_how_many(many: Path, visit: Visit) -> None:
    page = visit(many)
    box, said = page.get_by_role("searchbox", name="Search"), page.get_by_role("status")
    box.fill("student.19")
    assert students(page) == ["student.19", *(f"student.{number}" for number in range(190, SIZE))]
    api.expect(said).to_have_text(f"11 of {SIZE}")
    box.fill("UNREADABLE  student.1")
    assert students(page) == ["student.107"]
    box.fill("angstrom zoe")
    assert students(page) == ["Zoë Ångström"]
    box.fill("nobody at all")
    api.expect(said).to_have_text(f"0 of {SIZE}")
    box.fill("")
    assert len(students(page)) == SIZE


def test_a_section_is_chosen_and_searched(others: Path, visit: Visit) -> None:
    page = visit(others / "people.html")
    section, said = page.get_by_label("Section"), page.get_by_role("status")
    section.select_option("A")
    assert students(page) == ["student.0", "student.2"]
    api.expect(said).to_have_text("2 of 3")
    page.get_by_role("searchbox").fill("student.2")
    assert students(page) == ["student.2"]
    section.select_option("B")
    api.expect(said).to_have_text("0 of 3")
    page.get_by_role("searchbox").fill("")
    section.select_option("C")
    assert students(page) == ["student.2"]  # who is in A, too
    section.select_option("all")
    assert len(students(page)) == 3


def test_what_is_searched_stays_searched_when_sorted(many: Path, visit: Visit) -> None:
    page = visit(many)
    page.get_by_role("searchbox").fill("student.19")
    heading(page, "student").get_by_role("button").click()
    assert students(page)[::len(students(page)) - 1] == ["student.199", "student.19"]
    assert len(students(page)) == 11


def test_a_large_class_is_a_short_page_until_something_is_unfolded(
        tmp_path: Path, visit: Visit) -> None:
    page = visit(a_class(tmp_path, 600))
    assert page.evaluate("document.documentElement.scrollHeight / innerHeight") < 6
    folded = page.locator("#misconceptions ~ details")
    api.expect(folded.get_by_role("link").first).to_be_hidden()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.get_by_role("link").count() == 198
    api.expect(folded.get_by_role("link").first).to_be_visible()


def test_the_other_tables_are_sorted_too(reports: Path, visit: Visit) -> None:
    page = visit(reports / "index.html")
    table = page.locator("#questions ~ .scroll table")
    table.get_by_role("button", name="mean share").click()
    shares = [int(text.split()[0]) for text in table.locator("tbody td:nth-child(4)")
              .all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) > 1


def test_everybody_is_linked_to_a_page_and_a_record(reports: Path, visit: Visit) -> None:
    page = visit(reports / "index.html")
    names = students(page)
    assert names == ["ada", "emil", "fatma", "nora", "omar", "tia"]
    links = [page.locator("#class").get_by_role("link", name=name, exact=True) for name in names]
    for name, link in zip(names, links, strict=True):
        linked = soup((reports / str(link.get_attribute("href"))).read_text(encoding="utf-8"))
        assert linked.title is not None
        assert linked.title.get_text() == f"Cross-correlation · {name}"
    for link in page.locator("main a:not([href^='#'])").all():
        assert (reports / str(link.get_attribute("href"))).is_file()
    links[0].click()
    api.expect(page).to_have_title("Cross-correlation · ada")


def test_grades_are_offered_for_download(reports: Path, chromium: api.Browser) -> None:
    with chromium.new_context(offline=True) as context:
        page = context.new_page()
        page.goto((reports / "index.html").as_uri())
        with page.expect_download() as caught:
            page.get_by_role("link", name="grades.csv").click()
        assert caught.value.suggested_filename == "grades.csv"
        assert Path(caught.value.path()).read_bytes() == (reports / "grades.csv").read_bytes()


@pytest.mark.wcag("2.4.1")
def test_the_contents_lead_to_every_section(reports: Path, visit: Visit) -> None:
    page = visit(reports / "index.html")
    for link in page.get_by_role("navigation", name="on this page").get_by_role("link").all():
        link.click()
        target = page.locator(str(link.get_attribute("href")))
        api.expect(target).to_be_in_viewport()
        assert target.evaluate("each => each.tagName") == "H2"


def test_a_class_page_is_printed_across(many: Path, visit: Visit) -> None:
    page = visit(many)
    document = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", document)
    assert {float(width) > float(height) for width, height in sizes} == {True}


def test_without_scripts_everything_is_there_but_the_search(
        many: Path, chromium: api.Browser) -> None:
    with chromium.new_context(offline=True, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(many.as_uri())
        assert page.locator("#class tbody tr").count() == SIZE
        api.expect(page.locator("#search")).to_be_hidden()
        assert page.get_by_role("button").count() == 0


# A student's page -------------------------------------------------------------------------------

@pytest.mark.wcag("2.1.1")
def test_hints_open_one_after_the_other(reports: Path, visit: Visit) -> None:
    page = visit(reports / "emil.html")
    hint = page.locator('.edition[lang="en"] .hint').first
    answer = hint.get_by_text("That is true convolution.")
    steps = hint.locator("summary")
    assert steps.count() == 3
    for number in range(3):
        api.expect(answer).to_be_hidden()
        api.expect(steps.nth(number)).to_be_visible()
        if number < 2:
            api.expect(steps.nth(number + 1)).to_be_hidden()
        steps.nth(number).focus()
        page.keyboard.press("Enter")
    api.expect(answer).to_be_visible()
    page.keyboard.press("Enter")
    api.expect(answer).to_be_hidden()


def test_paper_shows_every_hint(reports: Path, visit: Visit) -> None:
    page = visit(reports / "emil.html")
    page.emulate_media(media="print")
    api.expect(page.locator('.edition[lang="en"] .hint').first.get_by_text(
        "That is true convolution.")).to_be_visible()


@pytest.mark.wcag("2.1.1", "3.1.2", "3.2.2")
def test_the_language_is_chosen_by_keyboard_and_one_is_shown(reports: Path, visit: Visit) -> None:
    page = visit(reports / "emil.html")
    english, chinese = (page.locator(f'.edition[lang="{code}"]') for code in ("en", "zh"))
    api.expect(page.get_by_role("heading", level=1)).to_have_text("Cross-correlation")
    api.expect(english).to_be_visible()
    api.expect(chinese).to_be_hidden()
    page.get_by_role("radio", name="English").focus()
    page.keyboard.press("ArrowRight")
    api.expect(page.get_by_role("radio", name="中文")).to_be_checked()
    api.expect(english).to_be_hidden()
    api.expect(chinese).to_be_visible()
    assert re.search("[\u4e00-\u9fff]", page.get_by_role("heading", level=1).inner_text())
    assert page.get_by_role("main").count() == 1


@pytest.mark.wcag("2.4.6")
def test_questions_are_reached_from_the_overview(reports: Path, visit: Visit) -> None:
    page = visit(reports / "emil.html")
    links = page.locator('.edition[lang="en"] .overview a')
    assert links.count() == len(QUESTIONS)
    for link in links.all():
        title = link.inner_text()
        link.click()
        api.expect(page.get_by_role("heading", level=2, name=title)).to_be_in_viewport()


@pytest.mark.wcag("1.4.1")
def test_what_is_wrong_is_marked_where_it_is(reports: Path, visit: Visit) -> None:
    """The numbers in the picture are those of the record."""
    page = visit(reports / "emil.html")
    record = Result.model_validate(
        json.loads((reports / "emil.json").read_text(encoding="utf-8"))["result"])
    check = next(check for check in record.questions[0].checks
                 if check.visibility is Visibility.VISIBLE)
    account = check.explained
    assert account is not None and account.evidence is not None and account.mismatch is not None
    assert isinstance(account.evidence.actual, Array)
    answer = page.locator('.edition[lang="en"] .checks > li', has_text=check.title).locator(
        "figure", has_text="your answer")
    assert answer.locator("mark").count() == account.mismatch.wrong_count
    cells = answer.locator("tbody td").all_inner_texts()
    assert [float(cell.removesuffix("\u2009≠")) for cell in cells] == account.evidence.actual.values


# Notebooks as pages -----------------------------------------------------------------------------

TAKES = "document.title = 'taken'"
LIVE = [
    f"<script>{TAKES}</script>", f'<img src="x" onerror="{TAKES}">',
    f'<svg onload="{TAKES}"></svg>',
    f'<iframe srcdoc="<script>parent.{TAKES}</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=http://example.org/">',
    '<img src="http://example.org/seen.png">', f"![x](attachment:x)\n\n[y](javascript:{TAKES})",
    '<link rel="stylesheet" href="http://example.org/x.css"><base href="http://example.org/">',
    f'<form action="http://example.org/"><button autofocus onfocus="{TAKES}"></form>',
    f"<style onload=\"{TAKES}\">@import 'http://example.org/y.css';</style>",
    "![lost](attachment:lost)",  # nbconvert raises
]
ATTACHED = {"x": {f'image/png"><script>{TAKES}</script>': "eA=="}}


def live_cells() -> list[NotebookNode]:
    """What a student may write into a notebook that would run in a page."""
    cells = [make(text) for text in LIVE for make in (v4.new_markdown_cell, v4.new_raw_cell)]
    for cell in cells:
        cell.attachments = ATTACHED
    bundle = {"text/html": "".join(LIVE), "application/javascript": TAKES}
    return [*cells, v4.new_code_cell("1 # </code><script>", outputs=[
        v4.new_output("display_data", data={kind: text}) for kind, text in bundle.items()])]


@pytest.fixture(scope="module")
def course101(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An nbgrader course in which Eve's notebook is graded."""
    root = tmp_path_factory.mktemp("nbgrader")
    lab = Lab(root / "course")
    lab.notebook += '\n# %% [markdown] nbgrader={"grade_id": "why", "points": 3}\n# *Answer.*\n'
    course = lab.write()
    build.write(course, build.build(course, "lab"))
    notebook = nbformat.read(course.root / "assignments/lab/lab.ipynb", as_version=4)
    notebook.cells[-1].source = "\n\n".join(LIVE[:-1])
    notebook.cells[-1].attachments = ATTACHED
    notebook.cells += live_cells()
    folder = root / "course101/submitted/eve/lab"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "lab.ipynb")
    with pytest.raises(SystemExit) as ended:
        cli.main(["grade", "lab", "--nbgrader", str(root / "course101"), "--course",
                  str(course.root / "grader.toml"), "--allow-unsandboxed", "-j", "1"])
    assert ended.value.code == 0
    return root / "course101"


def test_a_notebook_given_back_does_nothing(tmp_path: Path, visit: Visit) -> None:
    page = tmp_path / "page.html"
    page.write_text(as_html(v4.new_notebook(cells=live_cells())))
    shown = visit(page)
    shown.wait_for_load_state("networkidle")
    assert shown.title() != "taken" and shown.locator("script, iframe, form, svg").count() == 0


def test_nbgraders_feedback_does_nothing(course101: Path, visit: Visit) -> None:
    shown = visit(course101 / "feedback/eve/lab/lab.html")
    shown.wait_for_load_state("networkidle")
    assert shown.title() != "taken" and shown.locator("script, iframe, form, svg").count() == 0
    assert "Score: " in shown.locator("h4").inner_text()
    # Bootstrap's icons, which nbgrader's page never had with it.
    visit.complaints = [said for said in visit.complaints if "glyphicons" not in said]


def test_what_formgrader_shows_does_nothing(
    course101: Path, tmp_path: Path, chromium: api.Browser
) -> None:
    """As it makes pages: by nbconvert's own exporter, with no policy. Its own scripts may ask for
    others. Control: by the same, the notebook that was handed in takes the page, if it stays there.
    """
    titles = {}
    for step, without in (("autograded", "attachment:lost"), ("submitted", "attachment:|refresh")):
        notebook = nbformat.read(course101 / step / "eve/lab/lab.ipynb", as_version=4)
        notebook.cells = [cell for cell in notebook.cells if not re.search(without, str(cell))]
        page = tmp_path / f"{step}.html"
        page.write_text(HTMLExporter(template_name="classic").from_notebook_node(notebook)[0])
        shown = Visit(chromium)(page)
        shown.wait_for_load_state("load")
        titles[step] = shown.title()
        shown.context.close()
    assert titles == {"autograded": "Notebook", "submitted": "taken"}


def test_what_was_measured_is_told_without_markup(tmp_path: Path) -> None:
    measured = Measurement(what=sentence("unseen images"), percent=97)
    failed = a_check(status=Status.FAILED)
    grade = a_grade("ann", a_question("corr2d", 1.0, checks=[failed], measured=measured))
    page = soup(student_page(grade, an_assignment(tmp_path))).get_text()
    assert "The grader measured: 97 % of unseen images." in page
    assert "What was measured, above, is less than this asks" in page
