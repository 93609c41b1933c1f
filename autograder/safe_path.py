"""No process of ours looks for modules in its working directory.

Graders stand in folders that students filled. There ``python -m`` and ``python -c`` look first, and
so does every process that multiprocessing starts: a ``pickle.py`` that somebody handed in would run
unconfined. ``-P`` says not to. Processes of multiprocessing take it over from their parent, and
other Pythons by ``PYTHONSAFEPATH``.

Nor does one leave out what ``assert`` and docstrings say, which suites and references may count on;
nor is a file that one opens taken for a stream, because the shell or a service closed that.
"""

from __future__ import annotations

import os
import sys

_SEARCHED = ("PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # for code that we would run
_MEANT_FOR_OTHERS = ("PYTHONOPTIMIZE", "PYTHONINSPECT")  # asserts left out; a prompt at the end


def ensure() -> None:
    """Have a safe path: where this process has none, or lacks a stream, or is run as
    ``_MEANT_FOR_OTHERS`` says, its command is started again in its place, with ``-P``. That takes
    as long as an empty Python, for nothing of ours is imported yet.

    Ends with 2 where the environment brings the working directory back, or that is no more.
    """
    try:
        os.getcwd()  # the libraries that torch loads end the process without it, and say otherwise
    except FileNotFoundError:
        _end("the working directory has been removed; change into one that is there")
    told = _opened() + [variable for variable in _MEANT_FOR_OTHERS if os.environ.pop(variable, "")]
    for variable in _SEARCHED:
        entries = (os.environ.get(variable) or os.sep).split(os.pathsep)
        kept = [entry for entry in entries if os.path.isabs(entry)]
        if kept != entries:
            _end(f"{variable} has an entry that is empty or relative, and means the working "
                 "directory, where files of students may lie that would run unconfined; "
                 f"set {variable}={os.pathsep.join(kept)}")
    os.environ["PYTHONSAFEPATH"] = "1"
    # On Windows whoever called would not wait for the new process. A script's path is safe there
    # without it, and what it starts has the variable.
    if (told or not sys.flags.safe_path) and sys.platform != "win32":
        os.execv(sys.executable, [sys.executable, "-P", *sys.orig_argv[1:]])
    _with_asserts()


def _opened() -> list[str]:
    """Open the standard streams that were closed, to nowhere; their numbers."""
    closed = []
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free
            closed.append(str(stream))
    return closed


def require(command: str) -> None:
    """End with 2 where this process has no safe path, and say by which command it has one.

    It is not started again: with ``python -m`` the working directory comes before our first line,
    so a command that works without ``-P`` would work until somebody hands in an ``autograder.py``.
    """
    if not sys.flags.safe_path:
        _end("Python was started so that it looks for modules in the working directory, where "
             f"files of students may lie that would run unconfined; start it as: {command}")
    _with_asserts()


def _with_asserts() -> None:
    if sys.flags.optimize:
        _end("Python was started so that it leaves `assert` out, which suites and references may "
             "count on; start it without -O and without PYTHONOPTIMIZE")


def _end(why: str) -> None:
    from autograder.errors import ExitStatus

    sys.stderr.write(f"error: {why}\n")
    sys.exit(ExitStatus.MISTAKE)
