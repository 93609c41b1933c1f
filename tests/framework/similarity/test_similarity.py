"""Similar submissions: copies are found whatever was done to hide them, and nobody else."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from example_results import HOSTILE, soup
from labs import REPOSITORY, Lab, submitted

from autograder import cli, similarity
from autograder.authoring import build
from autograder.course import Course, load
from autograder.judge import staff
from autograder.similarity import Similarities
from autograder.similarity import page as report
from autograder.similarity.fingerprints import MAX_NODES
from autograder.submission import Submission, SubmissionError


def compare(
    course: Course, assignment: str, submissions: Sequence[Submission], **how: Any
) -> Similarities:
    return similarity.compare(course, assignment, submissions,
                              solution=build.solution_notebook(course, assignment), **how)


# Classes ----------------------------------------------------------------------------------------

SMOOTHED = """
def smoothed(image, steps):
    height, width = image.shape
    result = image.clone()
    for step in range(steps):
        padded = torch.nn.functional.pad(result[None], (1, 1, 1, 1), mode="replicate")[0]
        above, below = padded[:height, 1:-1], padded[2:, 1:-1]
        left, right = padded[1:-1, :width], padded[1:-1, 2:]
        result = (above + below + left + right + 4 * result) / 8
    return result
"""
SHARPENED = """
def sharpened(image, amount=0.5):
    if image.dim() != 2:
        raise ValueError("one image at a time")
    blurred = smoothed(image, 3)
    difference = image - blurred
    strong = difference.abs() > difference.std() * 2
    corrected = torch.where(strong, image + amount * difference, image)
    return corrected.clamp(image.min().item(), image.max().item())
"""
COUNTED = """
class Counter:
    def __init__(self, classes):
        self.table = torch.zeros(classes, classes, dtype=torch.int64)

    def add(self, predicted, expected):
        for guess, truth in zip(predicted.argmax(1).tolist(), expected.tolist()):
            self.table[truth, guess] += 1
        return self.table.diagonal().sum().item() / max(1, self.table.sum().item())
"""


@pytest.fixture(scope="module")
def course() -> Course:
    return load(REPOSITORY / "grader.toml")


def by(student: str, *cells: str) -> Submission:
    return replace(submitted(cells), student=student)


def variants(course: Course, assignment: str) -> dict[str, list[str]]:
    """Question -> right solutions of it, each without what its file defines beside it."""
    found: dict[str, list[str]] = {}
    for alternative in staff.load(course, assignment).alternatives:
        if alternative.at_least == 1:
            nodes = ast.parse(alternative.program).body
            own = next(node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)
                       and node.name == alternative.name)
            found.setdefault(alternative.name, []).append(ast.unparse(own))
    return found


def independent(course: Course, assignment: str) -> list[Submission]:
    """A class in which no two gave the same answer to any question."""
    answers = variants(course, assignment)
    size = max(map(len, answers.values()))
    return [by(f"student-{number}", *(each[number] for each in answers.values()
                                      if number < len(each)))
            for number in range(size)]


class _Renamed(ast.NodeTransformer):
    """Every name that a student may choose, other than those of functions and classes."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._other(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._other(node.arg))

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(f"not {node.value}") if isinstance(node.value, str) else node

    def _other(self, name: str) -> str:
        return name if name == "torch" or hasattr(builtins, name) else f"my_{name}"


def disguised(source: str) -> str:
    """``source`` with other names, texts and line breaks, and comments."""
    lines = ast.unparse(_Renamed().visit(ast.parse(source))).split("\n")
    head, body = lines[0], "\n".join(lines[1:])
    broken = body.replace("(", "(  # so\n") if "'" not in body else body
    return f"# all my own work\n{head}  # here it goes\n\n    'What it does.'\n{broken}\n"


def names(found: Similarities) -> list[set[str]]:
    return [{side.student for side in pair.sides} for pair in found.pairs]


# What is found ----------------------------------------------------------------------------------


def test_a_disguised_copy_is_found_first(course: Course) -> None:
    answers = [each[0] for each in variants(course, "correlation").values()]
    ann = by("ann", *answers)
    bob = by("bob", "import torch as t, math", *map(disguised, reversed(answers)))
    found = compare(course, "correlation", [*independent(course, "correlation")[1:], ann, bob])
    assert names(found)[0] == {"ann", "bob"}
    assert all(side.share > 0.9 for side in found.pairs[0].sides)


def test_one_copied_function_among_own_ones_is_found_where_it_stands(course: Course) -> None:
    ann = by("ann", "import torch", SMOOTHED, SHARPENED)
    bob = by("bob", COUNTED, "import torch\n\n" + disguised(SMOOTHED))
    pair, = compare(course, "correlation", [ann, bob]).pairs
    cells = [{passage.spans[side].cell for passage in pair.passages} for side in (0, 1)]
    assert cells == [{1}, {1}]
    assert pair.sides[0].share < 0.7


