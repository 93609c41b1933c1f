"""Which of one student's files is graded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from autograder.course import Assignment
from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.submission.archive import MAX_ARCHIVE, from_zip, too_much
from autograder.submission.cells import DEFINITION
from autograder.submission.kinds import is_called, kind, stem
from autograder.submission.model import Unreadable
from autograder.submission.notebook import MAX_NOTEBOOK, code_of
from autograder.submission.tree import File

_MAX_CANDIDATES = 20  # notebooks of one student that are looked into
_MAX_ARCHIVES = 3  # zips of one student that are opened
_MOST_NAMES = 5  # of files that are told
_MAX_BESIDE = 10  # modules that are taken along with a notebook
_MAX_MODULE = 1 << 20  # bytes of one
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,50}")
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<from>\w+)|import[ \t]+(?P<names>[\w., \t]+))", re.MULTILINE)
_GRADED = {"notebook", "archive", "script"}


def chosen(files: Sequence[File], assignment: Assignment) -> tuple[File, str]:
    """The file to grade, and what staff should know of the choice; mostly nothing.

    That is the notebook called like the assignment, in any language, the one in the fewest folders;
    without one, of those that define graded names one in the fewest folders, the one that defines
    most. What is the handout as it was given loses to all that is not. Raises Unreadable where the
    files hold none.
    """
    own = _own(files, assignment)
    alone = [file for file in own if kind(file.name) in _GRADED]
    if len(alone) == 1 and kind(alone[0].name) != "archive":
        return _likeliest(alone, assignment)
    given = _handouts(assignment)
    first: list[File] = []
    for candidates in _by_kind(own, assignment):
        first = first or candidates
        worked = [file for file in candidates if not _is_given(file, given)]
        # A module that lies beside the handout is no solution.
        if worked and (candidates is first or any(_defined(file, assignment) > 0
                                                  for file in worked)):
            return _likeliest(worked, assignment)
    return _likeliest(first, assignment)


def beside(
    file: File, content: bytes, files: Sequence[File], assignment: Assignment
) -> dict[str, bytes]:
    """The modules that lie beside the chosen file and that it imports, or that one of these does:
    file name -> content. What cannot be read, and more than a few, are left out."""
    own = _own(files, assignment)
    inside = [] if any(each is file for each in own) else _unpacked(own, assignment)[0]
    near = {stem(each.name): each for each in (inside or own)
            if each.parts[:-1] == file.parts[:-1] and each.parts != file.parts
            and kind(each.name) == "script" and each.refused is None
            and _MODULE.fullmatch(stem(each.name))}
    found: dict[str, bytes] = {}
    waiting = _imported(file.name, content)
    while waiting and len(found) < _MAX_BESIDE:
        name = min(waiting)  # of more than are taken, the same each time
        waiting.remove(name)
        if name in near and f"{name}.py" not in found:
            with suppress(Unreadable):
                found[f"{name}.py"] = near[name].load(_MAX_MODULE)
                waiting |= _imported(f"{name}.py", found[f"{name}.py"])
    return found


def passed_over(
    file: File, content: bytes, modules: Mapping[str, bytes], files: Sequence[File],
    assignment: Assignment
) -> Sentence | None:
    """What to tell whoever handed these files in, where one of them was graded that may not be the
    one that they mean: there are other notebooks than the handout, or beside it scripts that are
    not among its ``modules``. Beside one that is called like the assignment, only those that define
    graded names may be meant. None where there is no other."""
    if len(files) == 1 and files[0] is file:
        return None
    own, given = _own(files, assignment), _handouts(assignment)
    is_called_so = is_called(file.name, assignment.name)
    others = [each for each in [*own, *_unpacked(own, assignment)[0]] if each.refused is None and (
        kind(each.name) == "notebook" or (
            kind(each.name) == "script" and each.parts[:-1] == file.parts[:-1]
            and each.name not in modules))]
    names = []
    for each in others[:_MAX_CANDIDATES]:
        with suppress(Unreadable):
            if each.load(MAX_NOTEBOOK) != content and not _is_given(each, given) \
                    and (not is_called_so or _defined(each, assignment) > 0):
                names.append(shown("/".join(each.parts)))
    if not names:
        return None
    return sentence(
        "Of these files {name} was graded, and not {others}. If another one is meant, hand that "
        "one in alone.", name=shown("/".join(file.parts)),
        others=", ".join([*names[:_MOST_NAMES], *(["…"] if names[_MOST_NAMES:] else [])]))


def _imported(name: str, content: bytes) -> set[str]:
    """The modules that a file's lines import, as far as its text tells."""
    try:
        codes = code_of(name, content)
    except Unreadable:
        return set()
    return {module for code in codes for found in _IMPORT.finditer(code.source)
            for module in re.findall(r"\w+", found["from"] or found["names"])}


