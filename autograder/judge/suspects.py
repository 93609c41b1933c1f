"""What a student's tests are put to: right implementations of a function, and wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import torch

from autograder.course import Assignment, Question
from autograder.judge.implementation import copied
from autograder.judge.staff import JudgeError, Misconception, Staff


class Suspects:
    """What the tests of one question are put to."""

    def __init__(self, question: Question, of: str, staff: Staff) -> None:
        """Raises JudgeError where there is nothing wrong to be found."""
        self.question = question
        self.of = of
        self._staff = staff
        [self.name] = question.names
        self._mistakes = [each for each in staff.misconceptions if each.name == of]
        if not self._mistakes:
            raise JudgeError(f"{self.name} is put to the misconceptions of {of}, and there is "
                             "none; write what students get wrong, in misconceptions.py")

    @cached_property
    def right(self) -> tuple[str, ...]:
        """Programs, as cells of a notebook.

        Raises:
            JudgeError: the reference's tests fail on one of them.
        """
        others = [each for each in self._staff.alternatives
                  if each.name == self.of and each.at_least == 1 and each.is_for_tests]
        for implementation in (getattr(self._staff.reference, self.of), *(
                each.implementation for each in others)):
            if (error := self._rejected(implementation)) is not None:
                raise JudgeError(
                    f"the reference's {self.name} fails on a right implementation of {self.of}: "
                    f"{type(error).__name__}: {error}")
        return (self._staff.program, *(each.program for each in others))

    @cached_property
    def wrong(self) -> tuple[Misconception, ...]:
        """Those that the reference's own tests find.

        Raises:
            JudgeError: they find none.
        """
        found = tuple(each for each in self._mistakes
                      if self._rejected(each.implementation) is not None)
        if not found:
            raise JudgeError(
                f"the reference's {self.name} finds no mistake among the misconceptions of "
                f"{self.of}; write tests that do, or misconceptions that can be found")
        return found

    def _rejected(self, implementation: Callable[..., Any]) -> Exception | None:
        return _rejects(getattr(self._staff.reference, self.name), implementation)


def suspects(assignment: Assignment, staff: Staff) -> list[Suspects]:
    """Of each question of kind ``tests``. What that takes, up to a second, is done when the first
    student has written some. Raises JudgeError where there is nothing wrong to be found."""
    return [Suspects(question, question.of, staff) for question in assignment.questions
            if question.kind == "tests" and question.of is not None]


def _rejects(tests: Callable[..., object], implementation: Callable[..., Any]) -> Exception | None:
    """What the reference's tests raise of an implementation, which answers them as it would from
    another process."""

    def answering(*arguments: Any, **keywords: Any) -> Any:
        try:
            with torch.random.fork_rng(devices=[]):
                torch.default_generator.manual_seed(0)
                return implementation(*copied(arguments), **copied(keywords))
        except Exception as error:
            raise ValueError("it refuses these arguments") from error

    try:
        tests(answering)
    except Exception as error:
        return error
    return None
