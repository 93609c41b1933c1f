"""Processes that have imported everything already: what tests start by the hundred.

A zygote takes seconds of CPU to become warm, and so does a command that imports torch. Here each is
warmed once for all tests of a process, and forked whenever one is wanted. What is forked is a
process like any other: it has a number, it can be killed, and it takes nobody with it.

Zygotes of the session's fixture ``zygote``, and of every command that a test starts by itself, are
the product's own: attacks meet those.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import forkserver, resource_tracker, spawn
from pathlib import Path
from typing import IO, Any, NoReturn

import psutil

from autograder.sandbox.launch import ENVIRONMENT, Launched
from autograder.worker import packages

# jsonschema, by which nbformat validates, does without it: two seconds of building grammars.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

PATIENCE = 300.0
CLONE_NEWNS = 0x20000
ENTRY = "autograder.cli:main"


# Here -----------------------------------------------------------------------------------------

class Server:
    """A warm process of this file, which forks on request."""

    def __init__(self, kind: str, *inherited: int, options: tuple[str, ...] = (),
                 environment: Mapping[str, str] | None = None) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *options, __file__, kind, str(theirs.fileno()),
                 *map(str, inherited)],
                pass_fds=[theirs.fileno(), *inherited], env=environment, cwd="/",
                stdin=subprocess.DEVNULL, start_new_session=True)
        self.socket.settimeout(PATIENCE)
        if self.socket.recv(16) != b"ready":
            raise RuntimeError("it did not become warm; its message stands above")

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self.socket.fileno()

    def ask(self, request: dict[str, Any], *descriptors: int) -> socket.socket:
        """Where the answer will come."""
        sys.audit("warm")
        answer, theirs = socket.socketpair()
        answer.settimeout(PATIENCE)
        with theirs:
            socket.send_fds(self.socket, [json.dumps(request).encode()],
                            [theirs.fileno(), *descriptors])
        return answer

    def close(self) -> None:
        self.socket.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:  # somebody whom it has forked holds on to it
            self._process.kill()
            self._process.wait()


class Forked:
    """A process that is somebody else's child: as much of ``Popen`` as a zygote's owner needs."""

    def __init__(self, descriptor: int, pid: int) -> None:
        self._descriptor = descriptor
        self.pid = pid

    def poll(self) -> int | None:
        return 0 if select.select([self._descriptor], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        if not select.select([self._descriptor], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("zygote", timeout or 0)
        return 0

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._descriptor)


def _launched(server: Server) -> Launched:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, server.ask({}, theirs.fileno()) as answer:
        text, descriptors, _, _ = socket.recv_fds(answer, 64, 1)
    return Launched(Forked(descriptors[0], int(text)), ours)  # type: ignore[arg-type]


@cache
def zygotes() -> Server:
    """By the options of ``autograder.sandbox.launch``."""
    return Server("zygotes", options=("-P", "-B"), environment={
        **ENVIRONMENT, **packages.variables()})


@cache
def commands() -> Server:
    return Server("commands", zygotes().fileno(), options=("-P",))


def launch(*, plots: bool = True) -> Launched:
    """In the place of ``autograder.sandbox.launch.launch``."""
    return _launched(zygotes())


def autograder(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None,
               ) -> subprocess.CompletedProcess[str]:
    """``autograder ARGUMENTS`` in ``cwd``, as ``subprocess.run`` would. Its judges' processes, and
    their zygotes, are forked as well; they are not children of whom they are for."""
    return program(ENTRY, "autograder", *arguments, cwd=cwd, env=env)


def program(entry: str, *command: str, cwd: Path, env: Mapping[str, str] | None = None,
            ) -> subprocess.CompletedProcess[str]:
    """``command``, by the function ``entry`` that its script would call."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        with Started(entry, *command, cwd=cwd, env=env, out=out, error=error) as started:
            status = started.wait(PATIENCE)
        return _completed(command, status, out, error)


class Started:
    """``program``, while it runs: as much of ``Popen`` as tests of doors and graders need."""

    def __init__(self, entry: str, *command: str, cwd: Path, out: IO[str], error: IO[str],
                 env: Mapping[str, str] | None = None) -> None:
        request = {"entry": entry, "command": command, "folder": str(cwd),
                   "environment": dict(os.environ if env is None else env),
                   "ignored": [number for number in signal.valid_signals()
                               if signal.getsignal(number) is signal.SIG_IGN]}
        self._answer = commands().ask(request, out.fileno(), error.fileno())
        self.pid = self._told()
        self.returncode: int | None = None

    def _told(self) -> int:
        [number] = forkserver.SIGNED_STRUCT.unpack(self._answer.recv(8))
        return int(number)

    def wait(self, timeout: float) -> int:
        if self.returncode is None:
            self._answer.settimeout(timeout)
            self.returncode = self._told()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *exception: object) -> None:
        """End it, where it has not ended."""
        with self._answer:
            self.send_signal(signal.SIGTERM)
            self.wait(60)


