"""Which checks are a running notebook's: those near it that know the names it has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.course import Assignment, LanguageCode, load
from autograder.selfcheck.finding import named
from autograder.selfcheck.folder import ANSWERS, COURSE, NAME
from autograder.submission import SubmissionError

_NAME_IT = 'say where: %check --checks FOLDER, or check(checks="FOLDER")'


def found_for(
    here: Path, asked: Collection[str], defined: Collection[str], folder: Path | None = None
) -> Path:
    """The folder of the checks.

    Args:
        here: where the notebook lies.
        asked: names that it is to know: of questions, or of graded functions.
        defined: all names that the session has.
        folder: the folder itself, or the one around it; None is to look.

    Raises:
        SubmissionError: there is none, or which of several is not clear. The text says what to do.
    """
    if folder is not None:
        return named(folder)
    known = {path: _names(assignment) for path in _folders(here)
             for assignment in load(path / COURSE).assignments.values()}
    if not known:
        raise SubmissionError(
            f"no checks found beside {here} or above; put the folder {NAME}/ that came with the "
            f"assignment beside the notebook, or {_NAME_IT}")
    likely = [path for path, names in known.items() if names.issuperset(asked)]
    if not likely:
        every = sorted(set().union(*known.values()))
        raise SubmissionError(f"no visible check is about {', '.join(asked)}; there are checks of: "
                              f"{', '.join(every)}")
    counts = {path: len(known[path].intersection(defined)) for path in likely}
    best = [path for path in likely if counts[path] == max(counts.values())]
    if len(best) > 1:
        raise SubmissionError(
            f"may be checks of {', '.join(path.parent.name for path in best)}; {_NAME_IT}")
    return best[0]


def spoken_near(here: Path) -> LanguageCode:
    """The language of the course whose checks lie near; English where there are none.

    Raises:
        CourseError: they are damaged.
    """
    for path in _folders(here):
        for assignment in load(path / COURSE).assignments.values():
            return assignment.language
    return "en"


def _names(assignment: Assignment) -> set[str]:
    return {*assignment.names, *(question.name for question in assignment.questions)}


def _folders(here: Path) -> Iterator[Path]:
    """Beside the notebook; else in folders beside it; else in the first course or folder above."""
    for above in (here, *here.parents):
        if (above / NAME / ANSWERS).is_file():
            yield above / NAME
            return
        places = [f"assignments/*/{NAME}/{ANSWERS}"] if (above / COURSE).is_file() else []
        places += [f"*/{NAME}/{ANSWERS}"] if above == here else []
        found = [path.parent for place in places for path in sorted(above.glob(place))]
        if found:
            yield from found
            return
