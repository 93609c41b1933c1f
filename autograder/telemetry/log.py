"""Lines of a log on stderr, each with the id of the run, from every process that has a part in it.

By the standard library's logging: whoever embeds this package hears the logger ``autograder`` by
handlers of their own. What students' code runs in writes none.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]

_LOGGER = logging.getLogger("autograder")
_LOGGER.addHandler(logging.NullHandler())  # nobody asked for a log: none is written


@dataclass(frozen=True)
class RunLog:
    """How one run writes its log. It travels with what the run sends to other processes."""

    format: LogFormat
    run: str

    @classmethod
    def fresh(cls, format: LogFormat) -> RunLog:
        """Of a run that begins now."""
        return cls(format, secrets.token_hex(8))

    def begin(self) -> None:
        """Write what this process has to say on its stderr, from now on."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Lines(self))
        _LOGGER.handlers[:] = [handler]
        _LOGGER.setLevel(logging.INFO)
        _LOGGER.propagate = False


def event(name: str, *, level: int = logging.INFO, **fields: str | float | bool | None) -> None:
    """Say that something happened. A submission is named by its digest: whose it is, the store
    knows."""
    _LOGGER.log(level, "%s", name, extra={"fields": fields})


def adopt(name: str) -> None:
    """Have what another library warns of, by its logger ``name``, written among our lines."""
    theirs = logging.getLogger(name)
    theirs.handlers[:] = _LOGGER.handlers
    theirs.setLevel(logging.WARNING)
    theirs.propagate = False


def is_json() -> bool:
    """Whether stderr is for programs, so that every line on it has to be one of the log."""
    return any(isinstance(handler.formatter, _Lines) and handler.formatter.log.format == "json"
               for handler in _LOGGER.handlers)


class _Lines(logging.Formatter):
    """A line for each event: JSON, or ``key=value`` with values quoted where they need it."""

    def __init__(self, log: RunLog) -> None:
        super().__init__()
        self.log = log
        self._host = socket.gethostname()

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "run": self.log.run, "host": self._host,
            "process": os.getpid(), "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        if self.log.format == "json":
            return json.dumps(said)
        return " ".join(f"{key}={_quoted(value)}" for key, value in said.items())


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text) if not text or set(text) & set(' "=\n\\') else text
