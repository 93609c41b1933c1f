"""A worker answers, or is lost for a reason; whatever it does, the judge lives, the next worker
answers, and nothing is left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from looking import until
from workers import LIMITS, PATIENCE, answer, call, load, stand_in

from autograder.course import Limits, Tier
from autograder.protocol import (
    CallFunction,
    CallMethod,
    Close,
    Differentiate,
    Inquiry,
    Iterated,
    LookUp,
    ModuleState,
)
from autograder.sandbox import cores
from autograder.sandbox.client import SandboxError, Worker, WorkerLost, Zygote, best_tier
from autograder.sandbox.launch import launch

X = torch.arange(9.0).reshape(3, 3)


def lost(worker: Worker, name: str, *arguments: Any, seconds: float = PATIENCE) -> WorkerLost:
    with pytest.raises(WorkerLost) as caught:
        call(worker, name, *arguments, seconds=seconds)
    return caught.value


def alive(zygote: Zygote, tier: Tier = "none") -> None:
    """A fresh worker answers."""
    worker = zygote.spawn(tier, LIMITS)
    load(worker, "def twice(x): return 2 * x")
    assert answer(worker, "twice", 21) == 42
    worker.stop()


# ---------------------------------------------------------------- it answers


def test_a_function_is_called_with_tensors_as_they_are_laid_out(tiered: Worker) -> None:
    load(tiered, "def seen(X, k): return X.sum() + k, X.stride(), X.is_contiguous()")
    total, stride, contiguous = answer(tiered, "seen", X.t()[1:], 1)
    assert (float(total), stride, contiguous) == (28.0, (1, 3), False)


def test_arguments_come_back_as_they_are_after_the_call(tiered: Worker) -> None:
    load(tiered, "def spoil(X): X.zero_(); return X.sum()")
    given = X.clone()
    reply = call(tiered, "spoil", given)
    assert given.equal(X), "the judge's own tensor is out of reach"
    assert [tensor.equal(torch.zeros(3, 3)) for tensor in reply.after] == [True]


def test_objects_stay_in_the_worker_behind_handles(worker: Worker) -> None:
    load(worker, "class Box:\n    def __init__(self, x): self.x = x\n"
         "    def get(self): return self.x")
    box = worker.request(CallFunction("Box", (X,), keep=True), seconds=PATIENCE).answer
    assert box.type == "Box"
    reply = worker.request(CallMethod(box, "get", ()), seconds=PATIENCE)
    assert reply.answer.equal(X)


def test_a_module_tells_its_state_and_its_gradients(worker: Worker) -> None:
    load(worker, "import torch\nclass Scale(torch.nn.Module):\n"
         "    def __init__(self):\n        super().__init__()\n"
         "        self.weight = torch.nn.Parameter(torch.zeros(1))\n"
         "    def forward(self, X): return self.weight * X")
    layer = worker.request(CallFunction("Scale", (), keep=True), seconds=PATIENCE).answer
    state = worker.request(ModuleState(layer, {"weight": torch.tensor([3.0])}),
                           seconds=PATIENCE).answer
    assert state["parameters"]["weight"].tolist() == [3.0]
    assert (list(state["state"]), state["training"]) == (["weight"], True)
    value, inputs, parameters = worker.request(
        Differentiate(layer, (X,), (0,), torch.ones(3, 3)), seconds=PATIENCE).answer
    assert value.equal(3 * X)
    assert inputs[0].equal(torch.full((3, 3), 3.0))
    assert parameters["weight"].tolist() == [float(X.sum())]


def test_an_answer_that_no_gradient_reaches_has_none(worker: Worker) -> None:
    load(worker, "def cut(X): return X.detach() * 2\ndef narrow(X): return X[0]")
    for name in ("cut", "narrow"):
        _, gradients, _ = worker.request(
            Differentiate(name, (X,), (0,), torch.ones(3, 3)), seconds=PATIENCE).answer
        assert gradients == [None]


def test_the_same_seed_draws_the_same_numbers(worker: Worker) -> None:
    load(worker, "import random, numpy, torch\n"
         "def noise(): return torch.rand(4).tolist(), numpy.random.rand(), random.random()")
    first, again, other = (call(worker, "noise", seed=seed).answer for seed in (5, 5, 6))
    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_names_are_what_they_are_in_the_end(worker: Worker) -> None:
    load(worker, "def f(): pass\nclass C: pass\nx = 3", "f", "C", "x", "y")
    kinds = worker.request(LookUp(("f", "C", "x", "y")), seconds=PATIENCE).answer
    assert kinds == {"f": "function", "C": "class", "x": "object", "y": "missing"}


def test_what_raises_is_told_with_its_place_and_its_bases(worker: Worker) -> None:
    load(worker, "\nclass Odd(KeyError): pass\n\ndef f(x):\n    raise Odd(f'not {x}')", cell=7)
    raised = call(worker, "f", 3).raised
    assert raised is not None
    assert (raised.type, raised.message, raised.cell, raised.line) == ("Odd", "'not 3'", 7, 5)
    assert raised.bases == ("Odd", "KeyError", "LookupError", "Exception", "BaseException")
    missing = call(worker, "g").raised
    assert missing is not None and missing.type == "Missing"


def test_printed_text_is_kept_from_its_end(tiered: Worker) -> None:
    load(tiered, "import os, sys\nprint('first')\nfor n in range(3000): print('line', n)\n"
         "sys.stdout.flush()\nos.write(2, b'last \\xff')")
    with pytest.raises(WorkerLost):
        tiered.request(Close(), seconds=PATIENCE)
    output = tiered.stop().output
    assert output.endswith("line 2999\nlast \ufffd")
    assert "first" not in output
    assert len(output) <= LIMITS.output_kb * 1024


# ---------------------------------------------------------------- stand-ins


def test_a_stand_in_asks_the_judge_and_is_differentiable(tiered: Worker) -> None:
    """Wherever the student's code uses the name, the judge answers, gradients included."""
    load(tiered, "def scale(X, k): raise RuntimeError('wrong')\n"
         "def use(X):\n    return scale(X, 3).sum(0, keepdim=True)", "scale", "use")
    stand_in(tiered, "scale")
    questions: list[str] = []

    def asked(inquiry: Inquiry, seconds: float) -> Any:
        questions.append(inquiry.function)
        image, factor = inquiry.arguments
        return image * factor if inquiry.upstream is None else [3 * inquiry.upstream, None]

    reply = call(tiered, "use", X, asked=asked)
    assert reply.answer.equal(3 * X.sum(0, keepdim=True))
    value, gradients, _ = tiered.request(
        Differentiate("use", (X,), (0,), torch.tensor([[1.0, 2.0, 3.0]])),
        seconds=PATIENCE, asked=asked).answer
    assert value.equal(reply.answer)
    assert gradients[0].equal(torch.tensor([[3.0, 6.0, 9.0]]).expand(3, 3))
    assert questions == ["scale"] * 3


