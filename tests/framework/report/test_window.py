"""The window over an image: its numbers are torch's, and in Chromium the arrow keys move it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import browser
import pytest
import torch
import torch.nn.functional as F
from browser import api
from labs import REPOSITORY

from autograder.notebook import window

X = torch.arange(50.0).reshape(2, 5, 5).sub(20).div(8)
K = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 1.5]]).expand(3, 2, 3, 2) \
    * torch.tensor([1.0, -1.0, 2.0])[:, None, None, None]
SETTING = {"padding": (1, 2), "stride": (2, 1), "dilation": (1, 2)}
EXPECTED = F.conv2d(X[None], K, **SETTING)[0]
WRONG = EXPECTED.clone()
WRONG[2, 1, 3] += 1


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[api.Page]:
    """A page with two windows, in a browser without a network, which complains of nothing."""
    file = tmp_path_factory.mktemp("window") / "page.html"
    shown = window(X, K, **SETTING, yours=WRONG)._repr_html_()
    small = window(X[0], K[0, 0], yours=[[1.0]], language="zh")._repr_html_()
    file.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Window</title>'
                    f"<main><h1>Window</h1>{shown}{small}</main></html>", encoding="utf-8")
    complaints: list[str] = []
    with browser.chromium() as chromium, chromium.new_context(offline=True) as context:
        opened = context.new_page()
        opened.on("request", lambda request: complaints.append(request.url))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(file.as_uri())
        yield opened
    assert complaints == [file.as_uri()]


@pytest.fixture
def first(page: api.Page) -> api.Locator:
    """The first window, at its first place."""
    shown = page.locator(".window").first
    shown.locator('[data-part="output"] td', has_text=re.compile("[0-9]")).first.click()
    return shown


def numbers(part: api.Locator) -> list[float]:
    return [float(text.replace("−", "-").removesuffix("\u2009≠"))
            for text in part.locator("tbody td").all_inner_texts()]


def test_its_numbers_are_torchs(page: api.Page) -> None:
    shown = page.locator(".window").first
    assert numbers(shown.locator('[data-part="output"]')) == pytest.approx(
        EXPECTED.flatten().tolist(), rel=1e-4)
    marked = shown.locator("mark")
    assert marked.count() == 1
    assert float(marked.inner_text().replace("−", "-")) == pytest.approx(
        float(WRONG[2, 1, 3]), rel=1e-4)


def test_keys_move_it(first: api.Locator, page: api.Page) -> None:
    """To the right, down and to another map; and not beyond the border. What is marked are the
    pixels of torch's own window, and their products add up to the number of the output."""
    status = first.get_by_role("status")
    api.expect(status).to_contain_text("Output [0, 0, 0]")
    for key in ("ArrowUp", "ArrowRight", "End", "ArrowLeft", "ArrowDown", "PageDown", "PageDown",
                "PageDown"):
        page.keyboard.press(key)
    columns = EXPECTED.shape[-1]
    api.expect(status).to_contain_text(f"Output [2, 1, {columns - 2}]")
    seen = F.unfold(X[None], (3, 2), dilation=(1, 2), padding=(1, 2), stride=(2, 1))[0]
    place = seen[:, columns + columns - 2]
    texts = first.locator('[data-part="image"] .under').all_inner_texts()
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(place.tolist())
    products = first.locator('[data-part="products"] tbody td').all_inner_texts()
    assert sum(float(text.split("= ")[1].replace("−", "-")) for text in products) == pytest.approx(
        float(EXPECTED[2, 1, columns - 2]), rel=1e-3)
    kernels = first.locator('[data-part="kernel"] table:visible')
    assert kernels.count() == 2
    assert first.locator('[data-part="output"] td:focus').count() == 1


def test_what_differs_is_said(first: api.Locator, page: api.Page) -> None:
    cell = first.locator('[data-part="output"] table').nth(2).locator("tbody tr").nth(1)
    cell.locator("td").nth(3).click()
    api.expect(first.get_by_role("status")).to_contain_text("which differs")
    page.keyboard.press("ArrowLeft")
    api.expect(first.get_by_role("status")).to_contain_text("too.")


