"""What a function is timed on, each device a file: ``cpu`` and ``cuda``. ``interface`` says what
timing asks of either, ``lock`` lets one submission on a device at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.timing.devices.lock import exclusive

if TYPE_CHECKING:
    from autograder.course import Device
    from autograder.timing.devices.cuda import Gpu

__all__ = ["NO_GPU", "exclusive", "lacks", "opened_gpu"]

_DRIVER = Path("/proc/driver/nvidia/version")
NO_GPU = "this machine has no CUDA device, or no driver for it"


def lacks(device: Device) -> str | None:
    """Why nothing can be timed on ``device`` here; None when it can.

    torch is not asked: to load it takes seconds, and it would open the device in the judge.
    """
    if device == "cpu":
        return None
    if not _DRIVER.exists():
        return NO_GPU
    from autograder.worker import device as gpu

    return "; ".join(gpu.lacking()) or None


def opened_gpu() -> Gpu:
    """The GPU of this machine, or the first that CUDA_VISIBLE_DEVICES names.

    Raises:
        OSError: there is no driver.
        CudaError: it does not work in this process.
    """
    from autograder.timing.devices.cuda import Gpu
    from autograder.worker.cuda import be_exact
    from autograder.worker.driver import Libcuda
    from autograder.worker.nvml import Nvml

    driver = Libcuda()
    be_exact()
    return Gpu(driver, Nvml(driver.uuid))
