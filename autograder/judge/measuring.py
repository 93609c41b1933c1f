"""``measure``: one number of a submission, which several checks hold against steps of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from weakref import WeakKeyDictionary

from autograder.judge.check_run import CheckRun, Verdict
from autograder.judge.checks import StudentCode
from autograder.judge.expect import Draw, Expect
from autograder.judge.implementation import Implementation
from autograder.result import Measurement, Mismatch, MismatchKind, Sentence, Status, sentence

Measuring = Callable[[StudentCode, Expect, Draw], Fraction | float]
"""A suite's function that finds a share, from 0 to 1, as a check would find it, by its fixtures."""

# What measurements came to, by implementation. To measure may take most of a submission's time.
_kept: WeakKeyDictionary[Implementation, dict[tuple[bytes, str, str], int | Verdict]] = \
    WeakKeyDictionary()


class Measure:
    """The fixture ``measure``. A check that asks for it is no explanation's matter: where it has a
    number, the number says why."""

    def __init__(self, run: CheckRun) -> None:
        self._run = run

    def __call__(self, measurement: Measuring, what: Sentence, *, least: int) -> None:
        """What is measured is at least ``least`` percent.

        It is measured once for all checks that ask for it of one implementation, on what is drawn
        under the measurement's own name: the number does not depend on which of them comes first.
        It is cut to whole percents, and these are what is compared, kept and told.

        Args:
            what: what the number is of, as in "unseen images that are read".

        Raises:
            Verdict: it is less; or the measurement itself ended by one, as a check does.
        """
        found = self._found(measurement)
        self._run.measured = Measurement(what=what, percent=found)
        if found < least:
            raise Verdict(Status.FAILED, mismatch=Mismatch(kind=MismatchKind.OTHER),
                          message=sentence("{percent} % are measured; {least} % are needed.",
                                           percent=found, least=least))

    def _found(self, measurement: Measuring) -> int:
        run = self._run
        kept = _kept.setdefault(run.implementation, {})
        place = run.key, run.question, measurement.__name__
        if place not in kept:
            own = replace(run, check=measurement.__name__, answers=[], last=None)
            try:
                share = measurement(StudentCode(own), Expect(own), Draw(own))
                kept[place] = math.floor(100 * Fraction(share))
            except Verdict as verdict:
                kept[place] = verdict.with_traceback(None)
        found = kept[place]
        if isinstance(found, Verdict):
            raise found
        return found
