"""nbgrader's source notebooks: what their cells' metadata and markers say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from autograder.authoring.importing import source
from autograder.authoring.importing.source import (
    Imported,
    ImportedQuestion,
    ImportFailed,
    Piece,
    Tests,
)
from autograder.names import counted

_HIDDEN = re.compile(r"[ \t]*#+\s*BEGIN HIDDEN TESTS\b.*?\n(.*?)[ \t]*#+\s*END HIDDEN TESTS[^\n]*",
                     re.DOTALL | re.IGNORECASE)
_SCHEME = re.compile(r"[^\n]*BEGIN MARK SCHEME[^\n]*\n(.*?)[^\n]*END MARK SCHEME[^\n]*\n?",
                     re.DOTALL | re.IGNORECASE)
_MARKER = re.compile(r"^(\s*)#+\s*(BEGIN|END) SOLUTION\b.*$", re.MULTILINE)
_ANSWER = "*Your answer, in place of this line.*"


def assignments(folder: Path) -> Iterator[Imported]:
    """What a course of nbgrader's has in ``source/``, or one folder of it.

    Raises:
        ImportFailed: there is no notebook there, or one that cannot be read.
    """
    root = folder / "source" if (folder / "source").is_dir() else folder
    folders = sorted({path.parent for path in root.rglob("*.ipynb")
                      if not any(part.startswith(".") for part in path.relative_to(root).parts)})
    if not folders:
        raise ImportFailed(f"{folder}: no notebook lies there; name a course of nbgrader's, which "
                           "has source/ASSIGNMENT/NOTEBOOK.ipynb")
    for each in folders:
        notebooks = sorted(each.glob("*.ipynb"))
        files = {path.relative_to(each).as_posix(): path.read_bytes()
                 for path in sorted(each.rglob("*"))
                 if path.is_file() and path.suffix not in (".ipynb", ".pyc")
                 and not path.name.startswith(".")}
        for path in notebooks:
            name = each.resolve().name if len(notebooks) == 1 \
                else f"{each.resolve().name}_{path.stem}"
            yield _NbgraderReader(source.identifier(name), files).read(path)


class _NbgraderReader:
    def __init__(self, name: str, files: dict[str, bytes]) -> None:
        self._pieces: list[Piece] = []
        self._questions: list[ImportedQuestion] = []
        self._solved: dict[str, list[str]] = {}  # grade_id -> names that its cell binds
        self._owners: dict[str, ImportedQuestion] = {}  # the same -> its question
        self._name = name
        self._files = files

    def read(self, path: Path) -> Imported:
        cells = source.notebook(path).cells
        later = [self._tested(cell) for cell in cells]
        for number, cell in enumerate(cells):
            self._cell(cell, later[number + 1 :])
        graded = [name for each in self._questions for name in each.defines]
        pieces = [source.settled(each, graded) for each in self._pieces]
        title = source.heading(self._pieces[:1], self._name.replace("_", " ").capitalize())
        source.tell_apart(self._questions, title)
        return Imported(path, self._name, title, pieces, self._questions, self._files)

    def _tested(self, cell: Any) -> set[str]:
        """The names that a cell of tests reads."""
        theirs = cell.metadata.get("nbgrader", {})
        is_test = theirs.get("grade") and not theirs.get("solution") and cell.cell_type == "code"
        return source.read_names(_plain(cell.source)) if is_test else set()

    def _cell(self, cell: Any, later: Sequence[set[str]]) -> None:
        theirs = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "raw":
            return
        is_code = cell.cell_type == "code"
        if theirs.get("task") or (theirs.get("grade") and theirs.get("solution")):
            self._by_hand(cell, theirs, is_code)
        elif theirs.get("grade") and is_code:
            self._tests(cell, theirs)
        elif theirs.get("solution") and is_code:
            self._solution(cell, theirs, set().union(*later))
        else:
            self._add("code" if is_code else "markdown", cell.source)

    def _add(
        self, kind: Literal["code", "markdown"], cell: str, is_staff: bool = False, text: str = ""
    ) -> None:
        self._pieces.append(Piece(
            kind, source.without_magics(cell) if kind == "code" else cell, is_staff, text))

    def _solution(self, cell: Any, theirs: Any, tested: set[str]) -> None:
        text = source.without_magics(_MARKER.sub(r"\1### \2 SOLUTION", cell.source))
        if source.BEGIN not in text and source.bound(text):
            text = source.enclosed(text)  # nbgrader clears such a cell as a whole
        names = [name for name in source.solved(text) if name in tested]
        taken = {name for each in self._questions for name in each.defines}
        names = [name for name in names if name not in taken]
        self._add("code", text)
        if names:
            asked = ImportedQuestion(names[0] if len(names) == 1 else source.identifier(
                theirs.get("grade_id", names[0]), {each.name for each in self._questions}),
                source.heading(self._pieces, names[0]), "code", defines=names)
            self._questions.append(asked)
            for name in names:
                self._owners[name] = asked

    def _tests(self, cell: Any, theirs: Any) -> None:
        points = source.points(theirs.get("points"))
        read = source.read_names(_plain(cell.source))
        owners = [each for each in self._questions if read & set(each.defines)]
        if not owners:
            self._pieces.append(Piece("code", source.without_magics(cell.source), is_staff=True))
            if self._questions:
                self._questions[-1].todo.append(
                    f"tests of {theirs.get('grade_id')} "
                    f"({counted(f'{points:g}', 'point')}) that name nothing which a solution "
                    "defines")
            return
        owner = owners[-1]
        owner.points += points
        seen, hidden = _HIDDEN.sub("", cell.source), _HIDDEN.findall(cell.source)
        title = _title(cell.source, theirs.get("grade_id", owner.name))
        parts = [(seen, False), *((text, True) for text in hidden)]
        weighed = [(text, is_hidden, text.count("assert") + text.count("raise"))
                   for text, is_hidden in parts]
        total = sum(count for _, _, count in weighed) or 1
        for text, is_hidden, count in weighed:
            if count:
                owner.tests.append(Tests(text, title, points * count / total, is_hidden))
        if seen.strip() and source.is_python(seen):  # what students saw, they see
            self._add("code", seen.rstrip())

    def _by_hand(self, cell: Any, theirs: Any, is_code: bool) -> None:
        points = source.points(theirs.get("points"))
        name = source.identifier(theirs.get("grade_id", "text"),
                                 {each.name for each in self._questions})
        scheme = "\n".join(_SCHEME.findall(cell.source)).strip()
        if is_code:
            self._pieces.append(Piece("code", source.without_magics(cell.source), is_staff=True))
            if self._questions:
                self._questions[-1].todo.append(
                    f"{name} ({counted(f'{points:g}', 'point')}): code that a person "
                    "marks; ask for a text, or write checks")
            return
        if theirs.get("task"):
            self._add("markdown", _SCHEME.sub("", cell.source).strip())
        self._questions.append(ImportedQuestion(
            name, source.heading(self._pieces, name), "text", points))
        if not theirs.get("task") and not scheme:
            scheme = cell.source
        self._add("markdown", _ANSWER, text=name)
        if scheme:
            self._add("markdown", f"A model answer, or how it is marked:\n\n{scheme}",
                      is_staff=True)


def _plain(text: str) -> str:
    return source.without_magics(text)


def _title(text: str, default: str) -> str:
    """What a test says of itself: its docstring, or its first comment."""
    try:
        said = ast.get_docstring(ast.parse(_plain(text)))
    except SyntaxError:
        said = None
    if said:
        return said.splitlines()[0]
    comment = re.match(r"\s*#+\s*([^#\n]{4,})", text)
    if comment and "HIDDEN TESTS" not in comment[1]:
        return comment[1].strip()
    return default.replace("_", " ").capitalize()
