"""Finds what students handed in, in whatever shape an instructor has it.

Understood are a notebook or script, a folder or zip of them, a folder for each student, nbgrader's
``submitted/``, and what Canvas, Moodle and Gradescope let an instructor download. Who is
whose is read from names alone:

* below a folder or zip, a top file ``ada.ipynb`` or ``ada.zip`` and a top folder ``ada`` are
  Ada's;
* a notebook called like the assignment, alone at the top, is the folder's owner's;
* names that a learning platform made up give the platform's id of the student, by which its
  grade import finds them: 12345 for ``lovelaceada_LATE_12345_67890_correlation.ipynb``.

A top file of another kind gives a row when people hand such files in (PDF, Word, text…), and
none when it is data, an image, Markdown, or called README, LICENSE or the like.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePath

from autograder.course import Assignment
from autograder.result import sentence
from autograder.submission import lms, tree
from autograder.submission.model import Submission, SubmissionError, Unreadable
from autograder.submission.names import shown, student_id, unique
from autograder.submission.notebook import MAX_NOTEBOOK, code_of
from autograder.submission.shelf import Shelf
from autograder.submission.tree import File, Tree

# Browsers save a notebook as .ipynb.txt or .ipynb.json now and then.
_NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)
_OTHER = {".txt", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".html", ".htm",
          ".rar", ".7z", ".tar", ".gz", ".tgz"}
_NO_HAND_IN = {"readme", "license", "licence", "changelog", "requirements", "timestamp", "roster"}
_COPY = re.compile(r"-Copy\d+$", re.IGNORECASE)  # Jupyter's own
# What follows the assignment's name: Jupyter's copies, browsers' copies, otter's time of export.
_AGAIN = re.compile(r"(?:-copy\d++| ?\(\d++\)|_\d{4}_\d\d_\d\dt[\d_]++)*+")
_DEFINITION = re.compile(r"^[ \t]*+(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)", re.MULTILINE)
_MAX_CANDIDATES = 20  # notebooks of one student that are looked into
_MAX_ARCHIVES = 3  # zips of one student that are opened
_MAX_TEXT = 16 * 2**20  # bytes of Gradescope's metadata, which also holds test outputs


@dataclass(frozen=True)
class _HandIn:
    """One student's files, before one of them is chosen."""

    owner: str  # as the names say it: hostile
    files: tuple[File, ...]
    source: str
    nested: bool = False  # each student's folder has a folder for each assignment
    submitted_at: datetime | None = None


def find(paths: Sequence[Path], assignment: Assignment) -> list[Submission]:
    """Every student's hand-in below ``paths``, sorted by student.

    A bad file is a submission with a ``problem``. Two students whose names come out the same
    are told apart by ``-2``, ``-3``….

    Raises:
        FileNotFoundError: a path does not exist.
        SubmissionError: nothing handed in lies there.
    """
    found = [hand_in for path in paths for hand_in in _below(path, assignment)]
    if not found:
        places = ", ".join(str(path) for path in paths) or "no path"
        raise SubmissionError(
            f"{places}: nothing was handed in here; name notebooks (.ipynb, .py), zips of them, "
            "or a folder that holds them or a folder for each student")
    # Who needed no cleaning keeps the id; a copycat with hidden characters gets the suffix.
    found.sort(key=lambda hand_in: (student_id(hand_in.owner) != hand_in.owner, hand_in.owner,
                                    hand_in.source))
    students = unique([student_id(hand_in.owner) for hand_in in found])
    shelf = Shelf()
    submissions = []
    for student, hand_in in zip(students, found, strict=True):
        submission = _submission(student, hand_in, assignment)
        submissions.append(replace(submission, files=shelf.put(submission.files)))
    return sorted(submissions, key=lambda submission: submission.student)


def of_student(folder: Path, student: str, assignment: Assignment) -> Submission:
    """What one student handed in, when everything in ``folder`` is theirs: a checkout, say.

    The notebook called like the assignment is taken, in whatever folder; without one, the one
    that defines most of the graded names. Its path in ``folder`` is the submission's source.
    """
    hand_in = _HandIn(student, tree.from_folder(folder).files, _place(folder))
    submission = _submission(student_id(student), hand_in, assignment)
    with contextlib.suppress(Unreadable):
        submission = replace(submission, source="/".join(_chosen(hand_in, assignment).parts))
    return submission


def _submission(student: str, hand_in: _HandIn, assignment: Assignment) -> Submission:
    submission = Submission(
        student=student, assignment=assignment.name, files={},
        submitted_at=hand_in.submitted_at, source=hand_in.source)
    try:
        chosen = _chosen(hand_in, assignment)
        content = chosen.load(MAX_NOTEBOOK)
    except Unreadable as error:
        return replace(submission, problem=error.reason)
    suffix = ".py" if _kind(chosen.name) == "script" else ".ipynb"
    return replace(submission, files={student_id(_stem(chosen.name)) + suffix: content})


