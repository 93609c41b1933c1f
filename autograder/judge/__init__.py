"""Suites, checks, comparing, and what is behind a wrong answer.

``Judge`` (``judge``) has a submission examined (``exam``): checks (``suite``, ``checks``) are put
(``examiner``) to the student's code (``implementation``, ``sessions``), answers are held against
the reference's (``compare``, ``tolerance``), and failures are explained (``explain``).
"""

from autograder.judge.judge import Judge
from autograder.judge.staff import JudgeError

__all__ = ["Judge", "JudgeError"]
