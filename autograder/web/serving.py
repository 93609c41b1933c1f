"""A door and its graders on this machine, until they are told to end."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import uvicorn

from autograder.grading.graders import Graders
from autograder.notices.sending import Notifier, Now
from autograder.telemetry.log import RunLog, adopt
from autograder.web.app import application
from autograder.web.door import Door
from autograder.web.patience import ImpatientProtocol

_KEEP_ALIVE = 75  # seconds that a connection may be idle: longer than a page waits between looks
AT_ONCE = 5000
"""Connections."""


def serve(door: Door, listens: socket.socket, certificate: tuple[Path, Path] | None,
          graders: int | None, begun: Callable[[], None]) -> None:
    """Answer until SIGTERM or Ctrl-C comes.

    Args:
        certificate: of TLS, and its key; None where a proxy has it, or nobody.
        graders: how many; None is one for each core.
        begun: called when the door is open.
    """
    log = RunLog.fresh("json")
    log.begin()
    adopt("uvicorn")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each connection is one
    server = _DoorServer(configured(door, certificate), begun)
    with ExitStack() as stack:
        stack.enter_context(suppress(KeyboardInterrupt))  # SIGTERM, which ended the server
        if graders != 0:
            stack.enter_context(Graders(door.place, graders, log, lambda: door.people))
        stack.enter_context(Notifier(
            lambda: Now(door.opened.course, door.opened.store, door.people), door.url))
        server.run([listens])


def configured(door: Door, certificate: tuple[Path, Path] | None = None) -> uvicorn.Config:
    """How the door is served."""
    file, key = certificate or (None, None)
    return uvicorn.Config(
        application(door), http=ImpatientProtocol, log_config=None, access_log=False,
        server_header=False, timeout_keep_alive=_KEEP_ALIVE, limit_concurrency=AT_ONCE,
        ssl_certfile=file, ssl_keyfile=key)


class _DoorServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._begun = threading.Timer(0, begun)

    async def startup(self, *arguments: object, **options: object) -> None:
        await super().startup(*arguments, **options)  # type: ignore[arg-type]
        if self.started:
            self._begun.start()
