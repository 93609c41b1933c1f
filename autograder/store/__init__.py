"""The store: every result ever made, in a database.

Results are added, and never changed or deleted, but where a person is erased. Of the other rows,
that of a run is given its end when the run finishes, and claims are deleted when they are no longer
needed.

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