def test_keys_are_its_own_while_it_has_them(first: api.Locator, page: api.Page) -> None:
    """A notebook around it would go to another cell."""
    page.evaluate("seen = []; addEventListener('keydown', event => seen.push(event.key))")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    assert page.evaluate("seen") == ["a"]
    assert first.get_attribute("data-lm-suppress-shortcuts") == "true"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page: api.Page, scheme: str) -> None:
    axe = resources.files(pytest.importorskip("axe_playwright_python")) / "axe.min.js"
    page.emulate_media(color_scheme=scheme)
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]] == []


def test_it_speaks_the_language_of_the_course_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Output [0, 0]: 2 × 3 = 6." in repr(window([[2]], [[3]]))
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "answers.json").write_text("{}")
    given = REPOSITORY / "assignments" / "correlation" / "checks" / "grader.toml"
    (tmp_path / "checks" / "grader.toml").write_text(
        f'language = "zh"\n{given.read_text(encoding="utf-8")}', encoding="utf-8")
    assert "输出 [0, 0]：2 × 3 = 6。" in repr(window([[2]], [[3]]))
    assert "Output" in repr(window([[2]], [[3]], language="en"))


def test_another_shape_is_told_and_one_may_ask_for_chinese(page: api.Page) -> None:
    second = page.locator(".window").nth(1)
    api.expect(second).to_have_attribute("lang", "zh")
    assert "(1, 1)" in second.inner_text()
    assert second.locator("mark").count() == 0


def test_without_scripts_the_first_place_is_told(page: api.Page) -> None:
    browsing = page.context.browser
    assert browsing is not None
    with browsing.new_context(offline=True, java_script_enabled=False) as context:
        shown = context.new_page()
        shown.goto(page.url)
        first = shown.locator(".window").first
        api.expect(first.get_by_role("status")).to_contain_text("Output [0, 0, 0]")
        assert numbers(first.locator('[data-part="output"]')) == numbers(
            page.locator(".window").first.locator('[data-part="output"]'))
        api.expect(first.get_by_text("arrow keys")).to_be_hidden()


def test_in_a_terminal_it_is_lines() -> None:
    shown = window([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]],
                   yours=torch.tensor([[19, 25], [37, 44]]))
    assert repr(shown).splitlines()[1:] == [
        "Output [0, 0]: 0 × 0 + 1 × 1 + 3 × 2 + 4 × 3 = 19. Yours is 19, too.",
        "Output [0, 1]: 1 × 0 + 2 × 1 + 4 × 2 + 5 × 3 = 25. Yours is 25, too.",
        "Output [1, 0]: 3 × 0 + 4 × 1 + 6 × 2 + 7 × 3 = 37. Yours is 37, too.",
        "Output [1, 1]: 4 × 0 + 5 × 1 + 7 × 2 + 8 × 3 = 43. Yours is 44, which differs."]


def test_rounding_does_not_differ() -> None:
    """In the precision of what was given; a wrong number in the sixth digit does."""
    torch.manual_seed(0)
    image, kernel = torch.randn(12, 12), torch.randn(5, 5)
    answer = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    assert window(image, kernel, yours=answer).wrong == frozenset()
    assert window(image, kernel, yours=answer + 1e-3 * (answer == answer.max())).wrong


@pytest.mark.parametrize(("arguments", "said"), [
    ((torch.ones(3, 3), torch.ones(4, 2)), "no place"),
    ((torch.ones(2, 3, 3), torch.ones(3, 2, 2)), "both need the same number"),
    ((torch.ones(64, 64), torch.ones(3, 3)), "too much to look at"),
    ((torch.ones(1, 1, 3, 3), torch.ones(2, 2)), "one image at a time"),
    (("cat", torch.ones(2, 2)), "no tensor of numbers"),
])
def test_what_cannot_be_shown_is_said_in_a_sentence(arguments: tuple[object, object],
                                                    said: str) -> None:
    with pytest.raises(ValueError, match=said):
        window(*arguments)