def _below(path: Path, assignment: Assignment) -> list[_HandIn]:
    """The hand-ins at one path."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if path.is_dir():
        found = _of_class(tree.from_folder(path), path, assignment)
        if not found:
            raise SubmissionError(
                f"{path}: no notebook and no student's folder lies here; name the folder that "
                "holds what was handed in")
        return found
    alone = tree.from_file(path)
    if _kind(path.name) == "archive":
        # What is wrong with it is said where its row is made.
        with contextlib.suppress(Unreadable):
            content = tree.from_zip(alone.files[0].load(tree.MAX_ARCHIVE))
            if found := _of_class(content, path, assignment):
                return found
    if _named_after(_stem(path.name), assignment):
        return [_HandIn(_owner(path, assignment), alone.files, _place(path))]
    return _by_owner(alone, path.parent)


def _of_class(files: Tree, path: Path, assignment: Assignment) -> list[_HandIn]:
    """The hand-ins in a folder or zip: one student's, or a class's."""
    is_archive = not path.is_dir()
    files, is_nbgrader = _entered(files, path, assignment)
    if _is_one_student(files, assignment, is_archive):
        return [_HandIn(_owner(path, assignment), files.files, _place(path))]
    found = _by_owner(files, path)
    submitters = _submitters(files)
    nested = is_nbgrader or any(_assignment_folder(hand_in.files, assignment)
                                for hand_in in found)
    result = []
    for hand_in in found:
        # Elsewhere a file called timestamp.txt is the student's own.
        collected = _time(hand_in.files, assignment) if is_nbgrader else None
        owners, time = submitters.get(hand_in.owner, ([hand_in.owner], collected))
        result += [replace(hand_in, owner=owner, nested=nested, submitted_at=time)
                   for owner in owners]
    return result


def _submitters(files: Tree) -> dict[str, tuple[list[str], datetime | None]]:
    """Whose folders are whose, where Gradescope says so."""
    for file in files.top_files:
        if file.name == lms.GRADESCOPE_METADATA:
            with contextlib.suppress(Unreadable):
                return lms.gradescope(file.load(_MAX_TEXT))
    return {}


def _entered(files: Tree, path: Path, assignment: Assignment) -> tuple[Tree, bool]:
    """The tree below folders that only wrap the hand-ins; whether nbgrader collected them."""
    is_archive = not path.is_dir()
    if path.resolve().name == "submitted":
        return files, True
    while True:
        folders = files.top_folders
        if "submitted" in folders and files.below("submitted").folders:
            return files.below("submitted"), True
        if assignment.name in folders and not _holds_notebooks(files.top_files):
            files = files.below(assignment.name)
        elif is_archive and len(folders) == 1 and not files.top_files \
                and not lms.recognise(folders):
            files = files.below(folders[0])
        else:
            return files, False


def _is_one_student(files: Tree, assignment: Assignment, is_archive: bool) -> bool:
    """Whether all this is one student's work, and not a folder of several students' notebooks.

    Only when nothing speaks against it: a row too many is seen, a student too few is not.
    """
    if _holds_notebooks(file for file in files.files if len(file.parts) > 1) \
            or lms.recognise([file.name for file in files.top_files]):
        return False
    for kind in ("notebook", "script", "archive"):
        stems = [_stem(file.name) for file in files.top_files if _kind(file.name) == kind]
        if stems:
            originals = [stem for stem in stems if not _COPY.search(stem)]
            return len(originals) <= 1 and (
                all(_named_after(stem, assignment) for stem in stems)
                or (is_archive and len(stems) == 1 and kind != "archive"))
    return False


def _by_owner(files: Tree, path: Path) -> list[_HandIn]:
    """The files of a class, gathered by student."""
    top = files.top_files
    named = lms.recognise([*files.top_folders, *(file.name for file in top)])
    owners = {folder: named[folder].student if folder in named else folder
              for folder in files.top_folders}
    places = {owner: folder for folder, owner in owners.items()}
    owned: dict[str, list[File]] = {owner: [] for owner in places}
    for file in files.files:
        if len(file.parts) > 1:
            owned[owners[file.parts[0]]].append(replace(file, parts=file.parts[1:]))
    if _holds_notebooks(top):  # then a folder without any need not be a student's
        owned = {owner: some for owner, some in owned.items()
                 if _holds_notebooks(some) or any(file.refused for file in some)
                 or places[owner] in named}
    for file in top:
        if file.name in named:
            owner, name = named[file.name].student, named[file.name].file or file.name
        elif file.refused or _is_attempt(file.name):
            owner, name = _stem(file.name), file.name
        else:
            continue
        owned.setdefault(owner, []).append(replace(file, parts=(name,)))
        places.setdefault(owner, file.name)
    return [_HandIn(owner, tuple(some), _place(path / places[owner]))
            for owner, some in owned.items()]


def _chosen(hand_in: _HandIn, assignment: Assignment) -> File:
    """The file to grade. Raises Unreadable where a student's files hold none."""
    files = _for_assignment(hand_in.files, assignment, hand_in.nested)
    candidates = _of_kind(files, "notebook") or _unpacked(files, assignment)
    exact = [file for file in candidates
             if _stem(file.name).casefold() == assignment.name.casefold()]
    candidates = sorted(exact or candidates, key=lambda file: (file.name, file.parts))
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates[-_MAX_CANDIDATES:],
               key=lambda file: (_defined(file, assignment), file.name, file.parts))


