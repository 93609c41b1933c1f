"""Why a graded name is not there, or is not what was asked for, as the notebook's text tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autograder.result import CellError, Load, Sentence, sentence
from autograder.submission import DEFINITION, Cell, Notebook

_LONGEST = 200  # characters of what an exception says


@dataclass(frozen=True)
class Absent:
    """What is known of the graded names before the first input."""

    notebook: Notebook
    load: Load
    near: Mapping[str, str]  # missing name -> a function or class that looks like it
    layers: Collection[str]  # names that are one of torch's own layers

    def missing(self, name: str) -> Sentence:
        """Of a name that is not defined."""
        for cell in self.notebook.broken:
            if _place(cell, name) is not None:
                return self._unread(name, cell)
        for cell in self.notebook.cells:
            if _place(cell, name) is not None and (error := self._error(cell)) is not None:
                return self._stopped(name, cell, error)
        if name in self.near:
            return sentence("{name} is not defined. Did you mean {near}?", name=name,
                            near=self.near[name])
        if name in self.notebook.asleep:
            return sentence("{name} stands in a cell of text, which is not run: make it a cell of "
                            "code.", name=name)
        return sentence("{name} is not defined.", name=name)

    def taken(self, name: str) -> Sentence | None:
        """Of a name that is no function of the student's."""
        if name not in self.layers:
            return None
        return sentence("{name} is a layer of torch's here, and no function of yours: define it by "
                        "`def {name}(…):`, and call the layer something else.", name=name)

    def _unread(self, name: str, cell: Cell) -> Sentence:
        values = self._where(name, cell, self._error(cell))
        if self.notebook.is_script:
            return sentence("{name} stands in line {line}, in code that is no Python. {error}",
                            **values)
        return sentence("{name} stands in code cell {cell}, which is no Python. {error}", **values)

    def _stopped(self, name: str, cell: Cell, error: CellError) -> Sentence:
        values = self._where(name, cell, error)
        if self.notebook.is_script:
            return sentence("{name} is defined at line {line}, which stopped. {error}", **values)
        return sentence("{name} is defined at line {line} of code cell {cell}, which stopped. "
                        "{error}", **values)

    def _where(self, name: str, cell: Cell, error: CellError | None) -> dict[str, str | int]:
        line = cell.above + cell.source.count("\n", 0, _place(cell, name) or 0) + 1
        said = "" if error is None else f"{error.type}: {error.message}"[:_LONGEST]
        return {"name": name, "line": line, "cell": cell.index + 1, "error": said}

    def _error(self, cell: Cell) -> CellError | None:
        """What happened in these lines of a cell, or of the script."""
        last = cell.above + cell.source.count("\n") + 1
        number = None if self.notebook.is_script else cell.index
        return next((error for error in self.load.errors if error.cell == number
                     and cell.above < (error.line or last) <= last), None)


def _place(cell: Cell, name: str) -> int | None:
    """Where the cell defines the name, in characters."""
    return next((found.start(1) for found in DEFINITION.finditer(cell.source)
                 if found[1] == name), None)