def test_what_a_stand_in_iterates_is_an_iterator(worker: Worker) -> None:
    load(worker, "def evens(n): raise RuntimeError('wrong')\n"
         "def total(n): return sum(evens(n))", "evens", "total")
    stand_in(worker, "evens")
    reply = call(worker, "total", 3, asked=lambda inquiry, seconds: Iterated(
        "generator", [0, 2, 4], True))
    assert reply.raised is None and reply.answer == 6


@pytest.mark.parametrize("tricks", [
    "", "torch.equal = lambda *both: True\n",
    "torch.Tensor.clone = lambda self, **how: self\n"])
def test_what_a_call_changed_is_told_whatever_torchs_names_mean_there(
    worker: Worker, tricks: str
) -> None:
    load(worker, f"import torch\n{tricks}def change(X): X[0, 0] = 7.0\ndef look(X): return X + 1")
    assert call(worker, "look", X).after is None
    changed = call(worker, "change", X).after
    assert changed is not None and changed[0][0, 0] == 7


def test_what_has_no_place_a_stand_in_is_given_by_name(worker: Worker) -> None:
    load(worker, "def scale(X, *, by=1): raise RuntimeError('wrong')\n"
         "def use(X): return scale(X=X, by=4)", "scale", "use")
    stand_in(worker, "scale")
    reply = call(worker, "use", X, asked=lambda inquiry, seconds: (
        inquiry.arguments[0] * inquiry.keywords["by"]))
    assert reply.answer.equal(4 * X)


