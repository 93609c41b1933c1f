"""The secret: made once, kept private, never guessed at when something is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import course
from autograder.course import secret

LONG = "a secret that is long enough"

GRADER_TOML = """
[course]
name = "Convolution"
{course}
[store]
url = "{url}"
[assignments.correlation]
title = "Cross-correlation"
questions = [{{ name = "corr2d", title = "Cross-correlation", points = 4 }}]
"""


def a_course(
    root: Path, *, extra: str = "", url: str = "sqlite:///kept/grades.db"
) -> course.Course:
    path = root / "grader.toml"
    path.write_text(GRADER_TOML.format(course=extra, url=url), encoding="utf-8")
    return course.load(path)


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secret.VARIABLE, raising=False)


def test_the_first_use_makes_a_secret_beside_the_store_that_only_its_owner_can_read(
    tmp_path: Path,
) -> None:
    made = secret.load(a_course(tmp_path))
    file = tmp_path / "kept" / "secret"
    assert len(bytes.fromhex(made.decode())) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_later_uses_find_the_same_secret(tmp_path: Path) -> None:
    assert secret.load(a_course(tmp_path)) == secret.load(a_course(tmp_path))


def test_two_courses_get_two_secrets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert secret.load(a_course(tmp_path / "one")) != secret.load(a_course(tmp_path / "two"))


def test_runs_that_begin_at_the_same_time_agree_on_one_secret(tmp_path: Path) -> None:
    a_course(tmp_path)
    script = ("import sys; from pathlib import Path\n"
              "from autograder import course; from autograder.course import secret\n"
              "loaded = course.load(Path(sys.argv[1]))\n"
              "print('ready', flush=True); sys.stdin.read()\n"
              "print(secret.load(loaded).decode())")
    start, go = os.pipe()
    runs = [subprocess.Popen([sys.executable, "-c", script, tmp_path / "grader.toml"], text=True,
                             stdin=start, stdout=subprocess.PIPE) for _ in range(4)]
    for run in runs:
        assert run.stdout is not None and run.stdout.readline() == "ready\n"
    os.close(go)  # the end of the pipe that all of them wait for
    os.close(start)
    answers = [run.communicate()[0].strip() for run in runs]
    assert len(answers[0]) == 64
    assert len(set(answers)) == 1


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secret.VARIABLE, LONG)
    assert secret.load(a_course(tmp_path)) == LONG.encode()
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("given", ["", "short"])
def test_a_short_secret_in_the_environment_is_refused_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv(secret.VARIABLE, given)
    with pytest.raises(secret.SecretError, match=r"AUTOGRADER_SECRET.*unset it"):
        secret.load(a_course(tmp_path))
    assert not (tmp_path / "kept").exists()


def test_the_file_that_the_course_names_is_used(tmp_path: Path) -> None:
    file = tmp_path / "private"
    file.write_text(LONG + "\n", encoding="utf-8")
    file.chmod(0o600)
    assert secret.load(a_course(tmp_path, extra='secret_file = "private"')) == LONG.encode()


def test_a_file_that_the_course_names_must_exist(tmp_path: Path) -> None:
    with pytest.raises(secret.SecretError, match=r"private: no such file.*put the course's secret"):
        secret.load(a_course(tmp_path, extra='secret_file = "private"'))


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_that_others_can_read_is_refused_with_the_remedy(
    tmp_path: Path, mode: int
) -> None:
    secret.load(a_course(tmp_path))
    file = tmp_path / "kept" / "secret"
    file.chmod(mode)
    with pytest.raises(secret.SecretError, match=f"mode {mode:04o}.*run: chmod 600 {file}"):
        secret.load(a_course(tmp_path))


def test_an_emptied_secret_file_is_refused(tmp_path: Path) -> None:
    secret.load(a_course(tmp_path))
    (tmp_path / "kept" / "secret").write_text("", encoding="utf-8")
    with pytest.raises(secret.SecretError, match="only 0 bytes"):
        secret.load(a_course(tmp_path))


@pytest.mark.parametrize("url", ["postgresql://db/grades", "sqlite://"])
def test_a_store_without_a_file_asks_for_a_secret(tmp_path: Path, url: str) -> None:
    with pytest.raises(secret.SecretError, match=r"set AUTOGRADER_SECRET, or name a file"):
        secret.load(a_course(tmp_path, url=url))


def test_a_place_where_no_secret_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("not a directory", encoding="utf-8")
    with pytest.raises(secret.SecretError, match=r"kept/secret: .*cannot be made"):
        secret.load(a_course(tmp_path))


def test_a_fingerprint_tells_secrets_apart_and_does_not_hold_them() -> None:
    one, other = secret.fingerprint(LONG.encode()), secret.fingerprint(LONG.upper().encode())
    assert one != other
    assert one == secret.fingerprint(LONG.encode())
    assert LONG.encode().hex()[:8] not in one
