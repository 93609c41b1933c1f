"""What a machine has, as far as it says so without CUDA being used."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.gpucheck.children import Tell, described
from autograder.worker import cgroup, device, landlock
from autograder.worker.nvml import Nvml

_FILES = (
    "/proc/version", "/proc/driver/nvidia/version", "/proc/driver/nvidia/params",
    "/proc/sys/kernel/seccomp/actions_avail", "/proc/sys/kernel/yama/ptrace_scope",
    "/proc/sys/kernel/dmesg_restrict", "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "/proc/sys/user/max_user_namespaces",
    "/proc/self/uid_map",
)
_MOST_TEXT = 4000


def tell_all(tell: Tell) -> None:
    """Each fact, or why there is none."""
    for name, ask in _FACTS.items():
        try:
            tell({"fact": name, "is": ask()})
        except Exception as error:
            tell({"fact": name, "error": described(error)})


def _files() -> dict[str, str]:
    return {name: Path(name).read_text(errors="replace")[:_MOST_TEXT].strip()
            for name in _FILES if Path(name).exists()}


def _nodes() -> list[str]:
    found = []
    for path in sorted([*Path("/dev").glob("nvidia*"), *Path("/dev/nvidia-caps").glob("*")]):
        status = path.lstat()
        numbers = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        found.append(f"{path} {status.st_mode:o} {status.st_uid}:{status.st_gid} {numbers}")
    return found


def _modules() -> list[str]:
    return [line for line in Path("/proc/modules").read_text().splitlines() if "nvidia" in line]


def _control_groups() -> str:
    home = cgroup.home()
    return "none of its own" if home is None else f"{home}: {', '.join(cgroup.limited(home))}"


def _torch() -> dict[str, Any]:
    import torch

    return {"version": torch.__version__, "CUDA": torch.version.cuda,
            "numpy": "numpy" in sys.modules, "architectures": torch._C._cuda_getArchFlags()
            if hasattr(torch._C, "_cuda_getArchFlags") else None}


def _graphics() -> dict[str, Any]:
    looked = Nvml(0)
    try:
        free, total = looked.memory()
        return {**looked.facts(), "free": free, "total": total,
                "processes": looked.processes()}
    finally:
        looked.close()


_FACTS: dict[str, Callable[[], Any]] = {
    "lacking": device.lacking,
    "system": lambda: f"{platform.platform()} {platform.machine()}",
    "python": lambda: f"{platform.python_version()} in {sys.prefix}",
    "user": os.geteuid,
    "cores": lambda: sorted(os.sched_getaffinity(0)),
    "memory": lambda: Path("/proc/meminfo").read_text().splitlines()[:3],
    "gVisor": lambda: "Sun Jan 10 15:06:54 PST 2016" in platform.version(),  # it says so for ever
    "landlock": landlock.version,
    "control groups": _control_groups,
    "files": _files,
    "nodes": _nodes,
    "modules": _modules,
    "gpus": device.gpus,
    "driver's libraries": device.driver_folder,
    "parts of /sys": lambda: device.granted(device.REHEARSAL).readable,
    "processor's mounts": lambda: [line for line in Path("/proc/self/mountinfo").read_text()
                                   .splitlines() if " /proc" in line],
    "torch": _torch,
    "NVML": _graphics,
}