def test_what_the_reference_refuses_the_stand_in_refuses(worker: Worker) -> None:
    load(worker, "def helper(X): pass\ndef use(X):\n    try: helper(X)\n"
         "    except ValueError as error: return str(error)")
    stand_in(worker, "helper")

    def asked(inquiry: Inquiry, seconds: float) -> Any:
        raise IndexError("too large")

    assert call(worker, "use", X, asked=asked).answer == "too large"


def test_the_judge_answers_for_nothing_it_does_not_stand_in_for(worker: Worker) -> None:
    load(worker, "def helper(X): pass")
    stand_in(worker, "helper")
    assert lost(worker, "helper", X).why == "protocol"


# ---------------------------------------------------------------- it is lost


def test_a_hang_is_a_timeout(tiered: Worker, zygote: Zygote, tier: Tier) -> None:
    load(tiered, "def hang():\n    while True:\n        try:\n            while True: pass\n"
         "        except BaseException: pass")
    assert lost(tiered, "hang", seconds=0.2).why == "timeout"
    end = tiered.stop()
    assert (end.reason, end.exit) == ("killed", -signal.SIGKILL)
    alive(zygote, tier)


def test_a_hang_in_c_is_a_timeout(tiered: Worker) -> None:
    load(tiered, "import ctypes\ndef hang(): ctypes.CDLL(None).pause()")
    assert lost(tiered, "hang", seconds=0.2).why == "timeout"


def test_a_hang_while_loading_is_a_timeout(worker: Worker) -> None:
    with pytest.raises(WorkerLost) as caught:
        load(worker, "while True: pass", seconds=0.2)
    assert caught.value.why == "timeout"


def test_an_early_exit_is_a_crash(tiered: Worker, zygote: Zygote, tier: Tier) -> None:
    load(tiered, "import os\ndef leave(): os._exit(7)")
    gone = lost(tiered, "leave")
    assert (gone.why, gone.detail) == ("crashed", "the process ended itself with exit code 7")
    assert tiered.stop().exit == 7
    alive(zygote, tier)


def test_a_crash_in_c_is_a_crash(tiered: Worker) -> None:
    load(tiered, "import ctypes\ndef crash(): ctypes.string_at(8)")
    gone = lost(tiered, "crash")
    assert (gone.why, gone.detail) == ("crashed", "the process was killed by SIGSEGV")


def test_a_signal_without_a_name_is_a_crash_too(zygote: Zygote) -> None:
    worker = zygote.spawn("none", LIMITS)
    load(worker, "import os\ndef leave(): os.kill(os.getpid(), 40)")
    assert lost(worker, "leave").why == "crashed"


@pytest.mark.parametrize("code", [
    "torch.ones(1 << 30, dtype=torch.uint8)", "[bytearray(1 << 20) for _ in range(2000)]",
    "mmap.mmap(-1, 1 << 30)", "torch.ones(1 << 15, 1 << 15)",
])
def test_more_memory_than_allowed_is_not_given(tiered: Worker, code: str) -> None:
    load(tiered, f"import torch, mmap\ndef fill(): return len({code})")
    try:
        raised = call(tiered, "fill").raised
        assert raised is not None
        assert {"MemoryError", "RuntimeError", "OSError"} & set(raised.bases)
    except WorkerLost as gone:
        assert gone.why == "memory"


REWRITE = """
import ctypes, torch

def rewrite():
    '''Make our own what is mapped already: no limit on address space sees that.'''
    mprotect = ctypes.CDLL(None).mprotect
    for line in open("/proc/self/maps"):
        ends, mode, _, device, inode, *_ = line.split()
        start, end = (int(text, 16) for text in ends.split("-"))
        if inode == "0" or not line.rstrip().endswith("libtorch_cpu.so"):
            continue
        mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), 7)
        for page in range(start, end, 4096):
            ctypes.memmove(page, ctypes.string_at(page, 1), 1)
    while True:
        pass
"""


def test_what_no_limit_of_the_kernel_sees_the_supervisor_does(zygote: Zygote) -> None:
    worker = zygote.spawn("none", Limits(memory_mb=64))
    load(worker, REWRITE)
    gone = lost(worker, "rewrite")
    assert (gone.why, worker.stop().reason) == ("memory", "memory")


