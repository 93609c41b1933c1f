"""All that an author's files import of ours.

Suites, references, misconceptions and alternatives use these names, the fixtures, and nothing else
of the package: what lies behind them may change and move. What each does is said in
``docs/authoring.md``.

In a reference ``sums_of_products`` and ``within``; in misconceptions.py and alternatives.py
``Misconceptions`` and ``Alternatives``; in a suite ``sentence`` and ``network``. The others are
types, for annotations: of the fixtures ``check``, ``refuses``, ``student``, ``expect`` and
``draw``, of an object that stays in the student's worker, of such an object beside the
reference's, and of a student's network as the judge's own.
"""

from __future__ import annotations

from autograder.judge.checks import Checks, Refusals, StudentCode
from autograder.judge.expect import Draw, Expect
from autograder.judge.networks import Network, network
from autograder.judge.objects import Object, Pair
from autograder.judge.staff import Alternatives, Misconceptions
from autograder.judge.tolerance import sums_of_products, within
from autograder.result import sentence

__all__ = [
    "Alternatives",
    "Checks",
    "Draw",
    "Expect",
    "Misconceptions",
    "Network",
    "Object",
    "Pair",
    "Refusals",
    "StudentCode",
    "network",
    "sentence",
    "sums_of_products",
    "within",
]
