"""A kernel's checks answer as those of a worker's judge do: of a few notebooks in `make test`, and
of every example and learner in `make proofs`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from compared import NO_ANSWER, differing
from labs import REPOSITORY, RIGHT
from nbformat import v4

EXAMPLES = REPOSITORY / "examples" / "submissions"
SECOND = REPOSITORY / "examples" / "courses" / "attention"
LEARNERS = Path(__file__).with_name("learners")

WRITTEN = {
    "a third argument": ["def corr2d(X, K, step):\n    return X[::step]"],
    "no super": [RIGHT.replace("        super().__init__()\n", "")],
    "tensors that are no parameters": [RIGHT.replace("nn.Parameter(torch.", "(torch.")],
    "a package that is not there": ["import scipy.ndimage as image", RIGHT],
    "Python 2": ["def corr2d(X, K):\n    print 'here'\n    return X", RIGHT.partition("def c")[0]],
    "a helper of the textbook's": [
        "from d2l import torch as d2l\ndef window(X, h, w):\n"
        "    return X.unfold(0, h, 1).unfold(1, w, 1)",
        "def corr2d(X, K):\n    return (d2l.window(X, *K.shape) * K).sum((2, 3))"],
    "a decorator that is missing": ["import torch\n@register\ndef corr2d(X, K):\n    return X"],
}

# Where a kernel has to answer otherwise: the file, the questions, and why.
LAYER = "the name is something else's at the end: where it is graded, a last definition counts"
GPU = "asks for a GPU: workers take the processor for it, and a kernel has one or has none"
ENDS = "ends its process, or uses an address that is nobody's: its kernel ends"
OTHERWISE: Mapping[str, tuple[set[str], str]] = {
    "fast_conv/noor.ipynb": ({"col2im"}, "takes memory without an end, and a kernel has no bound"),
    "fast_conv/hina.ipynb": ({"conv2d_grouped"}, LAYER),
    "geometry/priya.py": ({"pad2d"}, LAYER),
    "correlation/dana.ipynb": ({"corr2d", "conv2d_true", "Conv2D"}, LAYER),
    "correlation/cuda_global.py": ({"corr2d", "conv2d_true", "Conv2D", "learn_kernel"}, GPU),
    "lenet/pavel.ipynb": ({"train", "Inception"}, LAYER),
    "geometry/mateo.ipynb": ({"pad2d"}, GPU),
    "geometry/gabriel.ipynb": ({"cost"}, "a line of a cell, which is several files here: they are "
                               "run statement by statement"),
    "pooling/oscar.py": ({"pool2d"}, LAYER),
    "pooling/mina.ipynb": ({NO_ANSWER}, ENDS), "correlation/omar.ipynb": ({NO_ANSWER}, ENDS),
    "correlation/uma.ipynb": ({NO_ANSWER}, ENDS),
    "correlation/nora.ipynb": ({NO_ANSWER}, "is no notebook that a kernel could open"),
}


def test_examples_and_learners_are_told_as_a_judge_tells_them(tmp_path: Path) -> None:
    """The page says why, and so does the kernel."""
    files = [EXAMPLES / "correlation" / f"{name}.ipynb" for name in
             ("ada", "emil", "fatma", "pia")]
    for name, cells in WRITTEN.items():
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        files.append(tmp_path / f"{name}.ipynb")
        files[-1].write_text(nbformat.writes(notebook))
    assert differing(REPOSITORY / "assignments" / "correlation" / "checks", files, tmp_path) == {}


@pytest.mark.parametrize(("course", "assignment"), [
    *((REPOSITORY, name) for name in ("channels", "correlation", "fast_conv", "geometry", "lenet",
                                      "pooling")),
    *((SECOND, name) for name in ("attention", "numpy_basics"))])
def test_every_example_and_learner_is_told_as_a_judge_tells_it(
    course: Path, assignment: str, tmp_path: Path,
) -> None:
    examples = EXAMPLES if course == REPOSITORY else course / "submissions"
    files = [file for folder in (examples, LEARNERS)
             for file in sorted((folder / assignment).rglob("*"))
             if file.suffix in {".ipynb", ".py"}]
    assert len({file.name for file in files}) == len(files)
    found = differing(course / "assignments" / assignment / "checks", files, tmp_path)
    expected = {name.partition("/")[2]: names for name, (names, _) in OTHERWISE.items()
                if name.startswith(f"{assignment}/")}
    told = "\n".join(f"{name} {question} {where}: {pair}" for name, questions in found.items()
                     for question, wrong in questions.items() for where, pair in wrong.items())
    assert {name: set(each) for name, each in found.items()} == expected, told