FULL = """
import ctypes, time, torch

def full():
    '''Read every library, whose pages are not ours alone, and take all the memory there is.'''
    read = 0
    for line in open("/proc/self/maps"):
        ends, mode, _, device, inode, *_ = line.split()
        start, end = (int(text, 16) for text in ends.split("-"))
        if mode.startswith("r") and inode != "0" and line.rstrip().endswith(".so"):
            for page in range(start, end, 4096):
                read += len(ctypes.string_at(page, 1))
    taken, size = [], 1 << 24
    while size >= 1 << 20:
        try:
            taken.append(b"x" * size)
        except MemoryError:
            size >>= 1
    began = time.monotonic()
    while time.monotonic() - began < 0.5:  # the supervisor looks more often
        pass
    return read * 4096 >> 20, sum(map(len, taken)) >> 20
"""


def test_a_worker_may_use_all_the_memory_that_is_given(zygote: Zygote) -> None:
    worker = zygote.spawn("none", Limits(memory_mb=100))
    load(worker, FULL)
    read, taken = call(worker, "full").answer
    assert read > 100
    assert 90 < taken < 110


def test_a_lost_worker_answers_nothing_any_more(worker: Worker) -> None:
    load(worker, "import os\ndef leave(): os._exit(0)")
    lost(worker, "leave")
    assert worker.stop() == worker.stop()
    assert lost(worker, "leave").why


def test_a_lost_worker_touches_no_descriptor_that_is_another_ones_now(zygote: Zygote) -> None:
    ours, theirs = socket.socketpair()
    worker = zygote.spawn("none", LIMITS)
    number = worker._channel.descriptor
    worker.stop()
    os.dup2(theirs.fileno(), number)
    try:
        os.set_blocking(number, False)
        ours.setblocking(False)
        with pytest.raises(WorkerLost):
            worker.request(LookUp(()), seconds=0.01)
        with pytest.raises(BlockingIOError):
            ours.recv(1)
    finally:
        os.close(number)


# ---------------------------------------------------------------- it does not keep the protocol

SPEAK = """
import gc, os, struct

def say(*frames):
    '''Send each (header, body) as it stands; "@id" is the number of the open request.'''
    server = next(o for o in gc.get_objects() if type(o).__name__ == "_Server")
    for header, body in frames:
        text = header.replace('"@id"', str(server._id)).encode()
        os.write(server._channel.descriptor,
                 struct.pack("<II", len(text), len(body)) + text + body.encode("latin-1"))

def babble(data):
    server = next(o for o in gc.get_objects() if type(o).__name__ == "_Server")
    os.write(server._channel.descriptor, data.encode("latin-1"))

def drip():
    while True:
        babble("\\x01")
        os.sched_yield()
"""
SOUND: dict[str, Any] = {"id": "@id", "answer": 1, "after": {"list": []}, "denied": [], "steps": 0}
RAISED = {"type": "E", "bases": [], "message": "", "cell": None, "line": None}


def but(**fields: Any) -> dict[str, Any]:
    return SOUND | fields


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in SOUND.items() if name != key}


def raising(**fields: Any) -> dict[str, Any]:
    return {"id": "@id", "raised": RAISED | fields, "denied": [], "steps": 0}


@pytest.mark.parametrize(("header", "body"), [
    (but(id=7), ""), (but(id=True), ""), (but(id=None), ""), (without("id"), ""),
    (without("answer"), ""), (without("after"), ""), (without("denied"), ""),
    (without("steps"), ""), (but(extra=1), ""), (but(raised=RAISED), ""),
    (but(denied="conv"), ""), (but(denied=[1]), ""), (but(steps=-1), ""), (but(steps=True), ""),
    (but(steps=1.0), ""), (but(steps=1 << 60), ""), (but(after=1), ""),
    (but(answer=[1]), ""), (but(answer={"pickle": "x"}), ""), (but(), "bytes of no tensor"),
    (but(answer={"tensor": {"dtype": "float32", "shape": [9]}}), "1234"),
    (but(answer={"tensor": {"dtype": "float32", "shape": [1 << 39]}}), ""),
    (raising(bases="Exception"), ""), (raising(bases=[None]), ""), (raising(type=1), ""),
    (raising(line=-1), ""), (raising(cell=1.5), ""), (raising(more=1), ""), (raising(), "bytes"),
    ({"id": "@id", "ask": "corr2d", "arguments": {"list": []}, "upstream": None}, ""),
], ids=lambda value: json.dumps(value)[:60])
def test_a_malformed_or_foreign_answer_ends_the_worker(
    worker: Worker, header: dict[str, Any], body: str
) -> None:
    load(worker, SPEAK)
    assert lost(worker, "say", (json.dumps(header), body)).why == "protocol"


