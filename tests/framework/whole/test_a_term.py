"""A term, from the first list of people to the last backup, as docs/a-term.md tells it.

Its commands are run in its order, and print what it shows. Between them people do what its comments
say.
"""

from __future__ import annotations

import csv
import html
import io
import re
import shlex
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import warm
from hand_ins import packed
from labs import REPOSITORY

from autograder.course import load
from autograder.store import Store

DOCUMENT = REPOSITORY / "docs" / "a-term.md"
SOURCES = {
    "doubling": ("twice", "x + x"), "halving": ("half", "x / 2"), "squaring": ("square", "x * x")}
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Doubling (71),Halving (72)
    Points Possible,,,,,6.00,4.00
"Lee, Ann",1101,s-ann,ann,Monday,,
"Ray, Bob",1102,s-bob,bob,Monday,,
"Poe, Cy",1103,s-cy,cy,Friday,,
"Fox, Dee",1104,s-dee,dee,Friday,,
"""
WORKSHEET = """\
Identifier,Full name,Email address,ID number,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 501,Ann Lee,ann@uni.example,s-ann,Submitted for grading,,4.00,Yes,\
"Monday, 26 October 2026, 8:00 PM",-,
Participant 502,Bob Ray,bob@uni.example,s-bob,Submitted for grading,,4.00,Yes,\
"Tuesday, 27 October 2026, 8:00 PM",-,
Participant 503,Cy Poe,cy@uni.example,s-cy,Submitted for grading,,4.00,Yes,\
"Monday, 26 October 2026, 7:00 PM",-,
"""


def notebook(name: str, answer: str, text: str | None = None) -> bytes:
    cells = [nbformat.v4.new_code_cell(f"def {name}(x):\n    return {answer}\n")]
    if text is not None:
        cells.append(nbformat.v4.new_markdown_cell(
            f"<!-- answer: why -->\n{text}", metadata={"autograder": {"text": "why"}}))
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


class World:
    """What people do between the commands, in the folder of the course."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy(Path(__file__).with_name("term") / "grader.toml", root)
        for assignment, (name, right) in SOURCES.items():
            self._write(f"solutions/{assignment}/reference.py",
                        f"def {name}(x):\n    return {right}\n")
            self._suite(assignment, f"check.{name}(draw.number(3, 10**6))")
        self._write("canvas-gradebook.csv", GRADEBOOK)

    def hand_in_by_canvas(self) -> None:
        """Bob is two days late; Canvas says so, and not by how much."""
        self._bytes("doubling.zip", packed({
            "leeann_1101_9001_doubling.ipynb": notebook("twice", "x + x", "It is 2 times x."),
            "raybob_LATE_1102_9002_doubling.ipynb": notebook("twice", "2 * x", "Because."),
            "poecy_1103_9003_doubling.ipynb": notebook("twice", "x"),
        }))
        self._write("doubling-times.csv",
                    "student,submitted_at\nann,2026-10-12T20:00\nbob,2026-10-14T20:00\n"
                    "cy,2026-10-12T21:00\n")

    def hand_in_by_moodle(self) -> None:
        self._bytes("halving.zip", packed({
            f"{who}_assignsubmission_file_/halving.ipynb": notebook("half", answer)
            for who, answer in (("Ann Lee_501", "x / 2"), ("Bob Ray_502", "x * 0.5"),
                                ("Cy Poe_503", "x // 2"))}))
        self._write("halving-worksheet.csv", WORKSHEET)
        self._write("halving-times.csv",
                    "student,submitted_at\nann,2026-10-26T20:00\nbob,2026-10-27T20:00\n"
                    "cy,2026-10-26T19:00\n")

    def hand_in_in_a_folder(self) -> None:
        for who, answer in (("ann", "x * x"), ("bob", "x ** 2"), ("dee", "x + x")):
            self._bytes(f"squaring/{who}.ipynb", notebook("square", answer))

    def mark_the_texts(self) -> None:
        """In a spreadsheet: Ann one point of two, Bob none; Cy wrote nothing."""
        file = self.root / "why.csv"
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        for row in rows:
            points = {"ann": ("1", "0"), "bob": ("0", "0")}.get(row["student"])
            columns = [name for name in row if name.startswith(("Names", "Says"))]
            if points:
                row.update(zip(columns, points, strict=True))
                row["comment"] = "What does even mean?"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    def break_the_suite(self) -> None:
        """As it was in the first week: it wants whole halves."""
        self._suite("halving", "check.half(2 * draw.number(3, 10**6) + 1)", "x // 2")

    def mend_the_suite(self) -> None:
        self._suite("halving", "check.half(2 * draw.number(3, 10**6) + 1)", "x / 2")

    def change_a_grade_on_canvas(self) -> None:
        """The instructor gives Bob 5.50 there, by hand."""
        file = self.root / "canvas-gradebook.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        changed = [re.sub(r"(Monday,)[\d.]+", r"\g<1>5.50", line) if "Bob" in line else line
                   for line in lines]
        assert changed != lines
        file.write_text("".join(changed), encoding="utf-8")

    def ask_by_a_form(self) -> None:
        self._write("second-looks.csv",
                    "Timestamp,Your student id,Which assignment?,Which question?,What is it?\n"
                    "2026/11/12 10:00,ann,halving,half,Why am I late? I handed in on Monday.\n"
                    "2026/11/12 11:00,cy,doubling,twice,I copied the wrong cell.\n")

    def _suite(self, assignment: str, call: str, reference: str | None = None) -> None:
        name = SOURCES[assignment][0]
        if reference is not None:
            self._write(f"solutions/{assignment}/reference.py",
                        f"def {name}(x):\n    return {reference}\n")
        self._write(
            f"tests/hidden/{assignment}/test_{name}_of_{assignment}.py",
            f"import pytest\n\npytestmark = pytest.mark.question({name!r})\n\n\n"
            f"def test_one(check):\n    '''One.'''\n    check.{name}(2)\n\n\n"
            f"@pytest.mark.weight(3)\n"
            f"def test_any(check, draw):\n    '''Any number.'''\n    {call}\n")

    def _write(self, name: str, text: str) -> None:
        self._bytes(name, text.encode())

    def _bytes(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def told() -> Iterator[tuple[str, list[str]]]:
    """A comment's word, and no lines; or a command, and the lines that it prints."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for comment, block in re.findall(
            r"<!-- then: (\w+) -->|```console\n(.*?)```", text, re.DOTALL):
        if comment:
            yield comment, []
            continue
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = re.sub(r"\\\n *", "", part).splitlines()
            yield command, [line for line in lines if line.strip() not in ("", "…")]


def words(line: str) -> str:
    return " ".join(line.split())


def test_the_term_goes_as_it_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    for step, lines in told():
        if hasattr(world, step):
            getattr(world, step)()
            continue
        verb, *arguments = shlex.split(step)
        assert verb == "autograder", step
        done = warm.autograder(*arguments, cwd=tmp_path, env={"COLUMNS": "100", "PATH": ""})
        assert done.returncode in (0, 3), f"$ {step}\n{done.stderr}"
        said = done.stdout + done.stderr
        printed = [words(line) for line in said.splitlines()]
        for line in lines:
            assert any(words(line) in each for each in printed), f"$ {step}\n{line}\n---\n{said}"
    _holds(tmp_path)


def _holds(root: Path) -> None:
    """What the term leaves: the course and the restored one are worth the same, of Dee nothing is
    left, and Cy's notebook says what he was given, and not why."""
    terms = []
    for folder in (root, root / "restored"):
        with Store(load(folder / "grader.toml")) as store:
            book = store.book()
            terms.append({student: {name: total.score for name, total in
                                    book.totals(student).items()} for student in book.students})
            assert store.requests.all()[1].outcome == "Your other cell is right. (adjustment 2)"
    assert terms[0] == terms[1] and terms[0].keys() == {"ann", "bob", "cy"}
    with zipfile.ZipFile(root / "doubling.zip") as archive:
        assert (root / "disputed.ipynb").read_bytes() \
            == archive.read("raybob_LATE_1102_9002_doubling.ipynb")
    assert not any(name in path.read_bytes() for name in (b'"dee"', b"Dee Fox") for path in (
        root / "people.csv", root / "results" / "grades.db"))
    with zipfile.ZipFile(root / "feedback.zip") as archive:
        given = html.unescape(archive.read("poecy_1103_9003_doubling.ipynb").decode())
    assert "One point for what you showed me." in given and "shown to me in the lab" not in given
