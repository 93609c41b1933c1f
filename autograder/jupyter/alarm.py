"""Interrupts a call that takes too long, as the Stop button would."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from types import TracebackType
from typing import Self

_AGAIN_SECONDS = 1.0  # until it is interrupted once more, who caught the first one
_ASLEEP = 0.04  # of the time: who computes less than this waits for something
_MUCH = 100  # modules: torch's compiler has some hundreds
_LONGEST = 5  # times the seconds that were given, where others keep the processor from it


class Alarm:
    """Raises KeyboardInterrupt in the main thread after ``seconds``; ``rang`` says whether it did.
    Where other programs keep the processor from this one, it is later; and where much was imported
    meanwhile, as torch does at an optimizer's first step, it begins once more.

    What runs in another thread is not interrupted: nobody can do that.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.rang = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._over.set()
        if self.rang:  # it may have rung when the call was over
            for _ in range(1000):
                pass

    def _wait(self) -> None:
        begun, computed = time.monotonic(), time.process_time()
        seconds, modules = self._seconds, len(sys.modules)
        while not self._over.wait(seconds):
            seconds = _AGAIN_SECONDS
            if len(sys.modules) > modules + _MUCH:
                seconds, modules = self._seconds, sys.maxsize
                begun, computed = time.monotonic(), time.process_time()
                continue
            if self._is_held_up(time.monotonic() - begun, time.process_time() - computed):
                continue
            with self._lock:
                if not self._over.is_set():
                    self.rang = True
                    _interrupt()

    def _is_held_up(self, waited: float, computed: float) -> bool:
        return _ASLEEP * waited < computed < 0.9 * self._seconds \
            and waited < _LONGEST * self._seconds


def _interrupt() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:  # wakes who sleeps, too
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
