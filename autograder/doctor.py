"""What this machine can promise, found by attacking it.

Each promise has a probe: a few lines that a worker runs as a student's code would, and that end
in the word BREACH when the forbidden act was possible. Nothing is inferred from versions.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from autograder.course import TIERS, Course, Limits, Tier
from autograder.judge.laid_out import lacking
from autograder.protocol import Close, RunCell
from autograder.sandbox.client import SandboxError, TierUnavailable, WorkerLost, Zygote
from autograder.worker import cgroup, device, landlock
from autograder.worker.stub_modules import STAND_INS

_LIMITS = Limits(cell_seconds=5, memory_mb=256, scratch_mb=4)


@dataclass(frozen=True)
class Probe:
    """A promise of the sandbox, and code that breaks it where the sandbox does not hold."""

    promise: str
    code: str
    tiers: tuple[Tier, ...] = ("namespaces", "landlock")
    seconds: float = _LIMITS.cell_seconds  # after which it is ended


@dataclass(frozen=True)
class Finding:
    """Whether one promise held in one tier when it was attacked."""

    promise: str
    held: bool
    promised: bool  # the tier claims it


@dataclass(frozen=True)
class Examination:
    """What one tier gives on this machine."""

    tier: Tier
    available: bool
    why: str  # why it is not available, and what to do
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Available, and every promise of the tier held."""
        return self.available and all(f.held for f in self.findings if f.promised)


@dataclass(frozen=True)
class DeviceExamination:
    """What a worker of a GPU would get on this machine, or gets."""

    name: str  # the GPU's UUID, or rehearsal
    lacking: tuple[str, ...]  # why no worker gets a GPU here, and what to do; nothing if one does
    findings: tuple[Finding, ...]  # of a real worker, even where the GPU is lacking

    @property
    def sound(self) -> bool:
        """Every promise held that could be attacked."""
        return all(finding.held for finding in self.findings)


PROBES = (
    Probe("files outside cannot be read", "print(open({secret!r}).read())"),
    Probe("the list of users cannot be read", "print(open('/etc/passwd').read() and 'BREACH')"),
    Probe("existence and size of files stay unknown",
          "import os; os.stat({secret!r}); print('BREACH')", ("namespaces",)),
    Probe("nothing can be written outside",
          "import os\nfor d in ('/tmp', '/dev/shm', '/var/tmp'):\n"
          "    try:\n        open(d + '/probe-{token}', 'w').close()\n"
          "        os.remove(d + '/probe-{token}')\n        print('BREACH')\n"
          "    except OSError: pass"),
    Probe("other processes cannot be seen",
          "import os\nif set(filter(str.isdigit, os.listdir('/proc'))) - {{str(os.getpid())}}: "
          "print('BREACH')"),
    Probe("other processes cannot be signalled",
          "import os\nfor p in (os.getppid(), 1):\n"
          "    if p not in (0, os.getpid()):\n"
          "        try: os.kill(p, 0); print('BREACH')\n        except OSError: pass"),
    Probe("other processes cannot be traced",
          "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
          "if libc.ptrace(0x4206, os.getppid(), 0, 0) == 0: print('BREACH')"),
    Probe("no network over IP",
          "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM); print('BREACH')"),
    Probe("no unix sockets", "import socket; socket.socket(socket.AF_UNIX); print('BREACH')"),
    Probe("no new processes",
          "import os\ndef probe():\n    pid = os.fork()\n    if pid == 0: os._exit(0)\n"
          "    print('BREACH')\nprobe()"),
    Probe("no other programs",
          "import subprocess; subprocess.run(['/bin/true']); print('BREACH')"),
    Probe("memory is limited",
          "import torch; torch.ones(1 << 29, dtype=torch.uint8); print('BREACH')"),
    Probe("files in memory cannot be made", "import os; os.memfd_create('x'); print('BREACH')"),
    Probe("disk use is limited",
          "f = open('flood', 'wb')\nfor _ in range(16): f.write(bytes(1 << 20)); f.flush()\n"
          "print('BREACH')"),
    Probe("a hang is ended", "while True: pass", seconds=1),
)

_MEMORY = "memory is limited"
DEVICE_PROBES = (
    *(probe for probe in PROBES if probe.promise != _MEMORY),
    Probe(_MEMORY, "import time, torch\ntorch.ones(3 << 30, dtype=torch.uint8)\ntime.sleep(1)\n"
                   "print('BREACH')"),
    Probe("no device but this GPU",
          "import os\nif not set(os.listdir('/dev')) <= {{'null', 'zero', 'random', 'urandom', "
          "'nvidiactl', 'nvidia-uvm', {node!r}}}: print('BREACH')"),
    Probe("the driver does only what computing needs",
          "import fcntl, os\nfor name in ('nvidiactl', 'nvidia-uvm', {node!r}):\n"
          "    node = os.open('/dev/' + name, os.O_RDWR)\n"
          "    for request in (0xC02046D3, 0xC0204639, 62, 63):\n"
          "        try: fcntl.ioctl(node, request, bytearray(64))\n"
          "        except PermissionError: continue\n        except OSError: pass\n"
          "        print('BREACH')"),
    Probe("its memory is no file", "open('/proc/self/mem', 'r+b'); print('BREACH')"),
    Probe("the machine's settings stay unknown",
          "import os\nfor name in ('kallsyms', 'mounts', 'net', 'sys/kernel', 'keys'):\n"
          "    if os.path.exists('/proc/' + name): print('BREACH')"),
)
"""Of the worker of a GPU, which may do more than others."""

