"""The zygote: a clean Python with torch warm, from which every worker is forked.

``python -P -m autograder.worker.zygote FD`` listens on the socket FD. For each request it forks
a supervisor, which forks the confined worker, watches it, and reports how it ended. The zygote
itself never sees a submission, a secret or a test.
"""

from __future__ import annotations

import gc
import itertools
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import torch

from autograder import protocol
from autograder.protocol import SHIPPED, End, Spawn
from autograder.worker import (
    cgroup,
    chance,
    confine,
    cuda,
    denial,
    device_watch,
    holes,
    lean,
    linux,
    ours,
    packages,
    plots,
    seccomp,
    serving,
    stub_modules,
)

OPTIONS = ("plots", "gradients")
"""What a zygote may be told to warm as well, after its descriptor."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_WATCH_SECONDS = 0.1
_STOP_LOOKS, _LOOK_SECONDS = 100, 0.01  # until a worker that was stopped has to be
_MANY = 100  # workers: by then small pages have cost what it costs to make large ones
_FIRST_TO_GO = 1000  # of oom_score_adj(5): the most there is
_UNTOUCHED = 32 << 20  # bytes that the zygote has mapped, and that become a worker's when it writes


def warm(draws: bool, gradients: bool = True) -> None:
    """Pay once for what torch imports or sets up at first use. One thread, before the first
    operation: a forked child would hang in OpenMP otherwise.

    Without ``gradients`` torch does not look for devices, and workers may use some. Gradients and
    optimizers ask the driver for their number, which is then 0 for every worker.
    """
    lean.leave_out_the_compiler()
    chance.settle(0)
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    image, kernel = torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3)
    torch.nn.functional.conv2d(image, kernel)
    torch.nn.functional.max_pool2d(image, 2)
    torch.fft.irfft2(torch.fft.rfft2(image))
    torch.einsum("nchw,ochw->no", image, image)
    model = torch.nn.Linear(4, 4)
    loss = torch.nn.functional.cross_entropy(model(torch.ones(2, 4)), torch.tensor([0, 1]))
    if gradients:
        loss.backward()
        for optimizer in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
            optimizer(model.parameters(), lr=1e-3).step()
        image.requires_grad_().sum(0).backward(torch.ones(1, 8, 8))
        torch.stack([image.to("meta"), image.to("meta")])
        stub_modules.prepare()
    str(torch.ones(1, device="meta")), str(torch.eye(2))
    denial.look_up(SHIPPED.values())
    if draws:
        plots.warm()
    cuda.stay_untouched()


def main(descriptor: int, draws: bool, gradients: bool = True) -> None:
    """Serve spawn requests until the other end closes."""
    requests = socket.socket(fileno=descriptor)
    _end_before_others()
    for variable in packages.VARIABLES:  # it has found them
        os.environ.pop(variable, None)
    tree = Path(__file__).resolve().parents[2]
    if (tree / "pyproject.toml").exists():  # a checkout, and no folder of installed packages
        sys.path[:] = [entry for entry in sys.path if entry != str(tree)]
    warm(draws, gradients)
    confine.installed()
    seccomp.prepare()
    ours.names()
    gc.collect()
    gc.freeze()
    holes.fill()
    home = cgroup.home()
    everywhere = os.sched_getaffinity(0)
    signal.signal(signal.SIGCHLD, _reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's business
    try:
        requests.sendall(b"ready")
    except BrokenPipeError:
        return  # the judge did not wait for us
    for count in itertools.count(1):
        try:
            message, descriptors, _, _ = socket.recv_fds(
                requests, 1 << 16, 2 + len(protocol.HANDED))
        except ConnectionResetError:
            return  # the judge has ended, and had not read what we said last
        if not message:
            return
        spawn = Spawn.read(message)
        if count == _MANY:
            _collapse_heap()
        # Before the fork, so that the supervisor begins on the judge's core and is not moved there.
        os.sched_setaffinity(0, spawn.cores if spawn.pinned else everywhere)
        if os.fork() == 0:
            requests.close()
            _supervise(spawn, home, *descriptors)
        for received in descriptors:
            os.close(received)


def _end_before_others() -> None:
    """Have the kernel, where memory is short, end this process and its children first: a judge, or
    whatever else runs here, is worth more."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_GO))


def _collapse_heap() -> None:
    """Have our heap in large pages: fewer for a fork to copy, and for its end to give back."""
    for mapping in Path("/proc/self/maps").read_text().splitlines():
        addresses, access, _, _, inode, *name = mapping.split()
        if access != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        first, end = (int(address, 16) for address in addresses.split("-"))
        first += -first % linux.LARGE_PAGE
        for address in range(first, end - linux.LARGE_PAGE + 1, linux.LARGE_PAGE):
            with suppress(OSError):  # not touched yet, memory is short, or an older kernel
                linux.collapse(address)


