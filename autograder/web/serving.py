"""A door and its graders on this machine, until they are told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from autograder import logs
from autograder.grading.graders import Graders
from autograder.web.app import application
from autograder.web.door import Door

_KEEP_ALIVE = 15  # seconds that a connection may be idle
_AT_ONCE = 1000  # connections


@dataclass(frozen=True)
class Address:
    """Where a door listens. ``certificate`` is None where a proxy has it, or nobody."""

    host: str
    port: int
    certificate: tuple[Path, Path] | None = None


def serve(door: Door, address: Address, graders: int | None,
          begun: Callable[[], None]) -> None:
    """Answer until SIGTERM or Ctrl-C comes.

    Args:
        graders: how many; None is one for each core.
        begun: called when the door is open.
    """
    logs.begin()
    certificate, key = address.certificate or (None, None)
    server = _Server(uvicorn.Config(
        application(door), host=address.host, port=address.port, log_config=None,
        access_log=False, server_header=False, timeout_keep_alive=_KEEP_ALIVE,
        limit_concurrency=_AT_ONCE, ssl_certfile=certificate, ssl_keyfile=key), begun)
    with ExitStack() as stack:
        if graders != 0:
            stack.enter_context(Graders(door.place, graders))
        server.run()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._begun = threading.Timer(0, begun)

    async def startup(self, *arguments: object, **options: object) -> None:
        await super().startup(*arguments, **options)  # type: ignore[arg-type]
        if self.started:
            self._begun.start()
