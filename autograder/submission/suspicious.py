"""What a notebook names that gets at the process it runs in: for staff to look at, never a verdict.

Rules that forbid something hold inside the student's process, where code that hunts for them can
undo them. Such code names what it hunts with, in most cases. Names that are put together from
pieces are not found: nothing here proves that a notebook is harmless.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.result import Suspicion
from autograder.submission.cells import NotPython, parse
from autograder.submission.model import Notebook
from autograder.submission.remembered import remembered

# By what they lead to. Nobody who solves an exercise needs one of them.
_NAMES = frozenset([
    # who traces, and the frames of who called
    "settrace", "setprofile", "f_trace", "f_trace_lines", "f_trace_opcodes", "addaudithook",
    "_getframe", "_current_frames", "currentframe", "f_back", "f_globals", "f_locals", "f_builtins",
    "tb_frame", "gi_frame", "cr_frame", "ag_frame",
    # every object, and what a function is made of
    "get_objects", "get_referrers", "get_referents", "__subclasses__", "__globals__", "__code__",
    "__closure__", "co_filename",
    # another copy of a package's module, whose functions nothing stands in for
    "run_path", "spec_from_file_location", "SourceFileLoader",
    # memory, and the system below Python
    "ctypes", "cffi", "from_address", "_thread",
    # torch's dispatcher, in which operators are denied
    "_C", "_libraries", "_destroy", "TorchDispatchMode",
    # the grader
    "autograder",
])
_PREFIXES = ("_dispatch_",)
_OF_MODULES = {("torch", "library"), ("sys", "modules"), ("sys", "meta_path")}
_IN_TEXTS = re.compile(  # but for a door's name, behind `%submit --to`
    r"/proc/|(?<!://)autograder\.|\b(?:" + "|".join(
        sorted(_NAMES - {"_C", "autograder", "currentframe"}, key=len, reverse=True)) + r")\b")
_MOST = 20  # of one notebook


def suspicious(notebook: Notebook) -> list[Suspicion]:
    """Where the cells that run, and modules beside them, name what gets at their own process, each
    name once a cell."""
    found = [Suspicion(name=name, cell=cell.index, line=cell.above + line)
             for cell in notebook.cells for name, line in _seen(cell.source)]
    found += [Suspicion(name=name, cell=None, line=line, module=file)
              for file, content in notebook.files.items() if file.endswith(".py")
              for name, line in _seen(content.decode("utf-8", "replace"))]
    return found[:_MOST]


@remembered(1024)
def _seen(source: str) -> tuple[tuple[str, int], ...]:
    """Each name, and its first line."""
    try:
        tree = parse(source)
    except NotPython:
        return ()
    found: dict[str, int] = {}
    for line, name in sorted(_names(tree)):
        found.setdefault(name, line)
    return tuple(found.items())


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name, in no order."""
    inert = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                parts = [part for alias in aliases for part in alias.name.split(".")]
                yield from ((node.lineno, part) for part in parts if _is_named(part))
                yield from ((node.lineno, alias.name) for alias in aliases
                            if tuple(alias.name.split(".")[:2]) in _OF_MODULES)
            case ast.ImportFrom(module=module, names=aliases):
                parts = [*(module or "").split("."), *(alias.name for alias in aliases)]
                yield from ((node.lineno, part) for part in parts if _is_named(part))
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in aliases
                            if (module, alias.name) in _OF_MODULES)
            case ast.Attribute(value=ast.Name(id=module), attr=name) \
                    if (module, name) in _OF_MODULES:
                yield node.lineno, f"{module}.{name}"
            case ast.Attribute(attr=name) | ast.Name(id=name) if _is_named(name):
                yield node.lineno, name
            case ast.Constant(value=str(text)) if id(node) not in inert:
                yield from ((node.lineno, said) for said in set(_IN_TEXTS.findall(text)))


def _is_named(name: str) -> bool:
    return name in _NAMES or name.startswith(_PREFIXES)
