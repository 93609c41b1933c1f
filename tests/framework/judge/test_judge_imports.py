"""A judge needs no store, and does without what stores need."""

from __future__ import annotations

import json
import subprocess
import sys

DATABASES = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}


def loaded_by(module: str) -> set[str]:
    """Packages that a fresh interpreter has after importing ``module``."""
    code = f"import json, sys, {module}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True,
                          check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_the_judge_loads_no_database() -> None:
    assert loaded_by("autograder.judge") & DATABASES == set()


def test_a_store_does() -> None:
    """The control."""
    assert {"sqlalchemy"} <= loaded_by("autograder.store")
