"""Run a command as an ordinary user: ``python ordinary_user.py UID DIRECTORY… -- COMMAND…``.

Needs root. The user sees the interpreter and the DIRECTORIES even where they lie below a
directory that only root may enter (``/root``): in a mount namespace of its own, such a directory
is covered by an empty one in which just these are visible.
"""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from autograder.worker import linux


def closed_ancestor(path: Path) -> Path | None:
    """The outermost directory above ``path`` that others may not enter."""
    return next((p for p in reversed([path, *path.parents]) if not p.stat().st_mode & 1), None)


def expose(paths: list[Path]) -> None:
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    closed: dict[Path, list[Path]] = {}
    for path in paths:
        ancestor = closed_ancestor(path)
        if ancestor is not None:
            closed.setdefault(ancestor, []).append(path)
    stage = Path(tempfile.mkdtemp())
    linux.mount("tmpfs", str(stage), "tmpfs", 0, "mode=755")
    for ancestor, inside in closed.items():
        staged = {}
        for path in inside:
            staged[path] = Path(tempfile.mkdtemp(dir=stage))
            linux.mount(str(path), str(staged[path]), None, linux.MS_BIND | linux.MS_REC)
        linux.mount("tmpfs", str(ancestor), "tmpfs", 0, "mode=755")
        for path, place in staged.items():
            path.mkdir(parents=True, exist_ok=True)
            linux.mount(str(place), str(path), None, linux.MS_BIND | linux.MS_REC)


def main() -> None:
    split = sys.argv.index("--")
    uid, working = int(sys.argv[1]), Path.cwd()
    directories = [Path(name).resolve() for name in sys.argv[2:split]]
    expose([Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), *directories])
    with suppress(OSError):  # it may be covered
        os.chdir(working)  # by its name: what was entered before lies in another mount
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    os.environ |= {"HOME": "/tmp", "USER": "student", "LOGNAME": "student"}
    os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])


if __name__ == "__main__":
    main()
