"""Masters to assignments: what students receive is built from what staff wrote.

``solutions/<name>/notebook.py`` (jupytext's percent format) is the master of
``assignments/<name>/``. Solutions stand between ``### BEGIN SOLUTION`` and ``### END SOLUTION``
inside functions, or around a whole class or variable; cells tagged ``staff`` stay at home. Nothing
under ``assignments/`` is edited by hand: ``write`` replaces it, ``differences`` says where it has
strayed. A catalogue makes a notebook in another language of it, ``<name>.<language>.ipynb``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import nbformat
from nbformat import v4

from autograder.authoring import checks, editions, foreign
from autograder.authoring.foreign import STAFF
from autograder.authoring.master import BuildError, Master, parse, read
from autograder.course import Assignment, Course, LanguageCode
from autograder.exchange import nbgrader, otter
from autograder.report import translations, words
from autograder.result import Sentence, sentence
from autograder.selfcheck.folder import ANSWERS
from autograder.submission import answers

REQUIREMENTS = "torch\nnumpy\nmatplotlib\n"
"""What a student installs to work on a notebook."""

# Lines that give nothing away: they open or declare something, or stand in every such class.
_OPENING = re.compile(r"(import|from|def|class|with)\b|@|super\(\)\.__init__\(\)$")
_TEXTS = (".py", ".md", ".txt")  # of files that are given: looked into
_SHORTEST_LEAK = 10  # characters without blanks; `return Y` or `else:` may stand anywhere
_KEPT = ("tags", nbgrader.KEY, answers.KEY)  # of a cell's metadata
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Built:
    """The files of one assignment as students receive it: name in its folder -> content."""

    assignment: str
    files: Mapping[str, bytes]
    untranslated: Mapping[LanguageCode, Sequence[str]] = field(default_factory=dict)
    is_whole: bool = True  # no other file belongs there

    def only(self, code: LanguageCode) -> Built:
        """The notebook in one language, and nothing else. Raises BuildError where it has none."""
        name = _file_name(self.assignment, code)
        if name not in self.files:
            raise BuildError(f"solutions/{self.assignment}/locale/notebook.{code}.po",
                             "translates nothing of this notebook yet",
                             "have `python -P -m autograder.authoring.messages` write it, and fill "
                             "in what it asks for")
        said = {key: said for key, said in self.untranslated.items() if key == code}
        return Built(self.assignment, {name: self.files[name]}, said, is_whole=False)


def build(course: Course, assignment: str) -> Built:
    """What students receive for ``assignment``; the same bytes on every run, but for the last
    digits in the answers of visible checks, which processors compute differently.

    Raises:
        BuildError: the master is missing or is not Python, its markers do not match up, a
            graded name has no stub, or a line of a solution can be read elsewhere.
        ExchangeError: another program could not read the notebook.
        JudgeError: a visible check of the suite cannot be handed out.
    """
    master = read(course, assignment)
    table = course.assignment(assignment)
    _check_stubs(master, table)
    notebook = given_notebook(course, assignment)
    _check_received(master, table, notebook)
    _check_texts(master, table, notebook)
    given = {name: _given(course, assignment, name) for name in table.files}
    visible = checks.files(course, assignment)
    others = {code: edition for code in translations.FOREIGN
              if (edition := editions.translated(course, assignment, notebook, code))}
    _check_leaks(master, notebook)
    _complete(notebook, table, translations.ENGLISH.code, bool(visible))
    tests = otter.attach(notebook, table)
    for code, edition in others.items():
        _check_leaks(master, edition.notebook)
        _complete(edition.notebook, table.in_language(code), code, bool(visible))
        edition.notebook.metadata = notebook.metadata  # otter's tests are the same
        if edition.glossary is not None:
            _put_above_code(edition.notebook, edition.glossary)
    needed = "".join(f"{name.partition('.')[0]}\n" for name in table.needs)
    return Built(assignment, {
        _file_name(assignment, translations.ENGLISH.code): _serialized(notebook),
        **{_file_name(assignment, code): _serialized(edition.notebook)
           for code, edition in others.items()},
        "requirements.txt": f"{REQUIREMENTS}{needed}".encode(),
        **given,
        **{name: text.encode() for name, text in tests.items()},
        **visible,
    }, {code: edition.untranslated for code, edition in others.items()})


def _complete(
    notebook: nbformat.NotebookNode, table: Assignment, code: LanguageCode, has_checks: bool
) -> None:
    """Add how to check oneself, and what nbgrader finds in a notebook."""
    if has_checks:
        _offer(notebook, table, code)
    nbgrader.mark(notebook, table)


def given_notebook(course: Course, assignment: str) -> nbformat.NotebookNode:
    """The notebook that students receive, in English, with nothing in it but the master's cells.

    Raises BuildError when the master cannot be read.
    """
    master = read(course, assignment)
    return _notebook("\n".join(_stub_lines(master, course.assignment(assignment))))


def _file_name(assignment: str, code: LanguageCode) -> str:
    return f"{assignment}.ipynb" if code == translations.ENGLISH.code else \
        f"{assignment}.{code}.ipynb"


def _given(course: Course, assignment: str, name: str) -> bytes:
    """A file that students are given. Raises BuildError."""
    path = course.solutions(assignment) / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BuildError(path.relative_to(course.root).as_posix(),
                         f"cannot be read ({error.strerror}), and grader.toml gives it to students",
                         "put it there, or take it out of `files`") from None
    if path.suffix in _TEXTS:
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            for problem, remedy in foreign.found(line):
                raise BuildError(f"{path.relative_to(course.root).as_posix()}:{number}",
                                 problem, remedy)
    return content


def solution_notebook(course: Course, assignment: str) -> bytes:
    """The notebook of a student who got everything right: solutions in, markers gone.

    Cells tagged ``staff`` are left out here too. Raises BuildError when the master cannot be read.
    """
    master = read(course, assignment)
    markers = {line for block in master.blocks for line in (block.begin, block.end)}
    kept = [text for line, text in enumerate(master.lines, 1) if line not in markers]
    notebook = _notebook("\n".join(kept))
    nbgrader.mark(notebook, course.assignment(assignment))
    return _serialized(notebook)


def write(course: Course, built: Built) -> list[Path]:
    """Make ``assignments/<name>/`` hold exactly ``built``; the paths written or removed.

    Hidden files (an editor's checkpoints) and bytecode are left alone.
    """
    changed = []
    for path, _ in _compare(course, built):
        content = built.files.get(path.relative_to(_folder(course, built)).as_posix())
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        changed.append(path)
    return changed


def differences(course: Course, built: Built) -> list[str]:
    """One line for each file of ``assignments/<name>/`` that is not as ``built`` has it."""
    return [f"{path.relative_to(course.root).as_posix()}: {state}"
            for path, state in _compare(course, built)]


def _folder(course: Course, built: Built) -> Path:
    return course.root / "assignments" / built.assignment


def _compare(course: Course, built: Built) -> Iterator[tuple[Path, str]]:
    folder = _folder(course, built)
    expected = {folder / name: content for name, content in built.files.items()}
    for path, content in expected.items():
        if not path.is_file():
            yield path, "missing"
        elif not _is_same(path.name, path.read_bytes(), content):
            yield path, "differs from what its master builds"
    if not built.is_whole:
        return
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        ours = any(part.startswith(".") or part == "__pycache__" for part in inside)
        if path not in expected and not ours and not path.is_dir():
            yield path, "stale: its master does not build it"


def _is_same(name: str, written: bytes, content: bytes) -> bool:
    return written == content or (name == ANSWERS and checks.same_answers(written, content))


def _stub_lines(master: Master, assignment: Assignment) -> list[str]:
    """The master's lines with every solution replaced: inside a function by
    raise NotImplementedError("…"), for a variable by ``...``, for a whole class by a comment.

    Raises BuildError when what is left is not Python: a student must be able to run it.
    """
    stub: list[str | None] = list(master.lines)
    for block in master.blocks:
        marker = master.lines[block.begin - 1]
        indentation = marker[:len(marker) - len(marker.lstrip())]
        name = ".".join(node.name for node in master.scope(block.begin))
        stub[block.begin - 1:block.end] = [None] * (block.end - block.begin + 1)
        whole = [_placeholder(master, name) for name in master.whole(block, assignment.names)]
        stub[block.begin - 1] = "\n".join(whole) or (
            f'{indentation}raise NotImplementedError("write {name} here")')
    # Blank lines keep the line numbers in the error those of the master.
    parse(master.path, [text or "" for text in stub],
           "without its solutions this is not Python", "move the markers so that it is")
    return [text for text in stub if text is not None]


def _placeholder(master: Master, name: str) -> str:
    """What students receive in the place of a whole definition."""
    match master.definitions(name)[-1]:
        case ast.ClassDef():
            return f"# Define the class {name} here."
        case ast.FunctionDef():
            return f"# Define the function {name} here."
    return f"{name} = ..."


def _check_stubs(master: Master, assignment: Assignment) -> None:
    for name in assignment.names:
        definitions = master.definitions(name)
        if not definitions:
            raise BuildError(master.path, f"grader.toml grades {name}, which no cell defines",
                             "define it at the top level of a cell, or correct grader.toml")
        for node in definitions:
            if not any(node in master.scope(block.begin) or node.lineno in block
                       for block in master.blocks):
                raise BuildError(master.at(node.lineno),
                                 f"{name} is graded but holds no solution block",
                                 "put its solution between '### BEGIN SOLUTION' and "
                                 "'### END SOLUTION'")


def _check_received(
    master: Master, assignment: Assignment, notebook: nbformat.NotebookNode
) -> None:
    received = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for name in assignment.names:
        if not re.search(rf"^(def|class|# Define the class|# Define the function) {name}\b"
                         rf"|^{name} = \.\.\.", received, re.MULTILINE):
            raise BuildError(master.at(master.definitions(name)[0].lineno),
                             f"{name} is graded but students do not receive its stub",
                             "take the tag 'staff' from its cell")


def _check_texts(
    master: Master, assignment: Assignment, notebook: nbformat.NotebookNode
) -> None:
    """Each question in free text has the one cell of Markdown that says it answers it."""
    cells = [(name, cell) for cell in notebook.cells
             if (name := answers.question_of(cell.metadata, ""))]
    said = [name for name, cell in cells if cell.cell_type == "markdown"]
    for question in assignment.questions:
        if question.kind == "text" and said.count(question.name) != 1:
            raise BuildError(
                master.path, f"{said.count(question.name)} cells of Markdown answer the text "
                f"{question.name}", "begin one, and only one, by "
                f'# %% [markdown] {answers.KEY}={{"text": "{question.name}"}}')
    texts = {question.name for question in assignment.questions if question.kind == "text"}
    for name, _ in cells:
        if name not in texts:
            raise BuildError(master.path, f"a cell answers {name}, which is no text in grader.toml",
                             'write kind = "text" for that question, or correct the cell')


def _check_leaks(master: Master, notebook: nbformat.NotebookNode) -> None:
    """No telling line of a solution may be read anywhere in the student's notebook."""
    received = "\n".join(_plain(text) for cell in notebook.cells
                         for text in cell.source.splitlines())
    for block in master.blocks:
        for line in range(block.begin + 1, block.end):
            text = _plain(master.lines[line - 1])
            telling = len(text.replace(" ", "")) >= _SHORTEST_LEAK
            if telling and not _OPENING.match(text) and text in received:
                raise BuildError(
                    master.at(_seen(master, text)),
                    f"students would read {text!r} here, a line of the solution on line {line}",
                    "say it in other words here or there")


def _seen(master: Master, text: str) -> int:
    """The first line outside every solution that shows ``text``."""
    return next(line for line, shown in enumerate(master.lines, 1)
                if text in _plain(shown) and not any(line in block for block in master.blocks))


def _plain(text: str) -> str:
    """A line without its indentation, blanks counted as one."""
    return " ".join(text.split())


def _notebook(text: str) -> nbformat.NotebookNode:
    """The percent-format ``text`` as a clean notebook without its ``staff`` cells."""
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    cells: list[nbformat.NotebookNode] = []
    for cell in jupytext.reads(text, fmt="py:percent").cells:
        tags = cell.metadata.get("tags", [])
        if STAFF in tags:
            continue
        source = cell.source.strip("\n")
        metadata = {key: cell.metadata[key] for key in _KEPT if cell.metadata.get(key)}
        name, asked = f"{len(cells):02d}-{_slug(source)}", answers.question_of(metadata, "")
        cells.append(make[cell.cell_type](
            answers.commented(asked, source) if asked else source, id=name, metadata=metadata))
    notebook: nbformat.NotebookNode = v4.new_notebook(cells=cells, metadata=_METADATA)
    notebook.nbformat_minor = 5
    return notebook


def _offer(notebook: nbformat.NotebookNode, table: Assignment, code: LanguageCode) -> None:
    """Say above the first cell of code how to check oneself here."""
    said = words.say(_offered(table.examined.questions[0].name), translations.language(code))
    _put_above_code(notebook, v4.new_markdown_cell(said, id="check-yourself"))


def _put_above_code(notebook: nbformat.NotebookNode, cell: nbformat.NotebookNode) -> None:
    first = next(place for place, each in enumerate(notebook.cells) if each.cell_type == "code")
    notebook.cells.insert(first, cell)


def _offered(question: str) -> Sentence:
    return sentence("""\
**Check yourself here.** Once `nbjudge` is installed (your course says from where), and as long as
this notebook lies beside the folder `checks/` that came with it, run this in a cell of your own:

```python
%load_ext autograder
%check {question}
```

It shows, below the cell, what was expected, what your function answered, and which well-known
mistake that looks like, with hints that you open one by one. `%check` alone looks at everything,
and `%%check {question}` as the first line of a cell runs that cell first. Nothing leaves your
machine, and it grades nothing: these are examples, too.""", question=question)


def _slug(source: str) -> str:
    """A cell's id, readable: what it defines, or the words of its first line."""
    defined = re.search(r"^(?:def|class) (\w+)", source, re.MULTILINE)
    words = re.findall(r"[A-Za-z0-9]+", defined[1] if defined else source.partition("\n")[0])
    return "-".join(words)[:32].strip("-").lower() or "cell"


def _serialized(notebook: nbformat.NotebookNode) -> bytes:
    nbformat.validate(notebook)
    return f"{nbformat.writes(notebook).rstrip()}\n".encode()