def test_shares_are_those_of_each_side(course: Course) -> None:
    ann = by("ann", SMOOTHED)
    bob = by("bob", SMOOTHED, SHARPENED, COUNTED)
    pair, = compare(course, "correlation", [ann, bob]).pairs
    assert pair.sides[0].share == 1
    assert 0.2 < pair.sides[1].share < 0.6


def test_what_more_classmates_share_counts_less(course: Course) -> None:
    common = [by(name, SMOOTHED) for name in ("ann", "bob", "cleo")]
    rare = [by(name, SHARPENED) for name in ("dan", "eva")]
    others = [by(f"other-{number}", f"x = {number}") for number in range(5)]
    found = compare(course, "correlation", [*common, *rare, *others])
    expected = {frozenset(pair): each.expected
                for pair, each in zip(names(found), found.pairs, strict=True)}
    assert expected[frozenset({"dan", "eva"})] == 0
    assert expected[frozenset({"ann", "bob"})] > 0


def test_the_threshold_and_the_number_of_pairs_are_the_callers(course: Course) -> None:
    submissions = [by("ann", SMOOTHED, SHARPENED), by("bob", SMOOTHED, COUNTED),
                   by("cleo", SHARPENED)]
    assert compare(course, "correlation", submissions).found == 2
    above = compare(course, "correlation", submissions, threshold=0.99)
    assert names(above) == [{"ann", "cleo"}]
    first = compare(course, "correlation", submissions, top=1)
    assert (len(first.pairs), first.found) == (1, 2)


# What is not ------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ["correlation", "geometry", "channels", "pooling", "lenet",
                                        "fast_conv"])
def test_independent_right_solutions_are_no_pairs(course: Course, assignment: str) -> None:
    submissions = independent(course, assignment)
    assert len(submissions) > 3
    assert not compare(course, assignment, submissions, common=1).pairs


def test_starter_code_alone_is_no_similarity(course: Course) -> None:
    starter = (REPOSITORY / "assignments/correlation/correlation.ipynb").read_bytes()
    found = compare(course, "correlation", [
        Submission(name, "correlation", {"correlation.ipynb": starter}, None)
        for name in ("ann", "bob")])
    assert (found.found, found.short, found.compared) == (0, 2, 2)


def test_the_model_solution_is_no_similarity(course: Course) -> None:
    solution = build.solution_notebook(course, "correlation")
    found = compare(course, "correlation", [
        Submission(name, "correlation", {"correlation.ipynb": solution}, None)
        for name in ("ann", "bob")])
    assert (found.found, found.short) == (0, 2)


def test_code_of_the_lecture_is_no_similarity(course: Course, tmp_path: Path) -> None:
    submissions = [by("ann", SMOOTHED), by("bob", disguised(SMOOTHED))]
    assert compare(course, "correlation", submissions).found == 1
    lecture = tmp_path / "lecture.py"
    lecture.write_text(f"import torch\n{SMOOTHED}\n{COUNTED}")
    assert compare(course, "correlation", submissions, given=[lecture]).found == 0


def test_what_much_of_the_class_has_is_no_similarity(course: Course) -> None:
    submissions = [by(f"student-{number}", SMOOTHED) for number in range(6)]
    assert compare(course, "correlation", submissions).found == 0
    assert compare(course, "correlation", submissions, common=1).found == 15


def test_a_lecture_that_cannot_be_read_is_said(course: Course, tmp_path: Path) -> None:
    (tmp_path / "lecture.ipynb").write_text("{")
    with pytest.raises(SubmissionError, match=r"lecture\.ipynb: The file is not a notebook"):
        compare(course, "correlation", [by("ann", SMOOTHED)], given=[tmp_path / "lecture.ipynb"])


