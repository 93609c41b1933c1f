"""The course's secret, from which the random inputs of the hidden checks are drawn."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.whole_files import create_whole

VARIABLE = "AUTOGRADER_SECRET"
_SHORTEST = 16  # bytes; whoever can guess the secret knows every hidden input


class SecretError(AutograderError):
    """There is no secret that can be used. The text says where, and what to do."""


def load(course: Course) -> bytes:
    """The secret: from the environment, from ``course.secret_file``, or beside the store.

    The one beside a SQLite store is made at first use.

    Raises:
        SecretError: it is missing, too short, unreadable, or readable by others.
    """
    if (given := os.environ.get(VARIABLE)) is not None:
        return _long_enough(given.encode(errors="surrogateescape"),
                            f"the environment variable {VARIABLE}",
                            "unset it, or set it to at least 16 random characters")
    path = _place(course)
    if course.secret_file is None and not path.exists():
        _make(path, secrets.token_hex(32).encode())
    return _read(path)


def restore(course: Course, secret: bytes) -> None:
    """Have ``load`` give this secret, where there is none yet.

    Raises:
        SecretError: there is another one, or no place for it.
    """
    if VARIABLE not in os.environ:
        path = _place(course)
        if not path.exists():
            _make(path, secret)
    if load(course) != secret:
        raise SecretError(f"the course has another secret already, of {VARIABLE} or of the file "
                          "beside its store; restore to another place")


def is_long_enough(secret: bytes) -> bool:
    """Whether nobody can guess it."""
    return len(secret) >= _SHORTEST


def _place(course: Course) -> Path:
    if course.secret_file is not None:
        return course.root / course.secret_file
    if course.store_file is None:
        raise SecretError(
            f"no secret: the store is not a SQLite file that could have one beside it; "
            f"set {VARIABLE}, or name a file by secret_file in grader.toml's [course]")
    return course.store_file.with_name("secret")


def fingerprint(secret: bytes) -> str:
    """A digest that does not reveal the secret. Results hold it, to say which secret was used."""
    return hashlib.sha256(b"fingerprint:" + secret).hexdigest()[:16]


def _make(path: Path, secret: bytes) -> None:
    """Put a new secret at ``path``, unless another run was faster."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        create_whole(path, secret + b"\n")
    except OSError as error:
        raise SecretError(f"{path}: the course's secret cannot be made: {error.strerror}; "
                          f"make the directory writable, or set {VARIABLE}") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read().strip()
    except FileNotFoundError:
        raise SecretError(f"{path}: no such file, though grader.toml's secret_file names it; "
                          f"put the course's secret there, or set {VARIABLE}") from None
    except OSError as error:
        raise SecretError(f"{path}: the course's secret cannot be read: {error.strerror}; "
                          "make it a file that you can read") from None
    if os.name == "posix" and mode & 0o077:
        raise SecretError(f"{path}: others can read the course's secret (mode {mode & 0o777:04o}); "
                          f"run: chmod 600 {path}")
    return _long_enough(content, f"{path}", "put at least 16 random characters into it")


def _long_enough(secret: bytes, where: str, remedy: str) -> bytes:
    if not is_long_enough(secret):
        raise SecretError(f"{where}: the secret is only {len(secret)} bytes long; {remedy}")
    return secret