@contextmanager
def started(entry: str, *command: str, cwd: Path, error: IO[str] | None = None,
            env: Mapping[str, str] | None = None) -> Iterator[tuple[Started, IO[str]]]:
    """``program``, and what it says: its errors, too, where no file is for them. It is ended with
    the block."""
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as said:
        with os.fdopen(write, "w", encoding="utf-8") as out:
            running = Started(entry, *command, cwd=cwd, out=out, error=error or out, env=env)
        with running:
            yield running, said


def beside(running: Started) -> list[psutil.Process]:
    """The processes that it has started in Python's own way: they are where it is."""
    forked = psutil.Process(commands().pid).children()
    folder = psutil.Process(running.pid).cwd()
    return [each for each in forked if each.pid != running.pid and each.cwd() == folder]


# What a shell runs instead of the command: it hands over where it is, and waits for the end.
SHELLS_COMMAND = """\
import json, os, socket, sys
answer, theirs = socket.socketpair()
request = {"command": ["autograder", *sys.argv[2:]], "folder": os.getcwd(), "ignored": [],
           "environment": dict(os.environ), "mounts": f"/proc/{os.getpid()}/ns/mnt"}
with socket.socket(fileno=int(sys.argv[1])) as server, theirs:
    socket.send_fds(server, [json.dumps(request).encode()], [theirs.fileno(), 1, 2])
answer.recv(8)  # its number
sys.exit(int.from_bytes(answer.recv(8), sys.byteorder, signed=True))
"""


