"""Nothing outside what an instructor named is read, whoever changes it meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hand_ins import ADA, BOB, BOTH, found, lay, problem

from autograder import course
from autograder.submission import Unreadable, beneath, find
from autograder.submission.tree import from_folder

SECRET = b"what nobody may read"
ENOUGH = 3_000  # readings; the old way leaks in some of the first hundred


def looked_before(folder: Path, name: str) -> bytes | None:
    """The old way: look whether it is a link, then open it by its path."""
    path = folder / name
    if path.is_symlink():
        return None
    try:
        return path.read_bytes()
    except OSError:
        return None


def read(folder: Path, name: str) -> bytes | None:
    try:
        return beneath.read(folder, Path(name).parts, 1_000)
    except Unreadable:
        return None


@contextmanager
def flipping(place: Path, honest: Path, link: Path) -> Iterator[None]:
    """While this lasts, another process puts one and the other in a place, without a pause."""
    program = ("import os, sys\n"
               "place, honest, link = sys.argv[1:]\n"
               "print('ready', flush=True)\n"
               "while True:\n"
               "    os.rename(place, honest); os.rename(link, place)\n"
               "    os.rename(place, link); os.rename(honest, place)\n")
    process = subprocess.Popen([sys.executable, "-S", "-c", program, place, honest, link],
                               stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A class, and beside it what students would like to read."""
    return lay(tmp_path, {"secret/a.ipynb": SECRET, "class/ada/a.ipynb": ADA,
                          "class/bob/b.ipynb": BOB, "class/spare/": b""})


class TestALinkThatIsFlipped:
    def leaks(self, home: Path, way: Callable[[Path, str], bytes | None], times: int) -> bool:
        """Whether the secret comes out in so many readings of Ada's notebook."""
        place, folder = home / "class/ada/a.ipynb", home / "class"
        link = home / "class/spare/link"
        link.symlink_to(home / "secret/a.ipynb")
        with flipping(place, home / "class/spare/honest", link):
            seen = set()
            for _ in range(times):
                seen.add(way(folder, "ada/a.ipynb"))
                if SECRET in seen:
                    break
        assert ADA in seen
        return SECRET in seen

    def test_never_brings_the_secret(self, home: Path) -> None:
        assert not self.leaks(home, read, ENOUGH)

    def test_control_a_look_before_the_opening_does(self, home: Path) -> None:
        assert self.leaks(home, looked_before, 20 * ENOUGH)

    def test_in_the_place_of_a_folder_never_brings_it_and_stops_no_reading(
        self, home: Path
    ) -> None:
        link = home / "class/spare/link"
        link.symlink_to(home / "secret")
        with flipping(home / "class/ada", home / "class/spare/honest", link):
            seen = {file.name: content for _ in range(ENOUGH // 10)
                    for file in from_folder(home / "class").files
                    if (content := read(home / "class", "/".join(file.parts))) is not None}
        assert SECRET not in seen.values() and BOB in seen.values()


class TestBetweenTheListingAndTheReading:
    """What the flipping hits by chance, step by step."""

    def test_a_file_becomes_a_link(self, home: Path) -> None:
        [file] = [file for file in from_folder(home / "class").files if file.name == "a.ipynb"]
        (home / "class/ada/a.ipynb").unlink()
        (home / "class/ada/a.ipynb").symlink_to(home / "secret/a.ipynb")
        with pytest.raises(Unreadable, match="links are not followed"):
            file.load(1_000)

    def test_a_folder_becomes_a_link(self, home: Path) -> None:
        [file] = [file for file in from_folder(home / "class").files if file.name == "a.ipynb"]
        (home / "class/ada").rename(home / "class/spare/ada")
        (home / "class/ada").symlink_to(home / "secret")
        assert (home / "class/ada/a.ipynb").read_bytes() == SECRET  # by its path
        with pytest.raises(Unreadable, match="links are not followed"):
            file.load(1_000)

    def test_a_file_becomes_a_pipe(self, home: Path) -> None:
        """Which would be waited for, for ever."""
        [file] = [file for file in from_folder(home / "class").files if file.name == "a.ipynb"]
        (home / "class/ada/a.ipynb").unlink()
        os.mkfifo(home / "class/ada/a.ipynb")
        with pytest.raises(Unreadable, match="not an ordinary file"):
            file.load(1_000)


class TestLinks:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        lay(tmp_path, {"secret/reference.ipynb": BOTH, "class/bob.ipynb": BOB,
                       "class/cyd/x.csv": b""})
        return tmp_path / "class"

    @pytest.mark.parametrize("target", [
        "../secret/reference.ipynb", "../secret", "/etc/passwd", "nowhere", "ada.ipynb",
        "bob.ipynb"])
    def test_are_not_followed_wherever_they_lead(
        self, target: str, home: Path, correlation: course.Assignment
    ) -> None:
        """The last is a neighbour's: Ada got Bob's grade by it, and his text as feedback."""
        (home / "ada.ipynb").symlink_to(target)
        (home / "cyd" / "x.ipynb").symlink_to(home / target)
        submissions = find([home], correlation)
        assert found(submissions) == {"ada": None, "bob": BOB, "cyd": None}
        assert "links are not followed" in problem(submissions, "ada")
        assert "links are not followed" in problem(submissions, "cyd")

    def test_to_folders_give_a_row_and_hide_none(
        self, home: Path, correlation: course.Assignment
    ) -> None:
        (home / "bob.ipynb").unlink()
        (home / "ada").symlink_to(home.parent / "secret")
        assert found(find([home], correlation)) == {"ada": None, "cyd": None}

    def test_that_an_instructor_names_are_followed(
        self, home: Path, correlation: course.Assignment
    ) -> None:
        (home.parent / "week 1").symlink_to(home)
        (home.parent / "ada.ipynb").symlink_to(home.parent / "secret/reference.ipynb")
        assert found(find([home.parent / "week 1", home.parent / "ada.ipynb"], correlation)) == {
            "ada": BOTH, "bob": BOB}