def _likeliest(found: Sequence[File], assignment: Assignment) -> tuple[File, str]:
    exact = [file for file in found if is_called(file.name, assignment.name)]
    likely = exact or list(found)
    readable = [file for file in likely if file.refused is None]
    if not readable:
        raise _nothing(likely)
    if exact:
        depth = min(len(file.parts) for file in exact)
        readable = [file for file in readable if len(file.parts) == depth]
        if not readable:
            raise _nothing(likely)
    if len(readable) == 1:
        return readable[0], ""
    readable = sorted(readable, key=_place)[:_MAX_CANDIDATES]
    worth = {file.parts: _defined(file, assignment) for file in readable}
    depth = min((len(file.parts) for file in readable if worth[file.parts] > 0),
                default=len(readable[0].parts))
    near = [file for file in readable if len(file.parts) == depth]
    most = max(worth[file.parts] for file in near)
    alike = [file for file in near if worth[file.parts] == most]
    last = alike[-1]
    rivals = [*alike[:-1], *(file for file in readable if worth[file.parts] > max(most, 0))]
    other = next((file for file in reversed(rivals)
                  if most >= 0 and file.load(MAX_NOTEBOOK) != last.load(MAX_NOTEBOOK)), None)
    if other is None:
        return last, ""
    return last, (f"of {len(rivals) + 1} files that may be meant {_path(last)} was graded, and not "
                  f"{_path(other)}: have the right one called {assignment.name}.ipynb")


def _place(file: File) -> tuple[int, str, tuple[str, ...]]:
    """Files in few folders come first, and the alphabet decides among those beside each other."""
    return len(file.parts), file.name, file.parts


def _handouts(assignment: Assignment) -> set[str]:
    """The code of each notebook that students were given."""
    found = set()
    for handout in assignment.handouts:
        with suppress(OSError, Unreadable):
            found.add(_code_in(handout, handout.stat().st_mtime_ns))
    return found


@lru_cache(maxsize=8)
def _code_in(file: Path, mtime: int) -> str:
    """The code in a file, which is read once for all students. Raises OSError, Unreadable."""
    return _code(file.name, file.read_bytes())


def _is_given(file: File, given: Set[str]) -> bool:
    """Whether the file's code is a handout's."""
    if not given:
        return False
    try:
        return _code(file.name, file.load(MAX_NOTEBOOK)) in given
    except Unreadable:
        return False


def _code(name: str, content: bytes) -> str:
    """What a file does, as far as its text tells: without comments, empty lines, and what is for
    Jupyter, which programs that make scripts of notebooks write each in its own way."""
    lines = [line.rstrip() for code in code_of(name, content) for line in code.source.splitlines()]
    return "\n".join(line for line in lines if not re.match(r"\s*(?:#|[%!]|get_ipython\(|$)", line))


def _own(files: Sequence[File], assignment: Assignment) -> list[File]:
    """Those in the student's folder of the assignment, where some can be graded there."""
    own = [file for file in files if len(file.parts) > 1 and file.parts[0] == assignment.name]
    return own if any(kind(file.name) in _GRADED for file in own) else list(files)


def _by_kind(files: Sequence[File], assignment: Assignment) -> Iterator[list[File]]:
    """The candidates: notebooks, notebooks out of zips, scripts, scripts out of zips. Raises
    Unreadable where there is none."""
    notebooks, scripts = _of_kind(files, "notebook"), _of_kind(files, "script")
    if notebooks:
        yield notebooks
    inside, problem = _unpacked(files, assignment)
    others = [each for each in (_of_kind(inside, "notebook"), scripts, _of_kind(inside, "script"))
              if each]
    if not notebooks and not others:
        raise problem or _nothing([*files, *inside])
    yield from others


def _unpacked(
    files: Sequence[File], assignment: Assignment
) -> tuple[list[File], Unreadable | None]:
    """What a student's zips hold, and what is wrong with the first that cannot be opened."""
    inside: list[File] = []
    problem = None
    for archive in _of_kind(files, "archive")[:_MAX_ARCHIVES]:
        try:
            packed = from_zip(archive.load(MAX_ARCHIVE)).files
            if (reason := too_much(packed)) is not None:
                raise Unreadable(reason)
        except Unreadable as error:
            problem = problem or error
        else:
            inside += [replace(file, called=archive.called) for file in _own(packed, assignment)]
    return inside, problem


def _nothing(files: Sequence[File]) -> Unreadable:
    """What to say about files none of which is a notebook that can be read."""
    for file in files:
        if file.refused is not None:
            return Unreadable(file.refused)
    for file in files:
        if kind(file.name) == "archive":
            return Unreadable(sentence(
                "The zip archive {name} holds no notebook. Hand in the .ipynb file.",
                name=shown(file.name)))
    for file in files:
        if kind(file.name) == "other":
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
    return len(set(DEFINITION.findall(text)).intersection(assignment.names))


def _of_kind(files: Sequence[File], wanted: str) -> list[File]:
    return [file for file in files if kind(file.name) == wanted]


def _path(file: File) -> str:
    return repr(shown("/".join(file.parts)))
