"""How often a wrong definition is repaired, what that costs, and whether it names the right line.

``python tests/bench/repair.py FOLDER [FOLDER…]``: every ``FOLDER/<assignment>/*.py`` (or
``.ipynb``) is graded by the suite of this course, as it lies. A line that ends in ``# wrong`` is
the one to be named.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from autograder import course
from autograder.course import Question
from autograder.judge import Judge
from autograder.judge.explain.repair import Repairs, Searched
from autograder.judge.scoring import Outcome
from autograder.judge.sessions import Sessions
from autograder.result import QuestionResult, Status
from autograder.submission import Submission

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Recorder(Repairs):
    """The judge's repairs, and what each search came to."""

    repairs: Repairs
    searched: dict[str, Searched] = field(default_factory=dict)

    def __call__(
        self, sessions: Sessions, question: Question, before: Sequence[Outcome],
        corrected: Sequence[str],
    ) -> Searched:
        found = self.repairs(sessions, question, before, corrected)
        self.searched[question.name] = found
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--difference", action="store_true", help="show the changes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    book = course.load(REPOSITORY / "grader.toml")
    found: list[Searched] = []
    right = marked = 0
    print(f"{'file':34} {'question':22} {'repaired':9} {'line':>5} {'kind':10} {'tried':>6} "
          f"{'seconds':>8}")
    for name in book.assignments:
        files = sorted(file for folder in options.folders for file in (folder / name).glob("*.*"))
        if not files:
            continue
        with Judge(book, name, secret=b"bench") as judge:
            repairs = judge.repairs
            assert repairs is not None
            for file in files:
                recorder = Recorder(repairs)
                judge.repairs = recorder
                content = file.read_bytes()
                result = judge.grade(Submission(file.stem, name, {file.name: content}, None))
                wrong = [number for number, line in enumerate(content.splitlines(), 1)
                         if line.rstrip().endswith(b"# wrong")]
                if not result.is_graded:
                    print(f"{file.name:34} {result.message}")
                for question in result.questions:
                    searched = recorder.searched.get(question.name, Searched())
                    if not searched.candidates and not question.diagnosis \
                            and question.status in (Status.PASSED, Status.MISSING):
                        continue
                    found.append(searched)
                    row(file, question, searched)
                    if searched.repair and wrong:
                        marked += 1
                        right += searched.repair.line in wrong
                    if searched.repair and options.difference:
                        print(searched.repair.difference)
    hits = [each for each in found if each.repair]
    print(f"{len(hits)} of {len(found)} repaired; of {marked} with a marked line {right} on it")
    if hits:
        print(f"candidates of one that is repaired: median "
              f"{statistics.median(each.candidates for each in hits):g}; seconds of CPU: median "
              f"{statistics.median(each.seconds for each in hits):.2f}, most "
              f"{max(each.seconds for each in found):.2f}, all {sum(e.seconds for e in found):.1f}")


def row(file: Path, question: QuestionResult, searched: Searched) -> None:
    repair = searched.repair
    what = "yes" if repair else "named" if question.diagnosis else "no"
    print(f"{file.name:34} {question.name:22} {what:9} {repair.line if repair else '':>5} "
          f"{repair.kind if repair else '':10} {searched.candidates:6} {searched.seconds:8.2f}",
          flush=True)


if __name__ == "__main__":
    main()
