"""Timed questions: how fast a student's function is, against the staff's, by the judge's clock.

A question with a ``performance`` table in grader.toml is not examined by a suite. It is timed
after everything else, one submission at a time, by a ``Timekeeper`` (``timekeeper.py``), on one of
``devices/``; until then its result is ``deferred`` (``pending.py``), and counts for nothing.
"""
