"""A notebook run from top to bottom in a real kernel, and what Chromium shows of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import browser
import nbformat
import pytest
from browser import api
from front_ends import COLAB, VS_CODE, in_a_frame, refused
from labs import REPOSITORY
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode, v4

from autograder.report.notebook import handed_in
from autograder.report.translations import ENGLISH
from autograder.result import sentence

PHONE = 360
CELLS = [
    "%load_ext autograder\nimport torch\nimport matplotlib.pyplot as plt",
    """%%check corr2d
def corr2d(X, K):
    print("looking at", tuple(X.shape))
    plt.plot([1, 2])
    plt.show()
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K.flip(0, 1)).sum((2, 3))""",
    "from autograder.notebook import check\ncheck(corr2d, language='zh')",
    """def edge_kernel(direction):
    while True:
        pass
%check edge_kernel""",
    """def corr2d(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))
%check corr2d""",
    "%check nobody",
    """from autograder.notebook import window
X, K = torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]])
window(X, K, yours=corr2d(X, K.flip(0, 1)))""",
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    folder = shutil.copytree(REPOSITORY / "assignments" / "correlation",
                             tmp_path_factory.mktemp("home") / "lab")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    client = NotebookClient(notebook, timeout=280, allow_errors=True, kernel_name="python3",
                            resources={"metadata": {"path": str(folder)}})
    return client.execute()


@pytest.fixture(scope="module")
def chromium() -> Iterator[api.Browser]:
    with browser.chromium() as started:
        yield started


def only_output(notebook: NotebookNode, cell: int) -> NotebookNode:
    [output] = notebook.cells[cell].outputs
    return output


def test_answers_stand_below_the_cells(executed: NotebookNode) -> None:
    """One each, and neither plots nor lines of the function's own."""
    nbformat.validate(executed)
    wrong = only_output(executed, 1).data
    assert "wrong answer" in wrong["text/plain"] and "[19][25]" in wrong["text/plain"]
    assert "looking at (3, 3)" in wrong["text/html"] and "true convolution" in wrong["text/html"]
    assert "互相关" in only_output(executed, 2).data["text/plain"]
    assert "No answer within" in only_output(executed, 3).data["text/plain"]
    assert "✓   corr2d" in only_output(executed, 4).data["text/plain"]


def test_what_cannot_be_checked_is_said_in_a_line(executed: NotebookNode) -> None:
    said = only_output(executed, 5)
    assert "no visible check is about nobody" in str(said)
    assert "Traceback" not in str(said)


def test_a_window_moves_in_a_page_made_of_the_notebook(
    executed: NotebookNode, chromium: api.Browser, tmp_path: Path,
) -> None:
    """Its script runs where somebody else's page shows it."""
    assert "0 × 0 + 1 × 1 + 3 × 2 + 4 × 3 = 19" in only_output(executed, 6).data["text/plain"]
    page, _ = HTMLExporter().from_notebook_node(executed)
    (tmp_path / "lab.html").write_text(page)
    with chromium.new_context(offline=True) as context:
        shown = context.new_page()
        shown.goto((tmp_path / "lab.html").as_uri(), wait_until="domcontentloaded")
        window = shown.locator(".autograder.window")
        window.locator('[data-part="output"] td[tabindex="0"]').focus()
        shown.keyboard.press("ArrowDown")
        api.expect(window.get_by_role("status")).to_have_text(
            "Output [1, 0]: 3 × 0 + 4 × 1 + 6 × 2 + 7 × 3 = 37. Yours is 23, which differs.")


@pytest.mark.parametrize(("theme", "system", "width"), [
    ("light", "dark", 1280), ("dark", "light", 1280), ("light", "light", PHONE)])
def test_an_answer_is_as_light_or_dark_as_its_notebook(
    executed: NotebookNode, chromium: api.Browser, tmp_path: Path, theme: str, system: str,
    width: int,
) -> None:
    """Whatever the reader's system is; and nothing of it is wider than a phone."""
    page, _ = HTMLExporter(theme=theme).from_notebook_node(executed)
    (tmp_path / "lab.html").write_text(page)
    with chromium.new_context(color_scheme=system, viewport={"width": width, "height": 800},
                              offline=True) as context:
        shown = context.new_page()
        shown.goto((tmp_path / "lab.html").as_uri(), wait_until="domcontentloaded")
        answer = shown.locator(".autograder").first
        red, *_ = answer.evaluate(
            "each => getComputedStyle(each).backgroundColor.match(/\\d+/g).map(Number)")
        assert (red > 200) is (theme == "light")
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hint = answer.locator("details").first
        api.expect(hint.locator("p").first).to_be_hidden()
        hint.locator("summary").first.click()
        api.expect(hint.locator("p").first).to_be_visible()
        # Nothing of the style gets out: the cells' own text is as it was.
        assert shown.evaluate("getComputedStyle(document.body).backgroundColor") != \
            answer.evaluate("each => getComputedStyle(each).backgroundColor")


RESULT = "<!doctype html><style>p { color: rgb(9, 8, 7); }</style><p>3 of 4 points</p>"


@pytest.mark.parametrize(("document", "theme", "light"), [
    (VS_CODE, "vscode-light", True), (VS_CODE, "vscode-dark", False),
    (VS_CODE, "vscode-high-contrast", False),
    (VS_CODE, "vscode-high-contrast-light vscode-high-contrast", True),
    (COLAB, "light", True), (COLAB, "dark", False)])
def test_answers_are_whole_in_the_frames_of_vs_code_and_colab(
    executed: NotebookNode, chromium: api.Browser, document: str, theme: str, light: bool,
) -> None:
    """As light or dark as these are, with the lines of tables; hints open, the window moves, and a
    hand-in's result is shown, in the same frame."""
    answer, window = (only_output(executed, cell).data["text/html"] for cell in (1, 6))
    result = handed_in([sentence("Receipt: {file}. Keep it.", file="r.json")], ENGLISH, RESULT)
    with chromium.new_context(color_scheme="dark" if light else "light", offline=True) as context:
        frame = in_a_frame(context.new_page(), document, theme, answer, window, result)
        said = frame.locator(".autograder").first
        red, *_ = said.evaluate(
            "each => getComputedStyle(each).backgroundColor.match(/\\d+/g).map(Number)")
        assert (red > 200) is light
        lines = said.locator("table.grid tbody td").first.evaluate(
            "each => getComputedStyle(each).borderTopWidth + getComputedStyle(each).borderTopStyle")
        assert lines == "1pxsolid"
        assert said.locator("h2 code").evaluate(
            "each => getComputedStyle(each).color === getComputedStyle(each.parentElement).color")
        said.locator(".hint summary").first.click()
        api.expect(said.locator(".hint p").first).to_be_visible()
        moved = frame.locator(".autograder.window")
        moved.locator('[data-part="output"] td[tabindex="0"]').press("ArrowDown")
        api.expect(moved.get_by_role("status")).to_contain_text("Output [1, 0]")
        [inner] = frame.child_frames
        api.expect(inner.locator("p")).to_have_css("color", "rgb(9, 8, 7)")
        assert refused(frame) == []
        if document == VS_CODE:  # the control
            frame.evaluate("document.body.append(Object.assign(new Image(), {src: 'ftp://x/y'}))")
            frame.wait_for_function("window.refused?.length")
