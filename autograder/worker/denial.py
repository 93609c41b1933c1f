"""What a question forbids, taken away from the whole process while it is being graded.

Operators: the kernels themselves are replaced in torch's dispatcher, so that no other name,
thread, script or private entry point leads around them. What to replace is read from torch's own
operator schemas at run time. Autograd: its engine is. Loops are not taken away but counted, as
steps of the student's own code, for the judge to see whether they grow with the image. Functions
of packages are stood in for: see ``calls``.

All of it lives where the student's code does, and code that hunts for it can undo it. What can be
had without hunting is out of reach: nothing of ours can be imported; who sets another trace
function while lines are counted is refused by an audit hook, which nobody can take away; and no
thread starts by another door than threading's.
"""

from __future__ import annotations

import _thread
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import torch
from torch._functorch import eager_transforms

from autograder.protocol import Rule
from autograder.protocol import rules as known
from autograder.protocol.rules import AUTOGRAD
from autograder.worker import ours
from autograder.worker.calls import Watch

# Where code lies that is not the student's; ours may lie elsewhere while it is worked on.
_INSTALLED = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]), "<frozen")
# Where tensors lie. A build of torch without CUDA knows its keys, too.
_KEYS = ("CPU", "MkldnnCPU", "QuantizedCPU", "CUDA", "QuantizedCUDA")
_AUTOGRAD_KEYS = ("AutogradCPU", "AutogradCUDA", "ADInplaceOrView")


class ForbiddenOperator(RuntimeError):
    """The question does not allow this operator."""


_entries = {  # to autograd
    (module, name): vars(module)[name] for module, name in (
        (torch.autograd, "_engine_run_backward"), (torch.autograd.graph, "_engine_run_backward"),
        (eager_transforms, "grad_and_value_impl"), (eager_transforms, "_vjp_with_argnums"),
    )
}
_libraries: list[torch.library.Library] = []
_FORWARD_MODE = "aten::_make_dual"
_denied: tuple[Rule, ...] = ()
_taken: list[str] = []
_counting: Steps | None = None
_SET_TRACE, _RAW_THREAD = known.UNCOUNTED
_DOORS = ("start_new_thread", "start_new", "start_joinable_thread")  # of _thread; since Python 3.13
# Of every thread that threading starts. The second has its lines counted, if any are.
_begin, _run_counted = (vars(threading.Thread)[n] for n in ("_bootstrap", "_bootstrap_inner"))


def deny(rules: Iterable[Rule]) -> None:
    """Deny exactly what ``rules`` mean from now on; everything else works again."""
    global _denied
    wanted = tuple(rules)
    _taken.clear()
    if wanted == _denied:
        return
    while _libraries:
        _libraries.pop()._destroy()
    _replace(dict.fromkeys(name for rule in wanted for name in known.operators(rule)))
    _calls.deny(wanted)
    before, after = (any(rule.autograd for rule in some) for some in (_denied, wanted))
    for (module, name), original in _entries.items():
        vars(module)[name] = _refusal(AUTOGRAD) if after else original
    # Other ways to the engine do not pass there, but need what was saved on the way forward.
    if before:
        torch._C._autograd._pop_saved_tensors_default_hooks()
    if after:
        torch._C._autograd._push_saved_tensors_default_hooks(_kept, _refusal(AUTOGRAD))
        _replace([_FORWARD_MODE], (*_KEYS, *_AUTOGRAD_KEYS), AUTOGRAD)
    _denied = wanted


def watch(rules: Iterable[Rule]) -> None:
    """Have ready, before the student's code runs, what it takes to deny functions of packages."""
    _ours.update(id(vars(sys.modules[name])) for name in ours.names())
    _calls.watch(rules)


def leave() -> None:
    """Deny nothing, and leave no wrapper behind, in a process that goes on."""
    deny(())
    _calls.leave()


def _counts_loops() -> bool:
    return any(rule.loops for rule in _denied)


