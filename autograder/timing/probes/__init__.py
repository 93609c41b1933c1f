"""What the timed tier has to know of a real GPU, asked of one: ``PROBES``, by name.

Each takes the folder of the course and returns what it found, as JSON can hold it. They are meant
to run in a process of their own, one by one, with a limit of time, and may fail in any way. torch
and the standard library are all they need; nothing is set on the device.
"""

from __future__ import annotations

from autograder.timing.probes import exploits, figures
from autograder.timing.probes.problems import GpuProbe

PROBES: dict[str, GpuProbe] = {each.__name__: each for each in (*figures.ALL, *exploits.ALL)}
