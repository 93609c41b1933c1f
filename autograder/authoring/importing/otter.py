"""Masters of otter's ``assign``: blocks of cells, and comments that mark lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from autograder.authoring.importing import source
from autograder.authoring.importing.source import (
    BEGIN,
    END,
    Imported,
    ImportedQuestion,
    ImportFailed,
    Piece,
    Tests,
)
from autograder.names import counted

_FENCE = re.compile(r"^```otter\s*\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)
_BOUNDARY = re.compile(r"\s*#\s*(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS)\b", re.IGNORECASE)
_CONFIG = re.compile(r"\s*#\s*ASSIGNMENT CONFIG\b", re.IGNORECASE)
_TEST_CONFIG = re.compile(
    r'^"""\s*#\s*BEGIN TEST CONFIG\s*\n(.*?)^"""\s*#\s*END TEST CONFIG[^\n]*\n',
    re.DOTALL | re.MULTILINE | re.IGNORECASE)
_PROMPT = re.compile(r'^[ \t]*"""\s*#\s*BEGIN PROMPT[^\n]*\n.*?#\s*END PROMPT[^\n]*(?:\n|\Z)',
                     re.DOTALL | re.MULTILINE | re.IGNORECASE)
_IGNORED = re.compile(r"^[ \t]*#\s*BEGIN\s+IGNORE.*?#\s*END\s+IGNORE[^\n]*(?:\n|\Z)",
                      re.DOTALL | re.MULTILINE | re.IGNORECASE)
_SOLVED = re.compile(r"\s*#\s*SOLUTION(?:\s+NO\s+PROMPT)?\s*$")
_IGNORED_CELL = re.compile(r"(?:##\s*ignore\s*##|#\s*ignore)\s*", re.IGNORECASE)
_ANSWER = "*Your answer, in place of this line.*"


def assignments(folder: Path) -> Iterator[Imported]:
    """The masters in a folder, or one that is named.

    Raises:
        ImportFailed: there is none, or one that cannot be read.
    """
    found = [folder] if folder.suffix == ".ipynb" else sorted(
        path for path in folder.rglob("*.ipynb") if _is_master(path, folder))
    if not found:
        raise ImportFailed(f"{folder}: no master of otter's lies there; name the folder of a "
                           "notebook that has '# BEGIN QUESTION' in it")
    for path in found:
        yield _OtterReader(source.identifier(path.stem), path.parent).read(path)


def _is_master(path: Path, folder: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(folder).parts) \
        and "BEGIN QUESTION" in path.read_text(encoding="utf-8", errors="replace").upper()


class _OtterReader:
    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._pieces: list[Piece] = []
        self._questions: list[ImportedQuestion] = []
        self._files: dict[str, bytes] = {}
        self._blocks: list[str] = []
        self._config: dict[str, Any] = {}
        self._bound: list[str] = []  # by the solutions of this question
        self._tests: list[Tests] = []
        self._worth: list[float | None] = []  # of these tests, where they say it
        self._has_code = False  # this question's solution is code

    def read(self, path: Path) -> Imported:
        for cell in source.notebook(path).cells:
            for kind, text in _unfenced(cell.cell_type, cell.source):
                self._cell(kind, text, cell)
        graded = [name for each in self._questions for name in each.defines]
        pieces = [source.settled(each, graded) for each in self._pieces]
        title = source.heading(self._pieces[:1], self._name.replace("_", " ").capitalize())
        source.tell_apart(self._questions, title)
        return Imported(path, self._name, title, pieces, self._questions, self._files)

    def _cell(self, kind: str, text: str, cell: Any) -> None:
        mark = _BOUNDARY.match(text) if kind == "raw" else None
        inside = self._blocks[-1] if self._blocks else ""
        if kind == "raw" and _CONFIG.match(text):
            self._settings(text)
        elif mark is not None and mark[1].upper() == "BEGIN":
            self._blocks.append(mark[2].upper())
            if mark[2].upper() == "QUESTION":
                self._begin(text)
        elif mark is not None:
            if self._blocks:
                self._blocks.pop()
            if mark[2].upper() == "QUESTION":
                self._end()
        elif kind == "raw" or _IGNORED_CELL.match(text):
            return
        elif inside == "TESTS":
            self._test(text, cell)
        elif inside == "PROMPT":  # what students are given in a solution's place: ours is made
            return
        elif inside == "SOLUTION" and kind == "markdown":
            self._pieces.append(Piece("markdown", text, is_staff=True))
        elif kind == "markdown":
            self._pieces.append(Piece("markdown", text))
        else:
            self._code(text)

    def _settings(self, text: str) -> None:
        found = _yaml(text)
        for name in found.get("files") or ():
            path = self._folder / str(name)
            if path.is_file() and path.resolve().is_relative_to(self._folder.resolve()):
                self._files[str(name)] = path.read_bytes()

    def _begin(self, text: str) -> None:
        self._config, self._bound, self._tests, self._worth = _yaml(text), [], [], []
        self._has_code = False

    def _code(self, text: str) -> None:
        marked = source.without_magics(_marked(text))
        self._pieces.append(Piece("code", marked))
        if self._blocks:
            self._has_code = True
            self._bound += source.solved(marked)

    def _test(self, text: str, cell: Any) -> None:
        config = _TEST_CONFIG.search(text)
        said = _yaml(config[1]) if config else {}
        body = _TEST_CONFIG.sub("", text)
        is_hidden = bool(said.get("hidden")) or bool(re.match(r"\s*#\s*HIDDEN\b", body))
        body = _without_ignored(re.sub(r"^\s*#\s*(?:HIDDEN|PUBLIC)[^\n]*\n", "", body))
        body = _with_output(body, cell)
        name = re.search(r"^def (test_\w+)", body, re.MULTILINE)
        title = str(said.get("name") or (name and name[1].removeprefix("test_")) or "Examples")
        points = said.get("points")
        self._worth.append(None if points is None else source.points(points))
        self._tests.append(Tests(body, title.replace("_", " ").capitalize(), 0.0, is_hidden))

    def _end(self) -> None:
        config, tests = self._config, self._tests
        taken = {name for each in self._questions for name in each.defines}
        read = set().union(*(source.read_names(each.source) for each in tests))
        names = [name for name in dict.fromkeys(self._bound) if name in read and name not in taken]
        name = source.identifier(str(config.get("name", "question")),
                                 {each.name for each in self._questions})
        shares = _shares(config.get("points"), self._worth)
        said = sum(shares) or source.points(config.get("points")) or 1.0
        title = source.heading(self._pieces, name)
        if config.get("manual") and not self._has_code:
            self._questions.append(ImportedQuestion(name, title, "text", said))
            self._pieces.append(Piece("markdown", _ANSWER, text=name))
        elif names:
            if len(names) == 1 and names[0] not in {each.name for each in self._questions}:
                name = names[0]
            self._questions.append(ImportedQuestion(name, title, "code", said, names, [
                Tests(one.source, one.title, share, one.is_hidden)
                for one, share in zip(tests, shares, strict=True)]))
        elif self._questions:
            why = "code that a person marks" if config.get("manual") else \
                "nothing that its tests name is defined by its solution"
            self._questions[-1].todo.append(f"{name} ({counted(f'{said:g}', 'point')}): {why}")


