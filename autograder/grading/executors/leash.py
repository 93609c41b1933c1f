"""Processes of a pool do not outlive whoever started them, however that ends."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from multiprocessing.connection import Connection


def end_with(leash: Connection) -> None:
    """End this process when the other end of ``leash`` closes: by hand, or because the process that
    holds it is gone."""

    def wait() -> None:
        with suppress(EOFError, OSError):
            leash.recv_bytes()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