def _unpacked(files: Sequence[File], assignment: Assignment) -> list[File]:
    """The notebooks in a student's zips, else scripts. Raises Unreadable for none at all."""
    inside: list[File] = []
    problem = None
    for archive in _of_kind(files, "archive")[:_MAX_ARCHIVES]:
        try:
            packed = tree.from_zip(archive.load(tree.MAX_ARCHIVE))
        except Unreadable as error:
            problem = problem or error
        else:
            inside += _for_assignment(packed.files, assignment)
    found = (_of_kind(inside, "notebook") or _of_kind(files, "script")
             or _of_kind(inside, "script"))
    if not found:
        raise problem or _nothing([*files, *inside])
    return found


def _nothing(files: Sequence[File]) -> Unreadable:
    """What to say about files none of which is a notebook."""
    for file in files:
        if file.refused is not None:
            return Unreadable(file.refused)
    for file in files:
        if _kind(file.name) == "archive":
            return Unreadable(sentence(
                "The zip archive {name} holds no notebook. Hand in the .ipynb file.",
                name=shown(file.name)))
    for file in files:
        if _kind(file.name) == "other":
            return Unreadable(sentence(
                "{name} is not a notebook. Hand in the .ipynb file that Jupyter saves.",
                name=shown(file.name)))
    return Unreadable(sentence("No notebook was handed in. Hand in the .ipynb file."))


def _defined(file: File, assignment: Assignment) -> int:
    """How many graded names the file has a definition of, as far as its text tells."""
    try:
        codes = code_of(file.name, file.load(MAX_NOTEBOOK))
    except Unreadable:
        return -1
    text = "\n".join(code.source for code in codes)
    return len(set(_DEFINITION.findall(text)).intersection(assignment.names))


def _for_assignment(
    files: Sequence[File], assignment: Assignment, nested: bool = False
) -> tuple[File, ...]:
    """Those of a student's files that belong to the assignment."""
    folder = _assignment_folder(files, assignment)
    if folder:
        return folder
    # Where others have a folder for the assignment, this student's are for other assignments.
    return tuple(file for file in files if len(file.parts) == 1) if nested else tuple(files)


def _assignment_folder(files: Iterable[File], assignment: Assignment) -> tuple[File, ...]:
    return tuple(file for file in files
                 if len(file.parts) > 1 and file.parts[0] == assignment.name)


def _time(files: Sequence[File], assignment: Assignment) -> datetime | None:
    """When it was collected, by nbgrader. Other files of that name may be the student's own."""
    for file in files:
        if file.parts == (assignment.name, "timestamp.txt"):
            try:
                return lms.nbgrader_time(file.load(1_000))
            except Unreadable:
                return None
    return None


def _owner(path: Path, assignment: Assignment) -> str:
    """Whose ``path`` is, when it is one student's: names that only say the assignment do not."""
    if named := lms.recognise([path.name]):
        return named[path.name].student
    place = path.resolve()
    name = place.name if place.is_dir() else _stem(place.name)
    while _named_after(name, assignment) and place != place.parent:
        place = place.parent
        name = place.name
    return name


def _place(path: Path) -> str:
    return shown(str(path), 500)


def _named_after(stem: str, assignment: Assignment) -> bool:
    name, folded = assignment.name.casefold(), stem.casefold()
    return folded.startswith(name) and _AGAIN.fullmatch(folded, len(name)) is not None


def _is_attempt(name: str) -> bool:
    """Whether people hand such a file in, and not lay it beside what others handed in."""
    kind = _kind(name)
    return kind is not None and not (kind == "other" and _stem(name).casefold() in _NO_HAND_IN)


def _holds_notebooks(files: Iterable[File]) -> bool:
    return any(_kind(file.name) in ("notebook", "archive") for file in files)


def _of_kind(files: Iterable[File], kind: str) -> list[File]:
    return [file for file in files if file.refused is None and _kind(file.name) == kind]


def _kind(name: str) -> str | None:
    """notebook, script, archive, other (what people hand in instead), or None."""
    if _NOTEBOOK.fullmatch(name):
        return "notebook"
    suffix = PurePath(name).suffix.lower()
    if suffix in _OTHER:
        return "other"
    return {".py": "script", ".zip": "archive"}.get(suffix)


def _stem(name: str) -> str:
    found = _NOTEBOOK.fullmatch(name)
    return found["stem"] if found else PurePath(name).stem
