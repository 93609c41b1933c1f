"""Pages of results that were made once, for all that ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from autograder.course import Course
from autograder.gradebook import NOTHING
from autograder.report.page_cache import PageCache

COURSE = cast(Course, object())


class Making:
    """Makes a page, as soon as it is let."""

    def __init__(self) -> None:
        self.begun, self.goes_on, self.times = threading.Event(), threading.Event(), 0

    def __call__(self) -> str:
        self.times += 1
        self.begun.set()
        assert self.goes_on.wait(60)
        if self.times == 1:
            raise OSError("no disk")
        return f"page {self.times}"


def test_who_asks_while_a_page_is_made_gets_the_same_and_after_a_failure_it_is_made_again() -> None:
    pages, making = PageCache(), Making()

    def find(_: int) -> Any:
        return pages.find(COURSE, NOTHING, "ann", making)

    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(find, number) for number in range(8)]
        assert making.begun.wait(60)
        assert pages.find(COURSE, NOTHING, "bob", lambda: "bob's") == b"bob's"  # not held up
        making.goes_on.set()
        found = [each.exception() or each.result() for each in asked]
    said = {str(each) for each in found}
    assert "no disk" in said and said <= {"no disk", "b'page 2'"}
    assert find(0) == b"page 2" and making.times == 2


def test_a_page_is_made_anew_when_something_was_decided() -> None:
    pages, other = PageCache(), cast(Course, object())
    assert pages.find(COURSE, NOTHING, "ann", lambda: "one") == b"one"
    assert pages.find(COURSE, NOTHING, "ann", lambda: pytest.fail()) == b"one"
    assert pages.find(other, NOTHING, "ann", lambda: "two") == b"two"
    assert pages.find(COURSE, NOTHING, "ann", lambda: "three") == b"three"
