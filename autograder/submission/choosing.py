"""Which of one student's files is graded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from autograder.names import shown
from autograder.result import Sentence, sentence
from autograder.submission.candidates import GRADED, Candidates
from autograder.submission.document import coded
from autograder.submission.kinds import is_called, kind, stem
from autograder.submission.model import Unreadable
from autograder.submission.tree import File

_MOST_OTHERS = 20  # files beside the graded one that are looked into
_MOST_NAMES = 5  # of files that are told
_MAX_BESIDE = 10  # modules that are taken along with a notebook
_MAX_MODULE = 1 << 20  # bytes of one
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,50}")
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<from>\w+)|import[ \t]+(?P<names>[\w., \t]+))", re.MULTILINE)


def chosen(came: Candidates) -> tuple[File, str]:
    """The file to grade, and what staff should know of the choice; mostly nothing.

    That is the notebook called like the assignment, in any language, the one in the fewest folders;
    without one, of those that define graded names one in the fewest folders, the one that defines
    most. What is the handout as it was given loses to all that is not. Raises Unreadable where the
    files hold none, or so many that it cannot be told.
    """
    alone = [file for file in came.own if kind(file.name) in GRADED]
    if len(alone) == 1 and kind(alone[0].name) != "archive":
        return _likeliest(alone, came)
    first: list[File] = []
    for candidates in _by_kind(came):
        first = first or candidates
        # Where one that is called like the assignment is meant, the others need no look.
        for likely in (_called(candidates, came), candidates):
            worked = [file for file in likely if not came.is_given(file)]
            # A module that lies beside the handout is no solution.
            if worked and (candidates is first or any(came.look(file).defined > 0
                                                      for file in worked)):
                return _likeliest(worked, came)
    return _likeliest(first, came)


def beside(file: File, content: bytes, came: Candidates) -> dict[str, bytes]:
    """The modules that lie beside the chosen file and that it imports, or that one of these does:
    file name -> content. What cannot be read, and more than a few, are left out."""
    inside = [] if any(each is file for each in came.own) else came.inside
    near = {stem(each.name): each for each in (inside or came.own)
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
    file: File, content: bytes, modules: Mapping[str, bytes], came: Candidates
) -> Sentence | None:
    """What to tell whoever handed these files in, where one of them was graded that may not be the
    one that they mean: there are other notebooks than the handout, or beside it scripts that are
    not among its ``modules``. Beside one that is called like the assignment, only those that define
    graded names may be meant. None where there is no other."""
    if len(came.files) == 1 and came.files[0] is file:
        return None
    is_called_so = is_called(file.name, came.assignment.name)
    others = [each for each in [*came.own, *came.inside]
              if each is not file and each.refused is None and (
                  kind(each.name) == "notebook" or (
                      kind(each.name) == "script" and each.parts[:-1] == file.parts[:-1]
                      and each.name not in modules))]
    graded = hashlib.sha256(content).hexdigest()
    names = []
    for each in others[:_MOST_OTHERS]:
        with suppress(Unreadable):
            look = came.look(each)
            if look.content not in ("", graded) and not came.is_given(each) \
                    and (not is_called_so or look.defined > 0):
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
        text = coded(name, content)
    except Unreadable:
        return set()
    return {module for found in _IMPORT.finditer(text)
            for module in re.findall(r"\w+", found["from"] or found["names"])}


def _called(files: Sequence[File], came: Candidates) -> list[File]:
    return [file for file in files if is_called(file.name, came.assignment.name)]


def _likeliest(found: Sequence[File], came: Candidates) -> tuple[File, str]:
    exact = _called(found, came)
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
    readable = sorted(readable, key=_place)
    worth = {file.parts: came.look(file).defined for file in readable}
    depth = min((len(file.parts) for file in readable if worth[file.parts] > 0),
                default=len(readable[0].parts))
    near = [file for file in readable if len(file.parts) == depth]
    most = max(worth[file.parts] for file in near)
    alike = [file for file in near if worth[file.parts] == most]
    last = alike[-1]
    rivals = [*alike[:-1], *(file for file in readable if worth[file.parts] > max(most, 0))]
    other = next((file for file in reversed(rivals) if most >= 0
                  and came.look(file).content != came.look(last).content), None)
    if other is None:
        return last, ""
    return last, (f"of {len(rivals) + 1} files that may be meant {_path(last)} was graded, and not "
                  f"{_path(other)}: have the right one called {came.assignment.name}.ipynb")


def _place(file: File) -> tuple[int, str, tuple[str, ...]]:
    """Files in few folders come first, and the alphabet decides among those beside each other."""
    return len(file.parts), file.name, file.parts


def _by_kind(came: Candidates) -> Iterator[list[File]]:
    """The candidates: notebooks, notebooks out of zips, scripts, scripts out of zips. Raises
    Unreadable where there is none."""
    notebooks, scripts = _of_kind(came.own, "notebook"), _of_kind(came.own, "script")
    if notebooks:
        yield notebooks
    others = [each for each in (_of_kind(came.inside, "notebook"), scripts,
                                _of_kind(came.inside, "script")) if each]
    if not notebooks and not others:
        raise came.problem or _nothing([*came.own, *came.inside])
    yield from others


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


def _of_kind(files: Sequence[File], wanted: str) -> list[File]:
    return [file for file in files if kind(file.name) == wanted]


def _path(file: File) -> str:
    return repr(shown("/".join(file.parts)))
