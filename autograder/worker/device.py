"""The one GPU that a worker may use: what its driver needs of the machine, and what is lacking.

Light to import: whoever starts a zygote asks here, and has not loaded torch.

A worker of a GPU sees, beside what every worker sees, three of the driver's nodes, the driver's
libraries, a few files of /proc and of /sys, and of the driver's settings a copy in which nobody is
asked to make nodes: libcuda would try to, by a program that a worker may not run.
"""

from __future__ import annotations

import importlib.util
import os
import re
import site
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.worker import landlock

REHEARSAL = "rehearsal"
"""In the place of a GPU's UUID: everything but the GPU. Its nodes are dummies."""

_DRIVER = Path("/proc/driver/nvidia")
_SHARED_NODES = ("/dev/nvidiactl", "/dev/nvidia-uvm")
DUMMY = "/dev/full"  # a device that every machine has, and a worker else does not
_LIBRARY = "libcuda.so.1"
_FOLDERS = (
    "/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
)
_SYSTEM = (  # of /sys; which of them it can do without, only a device can say
    "devices/system/cpu", "devices/system/node", "devices/system/memory",
    "bus/pci/devices", "devices/pci*", "module/nvidia*",
)
PROCESSES = (
    "cpuinfo", "devices", "filesystems", "meminfo", "modules", "stat", "version",
    "sys/vm/max_map_count", "sys/vm/mmap_min_addr", "sys/vm/overcommit_memory",
)
"""Files of /proc that a worker of a GPU sees, beside its own process."""
OWN = ("auxv", "cmdline", "comm", "maps", "stat", "statm", "status")
"""Of its own process: those that it may read."""

