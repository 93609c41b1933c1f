"""A text from the notebook to the mark, in a shell: handed in, graded, marked in a table, shown."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
import warm
from example_results import text_of
from labs import ESSAY, ESSAY_CELL, Lab

from autograder.authoring import build
from autograder.course import load
from autograder.store import Store
from autograder.submission import answers

IDEA, REASON = "Names the idea (of 1)", "Gives a reason, in words (of 2)"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course, and a class that is graded: Ann and Bob wrote something, Cem did not."""
    folder = tmp_path_factory.mktemp("course")
    course = Lab(folder, notebook=Lab.notebook + ESSAY_CELL, texts=ESSAY).write()
    build.write(course, build.build(course, "lab"))
    for student, text in {"ann": "=Because", "bob": "So.\n\nAnd so on.", "cem": None}.items():
        hand_in(folder, student, text)
    done = autograder(folder, "grade", "lab", "handed-in")
    assert done.returncode == 0, done.stderr
    assert "texts to be marked: 3; whose, says autograder marks list lab" in done.stdout
    return folder


def hand_in(root: Path, student: str, text: str | None) -> None:
    notebook = nbformat.reads(
        build.solution_notebook(load(root / "grader.toml"), "lab").decode(), as_version=4)
    if text is not None:
        notebook.cells[-1].source = answers.commented("essay", text)
    (root / "handed-in").mkdir(exist_ok=True)
    nbformat.write(notebook, root / "handed-in" / f"{student}.ipynb")


def autograder(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.autograder(*arguments, cwd=root)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def fill(file: Path, filled: Mapping[str, Mapping[str, str]]) -> None:
    """Cells by the text of their row."""
    rows = [{**row, **filled.get(row["text"], {})} for row in rows_of(file)]
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def page(root: Path, student: str) -> str:
    assert autograder(root, "report", "lab").returncode == 0
    return text_of((root / "results" / "lab" / f"{student}.html").read_text())


def test_texts_are_marked_by_people_who_do_not_know_whose_they_are(root: Path) -> None:
    file = root / "essay.csv"
    done = autograder(root, "marks", "export", "lab", "essay", "--anonymous", "-o", str(file))
    assert done.returncode == 0 and "3 answers, 3 not marked" in done.stdout
    assert not {"ann", "bob", "cem"} & {row["student"] for row in rows_of(file)}
    fill(file, {"'=Because": {IDEA: "1", REASON: "0.5", "comment": "Why?"},
                "So.\n\nAnd so on.": {IDEA: "0", REASON: "3"}})
    refused = autograder(root, "marks", "import", str(file))
    assert refused.returncode == 2
    [line] = refused.stderr.splitlines()
    assert "essay.csv: row " in line and "'3' is no number from 0 to 2" in line
    with Store(load(root / "grader.toml")) as store:
        assert store.decisions().marks == []
    fill(file, {"So.\n\nAnd so on.": {IDEA: "0", REASON: "2"}})
    done = autograder(root, "marks", "import", str(file), "--why", "first round")
    assert "lab essay: 2 new, 0 changed, 1 left as they were" in done.stdout
    again = autograder(root, "marks", "import", str(file))
    assert "lab essay: 0 new, 0 changed, 3 left as they were" in again.stdout
    fill(file, {"'=Because": {REASON: "1"}})
    assert "0 new, 1 changed" in autograder(root, "marks", "import", str(file)).stdout
    with Store(load(root / "grader.toml")) as store:  # at the desk
        mark = store.decisions().mark("lab", "ann", "essay")
        assert mark is not None
        store.acts.mark(replace(mark, items={**mark.items, REASON: Decimal("0.5")},
                                points=Decimal("1.5")), mark.number, by="carol")
    refused = autograder(root, "marks", "import", str(file))
    assert refused.returncode == 2 and "has 1.5 points from 'carol'" in refused.stderr
    assert "ann" not in refused.stderr  # whom whoever marks does not know
    done = autograder(root, "marks", "import", str(file), "--overwrite")
    assert "0 new, 1 changed" in done.stdout
    fill(file, {"'=Because": {REASON: "0.5"}})
    assert "0 new, 1 changed" in autograder(root, "marks", "import", str(file)).stdout
    listed = autograder(root, "marks", "list", "lab").stdout
    assert "2 of 3" in listed and "cem" in listed and "ann" not in listed
    assert "What you wrote: =Because" in (shown := page(root, "ann"))
    assert "4.5 / 6 points" in shown and "Why?" in shown and "(points: 1 of 1)" in shown
    assert "not marked yet" in page(root, "cem")
    # Who hands in another text keeps the mark, and is named.
    hand_in(root, "ann", "On second thought.")
    assert autograder(root, "grade", "lab", "handed-in").returncode == 0
    assert "ann" in autograder(root, "marks", "list", "lab").stdout
    fill(file, {"'=Because": {IDEA: "0"}})
    refused = autograder(root, "marks", "import", str(file))
    assert refused.returncode == 2 and "has changed since; export the table" in refused.stderr


def test_the_secret_is_wanted_for_pseudonyms_only(root: Path) -> None:
    broken = {**os.environ, "AUTOGRADER_SECRET": "short"}
    for options, status in (([], 0), (["--anonymous"], 2)):
        file = root / f"own{len(options)}.csv"
        assert autograder(root, "marks", "export", "lab", "essay", "-o", str(file),
                          *options).returncode == 0
        done = warm.autograder("marks", "import", str(file), cwd=root, env=broken)
        assert done.returncode == status and ("AUTOGRADER_SECRET" in done.stderr) is bool(options)


@pytest.mark.parametrize(("arguments", "words"), [
    (("export", "lab", "twice", "-o", "x.csv"), "no question 'twice' in free text"),
    (("export", "lob", "essay", "-o", "x.csv"), "no assignment 'lob'"),
    (("import", "grader.toml"), "grader.toml: has no column assignment"),
    (("list", "lob"), "no assignment 'lob'"),
])
def test_a_mistake_is_one_line(arguments: tuple[str, ...], words: str, root: Path) -> None:
    done = autograder(root, "marks", *arguments)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert words in done.stderr