def _reap(number: int, frame: object) -> None:
    """Take leave of supervisors that have ended, so that their CPU time is accounted for."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _supervise(
    spawn: Spawn, home: Path | None, channel: int, control: int, *handed: int,
) -> NoReturn:
    """In the supervisor: fork the worker, watch it, report its end on ``control``."""
    group = None
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confinement = spawn.confinement
        number = os.getpid()
        output, printed = os.pipe()
        if home is not None:  # what the worker copies of us is its own, too
            memory = sum(_memory(number)) + (confinement.memory_mb + confinement.scratch_mb << 20)
            memory += device_watch.CUDA_HOST if confinement.device else 0
            group = cgroup.Group(home, number, memory=memory, threads=confine.THREADS)
        confine.enter(confinement)
        pid = os.fork()
        if pid == 0:
            if group is not None:
                group.enter()
            os.sched_setaffinity(0, spawn.cores)  # the worker may not change it: seccomp
            _work(spawn, channel, printed, number,
                  dict(zip(spawn.handed, handed, strict=True)))
        os.close(channel)
        os.close(printed)
        linux.close_all_but({control, output})
        began = time.monotonic()
        end = _watch(pid, control, output, confinement, spawn.output_kb << 10)
        lived = time.monotonic() - began
        if end.exit == -signal.SIGKILL and end.reason is None \
                and lived * len(spawn.cores) >= confinement.cpu_seconds:
            end = replace(end, reason="time")  # it may have been its limit of CPU time
        if group is not None and group.ran_out_of_memory():
            end = replace(end, reason="memory")
    except BaseException as error:
        end = End(None, output=f"{type(error).__name__}: {error}")
    if group is not None:
        group.remove()
    try:
        os.write(control, end.encode())
    finally:
        os._exit(0)


def _work(
    spawn: Spawn, channel: int, printed: int, number: int, handed: dict[str, int],
) -> NoReturn:
    """In the worker: put on every layer, then serve. What is raised before that ends it."""
    try:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        confine.settle(spawn.confinement, {channel, *handed.values()}, number,
                       partial(cuda.begin, spawn.confinement.device))
    except BaseException as error:
        serving.refuse(channel, f"{type(error).__name__}: {error}")
        os._exit(1)
    try:
        if spawn.confinement.given:  # modules beside the notebook, behind all that is installed
            sys.path.append(str(Path.cwd()))
        serving.run(channel, spawn.answer_mb << 20, **handed, watched=spawn.watched,
                    stand_ins=spawn.confinement.stand_ins)
    except protocol.Closed:
        pass
    except BaseException:  # the student's code broke the channel
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


def _watch(
    pid: int, control: int, output: int, confinement: protocol.Confinement, keep: int
) -> End:
    """Wait for the worker's end: by itself, by an order on ``control``, or by its memory. Pages of
    files do not count, which are everybody's: the kernel can drop them.

    Drains what it prints, and keeps the last ``keep`` bytes.
    """
    process = os.pidfd_open(pid)
    poll = select.poll()
    for descriptor in (process, control, output):
        poll.register(descriptor, select.POLLIN)
    os.set_blocking(output, False)
    tail = b""
    reason = None
    exceeded, to_blame = _bounds(pid, confinement)
    checked = time.monotonic()
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(_WATCH_SECONDS * 1000)}
        if output in ready:
            text = _drain(output)
            tail = (tail + text)[-keep:]
            if not text:
                poll.unregister(output)
        if process in ready:
            break
        if control in ready:
            order = os.read(control, 1)
            if not order:  # an order to kill, or the judge is gone
                reason = "killed"
                break
            if order == protocol.FREEZE and not _stopped(process):
                reason = "unstoppable"
                break
            used = _usage(pid)
            if order == protocol.THAW:
                signal.pidfd_send_signal(process, signal.SIGCONT)
            os.write(control, used)
        if time.monotonic() - checked > _WATCH_SECONDS:
            checked = time.monotonic()
            if exceeded():
                reason = "memory"
                break
    signal.pidfd_send_signal(process, signal.SIGKILL) if reason else None
    _, status, usage = os.wait4(pid, 0)
    if reason == "memory" and not to_blame():
        reason = None  # what is killed for no reason of its own, the machine was too small for
    return End(os.waitstatus_to_exitcode(status), reason, usage.ru_majflt,
               (tail + _drain(output))[-keep:].decode("utf-8", "replace"))


def _bounds(
    pid: int, confinement: protocol.Confinement
) -> tuple[Callable[[], bool], Callable[[], bool]]:
    """Whether the worker holds more than it may, and, when it has ended, whether it did."""
    memory = confinement.memory_mb << 20
    if confinement.device is not None:
        watch = device_watch.DeviceWatch(
            pid, memory, confinement.device_mb << 20, device_watch.on_device(confinement.device))
        return watch.exceeded, watch.to_blame
    allowed = _memory(pid)[0] + memory + _UNTOUCHED
    return lambda: _memory(pid)[0] > allowed, lambda: True


def _stopped(process: int) -> bool:
    """Stop every thread of the worker; False where one of them will not be. Looks are counted, and
    not the time: a machine that stands still for a second takes one of them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    try:
        signal.pidfd_send_signal(process, signal.SIGSTOP)
        for _ in range(_STOP_LOOKS):
            if os.waitid(os.P_PIDFD, process,
                         os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
                return True
            signal.sigtimedwait({signal.SIGCHLD}, _LOOK_SECONDS)
        return False
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _usage(pid: int) -> bytes:
    """CPU time of the worker, and time in which its threads, and the first of them, were ready and
    had no core, in ns."""
    waited = dict.fromkeys([str(pid)], 0)
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError, IndexError):  # it ended just now; a kernel that does not count
            waited[thread.parent.name] = int(thread.read_text().split()[1])
    clock = (~pid << 3) | 2  # clock_getcpuclockid(3)
    return protocol.USAGE.pack(
        time.clock_gettime_ns(clock), sum(waited.values()), waited[str(pid)])


def _drain(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 20)
    except BlockingIOError:
        return b""


def _memory(pid: int) -> tuple[int, int]:
    """Bytes in memory: of the process's own, and of files or shared."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0, 0
    return (int(resident) - int(shared)) * _PAGE, int(shared) * _PAGE


if __name__ == "__main__":
    main(int(sys.argv[1]), *(option in sys.argv[2:] for option in OPTIONS))