def test_the_same_way_of_speaking_is_heard_when_it_is_well_formed(worker: Worker) -> None:
    """The control: only what was wrong above ended the worker. What a worker answers about its own
    code is its own affair; one answer too many is not."""
    load(worker, SPEAK)
    assert call(worker, "say", (json.dumps(but(answer=99)), "")).answer == 99
    assert lost(worker, "say").why == "protocol", "its real answer came as a second one"


@pytest.mark.parametrize("data", ["\xff" * 16, "\x02\0\0\0\0\0\0\0[]", "\x02\0\0\0\0\0\0\0{]",
                                  "\x01\0\0\0\0\0\0\x7f{"])
def test_bytes_that_are_no_frame_end_the_worker(tiered: Worker, zygote: Zygote, data: str) -> None:
    load(tiered, SPEAK)
    assert lost(tiered, "babble", data).why == "protocol"
    alive(zygote)


def test_speaking_before_being_asked_ends_the_worker(worker: Worker) -> None:
    reply = load(worker, SPEAK + f"say(({json.dumps(but())!r}, ''))")
    assert reply.raised is None
    assert lost(worker, "say").why == "protocol"


def test_an_answer_in_drips_does_not_stretch_the_deadline(worker: Worker) -> None:
    load(worker, SPEAK)
    assert lost(worker, "drip", seconds=0.3).why in ("timeout", "protocol")


def test_an_answer_larger_than_allowed_ends_the_worker(worker: Worker) -> None:
    load(worker, "import torch\ndef huge(): return torch.zeros(9 << 20, dtype=torch.uint8)")
    assert lost(worker, "huge").why in ("protocol", "crashed")


QUESTION = {"id": "@id", "ask": "helper", "arguments": {"list": []}, "upstream": None}


@pytest.mark.parametrize("question", [
    QUESTION | {"id": 3}, QUESTION | {"more": 1}, QUESTION | {"arguments": [1]},
    QUESTION | {"upstream": {"tensor": {"dtype": "float32", "shape": [1]}}},
], ids=json.dumps)
def test_a_malformed_question_ends_the_worker(worker: Worker, question: dict[str, Any]) -> None:
    load(worker, SPEAK)
    with pytest.raises(WorkerLost) as caught:
        call(worker, "say", (json.dumps(question), ""), asked=lambda *question: 1)
    assert caught.value.why == "protocol"


# ---------------------------------------------------------------- nothing is left behind


def children(pid: int | str) -> list[int]:
    return [int(text) for task in Path(f"/proc/{pid}/task").iterdir()
            for text in (task / "children").read_text().split()]


def open_files(pid: int | str) -> list[str]:
    """What is open, but for the judge's claim of a core: it is another one on another core."""
    claims = {f"socket:[{line.split()[6]}]" for line in
              Path("/proc/net/unix").read_text().splitlines() if "@autograder-core-" in line}
    found = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing itself
            found.append(str(path.readlink()))
    return sorted(target for target in found if target not in claims)


def test_a_judge_that_ends_before_it_has_listened_is_no_traceback() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, subprocess.Popen(
        [sys.executable, "-m", "autograder.worker.zygote", str(theirs.fileno())],
        pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True) as zygote:
        theirs.close()
        ours.recv(1, socket.MSG_PEEK)  # it is ready, and nobody has taken that it says so
        ours.close()
        _, said = zygote.communicate(timeout=PATIENCE)
    assert (said, zygote.returncode) == ("", 0)


def test_after_fifty_workers_nothing_is_left(zygote: Zygote, tier: Tier, tmp_path: Path) -> None:
    """No descriptor, no process, no zombie, no mount; and no file where the tier promises it."""
    [parent] = [pid for pid in children("self") if "autograder.worker.zygote"
                in Path(f"/proc/{pid}/cmdline").read_text()]
    until(lambda: not children(parent))
    descriptors, theirs = open_files("self"), open_files(parent)
    mounts = Path("/proc/self/mountinfo").read_text()
    ends = (
        lambda worker: worker.stop(),
        lambda worker: lost(worker, "leave"),
        lambda worker: lost(worker, "hang", seconds=0.01),
        lambda worker: lost(worker, "babble", "\xff" * 16),
        lambda worker: worker.request(LookUp(("leave",)), seconds=PATIENCE) and worker.stop(),
    )
    for number in range(50):
        worker = zygote.spawn(tier, LIMITS)
        load(worker, SPEAK + "def leave(): os._exit(3)\ndef hang():\n    while True: pass")
        ends[number % len(ends)](worker)
    assert open_files("self") == descriptors
    until(lambda: not children(parent))
    until(lambda: open_files(parent) == theirs)
    assert Path("/proc/self/mountinfo").read_text() == mounts


