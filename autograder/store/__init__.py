"""The store: every result ever made, in a database.

Results, messages and lines of the log are added; they are changed or deleted only where a person is
erased. In other rows this can change: how far a run, a hand-in, a request or a notice is, that
a decision was revoked or a key has ended, what a platform said or an export wrote last. Claims, and
runs that found nothing to do, are deleted.

SQLite beside the course by default; PostgreSQL by its URL. Several runs may use one store at the
same time: see ``claims``.
"""

from autograder.store.arrivals import Arrival, State, Work
from autograder.store.claims import Claims
from autograder.store.database import StoreError
from autograder.store.keeping import HistoryEntry, Run, Store
from autograder.store.persons import Erasure, Filed
from autograder.store.records import key_of, result_key

__all__ = ["Arrival", "Claims", "Erasure", "Filed", "HistoryEntry", "Run", "State", "Store",
           "StoreError", "Work", "key_of", "result_key"]
