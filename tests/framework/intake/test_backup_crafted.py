"""A backup that somebody made up writes nothing, anywhere, and connects to nobody."""

from __future__ import annotations

import json
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from databases import a_course, ask
from kept_people import busy, files, graded

from autograder.course import Course, secret
from autograder.intake import IntakeError, KeptFiles
from autograder.intake.backup import BackupError, make, restore
from autograder.store import Store, StoreError
from autograder.submission import Submission

Members = dict[str, bytes]
Change = Callable[[Members], object]
DIGEST = Submission("", "", files("her first"), None).digest


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secret.VARIABLE, raising=False)


@pytest.fixture
def old(tmp_path: Path) -> Course:
    (tmp_path / "old").mkdir()
    lab = a_course(tmp_path / "old", "sqlite:///results/grades.db")
    (lab.root / "people.csv").write_text("id,name\nann,Ann Lee\n")
    with Store(lab) as store:
        busy(store, lab)
        make(lab, lab.root / "grader.toml", store, tmp_path / "term.zip")
    return lab


def crafted(term: Path, change: Change, packed: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(term) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(term.with_name("crafted.zip"), "w", packed) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return term.with_name("crafted.zip")


def everywhere(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "old" not in path.parts}


def toml(old: str, new: str) -> Change:
    def change(members: Members) -> None:
        assert old.encode() in members["grader.toml"]
        members["grader.toml"] = members["grader.toml"].replace(old.encode(), new.encode())
    return change


def row(table: str, **fields: Any) -> Change:
    def change(members: Members) -> None:
        first, *others = members[f"tables/{table}.jsonl"].decode().splitlines()
        changed = json.loads(first) | fields
        members[f"tables/{table}.jsonl"] = "\n".join([json.dumps(changed), *others]).encode()
    return change


def member(name: str, content: bytes) -> Change:
    return lambda members: members.update({name: content})


def refused(change: Change, tmp_path: Path, packed: int = zipfile.ZIP_STORED) -> str:
    """What is said of a crafted backup, of which nothing is written."""
    evil = crafted(tmp_path / "term.zip", change, packed)
    before = everywhere(tmp_path)
    with pytest.raises((BackupError, StoreError)) as raised:
        restore(evil, tmp_path / "new/grader.toml")
    assert {path for path in everywhere(tmp_path) if path.is_file()} == {
        path for path in before if path.is_file()}
    assert len(str(raised.value).splitlines()) == 1
    return str(raised.value)


STORE = 'url = "sqlite:///results/grades.db"'


def test_the_control_is_restored(old: Course, tmp_path: Path) -> None:
    same = crafted(tmp_path / "term.zip", lambda members: None)
    assert restore(same, tmp_path / "new/grader.toml").results == 3


@pytest.mark.parametrize("places", [
    f'{STORE}\n[people]\nfile = "{{away}}/.bash_profile"',
    f'{STORE}\n[people]\nfile = "../victim.csv"',
    f'{STORE}\n[people]\nfile = ".git/people.csv"',
    f'{STORE}\n[people]\nfile = "solutions/correlation/conftest.py"',
    f'{STORE}\n[door.oidc]\nissuer = "https://evil.example"\nclient_id = "x"\n'
    'secret_file = "../.ssh/id_rsa"',
    'url = "sqlite:///{away}/x.db"', 'url = "sqlite:///../x.db"',
    'url = "sqlite:///results/x.db?vfs=unix-none"', 'url = "sqlite:///Makefile"',
    'url = "sqlite:///:memory:"', 'url = "mysql://u@127.0.0.1/x"',
])
def test_its_grader_toml_names_no_place_but_beside_it(
    places: str, old: Course, tmp_path: Path
) -> None:
    said = refused(toml(STORE, places.format(away=tmp_path / "away")), tmp_path)
    assert "names another place than one beside it" in said


@pytest.mark.parametrize("name", ["{away}/s.sh", "../secret", "tests/conftest.py", "Makefile"])
def test_its_secret_goes_to_no_place_but_beside_it(
    name: str, old: Course, tmp_path: Path
) -> None:
    place = name.format(away=tmp_path / "away")
    said = refused(toml("[store]", f'secret_file = "{place}"\n[store]'), tmp_path)
    assert "secret_file" in said


def test_it_connects_to_nobody(old: Course, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        refused(toml(STORE, f'url = "postgresql://u@127.0.0.1:{port}/x"'), tmp_path)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_places_that_a_person_named_count(old: Course, tmp_path: Path) -> None:
    """Who has put a grader.toml there has read it."""
    (tmp_path / "new").mkdir()
    new = a_course(tmp_path / "new", f"sqlite:///{tmp_path}/elsewhere/grades.db")
    evil = crafted(tmp_path / "term.zip", toml(STORE, 'url = "postgresql://u@127.0.0.1:1/x"'))
    restore(evil, new.root / "grader.toml")
    assert (tmp_path / "elsewhere/grades.db").exists()


@pytest.mark.parametrize(("change", "said"), [
    (member("grader.toml", b"[[["), "grader.toml: not valid TOML"),
    (member("people.csv", b"touch /tmp/owned\n"), "people.csv: has no column id"),
    (member("secret", b"short"), "its secret is none"),
    (member("tables/runs.jsonl", b"{"), "line 1 of tables/runs.jsonl is no row"),
    (member("tables/runs.jsonl", b"[" * 100_000), "line 1 of tables/runs.jsonl is no row"),
    (member("tables/runs.jsonl", b'[1, 2]'), "it has other columns"),
    (row("runs", more=1), "it has other columns"),
    (row("runs", started="yesterday"), "started cannot be 'yesterday'"),
    (row("runs", started="0001-01-01T00:00:00+05:00"), "started cannot be"),
    (row("runs", started=None), "started cannot be None"),
    (row("runs", id="one"), "id cannot be 'one'"),
    (row("runs", id=1 << 40), "id cannot be"),
    (row("runs", command=["a"]), "command cannot be"),
    (row("runs", command="\ud800"), "command cannot be"),
    (row("results", submission="/etc/passwd"), "submission is no digest"),
    (row("results", submission="../../private/x"), "submission is no digest"),
    (row("results", status="fine"), "'fine' is not a valid"),
    (row("results", run_id=99), "the database refused"),
    (row("adjustments", points="NaN"), "is no row of it"),
    (row("adjustments", whom_kind="world"), "is no row of it"),
    (row("marks", items="[]"), "is no row of it"),
    (member(f"handins/{DIGEST}.zst", b"no frame"), "is not what its digest is of"),
    (member(f"handins/{'a' * 64}.zst", zstandard.compress(b"")), "is not what its digest is of"),
])
def test_what_is_wrong_in_it_is_one_line_and_nothing_written(
    change: Change, said: str, old: Course, tmp_path: Path
) -> None:
    assert said in refused(change, tmp_path)


def test_a_bomb_is_refused(old: Course, tmp_path: Path) -> None:
    for name in (f"handins/{DIGEST}.zst", "secret", "grader.toml", "tables/events.jsonl"):
        said = refused(member(name, bytes(80 << 20)), tmp_path, zipfile.ZIP_DEFLATED)
        assert f"{name!r} in it is not as `autograder backup` writes it" in said


def test_a_store_that_is_there_stays_when_the_rest_is_refused(
    old: Course, tmp_path: Path
) -> None:
    """Whose grader.toml alone is gone."""
    new = tmp_path / "new"
    (new / "results").mkdir(parents=True)
    (new / "results/grades.db").write_bytes((old.root / "results/grades.db").read_bytes())
    with pytest.raises(StoreError, match="is not empty"):
        restore(tmp_path / "term.zip", new / "grader.toml")
    assert (new / "results/grades.db").exists() and not (new / "grader.toml").exists()


@pytest.mark.parametrize("digest", ["../private/x", "a" * 63, "A" * 64, "", "{away}/x"])
def test_a_digest_leads_to_no_other_place(digest: str, tmp_path: Path) -> None:
    """Whoever writes rows can write anything into them."""
    lab = a_course(tmp_path, f"sqlite:///{tmp_path}/results/grades.db")
    private = tmp_path / "results/private/x.zst"
    private.parent.mkdir(parents=True)
    private.write_bytes(b"private")
    kept = KeptFiles(lab)
    with pytest.raises(IntakeError, match="not the digest of files"):
        kept.place(digest.format(away=private.parent))
    with Store(lab) as store:
        graded(store, lab, "ann", "one")
        ask(lab, f"UPDATE results SET submission = '{digest.format(away=private.parent)}'")
        make(lab, tmp_path / "grader.toml", store, tmp_path / "term.zip")
        store.persons.sweep(kept.sweep)
    with zipfile.ZipFile(tmp_path / "term.zip") as archive:
        assert not [name for name in archive.namelist() if name.startswith("handins/")]
    assert private.read_bytes() == b"private"
