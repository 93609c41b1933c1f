"""What the boundary costs: CPU of grading one right submission, against the same checks in one
warm process without any isolation.

Both are run in processes of their own, interleaved; CPU is the processes' own and that of all
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


def judged(count: int, notebook: bytes) -> None:
    from autograder import course
    from autograder.judge import Judge
    from autograder.submission import Submission

    with Judge(course.load(REPOSITORY / "grader.toml"), "correlation", secret=b"bench") as judge:
        for number in range(count):
            result = judge.grade(Submission(
                student=f"s{number}", assignment="correlation",
                files={"correlation.ipynb": notebook}, submitted_at=None))
            assert result.score == result.max_score, result


def bare(count: int, notebook: bytes) -> None:
    from autograder import course
    from autograder.judge import Judge
    from autograder.judge.examinee import Local
    from autograder.judge.scoring import Status
    from autograder.sandbox.loading import Namespace
    from autograder.submission import Submission, read

    with Judge(course.load(REPOSITORY / "grader.toml"), "correlation", secret=b"bench") as judge:
        for number in range(count):
            cells = read(Submission(
                student=f"s{number}", assignment="correlation",
                files={"correlation.ipynb": notebook}, submitted_at=None)).cells
            namespace = Namespace()
            namespace.install()
            for cell in cells:
                namespace.run(cell.index, cell.source, judge.assignment.names)
            student = Local({name: namespace.find(name) for name in judge.assignment.names})
            for question in judge.assignment.questions:
                outcomes = judge.examiner.question(student, question)
                assert all(outcome.status is Status.PASSED for outcome in outcomes)


def measure(way: str, count: int) -> float:
    """CPU seconds of a process that grades ``count`` submissions that way."""
    done = subprocess.run([sys.executable, __file__, way, str(count)], check=True,
                          capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def child(way: str, count: int) -> None:
    from autograder import build, course

    notebook = build.solution_notebook(course.load(REPOSITORY / "grader.toml"), "correlation")
    (judged if way == "judged" else bare)(count, notebook)
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(sum(usage.ru_utime + usage.ru_stime for usage in usages))


def main() -> None:
    costs: dict[str, list[float]] = {"judged": [], "bare": []}
    for _ in range(ROUNDS):
        for way in costs:
            slope = (measure(way, LONG) - measure(way, SHORT)) / (LONG - SHORT)
            costs[way].append(slope * 1000)
    for way, values in costs.items():
        print(f"{way:8} {statistics.median(values):7.1f} ms CPU for one right submission "
              f"({min(values):.1f} to {max(values):.1f})")
    beyond = [a - b for a, b in zip(costs["judged"], costs["bare"], strict=True)]
    ratio = [a / b for a, b in zip(costs["judged"], costs["bare"], strict=True)]
    print(f"isolation costs {statistics.median(beyond):.1f} ms ({min(beyond):.1f} to "
          f"{max(beyond):.1f}; the aim is {LIMIT_MS}), ratio {statistics.median(ratio):.2f}")


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 1 else main()
