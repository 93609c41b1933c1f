"""Which addresses a token may be sent to."""

from __future__ import annotations

import pytest

from autograder.addresses import is_confidential, is_of_this_machine


@pytest.mark.parametrize("url", [
    "https://grader.example.org", "https://127.0.0.1:8000", "http://localhost:8000",
    "http://127.0.0.2", "http://[::1]:8000/door"])
def test_a_secret_may_be_sent_by_https_or_within_this_machine(url: str) -> None:
    assert is_confidential(url)


@pytest.mark.parametrize("url", [
    "http://grader.example.org", "http://127.0.0.1.example.org", "http://localhost@example.org",
    "ftp://localhost", "https://", "https://grader.example.org:port", "https://[::1", ""])
def test_a_secret_is_sent_nowhere_else(url: str) -> None:
    assert not is_confidential(url)


@pytest.mark.parametrize("url", ["https://localhost", "https://127.0.0.1", "https://127.8.0.1"])
def test_every_loopback_address_is_this_machine_s(url: str) -> None:
    """A platform may not have the door ask this machine's own services by one of them."""
    assert is_of_this_machine(url)
