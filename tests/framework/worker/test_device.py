"""The worker of a GPU, on a machine that has none: what its driver needs passes every layer, and
what it does not need is refused, each by the layer that is there for it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from workers import LIMITS, PATIENCE, answer, load

from autograder.course import Tier
from autograder.gpucheck import layers, report, steps
from autograder.gpucheck.children import Tell, run
from autograder.gpucheck.layers import CUMULATIVE, FORKED, Layering
from autograder.protocol import Confinement
from autograder.sandbox.client import TierUnavailable, Worker, WorkerLost, Zygote
from autograder.sandbox.launch import ENVIRONMENT, launch
from autograder.worker import confine, cuda, device, ioctls, landlock, rehearsal, seccomp

WHOLE = CUMULATIVE[-1]
RM_CONTROL = rehearsal.frontend(ioctls.FRONTEND["RM_CONTROL"])


@pytest.fixture
def needs_namespaces(lacking: dict[Tier, str]) -> None:
    if "namespaces" in lacking:
        pytest.skip(lacking["namespaces"])


def errors(layering: Layering, make: Callable[[rehearsal.Nodes], steps.NamedSteps], begins: int = 0,
           ) -> dict[str, int | None]:
    """Step -> the number of the error that it met under these layers, or None."""

    def take(tell: Tell) -> None:
        layers.take(layering, device.REHEARSAL, make, begins, None, tell)

    found = report.outcomes(run(take, PATIENCE))
    return {step: outcome.get("error", {}).get("errno", "error" in outcome or None)
            for step, outcome in found.items()}


# ---------------------------------------------------------------- what has to pass


@pytest.mark.usefixtures("needs_namespaces")
def test_all_that_cuda_does_passes_every_layer() -> None:
    found = errors(WHOLE, steps.rehearsal_steps, len(rehearsal.ONCE))
    assert found == dict.fromkeys(rehearsal.STEPS)


def of_a_cpu(layer: str) -> None:
    """Put this layer on as it is for workers without a GPU."""
    confine.linux.prctl(confine.linux.PR_SET_NO_NEW_PRIVS, 1)
    if layer == "limits":
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        confine.limit(Confinement("none", 1024, 16, 60), mapped)
    elif layer == "landlock":
        landlock.restrict([*confine.installed(), *confine.DEVICES], ["/dev/null"])
    else:
        seccomp.restrict()


@pytest.mark.parametrize(("layer", "failing"), [
    ("limits", {"reserve 128 GB of addresses", "open 200 descriptors"}),
    ("landlock", {"name a thread", "read /proc", "read /sys", "open the three nodes",
                  "ioctls of the frontend", "ioctls of unified memory", "open 200 descriptors"}),
    ("seccomp", {"listen on an abstract socket", "ioctls of the frontend",
                 "ioctls of unified memory"})])
def test_a_step_that_a_layer_is_in_the_way_of_is_named(layer: str, failing: set[str]) -> None:
    """The control: a worker without a GPU could not do it."""

    def take(tell: Tell) -> None:
        of_a_cpu(layer)
        steps.take_steps(steps.rehearsal_steps((device.DUMMY,) * 3), tell, each_alone=True)

    found = report.outcomes(run(take, PATIENCE))
    assert {step for step, outcome in found.items() if "error" in outcome} == {
        *failing, "read the driver's settings"}, "the last is there in a root of its own only"


# ---------------------------------------------------------------- what must not


def attempts(other: int, nodes: rehearsal.Nodes) -> steps.NamedSteps:
    """What no worker may do, by the names of the layers that refuse it. ``other`` is a process."""
    helper = rehearsal.Helper()

    def ioctl(path: str, request: int) -> None:
        descriptor = os.open(path, os.O_RDWR)
        try:
            rehearsal.request(descriptor, request)
        finally:
            os.close(descriptor)

    def of_an_earlier_thread() -> None:
        helper.told.set()
        helper.join()
        if helper.refused:
            raise OSError(helper.refused, "socket")

    return {
        "begin a thread": helper.start,
        **{f"seccomp: {name}": partial(ioctl, nodes[0], rehearsal.frontend(number))
           for name, number in ioctls.FRONTEND_REFUSED.items()},
        **{f"seccomp: {name}": partial(ioctl, nodes[1], request)
           for name, request in ioctls.MEMORY_REFUSED.items()},
        "seccomp: a socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "seccomp: a socket in an earlier thread": of_an_earlier_thread,
        "landlock: an ioctl of another device": lambda: ioctl("/dev/zero", RM_CONTROL),
        "landlock, user: its own memory": lambda: os.close(os.open("/proc/self/mem", os.O_RDWR)),
        "namespaces: a fourth node": lambda: os.close(os.open("/dev/ptmx", os.O_RDWR)),
        "namespaces: another's memory": lambda: os.close(
            os.open(f"/proc/{other}/maps", os.O_RDONLY)),
        "namespaces: all of /proc": lambda: os.close(os.open("/proc/kallsyms", os.O_RDONLY)),
    }


@pytest.mark.usefixtures("needs_namespaces")
def test_what_no_gpu_needs_is_refused_by_the_layer_that_is_there_for_it() -> None:
    make = partial(attempts, os.getpid())
    whole = errors(WHOLE, make, 1)
    assert whole.pop("begin a thread") is None
    assert [step for step, error in whole.items() if error is None] == []
    for step, error in whole.items():
        expected = {"seccomp": errno.EPERM, "landlock": errno.EACCES, "namespaces": errno.ENOENT}
        assert error == expected[re.split("[:,]", step)[0]], step
    bare = errors(FORKED, make, 1)
    assert set(bare.values()) == {None}, "the control: without layers all of it is possible"
    filtered = errors(CUMULATIVE[4], make, 1)
    assert {step for step, error in filtered.items() if error is None} == {
        step for step in filtered if step.startswith(("seccomp", "begin"))}, "but for seccomp"
    unlocked = errors(replace(WHOLE, landlock=""), make, 1)
    assert {step for step, error in unlocked.items() if error is None} == {
        "begin a thread", "landlock: an ioctl of another device"}, "but for Landlock"


@pytest.mark.parametrize(("flags", "refused"), [(seccomp._ALL_THREADS, errno.EPERM), (0, None)])
def test_the_filter_holds_for_threads_that_were_there_before_it(
    flags: int, refused: int | None
) -> None:
    """As CUDA's are. The control: without the flag for all threads, such a thread is free."""

    def take(tell: Tell) -> None:
        helper = rehearsal.Helper()
        helper.start()
        confine.linux.prctl(confine.linux.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.install(seccomp._program(platform.machine(), os.getpid(), True), flags)
        helper.told.set()
        helper.join()
        tell({"refused": helper.refused})

    assert run(take, PATIENCE).said == [{"refused": refused}]


# ---------------------------------------------------------------- the product's own


@pytest.fixture
def rehearsing(zygote: Zygote, needs_namespaces: None) -> Worker:
    return zygote.spawn("namespaces", LIMITS, device=device.REHEARSAL)


LOOK = """
import fcntl, os, threading
def ioctls(requests):
    found = []
    for node in ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia0"):
        descriptor = os.open(node, os.O_RDWR)
        for request in requests:
            try: fcntl.ioctl(descriptor, request, bytearray(64))
            except OSError as error: found.append(error.errno)
    return sorted(set(found))
def sees():
    return sorted(os.listdir("/dev")), [name for name in os.listdir("/proc") if name.isdigit()]
def renames():
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "r+") as file:
        file.write("mine")
    return open("/proc/self/comm").read()
"""


def test_a_worker_of_a_gpu_sees_three_nodes_and_itself(rehearsing: Worker) -> None:
    """After the filter of system calls, in the student's own code."""
    load(rehearsing, LOOK)
    passing = [*map(rehearsal.frontend, ioctls.FRONTEND.values()), *ioctls.MEMORY.values()]
    assert answer(rehearsing, "ioctls", passing) == [errno.ENOTTY]
    refused = [*map(rehearsal.frontend, ioctls.FRONTEND_REFUSED.values()),
               *ioctls.MEMORY_REFUSED.values(), 0x5412]
    assert answer(rehearsing, "ioctls", refused) == [errno.EPERM]
    devices, processes = answer(rehearsing, "sees")
    assert devices == sorted(["nvidia-uvm", "nvidia0", "nvidiactl", "null", "random", "urandom",
                              "zero"])
    assert processes == ["1"]
    assert answer(rehearsing, "renames").strip() == "mine"
    rehearsing.stop()


def test_a_worker_of_no_gpu_has_none_of_it(zygote: Zygote, needs_namespaces: None) -> None:
    """The control."""
    worker = zygote.spawn("namespaces", LIMITS)
    assert load(worker, "import os\nos.listdir('/proc')").raised is not None
    load(worker, "import os\ndef sees(): return sorted(os.listdir('/dev'))")
    assert answer(worker, "sees") == ["null", "random", "urandom", "zero"]
    worker.stop()


@pytest.mark.parametrize("tier", ["landlock", "none"])
def test_only_the_strongest_tier_gives_a_gpu(zygote: Zygote, tier: Tier) -> None:
    with pytest.raises(TierUnavailable, match=r"in tier namespaces only|rehearsal"):
        zygote.spawn(tier, LIMITS, device=device.REHEARSAL)


def test_a_gpu_that_is_not_there_is_said_so(zygote: Zygote, needs_namespaces: None) -> None:
    with pytest.raises(TierUnavailable, match="no GPU GPU-0"):
        zygote.spawn("namespaces", LIMITS, device="GPU-0")


def test_memory_that_no_limit_counts_is_watched(rehearsing: Worker) -> None:
    """Nobody else's, but shared, and without a file: addresses have no limit."""
    flood = "import mmap, time\nkept, piece = mmap.mmap(-1, 8 << 30), b'1' * (1 << 20)\n" \
        "for _ in range(2 << 10): kept.write(piece)\ntime.sleep(60)"
    with pytest.raises(WorkerLost) as lost:
        load(rehearsing, flood)
    assert lost.value.why == "memory"


@pytest.mark.parametrize("names", [("block",), ("shared",), ("block", "shared")], ids="+".join)
def test_what_is_worked_in_travels_to_the_worker(
    zygote: Zygote, needs_namespaces: None, names: tuple[str, ...]
) -> None:
    made = {name: os.memfd_create(name) for name in names}
    for name, descriptor in made.items():
        os.write(descriptor, name.encode())
    worker = zygote.spawn("namespaces", LIMITS, **made, device=device.REHEARSAL)
    load(worker, "import os\ndef found():\n    texts = []\n    for number in range(3, 20):\n"
                 "        try: texts.append(os.pread(number, 9, 0).decode())\n"
                 "        except OSError: pass\n    return sorted({*texts})")
    assert answer(worker, "found") == [*names]
    worker.stop()
    for descriptor in made.values():
        os.close(descriptor)


@pytest.mark.usefixtures("needs_namespaces")
def test_a_library_can_be_hidden() -> None:
    """Beside what is visible as ever: so cuDNN's parts are where convolutions are forbidden."""
    place = Path(torch.__file__).parent
    granted = replace(device.granted(device.REHEARSAL), hidden=(str(place / "testing"),))

    def look(tell: Tell) -> None:
        confinement = Confinement("namespaces", 64, 1, 10, device=device.REHEARSAL)
        confine.enter(confinement)
        if child := os.fork():
            os.waitpid(child, 0)
            return
        confine.linux.unshare(confine.linux.CLONE_NEWNS)
        confine.new_root(confine.installed(), 1, granted)
        tell({"hidden": [*(place / "testing").iterdir()], "beside": len([*place.iterdir()])})
        os._exit(0)

    [told] = run(look, PATIENCE).said
    assert told["hidden"] == [] and told["beside"] > 20


# ---------------------------------------------------------------- the zygote


def test_a_zygote_whose_workers_use_cuda_asks_torch_for_no_device() -> None:
    """A step and a gradient do: here they raise."""
    code = """
import json, torch
from autograder.worker import cuda, zygote
def asked(*arguments, **keywords): raise RuntimeError("torch looks for devices")
torch.Tensor.backward = torch.optim.SGD.step = torch.optim.Adam.step = asked
zygote.warm(False, False)
torch.set_num_interop_threads = lambda count: None  # once only
try: zygote.warm(False)
except RuntimeError as error: print(error)
cuda.be_exact()
b = torch.backends
print(json.dumps([b.fp32_precision, b.cuda.matmul.fp32_precision, b.cudnn.conv.fp32_precision,
                  b.cudnn.rnn.fp32_precision]))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True,
                          check=True)
    control, precision = done.stdout.splitlines()
    assert control == "torch looks for devices"
    assert json.loads(precision) == ["ieee"] * 4


def test_a_zygote_that_used_cuda_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda.stay_untouched()
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: True)
    with pytest.raises(RuntimeError, match="before the fork"):
        cuda.stay_untouched()
    monkeypatch.undo()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with pytest.raises(RuntimeError, match="before the fork"):
        cuda.stay_untouched()


def test_the_second_kind_of_zygote(needs_namespaces: None) -> None:
    with Zygote(launch(device="cuda")) as zygote:
        worker = zygote.spawn("namespaces", LIMITS, device=device.REHEARSAL)
        load(worker, "import os, sys, torch\n"
                     "def found():\n"
                     "    torch.optim.Adam([torch.ones(1, requires_grad=True)]).step()\n"
                     "    return (torch.cuda._is_in_bad_fork(), 'matplotlib' in sys.modules,\n"
                     "            {name: value for name, value in os.environ.items()\n"
                     "             if 'CUDA' in name})")
        spoiled, plots, environment = answer(worker, "found")
        worker.stop()
    assert (spoiled, plots) == (False, False)
    assert environment == {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_MODULE_LOADING": "LAZY",
                           "CUDA_CACHE_DISABLE": "1"}, "the two that hide every device are gone"


def test_no_worker_of_a_cpu_looks_for_devices(zygote: Zygote) -> None:
    worker = zygote.spawn("none", LIMITS)
    load(worker, "import os\ndef found(): return [os.environ.get(name) for name in "
                 "('CUDA_VISIBLE_DEVICES', 'PYTORCH_NVML_BASED_CUDA_CHECK')]")
    assert answer(worker, "found") == ["", "1"]
    worker.stop()


def test_no_zygote_of_a_cpu_opens_the_driver() -> None:
    """It finds an empty one first, and looks no further."""
    code = "import ctypes\ntry: ctypes.CDLL('libcuda.so.1')\nexcept OSError as error: print(error)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True,
                          check=True, env=ENVIRONMENT)
    assert f"{device.NO_DRIVER}/libcuda.so.1: file too short" in done.stdout


# ---------------------------------------------------------------- the machine


def test_what_is_lacking_comes_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_FOLDERS", ())
    monkeypatch.setattr(device, "_SHARED_NODES", ("/dev/no-nvidiactl",))
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    reasons = "\n".join(device.lacking())
    for said in ("libcuda.so.1 is not found", "no-nvidiactl", "no Landlock"):
        assert said in reasons
    assert all(": " in reason and reason.endswith(".") for reason in device.lacking())
    (tmp_path / "libcuda.so.1").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f":relative:{tmp_path}")
    monkeypatch.setattr(device, "_SHARED_NODES", ("/dev/null",))
    monkeypatch.setattr(device, "_gpu_nodes", lambda: ["/dev/zero"])
    monkeypatch.setattr(landlock, "version", lambda: 7)
    monkeypatch.setattr(device, "_torch_has_cuda", lambda: True)
    assert device.lacking() == []
    assert device.environment()["LD_LIBRARY_PATH"] == str(tmp_path)


def test_a_gpu_is_found_by_its_name_and_its_driver_is_told_to_make_no_nodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bus, name, number in (("0000:01:00.0", "GPU-a", 3), ("0000:02:00.0", "GPU-b", 0)):
        folder = tmp_path / "gpus" / bus
        folder.mkdir(parents=True)
        (folder / "information").write_text(
            f"Model: \t\t H200\nGPU UUID:    {name}\nDevice Minor: \t {number}\n")
    (tmp_path / "params").write_text("Mobile: 0\nModifyDeviceFiles: 1\nDeviceFileMode: 438\n")
    monkeypatch.setattr(device, "_DRIVER", tmp_path)
    monkeypatch.setattr(device, "driver_folder", lambda: "/usr/lib")
    assert device.gpus() == ["GPU-a", "GPU-b"]
    granted = device.granted("GPU-a")
    assert list(granted.nodes) == ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia3"]
    assert granted.settings[f"{tmp_path}/params"] == \
        "Mobile: 0\nModifyDeviceFiles: 0\nDeviceFileMode: 438\n"
    assert [path for path in granted.settings if "gpus" in path] == \
        [f"{tmp_path}/gpus/0000:01:00.0/information"], "of no other GPU"
    with pytest.raises(FileNotFoundError, match="no GPU GPU-c"):
        device.granted("GPU-c")


def test_what_fcntl_says_of_a_dummy() -> None:
    """That an ioctl passed is seen by ENOTTY: a dummy that knew one would say nothing."""
    descriptor = os.open(device.DUMMY, os.O_RDWR)
    with pytest.raises(OSError) as met:
        fcntl.ioctl(descriptor, RM_CONTROL, bytearray(64))
    assert met.value.errno == errno.ENOTTY
    os.close(descriptor)
