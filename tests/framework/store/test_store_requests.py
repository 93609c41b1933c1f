"""Second looks in a store: bounded, whoever is faster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from databases import lab, server

from autograder.course import Course
from autograder.store import Store
from autograder.store.events import account
from autograder.store.requests import MOST_LETTERS, MOST_OPEN, TooManyLetters, TooManyOpen

__all__ = ["lab", "server"]  # fixtures


def test_nobody_has_more_open_than_may_be(lab: Course) -> None:
    with Store(lab, shared=True) as store:
        def ask(_: int) -> bool:
            try:
                store.requests.ask("ann", "correlation", None, "look")
            except TooManyOpen:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(ask, range(MOST_OPEN + 8))) == MOST_OPEN
        store.requests.ask("bob", "correlation", None, "look")
        store.requests.close(1, "no")
        store.requests.ask("ann", "correlation", None, "look")
        store.requests.open("ann", "correlation", None, "what staff write in for her")
        first, *_, typed = store.events.all()
        assert first.account == "ann" and typed.account == account()


def test_nobody_writes_more_than_somebody_reads(lab: Course) -> None:
    with Store(lab, shared=True) as store:
        with pytest.raises(TooManyLetters):
            store.requests.ask("ann", "correlation", None, "x" * (MOST_LETTERS + 1))
        number = store.requests.ask("ann", "correlation", None, "x" * MOST_LETTERS)
        with pytest.raises(TooManyLetters):
            store.requests.answer(number, "x", by="ann")
        store.requests.answer(number, "x" * MOST_LETTERS * 2, by="carol")
        store.requests.answer(number, "x" * MOST_LETTERS, by="ann")
        with pytest.raises(TooManyLetters):
            store.requests.answer(number, "x", by="ann")
