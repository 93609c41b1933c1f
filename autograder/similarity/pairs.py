"""Finds the pairs of a class, through an index from fingerprints to those who have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.course import Course
from autograder.similarity.fingerprints import GRAM, Program, TooLong, program
from autograder.submission import Cell, Notebook, Submission, SubmissionError, Unreadable, read

LEAST = 10
"""Fingerprints that two must share to be a pair: about ten lines of tensor code."""
FEW = 5
"""Students who may share code that is not yet common, however small the class."""


@dataclass(frozen=True)
class Span:
    """Lines of one code cell: the cell 0-based, the lines 1-based and inclusive."""

    cell: int
    first: int
    last: int

    def lines(self) -> Iterator[tuple[int, int]]:
        return ((self.cell, line) for line in range(self.first, self.last + 1))


@dataclass(frozen=True)
class Passage:
    """The same code in both submissions of a pair."""

    spans: tuple[Span, Span]


@dataclass(frozen=True)
class Side:
    """One submission of a pair."""

    student: str
    share: float  # of the fingerprints that are the student's own, 0 to 1
    lines: int  # in passages
    cells: tuple[Cell, ...]  # those with passages


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions, and what they share beyond starter, solution and common code."""

    sides: tuple[Side, Side]
    shared: int  # fingerprints
    expected: float  # fingerprints that one of the two shares with any other student, on average
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Similarities:
    """What a comparison of a class found. The pairs that share most beyond expectation first."""

    assignment: str
    compared: int  # submissions
    short: int  # submissions among them with less code of their own than a pair must share
    found: int  # pairs above the threshold, of which ``pairs`` are the first
    pairs: tuple[SimilarPair, ...]
    skipped: Mapping[str, str]  # student -> why the submission could not be compared


@dataclass(frozen=True)
class _Candidate:
    students: tuple[str, str]
    shared: int
    expected: float

    @property
    def rank(self) -> tuple[float, int, tuple[str, str]]:
        return (self.expected - self.shared, -self.shared, self.students)


def compare(
    course: Course, assignment: str, submissions: Sequence[Submission], *, solution: bytes,
    given: Sequence[Path] = (), threshold: float = 0.3, common: float = 0.2, top: int = 20,
) -> Similarities:
    """The ``top`` pairs of which one shares at least ``threshold`` of its own code.

    Own is what stands neither in the assignment's notebook as students receive it, nor in the
    notebook of the model ``solution``, nor in the notebooks and scripts ``given``, nor in more
    than the share ``common`` of the class.

    Raises:
        OSError, SubmissionError: a file of ``given`` cannot be read.
    """
    known = _known(course, assignment, solution, given)
    own: dict[str, set[int]] = {}
    skipped: dict[str, str] = {}
    for submission in submissions:
        try:
            own[submission.student] = {
                each for each, _ in program(read(submission)).prints} - known
        except (Unreadable, TooLong) as error:
            skipped[submission.student] = str(error)
    _drop_common(own, max(FEW, common * len(own)))
    candidates = sorted(_candidates(own, threshold), key=lambda candidate: candidate.rank)
    chosen = candidates[:top]
    wanted = {student for candidate in chosen for student in candidate.students}
    notebooks = {each.student: read(each) for each in submissions if each.student in wanted}
    programs = {student: program(notebook) for student, notebook in notebooks.items()}
    return Similarities(
        assignment=assignment, compared=len(own),
        short=sum(len(prints) < LEAST for prints in own.values()), found=len(candidates),
        pairs=tuple(_pair(candidate, own, notebooks, programs) for candidate in chosen),
        skipped=skipped)


def _known(
    course: Course, assignment: str, solution: bytes, given: Sequence[Path]
) -> set[int]:
    """Every fingerprint of what students were given, and of the model solution."""
    starters = [path for path in course.handouts(assignment) if path.is_file()]
    files = {path: path.read_bytes() for path in [*given, *starters]}
    files[course.solutions(assignment) / "notebook.ipynb"] = solution
    known: set[int] = set()
    for path, content in files.items():
        try:
            known |= program(read(Submission("", assignment, {path.name: content}, None))).grams
        except (Unreadable, TooLong) as error:
            raise SubmissionError(f"{path}: {error}") from None
    return known


def _drop_common(own: Mapping[str, set[int]], most: float) -> None:
    """Take away what more than ``most`` students have."""
    common = {each for each, students in _holders(own).items() if len(students) > most}
    for prints in own.values():
        prints -= common


def _holders(own: Mapping[str, Collection[int]]) -> dict[int, list[int]]:
    """Fingerprint -> who has it, numbered in the order of ``own``."""
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for number, prints in enumerate(own.values()):
        for each in prints:
            holders[each].append(number)
    return holders


def _candidates(own: Mapping[str, Collection[int]], threshold: float) -> Iterator[_Candidate]:
    """All pairs above the threshold. One student at a time is held against those in the index."""
    students = list(own)
    sizes = np.array([len(prints) for prints in own.values()])
    holders = {each: np.array(numbers) for each, numbers in _holders(own).items()
               if len(numbers) > 1}
    with_all = np.array([sum(len(holders[each]) - 1 for each in prints if each in holders)
                         for prints in own.values()])
    others = max(1, len(students) - 2)  # of whom neither is one of the pair
    for number, prints in enumerate(own.values()):
        rows = [holders[each] for each in prints if each in holders]
        if not rows:
            continue
        shared = np.bincount(np.concatenate(rows), minlength=len(students))
        enough = (shared >= LEAST) & (shared >= threshold * np.minimum(sizes, sizes[number]))
        for other in np.flatnonzero(enough):
            if other > number:
                with_others = max(with_all[number], with_all[other]) - shared[other]
                yield _Candidate((students[number], students[other]), int(shared[other]),
                                 float(with_others / others))


def _pair(
    candidate: _Candidate, own: Mapping[str, set[int]], notebooks: Mapping[str, Notebook],
    programs: Mapping[str, Program],
) -> SimilarPair:
    one, other = candidate.students
    shared = own[one] & own[other]
    passages = tuple(_passages(programs[one], programs[other], shared))
    sides = []
    for side, student in enumerate(candidate.students):
        lines = {place for passage in passages for place in passage.spans[side].lines()}
        touched = {cell for cell, _ in lines}
        sides.append(Side(
            student, len(shared) / len(own[student]), len(lines),
            tuple(cell for cell in notebooks[student].cells if cell.index in touched)))
    return SimilarPair((sides[0], sides[1]), candidate.shared, candidate.expected, passages)


def _passages(one: Program, other: Program, shared: Collection[int]) -> Iterator[Passage]:
    """Runs of shared fingerprints that overlap in both programs, in the order of the first."""
    found: defaultdict[int, dict[int, None]] = defaultdict(dict)  # print -> its nodes, in order
    for each, node in other.prints:
        found[each][node] = None
    runs: list[tuple[int, int, int]] = []  # first node here, first node there, nodes
    for each, node in one.prints:
        if each not in shared:
            continue
        if runs:
            here, there, length = runs[-1]
            if node < here + length and there + node - here in found[each]:
                runs[-1] = (here, there, node - here + GRAM)
                continue
        runs.append((node, next(iter(found[each])), GRAM))
    for here, there, length in runs:
        yield Passage((_span(one, here, length), _span(other, there, length)))


def _span(program: Program, first: int, length: int) -> Span:
    places = program.places[first:first + length]
    lines = [place.line for place in places]
    return Span(places[0].cell, min(lines), max(lines))
