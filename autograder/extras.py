"""What this package is installed as, and what it needs beyond its base: its extras, by its own
metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata

DISTRIBUTION = "nbjudge"
"""Its name where packages are kept. ``autograder`` is somebody else's there."""

# What is imported by a name that its distribution does not have.
_DISTRIBUTIONS = {"_pytest": "pytest", "dask": "distributed", "dask_jobqueue": "dask-jobqueue",
                  "otter": "otter-grader", "prometheus_client": "prometheus-client",
                  "python_multipart": "python-multipart", "starlette": "fastapi",
                  "yaml": "pyyaml"}


def requirements(extra: str | None = None) -> list[str]:
    """What pip must install for the base, or beyond it for ``extra``, without their markers."""
    return [requirement for requirement, needed_for in _declared() if needed_for == extra
            and _name(requirement) != DISTRIBUTION]


def advice(module: str | None) -> str | None:
    """How to install what has ``module``, and as little else as may be; None where no extra of
    ours has it."""
    name = (module or "").partition(".")[0]
    wanted = _DISTRIBUTIONS.get(name, name)
    with suppress(metadata.PackageNotFoundError):  # it runs from its source alone
        declared = [(_name(requirement), extra) for requirement, extra in _declared() if extra]
        extras = [extra for _, extra in declared]
        having = [extra for requirement, extra in declared if requirement == wanted]
        if having:
            return f"pip install '{DISTRIBUTION}[{min(having, key=extras.count)}]'"
    return None


def _declared() -> Iterator[tuple[str, str | None]]:
    """Each requirement, and the extra that it is one of."""
    for line in metadata.requires(DISTRIBUTION) or []:
        requirement, _, marker = line.partition(";")
        extra = re.search(r"""extra == ['"]([\w-]+)['"]""", marker)
        yield requirement.strip(), extra and extra[1]


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found[0].lower().replace("_", "-") if found else ""
