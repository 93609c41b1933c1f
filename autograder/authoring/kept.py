"""What the steps of an audit found, kept in a file, so that one that was cut off goes on where it
was, and one after a change takes the steps that the change is of."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

import autograder
from autograder.authoring.auditor import Step, StepResult
from autograder.course import Course
from autograder.course.digests import question_digests
from autograder.errors import AutograderError

_RESULT = TypeAdapter(StepResult)


class AuditFileError(AutograderError):
    """A file is none that an audit has written."""


class AuditFile:
    """What a file holds: a line for each step, in the order in which they ended."""

    def __init__(self, file: Path, course: Course) -> None:
        """Raises AuditFileError where the file is of something else."""
        self._file = file
        self._course = course
        self._found: dict[str, StepResult] = {}
        self._digests: dict[str, dict[str, str]] = {}  # by assignment, then by question
        whole, _, cut_off = (file.read_text() if file.exists() else "").rpartition("\n")
        for number, line in enumerate(whole.split("\n") if whole else [], 1):
            try:
                key, found = json.loads(line)
                self._found[key] = _RESULT.validate_python(found)
            except (ValueError, TypeError):
                raise AuditFileError(f"{file}:{number}: no line of an audit's; name another file, "
                                     "or take this one away") from None
        if cut_off:
            file.write_text(f"{whole}\n")

    def found(self, assignment: str, step: Step) -> StepResult | None:
        """What this step found, of all as it is now."""
        return self._found.get(self._key(assignment, step))

    def keep(self, assignment: str, step: Step, found: StepResult) -> None:
        line = json.dumps([self._key(assignment, step), _RESULT.dump_python(found, mode="json")])
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as file:
            file.write(f"{line}\n")

    def _key(self, assignment: str, step: Step) -> str:
        if assignment not in self._digests:
            self._digests[assignment] = self._of_questions(assignment)
        digests = self._digests[assignment]
        told = json.dumps([_program(), assignment, step.stage, step.question, step.of,
                           digests.get(step.question) or digests])
        return hashlib.sha256(told.encode()).hexdigest()

    def _of_questions(self, assignment: str) -> dict[str, str]:
        """Digests of all that verdicts on a question depend on, and of what implements it."""
        course, table = self._course, self._course.assignment(assignment)
        files = course.variants(assignment, "alternatives")
        master = (course.solutions(assignment) / "notebook.py").read_bytes()
        digests = {}
        for name, digest in question_digests(course, assignment).items():
            told = hashlib.sha256(master + digest.encode())
            told.update(repr([(each.name, each.uses) for each in table.questions]).encode())
            for file in files:
                if file.parent == course.solutions(assignment) or file.stem == name:
                    told.update(file.read_bytes())
            digests[name] = told.hexdigest()
        return digests


@cache
def _program() -> str:
    """Digest of this program."""
    told = hashlib.sha256()
    for file in sorted(Path(autograder.__file__).parent.rglob("*.py")):
        told.update(file.read_bytes())
    return told.hexdigest()
