"""`autograder check --watch`: when it looks, what it keeps, what it suggests."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import REPOSITORY, RIGHT
from rich.console import Console

from autograder.report.checking import watched
from autograder.report.translations import ENGLISH
from autograder.selfcheck import Checker
from autograder.selfcheck.watching import progress, saved

LAB = REPOSITORY / "assignments" / "correlation"


def test_a_file_comes_by_when_it_was_saved_and_is_whole(tmp_path: Path) -> None:
    """Written anew, in parts, replaced by another one, gone for a while: each time once."""
    file, other = tmp_path / "lab.ipynb", tmp_path / "other"
    file.write_text("1")
    steps = iter([
        lambda: None,
        lambda: file.write_text("12"), lambda: file.write_text("123"), lambda: None,
        file.unlink, lambda: None,
        lambda: (other.write_text("1234"), other.replace(file)), lambda: None, lambda: None,
    ])

    class Over(Exception):
        pass

    def pause() -> None:
        try:
            next(steps)()
        except StopIteration:
            raise Over from None

    seen = []
    with pytest.raises(Over):
        for _ in saved(file, pause):
            seen.append(file.read_text())
    assert seen == ["1", "123", "1234"]


def test_what_changed_is_told_and_what_to_do_next(tmp_path: Path) -> None:
    """One judge for all of it."""
    file = tmp_path / "correlation.py"
    file.write_text("")
    wrong = RIGHT.replace("* K).sum", "* K.flip(0, 1)).sum")
    before, seen = None, []
    with Checker(file, checks=LAB / "checks") as checker:
        for source in ("", wrong, RIGHT, wrong):
            file.write_text(source)
            found = checker.check()
            before = progress(found.grade.result, found.assignment, before)
            seen.append((before.gained, before.lost, before.next))
    of_corr2d = ["conv2d_true", "corr2d", "learn_kernel"]
    assert seen == [
        ([], [], "corr2d"),
        (["Conv2D", "edge_kernel", "parameters"], [], "corr2d"),
        (of_corr2d, [], None),
        ([], of_corr2d, "corr2d"),
    ]


def test_only_what_comes_next_is_told_in_detail(tmp_path: Path) -> None:
    file = tmp_path / "correlation.py"
    file.write_text("def edge_kernel(direction):\n    return 1 / 0")
    with Checker(file, checks=LAB / "checks") as checker:
        found = checker.check()
    console = Console(width=100)
    with console.capture() as text:
        console.print(watched(found.grade.result, found.assignment, ENGLISH, [], ["corr2d"],
                              "edge_kernel"))
    assert "ZeroDivisionError" in text.get() and "corr2d is not defined" not in text.get()
    assert "Does not pass any more: corr2d" in text.get() and "Next: edge_kernel" in text.get()
