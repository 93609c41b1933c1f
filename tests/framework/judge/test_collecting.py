"""What of pytest's inside the judge relies on is there, and does what suites may ask of it.

Where a new pytest fails the first tests, they say what it lacks. Mend ``judge/collecting.py``, or
keep pytest below that version.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import _pytest.config
import _pytest.fixtures
import _pytest.python
import _pytest.tmpdir
import pytest

import autograder
from autograder.judge import collecting
from autograder.judge.collecting import PRIVATE, Collected

OWNERS: dict[str, Callable[[pytest.FixtureRequest], object]] = {
    "_prepareconfig": lambda request: _pytest.config,
    "_do_configure": lambda request: request.config,
    "_ensure_unconfigure": lambda request: request.config,
    "_initrequest": lambda request: request.node,
    "_setupstate": lambda request: request.session,
    "setup": lambda request: request.session._setupstate,
    "teardown_exact": lambda request: request.session._setupstate,
    "_fixtureinfo": lambda request: request.node,
    "name2fixturedefs": lambda request: request.node._fixtureinfo,
    "func": lambda request: of_the_parameter(request),
    "argnames": lambda request: of_the_parameter(request),
    "callspec": lambda request: request.node,
    "params": lambda request: request.node.callspec,
    "get_direct_param_fixture_func": lambda request: _pytest.python,
    "tmppath_result_key": lambda request: _pytest.tmpdir,
}
"""Name -> what has it, as the judge asks it: of a test that is parametrized by ``name``."""


def of_the_parameter(request: pytest.FixtureRequest) -> Any:
    """Its definition: what goes to no fixture has one, too."""
    [definition] = request.node._fixtureinfo.name2fixturedefs["name"]
    return definition


@pytest.mark.parametrize("name", PRIVATE)
def test_pytest_has_what_the_judge_uses(name: str, request: pytest.FixtureRequest) -> None:
    assert hasattr(OWNERS[name](request), name), (
        f"pytest {pytest.__version__} lost {name}: {PRIVATE[name]}")


@pytest.mark.parametrize("name", ["get_direct_param_fixture_func"])
def test_a_parameter_is_known_by_what_its_definition_calls(
    name: str, request: pytest.FixtureRequest
) -> None:
    assert of_the_parameter(request).func.__name__ == name


def inside(request: pytest.FixtureRequest) -> set[str]:
    """Names of pytest's that have no underscore, and are promised nowhere either: what is reached
    by those that have one, and what its modules of items and fixtures define, but for hooks."""
    reached = (request.session._setupstate, request.node._fixtureinfo, of_the_parameter(request),
               request.node.callspec)
    names = {name for each in reached for name in dir(each)}
    names |= {name for module in (_pytest.python, _pytest.fixtures)
              for name, value in vars(module).items()
              if getattr(value, "__module__", None) == module.__name__}
    hidden = {name for name in names if not name.startswith(("_", "pytest_"))}
    return {"callspec", *hidden} - set(dir(pytest))


def lists(statement: ast.stmt) -> bool:
    """Whether it is the list of what is used."""
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "PRIVATE"


def private(file: Path, inside: Collection[str] = ()) -> Iterator[str]:
    """What a file uses of pytest's inside: names of ``_pytest``'s modules, underscored attributes
    of anything but ``self``, and ``inside``, as attributes and as texts."""
    nodes = ast.parse(file.read_text()).body
    for node in (node for each in nodes if not lists(each) for node in ast.walk(each)):
        if isinstance(node, ast.Attribute):
            ours = isinstance(node.value, ast.Name) and node.value.id == "self"
            within = ast.unparse(node.value).startswith("_pytest.") or node.attr in inside
            if not ours and (within or re.match("_[^_]", node.attr)):
                yield node.attr
        elif isinstance(node, ast.Constant) and node.value in inside:
            yield node.value


@pytest.mark.parametrize("name", [""])
def test_one_file_knows_what_is_private_of_pytest(
    name: str, request: pytest.FixtureRequest
) -> None:
    home = Path(collecting.__file__)
    assert set(private(home, inside(request))) == set(PRIVATE)
    for file in Path(autograder.__file__).parent.rglob("*.py"):
        if file != home:
            assert not set(private(file)) & set(PRIVATE), file
            assert "import _pytest" not in (text := file.read_text()), file
            assert "from _pytest" not in text, file


# ---------------------------------------------------------------- what a suite may use

SUITE = '''
import pytest

log, folders = [], []


@pytest.fixture(scope="module")
def shared():
    log.append("shared is made")
    yield []
    log.append("shared is undone")


@pytest.fixture
def fresh(shared):
    yield shared
    log.append("fresh is undone")


@pytest.mark.parametrize("k", [1, 2])
def test_sizes(k, fresh):
    """Each is a check of its own."""
    fresh.append(k)
    assert fresh == [k], "left over from an earlier run"


class TestClass:
    @pytest.fixture(autouse=True)
    def ready(self):
        self.number = 3

    def test_method(self, tmp_path, monkeypatch):
        """In a class, with fixtures of pytest's own."""
        monkeypatch.setenv("NUMBER", str(self.number))
        (tmp_path / "file").touch(exist_ok=False)
        folders.append(tmp_path)
        with pytest.raises(ZeroDivisionError):
            1 / 0


def test_skips():
    """A skip is handed on."""
    pytest.skip("later")


def test_fails(fresh):
    """So is a failure, after fixtures are undone."""
    try:
        1 / 0
    except ZeroDivisionError:
        pytest.fail("no")
'''


@pytest.fixture
def collected(tmp_path: Path) -> Iterator[Collected]:
    (tmp_path / "test_all.py").write_text(SUITE)
    found = Collected(tmp_path, [])
    yield found
    found.close()


def test_a_suite_may_use_what_pytest_offers_and_runs_as_often_as_one_likes(
    collected: Collected,
) -> None:
    names = ["test_sizes[1]", "test_sizes[2]", "test_method", "test_skips", "test_fails"]
    assert [item.name for item in collected.items] == names
    for _ in range(3):
        ended = {item.name: collected.run(item) for item in collected.items}
        assert [ended[name] for name in names[:3]] == [None] * 3
        assert isinstance(ended["test_skips"], pytest.skip.Exception)
        assert isinstance(ended["test_fails"], pytest.fail.Exception)
        before = ended["test_fails"].__context__
        assert isinstance(before, ZeroDivisionError)
        # Their frames would hold what was answered.
        assert ended["test_fails"].__traceback__ is before.__traceback__ is None


def test_a_file_is_not_taken_for_a_module_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_all.py").write_text("def test_its_own(): ...")
    other = ModuleType("test_all")
    other.test_of_another = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "test_all", other)
    found = Collected(tmp_path, [])
    assert [item.name for item in found.items] == ["test_its_own"]
    assert sys.modules["test_all"] is other
    found.close()


def test_what_a_run_wrote_is_removed(collected: Collected) -> None:
    item = next(item for item in collected.items if item.name == "test_method")
    assert [collected.run(item) for _ in range(2)] == [None, None]
    folders = item.module.folders  # type: ignore[attr-defined]
    assert len(folders) == 2 and not any(folder.exists() for folder in folders)


def test_fixtures_are_undone_after_each_run(collected: Collected) -> None:
    item = collected.items[0]
    log = item.module.log  # type: ignore[attr-defined]
    collected.run(item)
    assert log == ["shared is made", "fresh is undone", "shared is undone"]
    collected.run(item)
    assert log == ["shared is made", "fresh is undone", "shared is undone"] * 2
