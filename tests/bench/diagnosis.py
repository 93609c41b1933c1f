"""How often the diagnosis is right: recall and precision, by assignment.

``python tests/bench/diagnosis.py [ASSIGNMENT…]`` (default: all). Every program below is graded by
the hidden suites, in this process, and what its diagnosis names is held against what is wrong:

* every misconception, in other words: its answers are computed anew, rounded otherwise, and given
  with another memory layout;
* faults that nobody wrote down: the right answer, spoilt in a dozen ways;
* on ``conv2d``, two misconceptions at once, for all pairs of those below.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import torch

from autograder import course
from autograder.course import Course, Question
from autograder.judge.examiner import Examiner, Misconceived
from autograder.judge.explain.diagnosis import diagnose
from autograder.judge.implementation import Local
from autograder.judge.scoring import excuses
from autograder.judge.staff import load
from autograder.judge.suite import Suite
from autograder.result import Status

REPOSITORY = Path(__file__).resolve().parents[2]
Function = Callable[..., Any]


class Clinic:
    """Puts a function to its question's checks, and says what the diagnosis names."""

    def __init__(self, course: Course, name: str) -> None:
        self.assignment = course.assignment(name).examined
        self.staff = load(course, name)
        suite = Suite(course.suite(name), self.assignment)
        self.examiner = Examiner(self.assignment, suite, self.staff, key=b"diagnosis")
        self._misconceived = Misconceived(self.examiner)

    def named(self, function: str, implementation: Function) -> set[str] | None:
        """None when every check passes: nothing is wrong that these inputs show."""
        question = self.owner(function)
        values = {name: getattr(self.staff.reference, name) for name in self.assignment.names}
        values[function] = implementation
        outcomes = self.examiner.question(Local(values), question)
        if all(outcome.status is Status.PASSED for outcome in outcomes):
            return None
        candidates = [m for m in self.staff.misconceptions if m.name in question.names]
        found = diagnose(outcomes, excuses(outcomes, {}), candidates, self._misconceived,
                         question.name)
        return {diagnosis.id for diagnosis in found}

    def owner(self, function: str) -> Question:
        found = self.assignment.owner(function)
        assert found is not None
        return found

    def functions(self) -> Iterator[tuple[str, Function]]:
        """The graded functions; classes are not spoilt below."""
        for name in self.assignment.names:
            reference = getattr(self.staff.reference, name)
            if not isinstance(reference, type):
                yield name, reference


def each_tensor(change: Callable[[torch.Tensor], torch.Tensor], answer: Any) -> Any:
    if isinstance(answer, torch.Tensor):
        return change(answer) if answer.is_floating_point() and not answer.is_meta else answer
    if isinstance(answer, tuple | list):
        return type(answer)(each_tensor(change, one) for one in answer)
    return answer


def in_other_words(function: Function) -> Function:
    """The same wrong idea, whose rounding and memory layout are another's."""
    if isinstance(function, type):
        return function

    def other(*arguments: Any) -> Any:
        return each_tensor(
            lambda answer: (answer.mT.contiguous().mT if answer.dim() > 1 else answer)
            * (1 + torch.finfo(answer.dtype).eps),
            function(*arguments))

    return other


FAULTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "a thousandth more": lambda y: y * 1.001,
    "one more": lambda y: y + 1,
    "sign lost": lambda y: y.abs(),
    "cut at zero": lambda y: y.clamp(min=0),
    "rounded": lambda y: y.round(),
    "squared": lambda y: y * y,
    "first element lost": lambda y: torch.cat([y.reshape(-1)[:1] * 0, y.reshape(-1)[1:]]
                                              ).reshape(y.shape),
    "last element doubled": lambda y: torch.cat([y.reshape(-1)[:-1], y.reshape(-1)[-1:] * 2]
                                                ).reshape(y.shape),
    "noise": lambda y: y + torch.randn(y.shape, dtype=y.dtype) * 0.1,
    "upside down, and one more": lambda y: (y.flip(-2) if y.dim() > 1 else y) + 1,
    "mean removed": lambda y: y - y.mean() if y.numel() else y,
    "rolled": lambda y: y.roll(1, -1) if y.dim() else y,
}


def spoilt(function: Function, change: Callable[[torch.Tensor], torch.Tensor]) -> Function:
    return lambda *arguments: each_tensor(change, function(*arguments))


