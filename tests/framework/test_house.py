"""Imports run up the list of wings in docs/architecture.md, and never down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import kinds

import autograder

PACKAGE = Path(autograder.__file__).parent
DOCUMENT = PACKAGE.parent / "docs" / "architecture.md"
USES = {  # all that such a wing uses, whatever else stands above it
    "protocol": {"rules", "sizes"}, "worker": {"protocol"},
    "gradebook": {"course", "names", "result"},
    "identity": {"addresses", "course", "errors", "names", "result", "whole_files"},
    "handing_in": {
        "addresses", "errors", "extras", "names", "report", "result", "whole_files"},
    "gpucheck": {"errors", "protocol", "whole_files", "worker"},
}
NEVER = {  # what such a wing never uses: none of them runs a student's code
    "web": {"submission", "protocol", "worker", "sandbox", "judge", "timing"},
    "store": {"protocol", "worker", "sandbox", "judge", "timing"},
    "report": {"protocol", "worker", "sandbox", "judge", "timing"},
    "exchange": {"protocol", "worker", "sandbox", "judge", "timing"},
}


def wings() -> dict[str, int]:
    """Wing -> its line in the list, the first is 0."""
    [block] = re.findall(r"## Wings.*?```text\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    names = [re.split(r"  +", line)[0].split() for line in block.splitlines()]
    return {name: number for number, line in enumerate(names) for name in line}


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and wing of every import of ours, wherever it stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module == "autograder":
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder."):
            names = [(node.module or "").split(".")[1]]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".")[1] for alias in node.names
                     if alias.name.startswith("autograder.")]
        assert not isinstance(node, ast.ImportFrom) or node.level == 0, f"{file}: relative import"
        yield from ((node.lineno, name) for name in names if not name.startswith("__"))


def test_every_module_stands_in_a_wing() -> None:
    found = {path.stem for path in PACKAGE.iterdir()
             if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))}
    assert found - {"__init__", "__main__"} == set(wings())


def types(file: Path) -> Iterator[str]:
    """The names of a module's classes, wherever they stand, and of its aliases and type variables,
    which begin with a capital and are not all capitals."""
    tree = ast.parse(file.read_text())
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    bound = [target for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)
             for target in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    yield from (each.id for each in bound if isinstance(each, ast.Name)
                and each.id.lstrip("_")[:1].isupper() and not each.id.isupper())


def test_no_name_of_a_type_stands_twice() -> None:
    """Nor does one with an underscore beside one without: readers would take them for one."""
    places: dict[str, list[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for name in types(file):
            places.setdefault(name.lstrip("_"), []).append(f"{file.relative_to(PACKAGE)}: {name}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_files_of_tests_that_are_told_apart_exist() -> None:
    named = {*kinds.WORKER, *kinds.WORLD, *kinds.PROOF_FILES, *kinds.LONGEST}
    assert [file for file in sorted(named) if not (kinds.TESTS / file).is_file()] == []


def test_tests_that_are_told_apart_exist() -> None:
    """One that is renamed would lose its mark, or run beside others, and nobody would see it."""
    tests = {node.name for file in kinds.TESTS.rglob("test_*.py")
             for node in ast.walk(ast.parse(file.read_text()))
             if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    named = {*kinds.NIGHT, *kinds.ALONE, *kinds.OF_NAMESPACES}
    assert [name for name in sorted(named) if name not in tests] == []
    for pattern in kinds.PROOFS:
        name = pattern.partition(r"\[")[0]
        of = [each for each in tests if re.fullmatch(name, each)]
        assert of, pattern
        # Their parameters are known where the run has found them as well.
        found = [each for each in kinds.collected if each.partition("[")[0] in of]
        assert not found or any(re.fullmatch(pattern, each) for each in found), pattern


def test_imports_run_up_the_list() -> None:
    order = wings()
    wrong = []
    for file in sorted(PACKAGE.rglob("*.py")):
        place = file.relative_to(PACKAGE)
        wing = place.parts[0].removesuffix(".py")
        if wing not in order:  # the package's own two files
            continue
        for line, used in imports(file):
            allowed = used == wing or order.get(used, 99) < order[wing]
            if not allowed or used in NEVER.get(wing, ()) or (
                    wing in USES and used not in {wing, *USES[wing]}):
                wrong.append(f"{place}:{line} imports {used}")
    assert not wrong, "\n".join(wrong)


def run_when_imported_or_called(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but what only a type checker reads."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
        else:
            yield node
            waiting += ast.iter_child_nodes(node)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not by way of a function either. The package itself is left aside: all import its version."""
    files = {".".join(("autograder", *file.relative_to(PACKAGE).with_suffix("").parts)
                      ).removesuffix(".__init__"): file for file in PACKAGE.rglob("*.py")}
    imported: dict[str, set[str]] = {module: set() for module in files}
    for module, file in files.items():
        for node in run_when_imported_or_called(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in files:
                imported[module] |= {
                    inner if (inner := f"{node.module}.{alias.name}") in files else node.module
                    for alias in node.names}
            elif isinstance(node, ast.Import):
                imported[module] |= {alias.name for alias in node.names} & files.keys()
        imported[module] -= {module, "autograder"}
    assert list(TopologicalSorter(imported).static_order())  # raises CycleError, which names one
