"""The base of our errors, and the exit status each ends a command with.

Light to import: whoever reports a slip of the keyboard has not loaded torch.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar


class ExitStatus(IntEnum):
    """What a command says to whoever called it: see ``MEANINGS``."""

    DONE = 0
    SHORT = 1  # it ran, and what it looked at is not as it should be
    MISTAKE = 2  # in the command, in a file of the course, or of the machine: somebody can mend it
    ATTENTION = 3  # somebody has to look at some of the submissions, or at an export
    FAULT = 70  # of this program; sysexits.h calls it EX_SOFTWARE
    INTERRUPTED = 130  # as shells say it of Ctrl-C


MEANINGS: dict[ExitStatus, str] = {
    ExitStatus.DONE: "all went well",
    ExitStatus.SHORT: (
        "it ran, and found something: `build --check` a difference, `audit` a breach, `check` a "
        "visible check that does not pass, `ci` fewer points than `--threshold` or an unreadable "
        "file, `doctor --require` a weaker machine"),
    ExitStatus.MISTAKE: (
        "a mistake that somebody can mend: in the command, in `grader.toml` or another file of the "
        "course, or on the machine (a full disk, a file that may not be read). Nothing was graded, "
        "or what was graded is kept"),
    ExitStatus.ATTENTION: (
        "somebody has to look: submissions that are unreadable or `internal`, an export or "
        "feedback that not everybody is in"),
    ExitStatus.FAULT: "a fault of autograder itself",
    ExitStatus.INTERRUPTED: "Ctrl-C or SIGTERM; what was graded is kept",
}
"""Written into ``docs/commands.md``."""


class AutograderError(Exception):
    """What a person can mend. Its text says what happened, where, and what to do: it is all that
    people are told, a line for each of its lines."""

    exit_status: ClassVar[ExitStatus] = ExitStatus.MISTAKE
    label: ClassVar[str] = "error: "  # before each line; none where nothing is wrong

    def __reduce__(self) -> tuple[Any, ...]:
        # By its text, whatever its constructor takes: an error that cannot be read again breaks
        # the pool of processes that it comes from.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[AutograderError], arguments: tuple[Any, ...], state: dict[str, Any]
) -> AutograderError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(state)
    return error
