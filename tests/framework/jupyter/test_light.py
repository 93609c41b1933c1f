"""What students import is little, and is there on every system."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from labs import REPOSITORY, RIGHT

LOADED = """
import json, sys
import numpy, torch, IPython.core.interactiveshell, IPython.core.magic
from types import SimpleNamespace
from IPython.core.compilerop import CachingCompiler
before = set(sys.modules)
import autograder
class Shell:
    events = SimpleNamespace(register=lambda event, call: None)
    compile = CachingCompiler()
    def register_magics(self, magics): ...
autograder.load_ipython_extension(Shell())
loaded = set(sys.modules) - before
exec(open("lab.py").read())
from autograder.notebook import check
assert check().passed
print(json.dumps([sorted(loaded), sorted(set(sys.modules) - before)]))
"""

# As on Windows, as far as a process can be told to be there.
ELSEWHERE = """
import asyncio, ctypes, importlib.abc, os, platform, signal, socket, subprocess, sys, sysconfig
import tempfile, zoneinfo
import numpy, torch, IPython.core.interactiveshell

class Nowhere(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "crypt", "syslog"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nowhere())
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules.pop(name, None)
for owner, names in {
    os: "fork forkpty register_at_fork sched_getaffinity sched_setaffinity getuid geteuid getgid "
        "setsid memfd_create O_NOFOLLOW O_DIRECTORY O_CLOEXEC O_NONBLOCK O_NOCTTY pidfd_open chown "
        "killpg getpgid wait4 uname",
    signal: "SIGKILL SIGCHLD SIGALRM SIGSTOP SIGCONT setitimer pthread_kill pthread_sigmask "
            "sigtimedwait pidfd_send_signal ITIMER_REAL",
    socket: "AF_UNIX SOCK_SEQPACKET send_fds recv_fds",
}.items():
    for name in names.split():
        vars(owner).pop(name, None)
library = ctypes.CDLL.__init__
def found(self, name, *arguments, **keywords):
    if name is None:
        raise TypeError("there is no library of the whole process")
    library(self, "libc.so.6" if name == "msvcrt" else name, *arguments, **keywords)
ctypes.CDLL.__init__ = found
sys.platform = "win32"

def unused(*arguments, **keywords):
    raise OSError("no process and no socket is needed here")
subprocess.Popen.__init__ = unused
socket.socket.__init__ = unused
"""
CHECKED = """
exec(open("lab.py").read())
from autograder.notebook import check
answer = check()
assert answer.passed
assert "text/html" in answer._repr_mimebundle_()
print(answer)
from autograder.notebook import observe, predict
predict("side", "左")
observe("side", "left")
predict("wort", "茄子")
observe("wort", "left")
def corr2d(X, K):
    while True:
        pass
assert check(corr2d).result.questions[0].status.value == "timeout"
print("done")
"""
ATTEMPTED = """
import os
os.fork()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = shutil.copytree(REPOSITORY / "assignments" / "correlation", tmp_path / "lab")
    (folder / "lab.py").write_text(RIGHT)
    return folder


def run(program: str, home: Path, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    """In a Python that has nothing imported. ``encoding``: of what it prints."""
    return subprocess.run([sys.executable, "-P", "-c", program], cwd=home, capture_output=True,
                          encoding=encoding, check=False,
                          env=os.environ | {"PYTHONIOENCODING": encoding})


HEAVY = {"_pytest", "alembic", "babel", "jinja2", "jupytext", "matplotlib", "nbconvert", "nbformat",
         "pytest", "rich", "sqlalchemy", "typer", "yaml", "zstandard"}


def test_the_extension_brings_little_along(home: Path) -> None:
    """Before the first check it is a handful of modules, and none that it does not define; behind
    it, nothing of what grading, reports and the command line take."""
    done = run(LOADED, home)
    assert done.returncode == 0, done.stderr
    loaded, checked = map(set, json.loads(done.stdout))
    assert {name.split(".")[0] for name in loaded} <= {"autograder", "IPython"}
    assert len(loaded) < 10, loaded
    assert not {name.split(".")[0] for name in checked} & HEAVY
    assert len(checked) < 270


def test_students_need_nothing_of_unix(home: Path) -> None:
    done = run(ELSEWHERE + CHECKED, home, "cp1252")
    *said, last = done.stdout.splitlines()
    assert last == "done", done.stderr
    assert "?   corr2d         1 / 1                   passed" in done.stdout
    assert "side: left, as you predicted." in said
    assert "wort: left. You predicted ??: what makes the difference?" in said


def test_there_is_no_unix_where_that_was_tried(home: Path) -> None:
    """The control: what grades needs it."""
    assert "AttributeError" in run(ELSEWHERE + ATTEMPTED, home).stderr
    grading = run(ELSEWHERE + "import autograder.worker.confine", home)
    assert "No module named 'resource'" in grading.stderr