ENVIRONMENT: Mapping[str, str] = {
    # Both together, or torch opens the driver in the zygote, and no worker could use it any more:
    # with none of the devices visible, and their number asked without CUDA, it need not look.
    "CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}
"""Of every zygote: torch may be a build for CUDA on a machine that has a GPU."""
NO_DRIVER = str(Path(__file__).with_name("no_driver"))
"""A folder with an empty libcuda: found first, it is the only one. Else a gradient opens the driver
even where no device is visible, and with it comes a thread, of which forks know nothing."""


@dataclass(frozen=True)
class Granted:
    """What the worker of a GPU sees of the machine beside what every worker sees."""

    nodes: Mapping[str, str]  # path of a worker's -> of the machine's
    readable: tuple[str, ...]
    settings: Mapping[str, str]  # path -> text, of the driver
    hidden: tuple[str, ...] = field(default=())  # folders in which a worker finds nothing


def granted(name: str, cudnn: bool = True) -> Granted:
    """What the worker of the GPU ``name`` sees.

    Args:
        cudnn: it can open cuDNN's parts. Without, a call past torch's dispatcher finds no
            convolution. That what torch is left with works was not tried on a device yet.

    Raises:
        OSError: there is no such GPU, or its driver is not there.
    """
    if name == REHEARSAL:
        number, driver = 0, None
    else:
        number, driver = _number(name), driver_folder()
        if driver is None:
            raise FileNotFoundError(f"{_LIBRARY} is nowhere")
    nodes = (*_SHARED_NODES, f"/dev/nvidia{number}")
    readable = [str(path) for pattern in _SYSTEM for path in sorted(Path("/sys").glob(pattern))]
    return Granted(
        {node: DUMMY if name == REHEARSAL else node for node in nodes},
        (*readable, *([driver] if driver else [])), _settings(name),
        () if cudnn else tuple(f"{place}/nvidia/cudnn" for place in site.getsitepackages()))


def _number(name: str) -> int:
    """Of the node of the GPU with this UUID."""
    found = {text: int(number) for text, number in _described()}
    if name in found:
        return found[name]
    nodes = _gpu_nodes()
    if len(nodes) != 1:  # a container may show no more of the driver than the node
        raise FileNotFoundError(f"no GPU {name} among {sorted(found) or nodes}")
    return int(nodes[0].removeprefix("/dev/nvidia"))


def gpus() -> list[str]:
    """UUIDs of the machine's GPUs, as far as the driver says them in /proc."""
    return [name for name, _ in _described()]


def _described() -> list[tuple[str, str]]:
    """UUID, and number of the node, of each GPU."""
    found = []
    for file in sorted(_DRIVER.glob("gpus/*/information")):
        text = _read(file)
        name = re.search(r"^GPU UUID:\s*(GPU-\S+)", text, re.MULTILINE)
        number = re.search(r"^Device Minor:\s*(\d+)", text, re.MULTILINE)
        if name and number:
            found.append((name[1], number[1]))
    return found


def _gpu_nodes() -> list[str]:
    return sorted(str(path) for path in Path("/dev").glob("nvidia[0-9]*"))


def _settings(name: str) -> dict[str, str]:
    """Copies, for the worker, of what the driver says of itself and of this GPU."""
    params = _read(_DRIVER / "params") or "ModifyDeviceFiles: 1\n"
    files = {"params": re.sub(r"(?m)^(ModifyDeviceFiles:\s*)\d+", r"\g<1>0", params)}
    for file in (_DRIVER / "version", *_DRIVER.glob("gpus/*/information")):
        text = _read(file)
        if file.name == "version" or name in text:
            files[str(file.relative_to(_DRIVER))] = text
    return {f"{_DRIVER}/{place}": text for place, text in files.items() if text}


def driver_folder() -> str | None:
    """Where the driver's libraries lie; None where they do not."""
    for folder in (*os.environ.get("LD_LIBRARY_PATH", "").split(":"), *_FOLDERS):
        if folder.startswith("/") and Path(folder, _LIBRARY).exists():
            return str(Path(folder).resolve())
    return None


def environment() -> dict[str, str]:
    """Of a zygote whose workers use a GPU, beside what every zygote has."""
    return {
        **ENVIRONMENT,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_MODULE_LOADING": "LAZY",
        "CUDA_CACHE_DISABLE": "1",  # there is no folder to keep what is compiled
        "USE_PYTORCH_KERNEL_CACHE": "0",
        "SANDBOX_RUNTIME": "1",  # libcuda leaves out what no sandbox lets it do
        **({"LD_LIBRARY_PATH": folder} if (folder := driver_folder()) else {}),
    }


def make_visible(name: str) -> None:
    """To this process, which was started with ``environment``: the GPU with this UUID, as CUDA
    would ask for it. Of the rehearsal there is none to be seen."""
    for variable in ENVIRONMENT:
        os.environ.pop(variable, None)
    if name != REHEARSAL:
        os.environ["CUDA_VISIBLE_DEVICES"] = name


def lacking() -> list[str]:
    """What this machine lacks to run workers on a GPU, each with what to do; nothing, if it can.

    Neither torch nor the driver is asked: the one takes seconds, and the other would be opened.
    What only a worker can tell, it says when it is started.
    """
    if not sys.platform.startswith("linux"):
        return ["Workers need Linux."]
    found = []
    if driver_folder() is None:
        found.append(f"{_LIBRARY} is not found: install NVIDIA's driver; in a container, have it "
                     "given (docker run --gpus all).")
    missing = [node for node in _SHARED_NODES if not Path(node).exists()]
    if not _gpu_nodes():
        missing.append("/dev/nvidia0")
    if missing:
        found.append(f"There is no {' and no '.join(missing)}: load the driver as root "
                     "(nvidia-modprobe -u -c=0); in a container, have its devices given.")
    closed = [node for node in (*_SHARED_NODES, *_gpu_nodes()) if not _open_to_everybody(node)]
    if closed:
        found.append(f"Not every user may use {' and '.join(closed)}: load the driver with "
                     "NVreg_DeviceFileMode=0666.")
    if not landlock.version():
        found.append("This kernel has no Landlock, without which no worker gets a GPU (gVisor has "
                     "none): use Linux from 5.13 on with Landlock enabled.")
    if not _torch_has_cuda():
        found.append("torch is a build without CUDA: install one with it, of the version in "
                     "requirements.lock.")
    return found


def _open_to_everybody(node: str) -> bool:
    return not Path(node).exists() or Path(node).stat().st_mode & 0o006 == 0o006


def _torch_has_cuda() -> bool:
    """By its file ``version.py``: to import it takes seconds."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    text = _read(Path(found.origin).with_name("version.py"))
    return re.search(r"^cuda\b.*=\s*['\"]\d", text, re.MULTILINE) is not None


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
