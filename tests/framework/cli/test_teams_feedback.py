"""What a team hands in has one place in a download, which is its uploader's alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import warm
from hand_ins import notebook, packed
from labs import Lab

TWICE = notebook("def twice(x):\n    return 2 * x\n\ndef thrice(x):\n    return 3 * x\n")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    Lab(tmp_path).write()
    (tmp_path / "people.csv").write_text(
        "id,name,team,moodle\nann,Ann,red,501\nbob,Bob,red,502\n")
    (tmp_path / "lab.zip").write_bytes(packed({
        "Bob_502_assignsubmission_file_/lab.ipynb": TWICE}))
    return tmp_path


def test_the_others_page_is_not_in_it(lab: Path) -> None:
    def run(*arguments: str) -> str:
        done = warm.autograder(*arguments, cwd=lab)
        assert done.returncode == 0, done.stderr
        return done.stderr

    run("grade", "lab", "lab.zip", "--allow-unsandboxed", "-j", "1")
    run("adjust", "ann", "lab", "--add", "-1", "--why", "x", "--comment", "Ann did nothing.")
    said = run("feedback", "lab", "lab.zip", "--for", "moodle", "-o", "back.zip")
    assert "no feedback" not in said
    with zipfile.ZipFile(lab / "back.zip") as archive:
        given = {name: archive.read(name).decode() for name in archive.namelist()}
    assert given and all(name.startswith("Bob_502_") for name in given)
    assert not any("Ann did nothing" in text for text in given.values())
    # The control: Ann's own page says so.
    run("feedback", "lab", "lab.zip", "--for", "folder", "-o", "all")
    assert "Ann did nothing" in (lab / "all" / "ann" / "lab.html").read_text(encoding="utf-8")
