"""What is kept beyond results: the files that were handed in (``files``), all that there is of a
person, to be given (``giving``) or erased (``erasing``), and backups of the whole (``backup``).
What is handed in through the door is received here (``receiving``), for a receipt (``receipts``).
"""

from autograder.intake.files import IntakeError, KeptFiles, submissions

__all__ = ["IntakeError", "KeptFiles", "submissions"]
