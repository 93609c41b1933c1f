"""Small courses written to a directory, and submissions to grade in them."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder import course
from autograder.course import Course, Tier
from autograder.gradebook import Grade, QuestionGrade
from autograder.judge import Judge, sessions
from autograder.judge.explain import repair
from autograder.judge.explain.repair import search
from autograder.judge.suite import Suite
from autograder.result import Account, CheckResult, QuestionResult, Result
from autograder.sandbox.client import Zygote
from autograder.submission import Submission

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = b"a secret of the tests, 32 bytes!"

# One right solution of every question of `correlation`, to which tests append what is wrong.
RIGHT = """
import torch
from torch import nn

def corr2d(X, K):
    if X.dim() != 2 or K.dim() != 2 or not X.numel() or not K.numel():
        raise ValueError("not two images")
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("too large")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((2, 3))

def conv2d_true(X, K):
    return corr2d(X, K.flip(0, 1))

class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = nn.Parameter(torch.rand(size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return corr2d(X, self.weight) + self.bias

def edge_kernel(direction):
    return torch.tensor({"vertical": [[1., -1.]], "horizontal": [[1.], [-1.]],
                         "diagonal": [[1., 0.], [0., -1.]]}[direction])

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    if X.dim() != 2 or Y.dim() != 2 or size[0] > X.shape[0] or size[1] > X.shape[1]:
        raise ValueError("it does not fit")
    K, losses = torch.zeros(size, dtype=X.dtype, requires_grad=True), []
    for _ in range(epochs):
        loss = ((corr2d(X, K) - Y) ** 2).sum()
        losses.append(loss.item())
        K.grad = None
        loss.backward()
        with torch.no_grad():
            K -= lr * K.grad
    return K.detach(), losses

def pair(size):
    return (size, size) if isinstance(size, int) else size

def fully_connected_parameters(inputs, outputs):
    return inputs * outputs

def locally_connected_parameters(in_size, kernel_size):
    (H, W), (h, w) = pair(in_size), pair(kernel_size)
    if h > H or w > W:
        raise ValueError("too large")
    return (H - h + 1) * (W - w + 1) * h * w

def convolution_parameters(kernel_size):
    h, w = pair(kernel_size)
    return h * w
"""

QUESTION = "[[assignments.correlation.questions]]\n"


def slow() -> str:
    """Right, and not graded within some seconds of now; whoever grades it later need not wait.

    It waits in the function: of lines beside it only those are run that something needs.
    """
    head = "def corr2d(X, K):\n"
    wait = f"    time.sleep(max(0, {time.time() + 8} - time.time()))\n"
    assert head in RIGHT
    return f"import time\n{RIGHT.replace(head, head + wait, 1)}\n"


def submitted(source: str | Sequence[str], assignment: str = "correlation") -> Submission:
    """A script, or the code cells of a notebook, as somebody handed it in."""
    if isinstance(source, str):
        files = {f"{assignment}.py": source.encode()}
    else:
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in source])
        files = {f"{assignment}.ipynb": nbformat.writes(notebook).encode()}
    return Submission(student="ann", assignment=assignment, files=files, submitted_at=None)


def asked(result: Result, question: str) -> QuestionResult:
    found = result.question(question)
    assert found is not None
    return found


def worth(grade: Grade, question: str) -> QuestionGrade:
    found = grade.question(question)
    assert found is not None
    return found


def account(check: CheckResult) -> Account:
    """How a failed check went where it was decided."""
    assert check.account is not None
    return check.account


def charged(question: QuestionResult) -> list[CheckResult]:
    """The checks that cost points."""
    return [check for check in question.checks if check.earned < 1]


def correlation(root: Path, *limits: str, questions: Collection[str] = ()) -> Course:
    """The repository's own `correlation`, with other limits; where ``questions`` are named, with
    these alone: what is wrong in one is looked for in all that build on it, too."""
    text = (REPOSITORY / "grader.toml").read_text().partition("[assignments.geometry]")[0]
    if questions:
        head, *tables = text.split(QUESTION)
        text = QUESTION.join([head, *(table for table in tables if table.startswith(tuple(
            f'name = "{name}"' for name in questions)))])
    table = "\n".join(["[assignments.correlation.limits]", *limits])
    (root / "grader.toml").write_text(f"{text}\n{table}\n")
    if not questions:
        for folder in ("solutions", "tests"):
            (root / folder).symlink_to(REPOSITORY / folder)
    for name in questions:
        for file in ("solutions/correlation/reference.py",
                     f"solutions/correlation/misconceptions/{name}.py",
                     f"tests/hidden/correlation/test_{name}.py"):
            if (REPOSITORY / file).exists():  # who asks for students' tests has no hidden ones
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / file, root / file)
    made = course.load(root / "grader.toml")
    if questions:
        translated = root / "solutions/correlation/locale"
        translated.symlink_to(REPOSITORY / "solutions/correlation/locale")
        file, names = "solutions/correlation/alternatives.py", made.assignment("correlation").names
        (root / file).write_text((REPOSITORY / file).read_text() + (
            f"\nright.all = [each for each in right.all if each.name in {list(names)}]\n"))
    return made


class Bench(Judge):
    """The judge, with a zygote that it only borrows: a new one takes seconds to start."""

    def __init__(self, course: Course, assignment: str, zygote: Zygote, *,
                 secret: bytes = SECRET, tier: Tier | None = None) -> None:
        super().__init__(course, assignment, secret=secret, tier=tier, start=lambda: zygote)

    def _renew_zygote(self) -> None:
        """It is others' too."""

    def close(self) -> None:
        self.examiner.suite.close()


@pytest.fixture(autouse=True, scope="module")
def unhurried() -> Iterator[None]:
    """For test files that import it: candidates of a repair are counted, and seconds are not, for
    this machine may be a busy one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repair, "SECONDS", 1e6)
        patch.setattr(repair, "_SLOWEST_LOAD", 1e6)
        patch.setattr(sessions, "TRIAL_SECONDS", 1e6)
        yield


@pytest.fixture(autouse=True, scope="module")
def few_candidates(unhurried: None) -> Iterator[None]:
    """For test files that import both, and ask what a search for repairs may do, not what it finds:
    it goes through each of its steps, and tries a few candidates of hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MOST_CANDIDATES", 10)
        yield


_numbers = itertools.count()

ESSAY = """
[[assignments.lab.questions]]
name = "essay"
title = "Why?"
kind = "text"
points = 3
rubric = [{text = "Names the idea", points = 1}, {text = "Gives a reason, in words", points = 2}]
"""
ESSAY_CELL = '''
# %% [markdown] autograder={"text": "essay"}
# *Why is it so? Write here.*
'''


@dataclass
class Lab:
    """A course of one assignment, ``lab``: graded are ``twice(x)`` and, building on it,
    ``thrice(x)``. Texts are replaced to break it."""

    root: Path
    reference: str = (
        "def twice(x):\n    return x + x\n\n\ndef thrice(x):\n    return 3 * x\n")
    twice: str = (
        "def test_one(check):\n    '''Twice one is two.'''\n    check.twice(1)\n\n\n"
        "@pytest.mark.weight(3)\n"
        "def test_any(check, draw):\n    '''Twice any number.'''\n"
        "    check.twice(draw.number(10, 10**9))\n")
    thrice: str = (
        "def test_any(check, draw):\n    '''Thrice any number.'''\n"
        "    check.thrice(draw.number(10, 10**9))\n")
    misconceptions: str = (
        "from autograder.suite import Misconceptions\n\n"
        "wrong = Misconceptions(__file__)\n\n\n"
        "@wrong('not-doubled', 'Your answer is x itself: add it once more.')\n"
        "def twice(x):\n    return x\n\n\n"
        "@wrong('squared', 'That is the square.')\n"
        "def thrice(x):\n    return x * x\n")
    notebook: str = (
        "# %%\ndef twice(x):\n    '''x and x.'''\n    ### BEGIN SOLUTION\n"
        "    doubled = x + x\n    return doubled\n    ### END SOLUTION\n\n\n"
        "# %%\ndef thrice(x):\n    '''x and x and x.'''\n    ### BEGIN SOLUTION\n"
        "    return twice(x) + x\n    ### END SOLUTION\n")
    settings: str = ""
    texts: str = ""  # tables of questions in free text
    files: dict[str, str] = field(default_factory=dict)

    def write(self) -> Course:
        # No other suite of this process has files of these names: a module is imported once.
        number = next(_numbers)
        shutil.rmtree(self.root / "tests", ignore_errors=True)
        head = "import pytest\n\npytestmark = pytest.mark.question({!r})\n\n\n"
        for name, text in {
            "grader.toml": (
                '[course]\nname = "Lab"\n[sandbox]\nrequire = "none"\n'
                '[assignments.lab]\ntitle = "Lab"\n' + self.settings
                + '\n[[assignments.lab.questions]]\nname = "twice"\ntitle = "Twice"\npoints = 2\n'
                '[[assignments.lab.questions]]\nname = "thrice"\ntitle = "Thrice"\npoints = 1\n'
                'uses = ["twice"]\n' + self.texts),
            "solutions/lab/reference.py": self.reference,
            "solutions/lab/misconceptions.py": self.misconceptions,
            "solutions/lab/notebook.py": self.notebook,
            f"tests/hidden/lab/test_twice_{number}.py": head.format("twice") + self.twice,
            f"tests/hidden/lab/test_thrice_{number}.py": head.format("thrice") + self.thrice,
            **self.files,
        }.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return course.load(self.root / "grader.toml")

    def judge(self, zygote: Zygote, secret: bytes = SECRET) -> Judge:
        return Bench(self.write(), "lab", zygote, secret=secret)

    def suite(self) -> Suite:
        course = self.write()
        return Suite(course.suite("lab"), course.assignment("lab"))