_REMEDIES = {
    "namespaces": "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1 "
                  "or, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0), or run as root "
                  "with CAP_SYS_ADMIN (in Docker: --cap-add SYS_ADMIN --security-opt "
                  "apparmor=unconfined --security-opt seccomp=unconfined)",
    "landlock": "run a kernel from 5.13 on with Landlock enabled (lsm=landlock,… on the kernel's "
                "command line), and allow its system calls in the container's seccomp profile",
    "none": "run on Linux",
}


def examine() -> Iterator[Examination]:
    """Examine each tier, strongest first.

    Raises:
        SandboxError: no worker can be started on this machine in any tier.
    """
    with Zygote() as zygote, tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text("BREACH")
        for tier in TIERS:
            yield _examine(zygote, tier, {"secret": str(secret), "token": secret.parent.name})


def examine_device() -> DeviceExamination:
    """Examine the worker of this machine's first GPU; where there is none, all but the GPU.

    Raises:
        SandboxError: no zygote can be started.
    """
    lacking = device.lacking()
    name = next(iter(device.gpus()), device.REHEARSAL) if not lacking else device.REHEARSAL
    if not lacking and name == device.REHEARSAL:
        lacking.append("The driver names no GPU in /proc/driver/nvidia: have that given, too.")
    with Zygote(device="cpu" if lacking else "cuda") as zygote, \
            tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text("BREACH")
        try:
            zygote.spawn("namespaces", _LIMITS, device=name).stop()
        except TierUnavailable as error:
            return DeviceExamination(name, (*lacking, f"{error}."), ())
        node = Path([*device.granted(name).nodes][-1]).name
        values = {"secret": str(secret), "token": secret.parent.name, "node": node}
        return DeviceExamination(name, tuple(lacking), tuple(
            Finding(probe.promise, _holds(zygote, "namespaces", probe, values, name), True)
            for probe in DEVICE_PROBES))


def _examine(zygote: Zygote, tier: Tier, values: Mapping[str, str]) -> Examination:
    try:
        zygote.spawn(tier, _LIMITS).stop()
    except TierUnavailable as error:
        return Examination(tier, False, f"{error}. To get it: {_REMEDIES[tier]}", ())
    return Examination(tier, True, "", tuple(
        Finding(probe.promise, _holds(zygote, tier, probe, values), tier in probe.tiers)
        for probe in PROBES
    ))


def _holds(
    zygote: Zygote, tier: Tier, probe: Probe, values: Mapping[str, str], device: str | None = None
) -> bool:
    worker = zygote.spawn(tier, _LIMITS, device=device)
    try:
        # One statement, for what one of these raises costs no other.
        code = f"def attack():\n{indent(probe.code.format(**values), '    ')}\nattack()"
        worker.request(RunCell(0, code), seconds=probe.seconds)
        worker.request(Close(), seconds=1)
    except WorkerLost:
        pass  # it ended, or was ended: what it printed says the rest
    return "BREACH" not in worker.stop().output


def packages(course: Course | None) -> list[str]:
    """A sentence for each package that an assignment needs and that is not here, with what to do;
    and one that lists those that are stood in for."""
    said = [f"{name} needs {package}, which is not installed in {sys.prefix}: pip install "
            f"{package.partition('.')[0]} there, or take it out of `needs` in grader.toml"
            for name, assignment in (course.assignments.items() if course else ())
            for package in lacking(assignment)]
    return [*said, "stood in for, unless an assignment needs them or says stand_ins = false: "
            + ", ".join(sorted(STAND_INS))]


def machine() -> dict[str, str]:
    """Facts about this machine that help to read an examination."""
    return {
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "user": "root" if os.geteuid() == 0 else f"uid {os.geteuid()}",
        "landlock": f"ABI {landlock.version()}" if sys.platform == "linux" else "none",
        "cgroups": _control_groups(),
        "interpreter": sys.prefix,
    }


def _control_groups() -> str:
    try:
        limited = cgroup.limited(cgroup.prepare())
    except cgroup.NotDelegated as error:
        return f"not used: {error}"
    return f"one for each worker, limited by {' and '.join(limited) or 'nothing'}"


def best(examinations: list[Examination]) -> Tier:
    """The strongest tier whose every promise held."""
    for examination in examinations:
        if examination.sound:
            return examination.tier
    raise SandboxError("no tier keeps its promises here")
