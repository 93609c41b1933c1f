"""What the checks of a suite are given: fixtures over the current run."""

from __future__ import annotations

from typing import Any

from autograder.judge.check_run import CheckRun
from autograder.judge.checks import Checks, Refusals, StudentCode
from autograder.judge.expect import Draw, Expect
from autograder.judge.measuring import Measure
from autograder.judge.staff import JudgeError

NAMES = ("check", "refuses", "student", "expect", "draw", "measure")


class Fixtures:
    """A method for each fixture; checks ask for them by these names."""

    def __init__(self) -> None:
        self.run: CheckRun | None = None

    def current(self) -> CheckRun:
        """The run that the fixtures work on."""
        if self.run is None:
            raise JudgeError("hidden suites run inside the judge: use `autograder grade`")
        return self.run

    def check(self) -> Any:
        return Checks(self.current())

    def refuses(self) -> Any:
        return Refusals(self.current())

    def student(self) -> Any:
        return StudentCode(self.current())

    def expect(self) -> Any:
        return Expect(self.current())

    def draw(self) -> Any:
        return Draw(self.current())

    def measure(self) -> Any:
        return Measure(self.current())
