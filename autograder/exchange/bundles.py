"""Zips for other graders' containers: the package, one assignment of the course, its secret.

They hold hidden suites and the secret, so they are for staff and for the machine that grades.
"""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

from autograder import __version__, extras
from autograder.course import Course
from autograder.course.packing import SECRET, Files, course_files
from autograder.exchange import gradescope_container, otter
from autograder.whole_files import whole_file

COURSE, PACKAGE = "course", "package"
_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = {dependencies}

[project.scripts]
autograder = "autograder.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["autograder"]
"""


def gradescope(course: Course, assignment: str, secret: bytes) -> Files:
    """What Gradescope takes as an autograder: scripts, package, course."""
    return {**gradescope_container.scripts(), **_package(), **_course(course, assignment, secret)}


def otter_run(course: Course, assignment: str, secret: bytes) -> Files:
    """What ``otter run`` takes as an autograder, made by ``otter generate``."""
    return {**otter.autograder(f"/autograder/source/{PACKAGE}"), **_package(),
            **_course(course, assignment, secret)}


BUNDLES: Mapping[str, Callable[[Course, str, bytes], Files]] = {
    "gradescope": gradescope, "otter": otter_run}
"""Name of the format -> what makes it."""


def write(files: Files, path: Path) -> None:
    """Write a zip that only its owner can read: it holds a secret. Scripts are executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name)  # without a time: the same zip from the same files
            entry.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if content.startswith(b"#!") else \
                0o600 if name.endswith(SECRET) else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, content)


def _course(course: Course, assignment: str, secret: bytes) -> Files:
    return {f"{COURSE}/{name}": content
            for name, content in course_files(course, assignment, secret).items()}


def _package() -> Files:
    """This package's source, and what pip needs to install it with what it runs on."""
    home = Path(str(resources.files("autograder")))
    files = {f"autograder/{path.relative_to(home).as_posix()}": path.read_bytes()
             for path in sorted(home.rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts}
    files["pyproject.toml"] = _PYPROJECT.format(
        name=extras.DISTRIBUTION, version=__version__,
        dependencies=json.dumps(extras.requirements() + extras.requirements("grade"))).encode()
    return {f"{PACKAGE}/{name}": content for name, content in files.items()}
