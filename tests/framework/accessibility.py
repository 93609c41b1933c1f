"""docs/accessibility.md, from what the tests of pages prove: each criterion of WCAG 2.2, A and AA.

A test says by ``@pytest.mark.wcag("2.1.1")`` what it proves something of; axe-core says of each of
its rules what it looks for. ``python tests/framework/accessibility.py`` writes the page.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parents[1] / "docs" / "accessibility.md"

CRITERIA = """\
1.1.1 A Non-text Content
1.2.1 A Audio-only and Video-only (Prerecorded)
1.2.2 A Captions (Prerecorded)
1.2.3 A Audio Description or Media Alternative (Prerecorded)
1.2.4 AA Captions (Live)
1.2.5 AA Audio Description (Prerecorded)
1.3.1 A Info and Relationships
1.3.2 A Meaningful Sequence
1.3.3 A Sensory Characteristics
1.3.4 AA Orientation
1.3.5 AA Identify Input Purpose
1.4.1 A Use of Color
1.4.2 A Audio Control
1.4.3 AA Contrast (Minimum)
1.4.4 AA Resize Text
1.4.5 AA Images of Text
1.4.10 AA Reflow
1.4.11 AA Non-text Contrast
1.4.12 AA Text Spacing
1.4.13 AA Content on Hover or Focus
2.1.1 A Keyboard
2.1.2 A No Keyboard Trap
2.1.4 A Character Key Shortcuts
2.2.1 A Timing Adjustable
2.2.2 A Pause, Stop, Hide
2.3.1 A Three Flashes or Below Threshold
2.4.1 A Bypass Blocks
2.4.2 A Page Titled
2.4.3 A Focus Order
2.4.4 A Link Purpose (In Context)
2.4.5 AA Multiple Ways
2.4.6 AA Headings and Labels
2.4.7 AA Focus Visible
2.4.11 AA Focus Not Obscured (Minimum)
2.5.1 A Pointer Gestures
2.5.2 A Pointer Cancellation
2.5.3 A Label in Name
2.5.4 A Motion Actuation
2.5.7 AA Dragging Movements
2.5.8 AA Target Size (Minimum)
3.1.1 A Language of Page
3.1.2 AA Language of Parts
3.2.1 A On Focus
3.2.2 A On Input
3.2.3 AA Consistent Navigation
3.2.4 AA Consistent Identification
3.2.6 A Consistent Help
3.3.1 A Error Identification
3.3.2 A Labels or Instructions
3.3.3 AA Error Suggestion
3.3.4 AA Error Prevention (Legal, Financial, Data)
3.3.7 A Redundant Entry
3.3.8 AA Accessible Authentication (Minimum)
4.1.2 A Name, Role, Value
4.1.3 AA Status Messages"""

_MEDIA = "no sound and no film on any page"
_FORMS = "no form: nothing is entered but a word to search for, and nothing is sent"
_POINTER = "nothing but clicks: no gesture, no dragging, no motion"
NO_CASE = {
    **dict.fromkeys(("1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.4.2"), _MEDIA),
    **dict.fromkeys(("1.3.5", "3.3.1", "3.3.3", "3.3.4", "3.3.7", "3.3.8"), _FORMS),
    **dict.fromkeys(("2.5.1", "2.5.4", "2.5.7"), _POINTER),
    **dict.fromkeys(("2.2.1", "2.2.2", "2.3.1"), "nothing moves, flashes or runs out"),
    "2.1.4": "no shortcut of one letter",
    "3.2.6": "no page has a way to ask for help",
}


NO_CASE_AT_THE_DOOR = {number: why for number, why in NO_CASE.items()
                       if why != _FORMS and number not in ("2.5.7", "3.2.6")}
"""The door has forms, files are dropped on it, and it has ways to ask."""


ALSO = ("target-size",)
"""Rules of axe-core that are off unless one asks for them."""


def tests(*, door: bool) -> dict[str, list[tuple[str, str]]]:
    """Criterion -> file and name of each test that says it proves something of it: of the door's
    pages, or of the others."""
    found = defaultdict(list)
    for file in sorted(TESTS.rglob("test_*.py")):
        if (file.parent.name == "web") is not door:
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.wcag":
                        for criterion in mark.args:
                            found[ast.literal_eval(criterion)].append(
                                (file.relative_to(TESTS).as_posix(), node.name))
    return dict(found)


def rules() -> dict[str, list[str]]:
    """Criterion -> the rules of axe-core that look for it, of those that run."""
    script = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    found = defaultdict(list)
    for rule, body, tags in re.findall(
            r'\bid:"([a-z-]+)",((?:(?!\bid:").){0,400}?)tags:\[([^]]*)\]', script):
        is_off = "enabled:!1" in body or {'"experimental"', '"deprecated"'} & {*tags.split(",")}
        if is_off and rule not in ALSO:
            continue
        for principle, guideline, number in re.findall(r'"wcag(\d)(\d)(\d+)"', tags):
            found[f"{principle}.{guideline}.{number}"].append(rule)
    return {criterion: sorted(set(names)) for criterion, names in found.items()}


def page() -> str:
    """The whole page."""
    return "\n".join([
        "# Accessibility", "",
        "Written by `make docs` from the tests; do not edit it here.", "",
        "What is proven of the pages that this program writes, by WCAG 2.2, level A and AA, "
        "criterion by criterion. It is no claim of conformance: **nobody has gone through them "
        "with a screen reader yet**, and what is not proven may hold or not.", "",
        "- *tested*: the tests named act as a person would, in a real Chromium, and fail where the "
        "criterion does. They are examples, not all cases.",
        "- *in part*: nothing but rules of axe-core. A rule finds some failures and proves no "
        "success.",
        "- *no case*: the pages have nothing that the criterion is about.",
        "- *not proven*: nobody and nothing has looked.", "",
        "Notebooks and their feedback are shown by other programs, whose pages are not looked at "
        "here; neither is what is written in a course's own texts and pictures.", "",
        "## Reports", "",
        "A student's page, the class's, an audit's, a leaderboard's. The rules of axe-core run on "
        "every page, light and dark, in each language, with all unfolded.", "",
        *_table(tests(door=False), NO_CASE),
        "## The door", "",
        "What `autograder serve` shows: the desk, marking, handing in and what comes of it, which "
        "have forms. The rules of axe-core run on every page, by telephone and screen, as it is "
        "when it opens.", "",
        *_table(tests(door=True), NO_CASE_AT_THE_DOOR)])


def _table(proven: Mapping[str, list[tuple[str, str]]], no_case: Mapping[str, str]) -> list[str]:
    looked_for = rules()
    rows, counts = [], dict.fromkeys(("tested", "in part", "no case", "**not proven**"), 0)
    for line in CRITERIA.splitlines():
        number, level, name = line.split(" ", 2)
        by = [f"`{test}`" for _, test in proven.get(number, [])]
        axe = f"axe: {', '.join(looked_for[number])}" \
            if number in looked_for and number not in no_case else ""
        kind = ("tested" if by else "no case" if number in no_case else
                "in part" if axe else "**not proven**")
        counts[kind] += 1
        rows.append(f"| {number} {name} | {level} | {kind} | "
                    f"{'; '.join(filter(None, [*by, no_case.get(number, ''), axe]))} |")
    files = sorted({file for each in proven.values() for file, _ in each})
    return [
        f"{', '.join(f'{count} {kind}' for kind, count in counts.items())}. The tests are in "
        f"{', '.join(f'`tests/framework/{file}`' for file in files)}.", "",
        "| criterion | level | | by |", "| --- | --- | --- | --- |", *rows, ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
