"""A backup is of one moment, and the restored course goes on as the old one would have."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path

import pytest
from databases import a_course, server
from kept_people import added, busy, everything, files, graded

from autograder import course
from autograder.course import Course, secret
from autograder.course.secret import SecretError
from autograder.gradebook import Whom
from autograder.intake import KeptFiles
from autograder.intake.backup import BackupError, make, restore
from autograder.store import Store, StoreError
from autograder.submission import Submission

__all__ = ["server"]  # fixture

KINDS = [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"),
         ("postgresql", "postgresql")]


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secret.VARIABLE, raising=False)


def a_place(root: Path, kind: str, request: pytest.FixtureRequest) -> Course:
    root.mkdir()
    if kind == "sqlite":
        return a_course(root)
    a_course(root, request.getfixturevalue("server").new())
    toml = root / "grader.toml"
    toml.write_text(toml.read_text().replace("[store]", 'secret_file = "secret"\n[store]'))
    return course.load(toml)


def saved(lab: Course, output: Path) -> Path:
    with Store(lab) as store:
        make(lab, lab.root / "grader.toml", store, output)
    return output


@pytest.mark.parametrize(("before", "after"), KINDS)
def test_what_is_restored_is_what_was_backed_up(
    before: str, after: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old, new = (a_place(tmp_path / name, kind, request)
                for name, kind in (("old", before), ("new", after)))
    if before == "postgresql":
        (old.root / "secret").write_text("the secret of this course\n")
        (old.root / "secret").chmod(0o600)
    (old.root / "people.csv").write_text("id,name\nann,Ann Lee\n")
    with Store(old) as store:
        busy(store, old)
        was = everything(store)
    saved(old, tmp_path / "term.zip")
    assert (tmp_path / "term.zip").stat().st_mode & 0o777 == 0o600
    restore(tmp_path / "term.zip", new.root / "grader.toml")
    with Store(new) as store:
        [since] = set(everything(store).splitlines()) - set(was.splitlines())
        assert len(everything(store).splitlines()) == len(was.splitlines()) + 1
        assert json.loads(since)["verb"] == "restore"
        graded(store, new, "eve", "new")  # numbers go on
        added(store, "on", Whom("all"), "1")
    assert secret.load(new) == secret.load(old)
    assert (new.root / "people.csv").read_text() == (old.root / "people.csv").read_text()
    digest = Submission("", "", files("her first"), None).digest
    assert KeptFiles(new).find(digest) == files("her first")


def test_an_empty_place_gets_everything(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    old = a_course(tmp_path / "old")
    with Store(old) as store:
        graded(store, old, "ann", "one")
    restore(saved(old, tmp_path / "term.zip"), tmp_path / "new/deep/grader.toml")
    new = course.load(tmp_path / "new/deep/grader.toml")
    with Store(new) as store:
        assert [each.student for each in store.counting("correlation")] == ["ann"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_is_of_one_moment_while_graders_run(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A grader adds a result and a decision between each two rows that are read."""
    old = a_place(tmp_path / "old", kind, request)
    with Store(old) as store, Store(old) as grader:
        for number in range(3):
            graded(store, old, f"s{number}", f"{number}")

        def goes_on() -> None:
            with Store(old) as other:
                graded(other, old, "late", "late")
                added(other, "x", Whom("all"), "1")

        with store.copies.taken() as tables:
            counts = {}
            for name, rows in tables:
                counts[name] = sum(1 for _ in rows)
                thread = threading.Thread(target=goes_on)
                thread.start()
                thread.join()
        assert (counts["runs"], counts["results"], counts["adjustments"]) == (3, 3, 0)
        assert len(grader.runs()) > 3  # it was not held up


# Refused ---------------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Course:
    (tmp_path / "old").mkdir()
    lab = a_course(tmp_path / "old")
    (lab.root / "people.csv").write_text("id\nann\n")
    with Store(lab) as store:
        graded(store, lab, "ann", "one")
    return lab


@pytest.fixture
def term(old: Course, tmp_path: Path) -> Path:
    return saved(old, tmp_path / "term.zip")


def test_nothing_is_overwritten(old: Course, term: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is there already"):
        saved(old, term)
    before = everything(Store(old))
    with pytest.raises(StoreError, match=r"is not empty .* restore into an empty database"):
        restore(term, old.root / "grader.toml")
    assert everything(Store(old)) == before


def test_other_people_and_another_secret_stay(term: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    new = a_course(tmp_path / "new")
    (new.root / "people.csv").write_text("id\nzoe\n")
    with pytest.raises(BackupError, match=r"people.csv: is there, and says something else"):
        restore(term, new.root / "grader.toml")
    (new.root / "people.csv").unlink()
    secret.load(new)  # which makes one
    with pytest.raises(SecretError, match="another secret already"):
        restore(term, new.root / "grader.toml")
    with Store(new) as store:
        assert store.runs() == []
    (new.root / "kept/secret").unlink()
    assert restore(term, new.root / "grader.toml").results == 1


@pytest.mark.parametrize(("tables", "said"), [
    (99, "made by a newer autograder, 7.0 .* install that one"),
    (4, "made by an older autograder, 7.0 .* restore it with that one"),
    ("five", "no backup of this program"),
])
def test_other_versions_are_refused(
    term: Path, tmp_path: Path, tables: object, said: str
) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(term) as archive, zipfile.ZipFile(other, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "backup.json":
                content = json.dumps(json.loads(content) | {
                    "tables": tables, "autograder": "7.0"}).encode()
            changed.writestr(name, content)
    with pytest.raises(BackupError, match=said):
        restore(other, tmp_path / "new/grader.toml")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_what_is_no_backup_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BackupError, match=r"x.zip: no "):
        restore(tmp_path / "x.zip", tmp_path / "new/grader.toml")
    assert not (tmp_path / "new").exists()


def test_cut_off_it_is_finished_by_the_same_command(
    term: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("autograder.intake.backup._restore_people",
                  "autograder.intake.backup._restore_handin",
                  "autograder.store.copying._fill"):
        with monkeypatch.context() as patched:
            patched.setattr(place, killed)
            with pytest.raises(KeyboardInterrupt):
                restore(term, tmp_path / "new/grader.toml")
    assert restore(term, tmp_path / "new/grader.toml").results == 1
    with Store(course.load(tmp_path / "new/grader.toml")) as store:
        assert [each.student for each in store.counting("correlation")] == ["ann"]
