"""What a file is, as far as its name tells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import get_args

from autograder.course import Assignment, LanguageCode
from autograder.submission.tree import File

_ENDING = "ipynb"
# Typed by hand, a letter is missing, or two have changed places.
_TYPED = sorted({_ENDING[:i] + _ENDING[i + 1:] for i in range(5)}
                | {_ENDING[:i] + _ENDING[i + 1] + _ENDING[i] + _ENDING[i + 2:] for i in range(4)})
# Browsers save a notebook as .ipynb.txt, .ipynb.json, .ipynb.download or .ipynb (1) now and then.
_NOTEBOOK = re.compile(
    rf"(?P<stem>.+)\.(?:{_ENDING}|{'|'.join(_TYPED)})"
    r"(?: ?\(\d+\))?(?:\.(?:txt|json|download|part|crdownload))?\s*", re.IGNORECASE | re.DOTALL)
_OTHER = {".txt", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".html", ".htm", ".mhtml",
          ".ppt", ".pptx", ".odp", ".key", ".url", ".webloc",
          ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
COPY = re.compile(r"-Copy\d+$", re.IGNORECASE)  # Jupyter's own
_NO_HAND_IN = {"readme", "license", "licence", "changelog", "requirements", "timestamp", "roster"}
# What follows the assignment's name: a language; Jupyter's copies, browsers' copies, otter's time
# of export.
_LANGUAGE = rf"(?:\.(?:{'|'.join(get_args(LanguageCode))}))?"
_AGAIN = re.compile(_LANGUAGE + r"(?:-copy\d++| ?\(\d++\)|_\d{4}_\d\d_\d\dt[\d_]++)*+")


def kind(name: str) -> str | None:
    """notebook, script, archive, other (what people hand in instead), or None."""
    if _NOTEBOOK.fullmatch(name):
        return "notebook"
    suffix = PurePath(name.rstrip()).suffix.lower()
    if suffix in _OTHER:
        return "other"
    return {".py": "script", ".zip": "archive"}.get(suffix)


def stem(name: str) -> str:
    found = _NOTEBOOK.fullmatch(name)
    return found["stem"] if found else PurePath(name.rstrip()).stem


def is_called(name: str, assignment: str) -> bool:
    """Whether a file is called like an assignment: by its name, or in another language."""
    return re.fullmatch(re.escape(assignment) + _LANGUAGE, stem(name), re.IGNORECASE) is not None


def is_attempt(name: str) -> bool:
    """Whether people hand such a file in, and not lay it beside what others handed in."""
    is_ = kind(name)
    return is_ is not None and not (is_ == "other" and is_beside(name))


def is_beside(name: str) -> bool:
    """Whether a file that is no notebook is called as what lies beside hand-ins is."""
    return stem(name).casefold() in _NO_HAND_IN


def holds_notebooks(files: Iterable[File]) -> bool:
    return any(kind(file.name) in ("notebook", "archive") for file in files)


def named_after(name: str, assignment: Assignment) -> bool:
    """Whether a name says the assignment and nothing else, copies and times of export apart."""
    called, folded = assignment.name.casefold(), name.casefold()
    return folded.startswith(called) and _AGAIN.fullmatch(folded, len(called)) is not None