def _shares(points: object, said: Sequence[float | None]) -> list[float]:
    """What each test is worth: those that say it, that; the others what is left of the question's
    points; where that has none, nothing, or, if nobody says anything, of one point."""
    if isinstance(points, list) and len(points) == len(said):
        return [source.points(one) for one in points]
    each = source.points(points.get("each", 1)) if isinstance(points, dict) else 0.0
    known = sum(one for one in said if one is not None)
    total = each * len(said) or source.points(points) or (0.0 if known else 1.0)
    rest = max(0.0, total - known) / max(1, said.count(None))
    return [rest if one is None else one for one in said]


def _unfenced(kind: str, text: str) -> Iterator[tuple[str, str]]:
    """A cell; of Markdown with blocks of otter's, each block as a raw cell of its own."""
    if kind != "markdown" or not _FENCE.search(text):
        yield kind, text
        return
    at = 0
    for fence in _FENCE.finditer(text):
        if between := text[at : fence.start()].strip():
            yield kind, between
        yield "raw", fence[1]
        at = fence.end()
    if rest := text[at:].strip():
        yield kind, rest


def _yaml(text: str) -> dict[str, Any]:
    """What a block of otter's says; nothing where it is no YAML."""
    try:
        found = yaml.safe_load("\n".join(
            line for line in text.split("\n") if not line.lstrip().startswith("#")))
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _without_ignored(text: str) -> str:
    return "\n".join(line for line in _IGNORED.sub("", text).split("\n")
                     if not re.search(r"#\s*IGNORE\s*$", line)).strip("\n")


def _marked(text: str) -> str:
    """A cell's code with our markers around what otter's mark as solutions."""
    lines = _without_ignored(_PROMPT.sub("", text)).split("\n")
    made: list[str] = []
    is_open = False  # a run of single lines
    for line in lines:
        block = re.match(r"(\s*)#\s*(BEGIN|END)\s+SOLUTION\b", line, re.IGNORECASE)
        is_solved = bool(_SOLVED.search(line)) and block is None
        indentation = line[: len(line) - len(line.lstrip())]
        if is_open and not is_solved:
            made.append(f"{_indentation(made[-1])}{END}")
            is_open = False
        if block is not None:
            made.append(f"{block[1]}{BEGIN if block[2].upper() == 'BEGIN' else END}")
        elif is_solved:
            if not is_open:
                made.append(f"{indentation}{BEGIN}")
            is_open = True
            made.append(_SOLVED.sub("", line))
        else:
            made.append(re.sub(r"\s*#\s*SEED\s*$", "", line))
    if is_open:
        made.append(f"{_indentation(made[-1])}{END}")
    return "\n".join(made)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _with_output(text: str, cell: Any) -> str:
    """A test whose cell shows what it prints, in otter's older format, as an assertion."""
    outputs = [each for each in cell.get("outputs", ()) if each.get("output_type")
               == "execute_result"]
    try:
        *_, last = ast.parse(text).body
        shown = "".join(outputs[-1]["data"]["text/plain"]) if outputs else ""
        value = ast.literal_eval(shown)
    except (SyntaxError, ValueError, TypeError, LookupError, RecursionError, MemoryError):
        return text  # no value, or none that is worth reading: whoever wrote the file chose it
    if not isinstance(last, ast.Expr) or not shown:
        return text
    lines = text.split("\n")
    asked = ast.unparse(last.value)
    said = f"assert {asked}" if value is True else f"assert {asked} == {shown}"
    return "\n".join([*lines[: last.lineno - 1], said])
