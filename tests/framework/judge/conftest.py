"""What tests of judges share: a zygote that was forked from a warm one, as every judge has that a
test starts in the product's own way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autograder.sandbox.client import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    import warm  # not by who only hands out tests

    from autograder.sandbox.client import Zygote

    with Zygote(warm.launch()) as zygote:
        yield zygote
