"""What of pytest's inside the judge relies on is there, and does what suites may ask of it.

Where a new pytest fails the first tests, they say what it lacks. Mend ``judge/collecting.py``, or
keep pytest below that version.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import _pytest.config
import _pytest.tmpdir
import pytest

import autograder
from autograder.judge import collecting
from autograder.judge.collecting import PRIVATE, Collected

OWNERS = {
    "_prepareconfig": _pytest.config,
    "_do_configure": pytest.Config,
    "_ensure_unconfigure": pytest.Config,
    "_initrequest": pytest.Function,
    "tmppath_result_key": _pytest.tmpdir,
}


@pytest.mark.parametrize("name", PRIVATE)
def test_pytest_has_what_the_judge_uses(name: str, request: pytest.FixtureRequest) -> None:
    owner = OWNERS.get(name, request.node if name == "_fixtureinfo" else request.session)
    assert hasattr(owner, name), (
        f"pytest {pytest.__version__} lost {name}, which {PRIVATE[name]}")


@pytest.mark.parametrize("name", ["setup", "teardown_exact"])
def test_pytest_sets_up_and_tears_down_as_the_judge_does(
    name: str, request: pytest.FixtureRequest
) -> None:
    assert hasattr(request.session._setupstate, name), (
        f"pytest {pytest.__version__} lost SetupState.{name}, which runs the fixtures of an item")


def private(file: Path) -> Iterator[str]:
    """What a file uses of pytest's inside: names of ``_pytest``'s modules, and underscored
    attributes of anything but ``self``."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute):
            ours = isinstance(node.value, ast.Name) and node.value.id == "self"
            inside = ast.unparse(node.value).startswith("_pytest.")
            if inside or (re.match("_[^_]", node.attr) and not ours):
                yield node.attr


def test_one_file_knows_what_is_private_of_pytest() -> None:
    home = Path(collecting.__file__)
    assert set(private(home)) == set(PRIVATE)
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