def _is_installed(frame: FrameType) -> bool:
    """Whether its code is a package's; the student's may say of itself that it lies anywhere."""
    return frame.f_code.co_filename.startswith(_INSTALLED) \
        and frame.f_globals.get("__name__") != "__main__"


def guard() -> None:
    """From now on, for good, no line runs uncounted while lines are counted."""
    sys.addaudithook(_heard)
    for module, prefix in ((_thread, ""), (threading, "_")):
        for name in _DOORS:
            if start := vars(module).get(prefix + name):
                setattr(module, prefix + name, _counted(start))


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "sys.settrace" and _counting is not None \
            and sys._getframe(1).f_code is not _run_counted.__code__:
        _refusal(_SET_TRACE)()


def _function(method: object) -> object:
    return getattr(method, "__func__", None)


def _counted(start: Callable[..., Any]) -> Callable[..., Any]:
    """A way to start threads, which refuses those whose lines would not be counted."""

    def begin(function: Any, *arguments: Any, **keywords: Any) -> Any:
        if _counting is not None:
            threading.settrace(_counting.trace)
            inner = getattr(getattr(function, "__self__", None), "_bootstrap_inner", None)
            if (_function(function), _function(inner)) != (_begin, _run_counted):
                _refusal(_RAW_THREAD)()
        return start(function, *arguments, **keywords)

    return begin


def taken() -> list[str]:
    """What was denied and called all the same since the last ``deny``."""
    return sorted(set(_taken))[:10]


class Steps:
    """Counts the lines that code outside the installed packages runs, if loops are denied::

        with Steps() as steps:
            ...
        steps.count
    """

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Steps:
        global _counting
        if _counts_loops():
            threading.settrace(self.trace)
            sys.settrace(self.trace)
            _counting = self
        return self

    def __exit__(self, *exception: object) -> None:
        global _counting
        _counting = None
        if _counts_loops():
            sys.settrace(None)
            threading.settrace(None)

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        """What the interpreter calls for each line, and for each function: to be counted or not."""
        if _is_installed(frame):
            return None
        self.count += 1
        return self.trace


def _kept(tensor: torch.Tensor) -> torch.Tensor:
    return tensor


def _replace(
    names: Iterable[str], keys: tuple[str, ...] = _KEYS, said: str | None = None
) -> None:
    libraries: dict[str, torch.library.Library] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of every override
        for qualified in names:
            namespace, name = qualified.split("::")
            if namespace not in libraries:
                libraries[namespace] = torch.library.Library(namespace, "IMPL")
            # The registry itself: what the library does around it, hundreds of times, takes as
            # long again.
            registry = libraries[namespace].m
            assert registry is not None, "it is not destroyed yet"
            refusal = _refusal(said or qualified)
            for key in _with_kernels(qualified, keys):
                registry.impl(name, key, refusal, False)
    _libraries.extend(libraries.values())


def look_up(rules: Iterable[Rule]) -> None:
    """Look once, for all processes that are forked from this one, which kernels ``rules`` mean."""
    for rule in rules:
        for qualified in known.operators(rule):
            _with_kernels(qualified, _KEYS)


@cache
def _with_kernels(qualified: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``keys`` that lead anywhere: there is nothing to refuse at the others."""
    leads = torch._C._dispatch_has_computed_kernel_for_dispatch_key
    return tuple(key for key in keys if leads(qualified, key))


def _refusal(qualified: str) -> Callable[..., Any]:
    def refuse(*arguments: object, **keywords: object) -> NoReturn:
        _taken.append(qualified)
        raise ForbiddenOperator(f"{qualified} is not allowed in this question")

    return refuse


def _is_packages(frame: FrameType) -> bool:
    """The same, of code that runs in a module which was imported: what is made by ``exec`` may call
    its file what it likes. Ours are in no list of modules any more."""
    module = sys.modules.get(frame.f_globals.get("__name__", ""))
    return _is_installed(frame) and (getattr(module, "__dict__", None) is frame.f_globals
                                     or id(frame.f_globals) in _ours)


_ours: set[int] = set()  # the namespaces of our own modules
_calls = Watch(lambda name: _refusal(name)(), _is_packages)
