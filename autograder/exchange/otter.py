"""otter-grader in the student's notebook: ``grader.check("corr2d")`` runs a question's examples.

The examples are the cell with assertions that follows the question's. In otter's format of
exceptions, each is a function whose parameters otter fills with the student's own globals. They
stand in the notebook's metadata, so that the notebook alone is enough, and in ``tests/`` beside
it, where otter looks first, and must look in Colab.
"""

from __future__ import annotations

import ast
import builtins
import json
import tempfile
import zipfile
from pathlib import Path
from textwrap import indent

from nbformat import NotebookNode

from autograder.course import Assignment
from autograder.exchange import nbgrader

KEY = "otter"
PLUGIN = "autograder.exchange.otter_plugin.GradingPlugin"
FOLDER = "tests"

_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
points = {points}


@test_case(name="examples")
def test_examples({names}):
{code}
"""


def attach(notebook: NotebookNode, assignment: Assignment) -> dict[str, str]:
    """Put the tests of its questions into a notebook that ``nbgrader.mark`` has marked.

    Returns:
        The same tests as files: path beside the notebook -> text.
    """
    tests = {}
    graded = nbgrader.graded_cells(notebook)
    for question in assignment.questions:
        code = _examples(notebook, graded[question.name]) if question.kind == "code" else ""
        if code:
            tests[question.name] = _TEST.format(
                name=question.name, points=float(question.points), names=", ".join(_names(code)),
                code=indent(code, "    "))
    if tests:
        notebook.metadata[KEY] = NotebookNode(OK_FORMAT=False, tests=NotebookNode(tests))
    return {f"{FOLDER}/{name}.py": text for name, text in tests.items()}


def _examples(notebook: NotebookNode, question: NotebookNode) -> str:
    """The first cell with assertions after the question's, and before the next one's."""
    for cell in notebook.cells[notebook.cells.index(question) + 1:]:
        if nbgrader.KEY in cell.metadata:
            break
        if cell.cell_type == "code" and any(
                isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))):
            return str(cell.source)
    return ""


def _names(code: str) -> list[str]:
    """Every name that ``code`` reads and Python does not have: what it may need of the student's.

    Names that it sets itself may be among them, which does no harm: a parameter can be set.
    """
    read = {node.id for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return sorted(name for name in read if not hasattr(builtins, name))


def autograder(package: str) -> dict[str, bytes]:
    """The files of an autograder's zip, made by ``otter generate``: path in the zip -> content.

    Args:
        package: where pip finds our package in otter's container.
    """
    from otter.generate import main as generate

    with tempfile.TemporaryDirectory() as folder:
        config, requirements = Path(folder, "otter_config.json"), Path(folder, "requirements.txt")
        config.write_text(json.dumps({
            "plugins": [PLUGIN],
            # Nothing that the plugin enters is hidden: it enters what students may see.
            "show_hidden": True, "show_all_public": True, "force_public_test_summary": False}))
        requirements.write_text(f"{package}\n")
        archive = Path(folder, "autograder.zip")
        generate(tests_dir=folder, output_path=str(archive), config=str(config),
                 requirements=str(requirements), no_environment=True)
        with zipfile.ZipFile(archive) as made:
            files = {name: made.read(name) for name in made.namelist()}
    # otter copies the folder of tests, which has to be there.
    return {**files, f"{FOLDER}/README": b"The suites are in course/tests/hidden.\n"}
