"""``dask``, as ``warm`` starts it: all is imported, and what it reads when it is, is read again."""

from __future__ import annotations

import os
import sys

import dask.cli
import distributed.cli.dask_scheduler
import distributed.cli.dask_worker  # noqa: F401


def main() -> None:
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    dask.config.refresh()
    dask.cli.run_cli()
