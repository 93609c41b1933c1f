"""NumPy, where it is installed. Students' code and judges have it; a machine whose GPU is looked at
by ``autograder.gpucheck`` may have torch alone, and then nothing is an array of NumPy's."""

from __future__ import annotations

try:
    import numpy as np
except ImportError:
    from types import SimpleNamespace

    class _Nothing:
        """What no value is."""

    np = SimpleNamespace(  # type: ignore[assignment]
        ndarray=_Nothing, generic=_Nothing, integer=_Nothing, floating=_Nothing,
        complexfloating=_Nothing, dtype=_Nothing)

__all__ = ["np"]