def test_files_of_one_worker_are_gone_for_the_next(
    zygote: Zygote, lacking: dict[Tier, str]
) -> None:
    if "namespaces" in lacking:
        pytest.skip(lacking["namespaces"])
    mark = f"mark-{os.getpid()}"
    for expected in ([], []):
        worker = zygote.spawn("namespaces", LIMITS)
        load(worker, f"import os\nopen({mark!r}, 'w').write('x')\n"
             f"def left(): return sorted(os.listdir('.')), os.getcwd()\nfound = left()\n"
             f"def before(): return found")
        assert answer(worker, "before") == ([mark], "/scratch")
        worker.stop()
        assert [path for path in (Path("/scratch") / mark, Path("/tmp") / mark, Path(mark))
                if path.exists()] == expected


JUDGE = """
import os, sys, threading
from pathlib import Path
from autograder.sandbox.client import Zygote
from looking import until
from workers import LIMITS, load

def below(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield child
            yield from below(child)

zygote, workers = Zygote(), []
for tier in sys.argv[1:]:
    for source in ("pass", "import signal\\nfor s in (1, 2, 15): "
                           "signal.signal(s, signal.SIG_IGN)\\nwhile True: pass"):
        workers.append(zygote.spawn(tier, LIMITS))
        threading.Thread(target=load, args=(workers[-1], source), daemon=True).start()
print(*below(os.getpid()), flush=True)
threading.Event().wait()
"""


def test_when_the_judge_is_killed_everything_it_started_ends(lacking: dict[Tier, str]) -> None:
    tiers = [tier for tier in ("namespaces", "landlock", "none") if tier not in lacking]
    judge = subprocess.Popen([sys.executable, "-c", JUDGE, *tiers], stdout=subprocess.PIPE,
                             cwd=Path(__file__).parents[1], text=True)
    assert judge.stdout is not None
    with judge, judge.stdout:
        pids = [int(text) for text in judge.stdout.readline().split()]
        watched = [os.pidfd_open(pid) for pid in pids]
        judge.kill()
    assert len(pids) == 1 + 4 * len(tiers), "a zygote; two workers in each tier; their supervisors"
    poll = select.poll()
    for descriptor in watched:
        poll.register(descriptor, select.POLLIN)
    until(lambda: len(poll.poll(0)) == len(pids))
    for descriptor in watched:
        os.close(descriptor)


# ---------------------------------------------------------------- the zygote


@pytest.fixture
def own_zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


def test_a_dead_zygote_is_the_graders_fault_and_said_so(own_zygote: Zygote) -> None:
    """A worker it had started lives on, for its supervisor is a process of its own."""
    worker = own_zygote.spawn("none", LIMITS)
    own_zygote._process.kill()
    own_zygote._process.wait()
    assert not own_zygote.alive
    with pytest.raises(SandboxError, match="the zygote is gone"):
        own_zygote.spawn("none", LIMITS)
    load(worker, "def one(): return 1")
    assert answer(worker, "one") == 1
    worker.stop()


def test_the_best_tier_is_the_strongest_that_can_be_had(
    zygote: Zygote, lacking: dict[Tier, str]
) -> None:
    assert best_tier(zygote, LIMITS) == next(
        tier for tier in ("namespaces", "landlock", "none") if tier not in lacking)


# ---------------------------------------------------------------- what it is held to


def test_lazy_imports_and_threads_work_in_every_tier(tiered: Worker) -> None:
    reply = load(tiered, "import decimal, sqlite3, csv, unittest, concurrent.futures, numpy.fft\n"
                 "import torch, torch.distributions, torch.utils.data\n"
                 "with concurrent.futures.ThreadPoolExecutor(4) as pool:\n"
                 "    total = sum(pool.map(lambda n: int(torch.ones(n).sum()), range(9)))\n"
                 "def result(): return total")
    assert reply.raised is None, reply.raised
    assert answer(tiered, "result") == 36