def test_what_cannot_be_compared_is_named(course: Course) -> None:
    endless = ["\n".join(["a = b + c"] * 10_000)] * (MAX_NODES // 50_000 + 1)
    found = compare(course, "correlation", [
        by("ann", SMOOTHED), by("bob", SMOOTHED), by("endless", *endless),
        replace(by("torn"), files={"correlation.ipynb": b"{"})])
    assert names(found) == [{"ann", "bob"}]
    assert set(found.skipped) == {"endless", "torn"}
    assert str(MAX_NODES) in found.skipped["endless"]


# How it is shown --------------------------------------------------------------------------------


def hostile_pair(course: Course) -> Similarities:
    code = SMOOTHED.replace("    result = (", f"    # {HOSTILE}\n        result = (")
    return compare(course, "correlation", [
        by(HOSTILE, code), by("</pre>{{ 7 * 7 }}", code),
        replace(by(f"torn {HOSTILE}"), files={"correlation.ipynb": b"{"})])


def test_hostile_names_and_code_stay_text_in_the_page(course: Course) -> None:
    found = hostile_pair(course)
    assert found.found == 1
    text = report.page(found, "Cross-correlation")
    page = soup(text)
    assert any("alert(1)" in line.get_text() for line in page.find_all("pre"))
    assert "{{ 7 * 7 }}" in page.get_text()
    assert not page.find_all(["script", "img", "link", "iframe", "object"])
    for tag in page.find_all():
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
    for shown in page.find_all(string=re.compile("alert")):
        assert shown.find_parent("bdi")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", text)


def test_every_passage_leads_to_the_other_listing_and_back(course: Course) -> None:
    submissions = [by("ann", SMOOTHED, SHARPENED, COUNTED),
                   by("bob", disguised(COUNTED), "import torch", SMOOTHED, SHARPENED)]
    found = compare(course, "correlation", submissions)
    page = soup(report.page(found, "Cross-correlation"))
    marks = {tag["id"]: tag for tag in page.find_all("a", id=True)}
    assert len(marks) == 2 * len(found.pairs[0].passages) >= 6
    for id, mark in marks.items():
        there = marks[str(mark["href"]).removeprefix("#")]
        assert there["href"] == f"#{id}"
        assert mark.get_text() == there.get_text()  # marked by a number, not by colour alone
    hrefs = {str(tag["href"]) for tag in page.find_all("a")}
    assert all(page.find(id=href.removeprefix("#")) for href in hrefs)


def test_listings_show_the_students_own_lines_by_their_numbers(course: Course) -> None:
    scripts = [Submission(name, "correlation", {"correlation.py": text.encode()}, None)
               for name, text in (("ann", f"import torch\n\n{SMOOTHED}"),
                                  ("bob", f"# mine\n{SMOOTHED}".replace("\n", "\r\n")))]
    page = soup(report.page(compare(course, "correlation", scripts), "Cross-correlation"))
    shown = {(row.find_all("td")[1].get_text(), row.find_all("td")[2].get_text())
             for row in page.select("table.code tr.shared")}
    line = "    for step in range(steps):"
    assert {number for number, text in shown if text == line} == {"7", "6"}


def test_the_same_class_gives_the_same_report(course: Course) -> None:
    submissions = [*independent(course, "correlation"), by("ann", SMOOTHED), by("bob", SMOOTHED)]
    one, other = (report.as_json(compare(course, "correlation", order))
                  for order in (submissions, submissions))
    assert one == other


# From the command line --------------------------------------------------------------------------


def similar(*arguments: str | Path) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["similar", *map(str, arguments)])
    return ended.value.code


def handed_in(folder: Path, cells: dict[str, Sequence[str]]) -> Path:
    folder.mkdir()
    for student, sources in cells.items():
        content, = submitted(sources, "lab").files.values()
        (folder / f"{student}.ipynb").write_bytes(content)
    return folder


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    Lab(tmp_path).write()
    return tmp_path / "grader.toml"


def test_the_verb_prints_a_table_and_writes_a_page(
        lab: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = handed_in(tmp_path / "in", {"ann": [SMOOTHED], "bob": [disguised(SMOOTHED)],
                                         "cleo": [COUNTED]})
    page = tmp_path / "similar.html"
    assert similar("lab", folder, "--course", lab, "--html", page) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "ann" in line)
    assert row.split()[:4] == ["ann", "100%", "bob", "100%"]
    assert page.read_text().count("<article") == 1


def test_the_verb_prints_json_and_names_what_it_could_not_read(
        lab: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = handed_in(tmp_path / "in", {"ann": [SMOOTHED], "bob": [SMOOTHED]})
    (folder / "torn.ipynb").write_text("{")
    assert similar("lab", folder, "--course", lab, "--json") == 3
    printed = capsys.readouterr()
    record = json.loads(printed.out)
    assert [side["student"] for side in record["pairs"][0]["sides"]] == ["ann", "bob"]
    assert "torn" in record["skipped"]
    assert "torn: The file is not a notebook" in printed.err


def test_pairs_are_told_by_the_courses_people(
        lab: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "people.csv").write_text(
        "id,name,canvas\nann,Ann Lee,1101\nbob,Bob Ray,1102\ncy,Cy Poe,1103\n")
    folder = handed_in(tmp_path / "in", {
        "leeann_1101_9001_lab": [SMOOTHED], "raybob_LATE_1102_9002_lab": [SMOOTHED],
        "foxdee_1199_9003_lab": [SMOOTHED]})
    assert similar("lab", folder, "--course", lab, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert {side["student"] for pair in record["pairs"] for side in pair["sides"]} == {
        "ann", "bob", "1199"}


def test_scores_are_left_alone(lab: Path, tmp_path: Path) -> None:
    folder = handed_in(tmp_path / "in", {"ann": [SMOOTHED], "bob": [SMOOTHED]})
    before = set(tmp_path.rglob("*"))
    assert similar("lab", folder, "--course", lab) == 0
    assert set(tmp_path.rglob("*")) == before