def shell(script: str, *before: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """``script`` in a shell, started by the command ``before``. In it ``autograder`` is as above,
    and sees what is mounted where it is called."""
    server = commands().socket.fileno()
    define = f"autograder() {{ {sys.executable} -I -S -c \"$client\" {server} \"$@\"; }}\n"
    command = [*before, "sh", "-c", define + script]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        done = subprocess.run(command, cwd=cwd, stdout=out, stderr=error, timeout=PATIENCE,
                              check=False, pass_fds=[server],
                              env=os.environ | {"client": SHELLS_COMMAND})
        return _completed(command, done.returncode, out, error)


def _completed(command: Sequence[str], status: int, out: IO[str], error: IO[str],
               ) -> subprocess.CompletedProcess[str]:
    out.seek(0)
    error.seek(0)
    return subprocess.CompletedProcess(command, status, out.read(), error.read())


def connect_to_new_process(descriptors: Sequence[int]) -> tuple[int, int]:
    """In the place of the function of ``multiprocessing.forkserver``."""
    return _new_process(commands().socket, descriptors)


def _new_process(server: socket.socket, descriptors: Sequence[int]) -> tuple[int, int]:
    """A process for ``multiprocessing``, which begins where one that is spawned would."""
    sys.audit("warm")
    status, said = os.pipe()
    given, data = os.pipe()
    with tempfile.TemporaryFile() as environment:  # it may be longer than a message
        environment.write(json.dumps(dict(os.environ)).encode())
        environment.seek(0)
        socket.send_fds(server, [b'{"process": true}'], [
            said, given, 1, 2, resource_tracker.getfd(), environment.fileno(), *descriptors])
    os.close(said)
    os.close(given)
    return status, data


def close() -> None:
    for server in (commands, zygotes):
        if server.cache_info().currsize:
            server().close()
            server.cache_clear()


# There ----------------------------------------------------------------------------------------

def serve_zygotes(requests: socket.socket) -> None:
    from autograder.worker import zygote

    repository = str(Path(__file__).resolve().parents[2])
    sys.path[:] = [entry for entry in sys.path if entry != repository]
    zygote.warm(True)
    gc.collect()
    gc.freeze()
    zygote._collapse_heap()
    signal.signal(signal.SIGCHLD, zygote._reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests.sendall(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 64, 2)
        if not message:
            return
        answer, place = descriptors
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # its number stays its own
        child = os.fork()
        if child == 0:
            os.setsid()
            os.close(requests.fileno())
            os.close(answer)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            zygote.warm = lambda *options: None
            zygote._collapse_heap = lambda: None
            _end(partial(zygote.main, place, True))
        process = os.pidfd_open(child)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        with socket.socket(fileno=answer) as telling, suppress(OSError):
            socket.send_fds(telling, [str(child).encode()], [process])
        os.close(place)
        os.close(process)


def serve_commands(requests: socket.socket, zygotes: int) -> None:
    import torch
    import typer.main

    # All that verbs import.
    import autograder.authoring.build
    import autograder.cli.verbs
    import autograder.exchange.ci
    import autograder.grading.one
    import autograder.grading.run
    import autograder.judge
    import autograder.report.checking
    import autograder.report.decisions
    import autograder.report.page_names
    import autograder.sandbox.client
    import autograder.sandbox.launch
    import autograder.selfcheck
    import autograder.store.changes

    # What pages of notebooks are made with, and how the usual store is spoken to.
    for library in ("bleach", "bs4", "nbconvert", "sqlalchemy.dialects.sqlite"):
        importlib.import_module(library)
    torch.set_num_threads(1)
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(autograder.cli.verbs.app)
    client, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    warm = Server.__new__(Server)
    warm.socket = socket.socket(fileno=zygotes)

    def launch(*, plots: bool = True) -> Launched:
        return _launched(warm)

    autograder.sandbox.launch.launch = launch
    autograder.sandbox.client.launch = launch
    forkserver.connect_to_new_process = partial(_new_process, client)
    sys.path.append(str(Path(__file__).parent))
    context = multiprocessing.get_context("forkserver")
    multiprocessing.get_context = lambda method=None: context  # type: ignore[assignment]
    gc.collect()
    gc.freeze()
    requests.sendall(b"ready")
    running: dict[int, tuple[int, int]] = {}  # its number, and where its end is told
    while True:
        for ready in select.select([requests, inner, *running], [], [])[0]:
            if ready in running:
                pid, telling = running.pop(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with suppress(OSError):
                    forkserver.write_signed(telling, code)
                os.close(telling)
                os.close(ready)
                continue
            message, descriptors, _, _ = socket.recv_fds(ready, 1 << 20, 64)
            if not message:
                return
            request = json.loads(message)
            if not request.get("entry", ENTRY).startswith("autograder"):
                importlib.import_module(request["entry"].partition(":")[0])  # once for all
            child = os.fork()
            if child == 0:
                requests.close()
                for others, (_, telling) in running.items():  # who reads there waits for its end
                    os.close(others)
                    os.close(telling)
                _end(partial(_process, *descriptors) if "process" in request
                     else partial(_command, request, *descriptors))
            running[os.pidfd_open(child)] = child, descriptors[0]
            with suppress(OSError):
                forkserver.write_signed(descriptors[0], child)
            for descriptor in descriptors[1:]:
                os.close(descriptor)


def _command(request: dict[str, Any], answer: int, out: int, error: int) -> None:
    os.dup2(out, 1)
    os.dup2(error, 2)
    for descriptor in (answer, out, error):
        os.close(descriptor)
    # Where these processes were started it may have been a file, and here a pipe.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    for number in request["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    if "mounts" in request:
        mounts = os.open(request["mounts"], os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(mounts, CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), request["mounts"])
        os.close(mounts)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    _look_again()
    sys.argv = list(request["command"])
    module, _, name = request.get("entry", ENTRY).partition(":")
    sys.exit(getattr(importlib.import_module(module), name)())


def _look_again() -> None:
    """Have the two streams as wide, and as colourful, as they are where the command was given."""
    from autograder.cli import console
    from autograder.cli.streams import Stream

    Stream.__init__(console.output)
    Stream.__init__(console.messages, stderr=True)


def _process(said: int, given: int, out: int, error: int, tracker: int, environment: int,
             *inherited: int) -> None:
    os.dup2(out, 1)
    os.dup2(error, 2)
    os.close(out)
    os.close(error)
    with open(environment, encoding="utf-8") as text:
        os.environ.clear()
        os.environ.update(json.load(text))
    os.close(said)
    forkserver._forkserver._inherited_fds = list(inherited)
    resource_tracker._resource_tracker._fd = tracker
    sys.exit(spawn._main(given, os.dup(given)))


def _end(call: Any) -> NoReturn:
    """Call it, and end as Python does."""
    import atexit
    import threading

    status = 1
    try:
        call()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    kind, place, *inherited = sys.argv[1:]
    with socket.socket(fileno=int(place)) as requests:
        {"zygotes": serve_zygotes, "commands": serve_commands}[kind](
            requests, *map(int, inherited))
