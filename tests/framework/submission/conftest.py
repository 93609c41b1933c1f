"""The assignment that all these hand-ins are for."""

from __future__ import annotations

import pytest
from hand_ins import GRADER_TOML

from autograder import course


@pytest.fixture(scope="module")
def correlation(tmp_path_factory: pytest.TempPathFactory) -> course.Assignment:
    path = tmp_path_factory.mktemp("course") / "grader.toml"
    path.write_text(GRADER_TOML, encoding="utf-8")
    return course.load(path).assignment("correlation")
