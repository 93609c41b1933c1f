"""What grading costs: CPU of one right submission of each assignment, and for ``correlation``
against the same checks in one warm process without any isolation.

Everything is run in processes of its own, interleaved; CPU is the processes' own and that of all
their children, and the cost of one submission is the slope between a short and a long run, so
that start-up does not count.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SHORT, LONG, ROUNDS = 4, 24, 5
LIMIT_MS = 150


def judged(count: int, assignment: str, notebook: bytes) -> None:
    from autograder import course
    from autograder.judge import Judge
    from autograder.submission import Submission

    with Judge(course.load(REPOSITORY / "grader.toml"), assignment, secret=b"bench") as judge:
        for number in range(count):
            result = judge.grade(Submission(
                student=f"s{number}", assignment=assignment,
                files={f"{assignment}.ipynb": notebook}, submitted_at=None))
            assert result.score >= result.max_score, result


def bare(count: int, assignment: str, notebook: bytes) -> None:
    from autograder import course
    from autograder.judge import Judge
    from autograder.judge.examinee import Local
    from autograder.judge.scoring import Status
    from autograder.sandbox.loading import Namespace
    from autograder.submission import Submission, needed, read

    with Judge(course.load(REPOSITORY / "grader.toml"), assignment, secret=b"bench") as judge:
        for number in range(count):
            cells = needed(read(Submission(
                student=f"s{number}", assignment=assignment,
                files={f"{assignment}.ipynb": notebook}, submitted_at=None,
            )), judge.assignment.names).cells
            namespace = Namespace()
            namespace.install()
            for cell in cells:
                namespace.run(cell.index, cell.source, judge.assignment.names)
            student = Local({name: namespace.find(name) for name in judge.assignment.names})
            for question in judge.assignment.questions:
                outcomes = judge.examiner.question(student, question)
                assert all(outcome.status is Status.PASSED for outcome in outcomes)


def measure(way: str, assignment: str, count: int) -> float:
    """CPU seconds of a process that grades ``count`` submissions that way."""
    done = subprocess.run([sys.executable, __file__, way, assignment, str(count)], check=True,
                          capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def slope(way: str, assignment: str) -> float:
    """CPU milliseconds of one submission."""
    difference = measure(way, assignment, LONG) - measure(way, assignment, SHORT)
    return difference / (LONG - SHORT) * 1000


def child(way: str, assignment: str, count: int) -> None:
    from autograder import build, course

    grader = course.load(REPOSITORY / "grader.toml")
    notebook = build.solution_notebook(grader, assignment)
    (judged if way == "judged" else bare)(count, assignment, notebook)
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(sum(usage.ru_utime + usage.ru_stime for usage in usages))


def main() -> None:
    from autograder import course

    costs: dict[str, list[float]] = {"judged": [], "bare": []}
    for _ in range(ROUNDS):
        for way, values in costs.items():
            values.append(slope(way, "correlation"))
    for way, values in costs.items():
        print(f"correlation, {way:6} {statistics.median(values):7.1f} ms CPU for one right "
              f"submission ({min(values):.1f} to {max(values):.1f})")
    pairs = list(zip(costs["judged"], costs["bare"], strict=True))
    beyond, ratio = [a - b for a, b in pairs], [a / b for a, b in pairs]
    print(f"isolation costs {statistics.median(beyond):.1f} ms ({min(beyond):.1f} to "
          f"{max(beyond):.1f}; the aim is {LIMIT_MS}), ratio {statistics.median(ratio):.2f}")
    for name in course.load(REPOSITORY / "grader.toml").assignments:
        values = [slope("judged", name) for _ in range(3)]
        print(f"{name:12} {statistics.median(values):7.1f} ms CPU for one right submission "
              f"({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 1 else main()