def faulty_conv2d(faults: set[str]) -> Function:
    """A convolution with several of channels' misconceptions at once."""

    def conv2d(X: torch.Tensor, W: torch.Tensor, b: torch.Tensor | None = None,
               stride: Any = 1, padding: Any = 0) -> torch.Tensor:
        ph, pw = (padding, padding) if isinstance(padding, int) else padding
        sh, sw = (stride, stride) if isinstance(stride, int) else stride
        fits = W.dim() == X.dim() == 4 and X.shape[1] == W.shape[1] and min(ph, pw) >= 0 \
            and min(sh, sw) > 0 and W.shape[2] <= X.shape[2] + 2 * ph \
            and W.shape[3] <= X.shape[3] + 2 * pw and (b is None or b.shape == W.shape[:1])
        if not fits:
            raise ValueError("these do not fit")
        if "padding-swapped" in faults:
            ph, pw = pw, ph
        if "padding-ignored" in faults:
            ph = pw = 0
        if "strides-swapped" in faults:
            sh, sw = sw, sh
        if "stride-ignored" in faults:
            sh = sw = 1
        if "first-stride-for-both" in faults:
            sw = sh
        if "weights-flipped" in faults:
            W = W.flip(2, 3)
        if "bias-forgotten" in faults:
            b = None
        X = torch.nn.functional.pad(X, (pw, pw, ph, ph),
                                    value=1 if "padding-with-ones" in faults else 0)
        windows = X.unfold(2, W.shape[2], 1).unfold(3, W.shape[3], 1)[:, :, ::sh, ::sw]
        Y = torch.einsum("nchwij,ocij->nohw", windows, W)
        if b is not None:
            Y = Y + (b[0] if "one-bias-for-all" in faults else b[:, None, None])
        return Y

    return conv2d


COMPOSED = ("padding-swapped", "padding-ignored", "padding-with-ones", "strides-swapped",
            "stride-ignored", "first-stride-for-both", "weights-flipped", "bias-forgotten",
            "one-bias-for-all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("assignment", nargs="*")
    names: list[str] = parser.parse_args().assignment
    torch.set_num_threads(1)
    book = course.load(REPOSITORY / "grader.toml")
    print(f"{'assignment':12} {'misconceptions':>14} {'named':>6} {'alone':>6} {'not named':>9} "
          f"{'wrongly':>8}   {'other faults':>12} {'named wrongly':>13}")
    for name in names or book.assignments:
        clinic = Clinic(book, name)
        tally: Counter[str] = Counter()
        for one in clinic.staff.misconceptions:
            if one.name not in clinic.assignment.names:  # of tests, which no suite examines
                continue
            named = clinic.named(one.name, in_other_words(one.implementation))
            if named is None:
                continue
            tally["misconceptions"] += 1
            tally["named"] += one.id in named
            tally["alone"] += named == {one.id}
            tally["not named"] += not named
            if named and one.id not in named:
                tally["wrongly"] += 1
                print(f"  {one.id}: {sorted(named)}")
        for function, reference in clinic.functions():
            for fault, change in FAULTS.items():
                named = clinic.named(function, spoilt(reference, change))
                tally["other faults"] += named is not None
                if named:
                    tally["named wrongly"] += 1
                    print(f"  {function}, {fault}: {sorted(named)}")
        print(f"{name:12} {tally['misconceptions']:14} {tally['named']:6} {tally['alone']:6} "
              f"{tally['not named']:9} {tally['wrongly']:8}   {tally['other faults']:12} "
              f"{tally['named wrongly']:13}")
        if name == "channels":
            pairs(clinic)


def pairs(clinic: Clinic) -> None:
    tally: Counter[str] = Counter()
    for one, other in combinations(COMPOSED, 2):
        named = clinic.named("conv2d", faulty_conv2d({one, other}))
        if named is None:
            continue
        right = "both" if {one, other} <= named else "one of them" if named & {one, other} \
            else "another" if named else "nothing"
        exact = " and no other" if named == {one, other} else ""
        tally[right + exact] += 1
        if right == "another":
            print(f"  {one} and {other}: {sorted(named)}")
    print("two at once on conv2d:", ", ".join(f"{n} {what}" for what, n in tally.most_common()))


if __name__ == "__main__":
    main()
