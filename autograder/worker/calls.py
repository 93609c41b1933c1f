"""Functions of packages that a question forbids: each is wrapped, before the student's code
runs, wherever a module holds it; so that whatever name they give it is a name of what we know.

A wrapper asks who calls. Where that is the student's code it refuses. Where it is code of a
package, what the package calls by name is its own affair: ``numpy.linalg.cond`` may compute an
``svd``. But what has not got the name was handed the function, as ``numpy.vectorize`` is: that is
the student's call.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograder.protocol import Rule, rules

Refuse = Callable[[str], None]
IsInstalled = Callable[[types.FrameType], bool]


class Watch:
    """Wraps functions, and refuses those that are denied."""

    def __init__(self, refuse: Refuse, is_installed: IsInstalled) -> None:
        """
        Args:
            refuse: raises, and is told what was called.
            is_installed: whether a frame's code is a package's, and not the student's.
        """
        self._refuse = refuse
        self._is_installed = is_installed
        self._denied: frozenset[str] = frozenset()
        self._known: dict[str, Any] = {}  # qualified name -> its wrapper
        self._originals: dict[str, Any] = {}
        self._places: dict[str, dict[str, str]] = {}  # module -> name in it -> qualified name

    def deny(self, denied: Iterable[Rule]) -> None:
        """From now on refuse what these rules mean, and nothing else."""
        denied = tuple(denied)
        self.watch(denied)
        self._denied = frozenset(name for rule in denied for name in rules.functions(rule))

    def watch(self, watched: Iterable[Rule]) -> None:
        """Have wrappers in the place of all that these rules mean."""
        new = {}
        for name in dict.fromkeys(name for rule in watched for name in rules.functions(rule)):
            if name not in self._known:
                where, _, own = name.rpartition(".")
                new[name] = getattr(sys.modules[where], own)
        if not new:
            return
        if not self._places:
            sys.meta_path.insert(0, _Again(self))
        for name, original in new.items():
            if not is_wrapper(original):  # by another of its names it is known already
                self._known[name] = _wrapped(original, name, self._check)
                self._originals[name] = original
        places = {id(original): name for name, original in new.items()}
        for module in [each for each in sys.modules.values() if isinstance(each, types.ModuleType)]:
            for own, value in list(vars(module).items()):
                if (found := places.get(id(value))) is not None and found in self._known:
                    self._places.setdefault(module.__name__, {})[own] = found
                    vars(module)[own] = self._known[found]

    def leave(self) -> None:
        """Put back what modules held before anything was wrapped."""
        for name, places in self._places.items():
            module = sys.modules.get(name)
            for own, qualified in places.items() if module is not None else ():
                if is_wrapper(vars(module).get(own)):
                    vars(module)[own] = self._originals[qualified]
        sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _Again)]
        self._denied = frozenset()
        self._known, self._places, self._originals = {}, {}, {}

    def again(self, module: types.ModuleType) -> None:
        """A module's code has run once more: wrap its functions again."""
        for own, name in self._places.get(module.__name__, {}).items():
            value = vars(module).get(own)
            if callable(value) and not is_wrapper(value):
                vars(module)[own] = _wrapped(value, name, self._check)

    def holds(self, module: str) -> bool:
        return module in self._places

    def _check(self, name: str, caller: types.FrameType) -> None:
        if name in self._denied and not (
                self._is_installed(caller)
                and name.rpartition(".")[2] in caller.f_code.co_names):
            self._refuse(name)


class _AnyWrapper:
    """In the place of a function. Each has a class of its own, which knows the function."""


def is_wrapper(value: object) -> bool:
    return issubclass(type(value), _AnyWrapper)  # isinstance would ask it


def _wrapped(original: Any, name: str, check: Callable[[str, types.FrameType], None]) -> Any:
    class Wrapper(_AnyWrapper):
        __slots__ = ()
        __doc__ = original.__doc__

        def __call__(self, *arguments: Any, **keywords: Any) -> Any:
            check(name, sys._getframe(1))
            return original(*arguments, **keywords)

        def __getattr__(self, attribute: str) -> Any:
            value = getattr(original, attribute)  # numpy.add.reduce, say, or what it wraps
            return _wrapped(value, name, check) \
                if callable(value) and not isinstance(value, type) else value

        @property  # type: ignore[misc]  # to isinstance it is what it was
        def __class__(self) -> type:
            return type(original)

        def __repr__(self) -> str:
            return repr(original)

        def __eq__(self, other: object) -> bool:
            return other is self or other is original

        def __hash__(self) -> int:
            return hash(original)

    return Wrapper()


class _Again(importlib.abc.MetaPathFinder):
    """Sees a module that is loaded once more, after somebody has taken it out of sys.modules, or by
    ``importlib.reload``."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not self._watch.holds(name):
            return None
        for finder in sys.meta_path:
            if not isinstance(finder, _Again):
                spec = finder.find_spec(name, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._watch)
                    return spec
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, watch: Watch) -> None:
        self._loader = loader
        self._watch = watch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        made: types.ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: types.ModuleType) -> None:
        self._loader.exec_module(module)
        self._watch.again(module)