def test_what_torch_imports_late_can_be_imported(lacking: dict[Tier, str]) -> None:
    """By who compiles: torch._dynamo, which looks for a directory."""
    with Zygote(launch(plots=False)) as cold:
        for tier in ("namespaces", "landlock"):
            if tier not in lacking:
                worker = cold.spawn(tier, LIMITS)
                reply = load(worker, "import sys, torch\n"
                             "late = 'torch._dynamo' not in sys.modules\n"
                             "torch.compiler.reset()\n"
                             "def result(): return late, 'torch._dynamo' in sys.modules")
                assert reply.raised is None, (tier, reply.raised)
                assert answer(worker, "result") == (True, True)
                worker.stop()


WHERE = "import os\ndef where(): return os.getppid(), sorted(os.sched_getaffinity(0))"


def test_judge_worker_and_supervisor_keep_to_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_NAME", f"test-of-cores-{os.getpid()}")
    everywhere = os.sched_getaffinity(0)
    with Zygote() as zygote:
        with zygote.pinned():
            [core] = os.sched_getaffinity(0)
            worker = zygote.spawn("none", LIMITS)
            load(worker, WHERE)
            supervisor, allowed = answer(worker, "where")
            assert allowed == [core] and os.sched_getaffinity(supervisor) == {core}
            worker.stop()
        assert os.sched_getaffinity(0) == everywhere
        worker = zygote.spawn("none", LIMITS, cores=everywhere)
        load(worker, WHERE)
        supervisor, allowed = answer(worker, "where")
        assert {*allowed} == os.sched_getaffinity(supervisor) == everywhere
        worker.stop()


def test_a_judge_without_a_core_of_its_own_may_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_NAME", f"test-of-cores-{os.getpid()}")
    everywhere = os.sched_getaffinity(0)
    others = [cores.OwnCore() for _ in everywhere]
    for other in others:
        other.choose()
    with cores.OwnCore().kept():
        assert os.sched_getaffinity(0) == everywhere
    for other in others:
        other.release()


def test_judges_share_a_core_only_where_they_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_NAME", f"test-of-cores-{os.getpid()}")
    mine = os.sched_getaffinity(0)
    claims = [cores.OwnCore() for _ in mine]
    assert {claim.choose() for claim in claims} == mine
    one_too_many = cores.OwnCore()
    assert one_too_many.choose() in mine
    freed = claims[-1].choose()
    claims[-1].release()
    assert one_too_many.choose() == freed
    for claim in (one_too_many, *claims):
        claim.release()


def test_a_confined_worker_is_nobody_with_nothing(zygote: Zygote, lacking: dict[Tier, str]) -> None:
    """Neither our user nor its neighbour's, no capability, and limits it cannot lift."""
    for tier in ("namespaces", "landlock"):
        if tier in lacking:
            continue
        neighbours = [zygote.spawn(tier, LIMITS) for _ in range(2)]
        users = set()
        for worker in neighbours:
            load(worker, "import os, resource\ndef user(): return os.getuid(), os.getgroups()\n"
                 "def lift(): resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
                 "def files(): return resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
                 "def rise(): os.setuid(0)\n"
                 "def environment(): return dict(os.environ)")
            user, groups = answer(worker, "user")
            users.add(user)
            assert groups == []
            assert answer(worker, "files") == LIMITS.scratch_mb << 20
            for attempt in ("lift", "rise"):
                raised = call(worker, attempt).raised
                assert raised is not None and {"OSError", "ValueError"} & set(raised.bases)
            assert set(answer(worker, "environment")) <= {
                "PATH", "LANG", "LC_CTYPE", "HOME", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
                "GLIBC_TUNABLES", "TORCHINDUCTOR_CACHE_DIR", "KMP_INIT_AT_FORK",
                "KMP_DUPLICATE_LIB_OK", "CUDA_VISIBLE_DEVICES", "PYTORCH_NVML_BASED_CUDA_CHECK",
                "LD_LIBRARY_PATH"}
        for worker in neighbours:
            worker.stop()
        if os.geteuid() == 0:
            assert len(users) == 2
            assert 0 not in users
