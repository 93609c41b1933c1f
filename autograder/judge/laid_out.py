"""Puts files into a folder where code finds them by name: those that an assignment gives, and
modules that were handed in beside a notebook."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.judge.staff import JudgeError
from autograder.worker.stub_modules import STAND_INS


class LaidOut:
    """Files in a folder that everybody may read, as long as this is not closed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-files-")
        self.folder = Path(self._folder.name)
        self.folder.chmod(0o755)  # workers are other users
        for name, content in self.files.items():
            place = self.folder / name
            for folder in reversed(place.relative_to(self.folder).parents[:-1]):
                (self.folder / folder).mkdir(mode=0o755, exist_ok=True)
            place.write_bytes(content)
            place.chmod(0o444)

    def here(self) -> contextlib.AbstractContextManager[None]:
        """Meanwhile, they are found by their names in this process, too."""
        return contextlib.chdir(self.folder)

    def close(self) -> None:
        self._folder.cleanup()


def given(course: Course, assignment: str) -> LaidOut | None:
    """The files that students are given; None where there are none.

    Raises:
        JudgeError: one of them is not there.
    """
    names = course.assignments[assignment].files
    try:
        return LaidOut({name: (course.solutions(assignment) / name).read_bytes()
                        for name in names}) if names else None
    except OSError as error:
        raise JudgeError(f"{error.filename}: cannot be read ({error.strerror}); grader.toml gives "
                         "it to students: put it there, or take it out of `files`") from None


def stand_ins(assignment: Assignment) -> tuple[str, ...] | None:
    """The packages that are stood in for; None: all those that always are."""
    if not assignment.stand_ins:
        return ()
    if not assignment.needs:
        return None
    needed = {name.split(".")[0] for name in assignment.needs}
    return tuple(name for name in STAND_INS if name.split(".")[0] not in needed)


def lacking(assignment: Assignment) -> list[str]:
    """The packages that notebooks need and that are not installed here."""
    return [name for name in assignment.needs if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # a part of a package that is not there
        return False
