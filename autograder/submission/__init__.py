"""What students hand in: a path -> submissions (``find``), a submission -> cells (``read``).

File names, archives and notebooks come from outside: they are parsed with limits, never
unpacked to disk, and what is wrong with one of them is a row of its own, never a stopped batch.
"""

from autograder.names import student_id
from autograder.submission.cells import DEFINITION, NotPython, parse
from autograder.submission.document import Written, is_script, text_of, written
from autograder.submission.find import Found, find, of_files, of_student
from autograder.submission.model import Cell, Notebook, Submission, SubmissionError, Unreadable
from autograder.submission.near import near_names
from autograder.submission.notebook import read
from autograder.submission.predicted import predicted
from autograder.submission.slicing import needed
from autograder.submission.statements import divided
from autograder.submission.suspicious import suspicious

__all__ = [
    "DEFINITION",
    "Cell",
    "Found",
    "NotPython",
    "Notebook",
    "Submission",
    "SubmissionError",
    "Unreadable",
    "Written",
    "divided",
    "find",
    "is_script",
    "near_names",
    "needed",
    "of_files",
    "of_student",
    "parse",
    "predicted",
    "read",
    "student_id",
    "suspicious",
    "text_of",
    "written",
]
