"""A notebook as its author meant it: cells run as Jupyter runs them, what a grade never needs does
nothing, and the graded names are found whatever stands before, between and after them."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from labs import submitted
from workers import LIMITS, PATIENCE, answer, call, load, stand_in

from autograder.course import Limits, Tier
from autograder.judge import implementation
from autograder.judge.implementation import Allowance, Student
from autograder.protocol import CallFunction, CallMethod, Raised, ReadVariable
from autograder.report.words import exception_text
from autograder.sandbox.client import Why, Worker, WorkerLost, Zygote
from autograder.submission import divided, read

X = torch.arange(9.0).reshape(3, 3)


def ran(worker: Worker, *cells: str, graded: tuple[str, ...] = ()) -> list[Raised | None]:
    """Run cells; what each of them raised."""
    return [load(worker, cell, *graded, cell=number).raised for number, cell in enumerate(cells)]


# ---------------------------------------------------------------- cells


def test_cells_share_one_module_and_run_in_order(tiered: Worker) -> None:
    assert ran(tiered, "x = 1", "def f(): return x", "x = 2") == [None] * 3
    assert answer(tiered, "f") == 2


def test_a_statement_that_raises_costs_no_other(worker: Worker) -> None:
    first, second = ran(worker, "def f(): return 1\n1 / 0\ndef f(): return 2",
                        "def g(): return f()")
    assert first is not None and (first.type, first.cell, first.line) == ("ZeroDivisionError", 0, 2)
    assert second is None
    assert (answer(worker, "f"), answer(worker, "g")) == (2, 2)


@pytest.mark.parametrize("statement", [
    "import sys; sys.exit(3)", "exit()", "quit()", "raise KeyboardInterrupt", "raise SystemExit",
    "raise GeneratorExit", "import os; os.kill(os.getpid(), 2)",
])
def test_a_cell_cannot_end_the_notebook(worker: Worker, statement: str) -> None:
    first, second = ran(worker, f"def f(): return 1\n{statement}", "def g(): return f()")
    assert first is not None or "kill" in statement
    assert second is None
    assert answer(worker, "g") == 1


@pytest.mark.parametrize(("cell", "kind", "line"), [
    ("x = 1\n\ndef f(:\n", "SyntaxError", 3),
    ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError", 2),
    ("import json\njson.loads('{')", "JSONDecodeError", 2),
    ("class Odd(Exception): pass\nraise Odd", "Odd", 2),
    ("x = [\n    1,\n    1 / 0,\n]", "ZeroDivisionError", 3),
    ("exec('\\n\\n\\n1 / 0')", "ZeroDivisionError", 1),
    ("assert 1 == 2, 'no'", "AssertionError", 1),
])
def test_an_error_is_placed_in_the_students_own_cell(
    worker: Worker, cell: str, kind: str, line: int
) -> None:
    """At the innermost line that is the student's, however deep inside a library it came up."""
    [_, _, raised] = ran(worker, "pass", "pass", cell)
    assert raised is not None
    assert (raised.type, raised.cell, raised.line) == (kind, 2, line)


def test_an_error_in_a_function_is_placed_where_the_function_stands(worker: Worker) -> None:
    ran(worker, "def helper(x):\n    return x.nothing", "def f(x):\n    return helper(x)")
    raised = call(worker, "f", X).raised
    assert raised is not None and (raised.cell, raised.line) == (0, 2)


@pytest.mark.parametrize(("refusal", "kind"), [
    ("raise ValueError('seven')", "ValueError"), ("raise NotImplementedError('yet')",
                                                  "NotImplementedError"),
    ("assert x.dim() == 7", "AssertionError"), ("assert x.dim() == 7, 'seven'", "AssertionError"),
])
def test_what_torchscript_raises_is_what_the_code_in_it_raises(
    worker: Worker, refusal: str, kind: str
) -> None:
    ran(worker, "import torch\n@torch.jit.script\ndef f(x):\n    if x.dim() != 7:\n"
                f"        {refusal}\n    return x")
    raised = call(worker, "f", X).raised
    assert raised is not None and kind in raised.bases and raised.type == "Error"


def test_the_future_holds_for_the_cells_that_follow(worker: Worker) -> None:
    first, second, third = ran(
        worker, "def before(x: Unknown = 1): pass",
        "'''A title.'''\nfrom __future__ import annotations",
        "def f(x: Unknown) -> Nowhere:\n    return f.__annotations__['x']")
    assert first is not None and first.type == "NameError"
    assert second is third is None
    assert answer(worker, "f", 1) == "Unknown"


def test_source_can_be_looked_up_as_in_jupyter(worker: Worker) -> None:
    ran(worker, "import inspect", "# a comment\ndef f(x):\n    # inside\n    return x\n",
        "def look(): return inspect.getsource(f), __name__\n"
        "import dataclasses, pickle, typing\n"
        "@dataclasses.dataclass\nclass Size:\n    height: int\n"
        "def kept(): return pickle.loads(pickle.dumps(Size(3))).height, typing.get_type_hints(Size)"
        "['height'] is int")
    assert answer(worker, "look") == ("def f(x):\n    # inside\n    return x\n", "__main__")
    assert answer(worker, "kept") == (3, True)


# ---------------------------------------------------------------- graded names


NAMES = {
    "the last definition counts": (
        ["def f(x): return 1", "def f(x): return 2"], 2),
    "a layer of the same name hides nothing": (
        ["def f(x): return 1", "from torch import nn\nf = nn.Conv2d(1, 1, 3)"], 1),
    "in the same cell neither": (
        ["def f(x): return 1\nf = 3"], 1),
    "nor does a tensor, and the last def before it counts": (
        ["def f(x): return 1", "def f(x): return 2", "import torch\nf = torch.ones(2)"], 2),
    "nor a result": (["def f(x): return 1", "f = f(0)"], 1),
    "nor a loop's variable": (["def f(x): return 1", "for f in range(3): pass"], 1),
    "nor a deletion": (["def f(x): return 1", "del f"], 1),
    "an operator that is imported later is no definition": (
        ["def f(x): return 1", "from torch.nn.functional import conv2d as f"], 1),
    "a decorated function": (
        ["import functools\ndef twice(g):\n    @functools.wraps(g)\n"
         "    def run(x): return 2 * g(x)\n    return run\n@twice\ndef f(x): return 1"], 2),
    "a lambda": (["f = lambda x: 1"], 1),
    "a function under another name": (["def mine(x): return 1\nf = mine"], 1),
    "a definition inside a condition": (["if True:\n    def f(x): return 1\n", "f = 3"], 1),
    "a definition before an error": (["def f(x): return 1\nf = 2\n1 / 0"], 1),
    "a callable object": (["class F:\n    def __call__(self, x): return 1\nf = F()"], 1),
    "a scripted function falls back on what was scripted": (
        ["def f(x): return 1", "import torch\nf = torch.jit.trace(lambda x: x, torch.ones(1))"], 1),
}


@pytest.mark.parametrize(("cells", "found"), NAMES.values(), ids=NAMES)
def test_the_graded_function_is_found(worker: Worker, cells: list[str], found: int) -> None:
    ran(worker, *cells, graded=("f",))
    assert answer(worker, "f", 0) == found


def test_a_shadowed_function_gets_its_name_back_for_its_callers_too(worker: Worker) -> None:
    ran(worker, "def f(x): return 1", "def g(x): return f(x) + 1", "f = 'shadow'",
        graded=("f", "g"))
    assert answer(worker, "g", 0) == 2
    assert answer(worker, "f", 0) == 1


TAKEN = {
    "a builtin": ("def f(x): return sum([x, 1])", "sum = 0"),
    "a builtin, by a loop": ("def f(x): return len(range(x)) + 1", "for range in [1]: pass"),
    "a module": ("import math as nn\ndef f(x): return nn.floor(x) + 1", "nn = 17"),
    "a helper": ("def as_pair(x): return (x, x)\ndef f(x): return as_pair(x)[0] + 1",
                 "as_pair = (1, 2)"),
    "a helper below": ("def f(x): return helper(x)\ndef helper(x): return x + 1", "helper = 3"),
    "a helper's helper": ("def b(x): return x + 1\ndef a(x): return b(x)\ndef f(x): return a(x)",
                          "b = a = 0"),
    "a method's": ("def b(x): return x + 1\nclass A:\n    @staticmethod\n"
                   "    def go(x): return b(x)\ndef f(x): return A.go(x)", "b = A = 0"),
    "one that is wrapped": ("import functools\ndef logged(g):\n    @functools.wraps(g)\n"
                            "    def inner(x): return g(x)\n    return inner\n"
                            "def b(x): return x + 1\n@logged\ndef f(x): return b(x)", "b = 0"),
}


@pytest.mark.parametrize(("above", "below"), TAKEN.values(), ids=TAKEN)
def test_what_a_graded_function_reads_is_as_its_own_cell_saw_it(
    worker: Worker, above: str, below: str
) -> None:
    ran(worker, above, below, graded=("f",))
    assert answer(worker, "f", 3) == 4


DELETED = {
    "a module": ("import math\ndef f(x): return math.floor(x) + 1", "del math"),
    "a helper's helper, with the function": (
        "def b(x): return x + 1\ndef a(x): return b(x)\ndef f(x): return a(x)", "del a, b, f"),
    "a number": ("one = 1\ndef f(x): return x + one", "del one"),
    "what hid a builtin": ("sum = 7\ndef f(x): return sum([x, 1])", "del sum"),
}


@pytest.mark.parametrize(("above", "below"), DELETED.values(), ids=DELETED)
def test_what_a_notebook_cleans_up_at_its_end_is_there(
    worker: Worker, above: str, below: str
) -> None:
    ran(worker, above, below, graded=("f",))
    assert answer(worker, "f", 3) == 4


def test_a_graded_value_that_was_deleted_counts_and_another_after_it_more(worker: Worker) -> None:
    ran(worker, "net = other = 1", "del net, other", "other = 2", graded=("net", "other"))
    assert [worker.request(ReadVariable(name), seconds=9).answer
            for name in ("net", "other")] == [1, 2]


def test_what_takes_a_name_and_can_be_called_counts_as_in_jupyter(worker: Worker) -> None:
    ran(worker, "def helper(x): return 0\ndef f(x): return helper(x)",
        "class Maker:\n    def __call__(self, x): return 1\nhelper = Maker()", graded=("f",))
    assert answer(worker, "f", 3) == 1


def test_a_name_that_is_only_an_attribute_of_the_same_spelling_is_left_alone(
    worker: Worker
) -> None:
    ran(worker, "import torch\ndef f(x): return torch.ones(x).sum().item()",
        "sum = {3: 4}\ndef g(x): return sum[x]", "table = filter = {3: 5}",
        "def h(x): return filter[x]", graded=("f", "g", "h"))
    assert [answer(worker, name, 3) for name in "fgh"] == [3, 4, 5]


def test_what_was_taken_before_the_function_was_written_stays_taken(worker: Worker) -> None:
    ran(worker, "sum = 0", "def f(x): return sum([x])", graded=("f",))
    raised = call(worker, "f", 1).raised
    assert raised is not None and raised.type == "TypeError"


def test_another_helper_of_a_later_cell_counts_as_in_jupyter(worker: Worker) -> None:
    ran(worker, "def helper(x): return 0\ndef f(x): return helper(x)", "def helper(x): return 1",
        graded=("f",))
    assert answer(worker, "f", 3) == 1


def test_grading_looks_for_every_name_before_any_is_called(
    zygote: Zygote, lacking: dict[Tier, str]
) -> None:
    student = sits(zygote, "def f(x): return 1", "def g(x): return f(x) + 1", "f = 'shadow'",
                   graded=("g", "f"))
    assert asked(student, "g", 0) == 2


def test_methods_attached_after_the_class_are_its_methods(worker: Worker) -> None:
    ran(worker, "class Layer:\n    def __init__(self, n): self.n = n",
        "def forward(self, x): return self.n * x\nLayer.forward = forward",
        "from d2l import torch as d2l\n@d2l.add_to_class(Layer)\ndef twice(self, x): return 2 * x",
        graded=("Layer",))
    layer = worker.request(CallFunction("Layer", (3,), keep=True), seconds=PATIENCE).answer
    for method, expected in (("forward", 3 * X), ("twice", 2 * X)):
        reply = worker.request(CallMethod(layer, method, (X,)), seconds=PATIENCE)
        assert reply.answer.equal(expected)


def test_a_stand_in_takes_the_place_of_every_definition(worker: Worker) -> None:
    ran(worker, "def f(x): return 1\ndef g(x): return f(x)", "f = 3", graded=("f", "g"))
    stand_in(worker, "f")
    assert call(worker, "g", 0, asked=lambda inquiry, seconds: 7).answer == 7


# ---------------------------------------------------------------- stand-ins for packages


HARMLESS = {
    "pyplot": "import matplotlib.pyplot as plt\nline, = plt.plot([1], label='x')\nplt.show()\n"
              "counts, edges, _ = plt.hist([1, 2, 2])\nassert counts.sum() == 3\n"
              "low, high = plt.gca().get_ylim()\nfig = plt.figure()\na, b = fig.subplots(1, 2)\n"
              "fig.tight_layout(); fig.savefig('x.png')",
    "subplots, one": "import matplotlib.pyplot as plt\nfigure, axis = plt.subplots()\n"
                     "axis.plot([1])",
    "subplots, a row": "import matplotlib.pyplot as plt\n_, (a, b) = plt.subplots(1, 2)\n"
                       "a.imshow([[1]]); b.axis('off')",
    "subplots, a table": "import matplotlib.pyplot as plt\n_, axes = plt.subplots(2, 3)\n"
                         "for axis in axes.flatten(): axis.plot()\naxes[1, 2].set_title('t')\n"
                         "(a, b, c), _ = axes",
    "pyplot from its package": "from matplotlib import pyplot as plt\n_, (a, b) = plt.subplots(2)",
    "the textbook's pyplot": "from d2l import torch as d2l\n_, (a, b) = d2l.plt.subplots(1, 2)",
    "subplots by name": "import matplotlib.pyplot as plt\n"
                        "_, axes = plt.subplots(nrows=2, ncols=1, figsize=(3, 3))\naxes[1].plot()",
    "a style and a figure": "import matplotlib as mpl\nmpl.rcParams['font.size'] = 3\n"
                            "with mpl.pyplot.style.context('ggplot'): pass",
    "magics": "get_ipython().run_line_magic('matplotlib', 'inline')\n"
              "get_ipython().run_cell_magic('time', '', 'x')\n"
              "assert get_ipython().getoutput('ls') == []\n"
              "assert get_ipython().getoutput('nproc')[0] == ''\n"
              "assert get_ipython().system('pip install x') is None",
    "display": "from IPython.display import display, HTML\ndisplay(HTML('x'))\n",
    "display without import": "display(3)",
    "widgets": "import ipywidgets\n@ipywidgets.interact\ndef shown(x): return x\n"
               "assert shown(3) == 3",
    "progress of drawing": "import seaborn as sns; sns.set_theme(style='dark')",
    "progress bars": "from tqdm.auto import tqdm, trange\nimport tqdm as bars\n"
                     "assert [x for x in tqdm([1, 2], desc='epoch')] == [1, 2]\n"
                     "for x in trange(3): bars.tqdm.write('x')\nassert x == 2\n"
                     "with bars.tqdm(total=3) as bar: bar.update(1); bar.set_postfix(loss=1)",
    "colab": "from google.colab import drive\ndrive.mount('/content/drive')",
    "torchvision": "import torchvision\nfrom torchvision import transforms\n"
                   "data = torchvision.datasets.FashionMNIST(root='x', download=True)\n"
                   "for batch in data: raise AssertionError\nassert len(data) == 0",
    "torchinfo": "from torchinfo import summary\nsummary(3, input_size=(1, 1))",
    "the graders of others": "import otter\ngrader = otter.Notebook()\ngrader.check('q1')",
    "pictures": "from PIL import Image\nimport cv2\nh, w = cv2.imread('cat.png').shape\n"
                "import numpy as np\nassert np.array(Image.new('L', (4, 3))).shape == (3, 4)",
    "what is unpacked": "import cv2\na, *b, c = cv2.x\n(d, e), f = cv2.y\n"
                        "assert list(cv2.z) == [] and len(b) == 0",
    "what is computed with": "from d2l import torch as d2l\ntimer = d2l.Timer()\n"
                             "print(f'{timer.stop():.2f} s', 3 / timer.stop() + 1, -timer.avg())\n"
                             "assert not timer.stop() > 3",
    "what is derived from": "import torchvision, cv2\n"
                            "class D(torchvision.datasets.MNIST, cv2.Base):\n"
                            "    def __init__(self):\n        super().__init__('x', train=True)\n"
                            "        self.data.show()\n"
                            "D()\nassert not isinstance(3, torchvision.datasets.MNIST)",
    "what is awaited": "import piplite\nawait piplite.install('d2l')",
    "a GPU": "import torch\ndevice = 'cuda:0' if torch.cuda.is_available() else 'cuda'\n"
             "x = torch.zeros(2, device='cuda').to('cuda:1').cuda()\n"
             "torch.set_default_device('cuda')\nassert torch.device(device) == x.device",
    "tensorboard": "from torch.utils.tensorboard import SummaryWriter",
    "debuggers": "import pdb, ipdb\nbreakpoint()\npdb.set_trace(); ipdb.pm()\n"
                 "from IPython.core.debugger import set_trace\nset_trace()\n"
                 "import doctest\nassert doctest.testmod().failed == 0",
    "a compiler": "import torch\n@torch.compile\ndef f(x): return x + 1\nassert f(3) == 4\n"
                  "@torch.compile(mode='max-autotune', fullgraph=True)\ndef g(x): return x\n"
                  "net = torch.compile(torch.nn.Linear(2, 1))\nnet.compile()\n"
                  "assert g(net(torch.ones(3, 2))).shape == (3, 1)",
    "the textbook's plotting": "from d2l import torch as d2l\nd2l.use_svg_display()\n"
                               "d2l.plot([1], [2]); d2l.plt.show()",
}


@pytest.mark.parametrize("cell", HARMLESS.values(), ids=HARMLESS)
def test_what_a_grade_never_needs_does_nothing(worker: Worker, cell: str) -> None:
    assert ran(worker, cell) == [None]


@pytest.mark.parametrize("line", [
    "from d2l import torch as d2l", "import d2l.torch as d2l", "import d2l", "import d2l as d2l",
])
def test_the_textbooks_package_holds_the_students_own_definitions(
    worker: Worker, line: str
) -> None:
    ran(worker, line, "def f(x): return x + 1",
        "def g(x): return d2l.f(x)\ndef h(): return d2l.reshape(d2l.torch.f(1), 1)\n"
        "class Layer(d2l.Module):\n    def forward(self, x): return x\n"
        "def layer(x): return Layer()(x)")
    assert answer(worker, "g", 1) == 2
    assert answer(worker, "layer", X).equal(X)


def test_a_module_that_a_cell_writes_can_be_imported(zygote: Zygote) -> None:
    student = sits(zygote, "%%writefile helper.py\ndef twice(x):\n    return 2 * x\n",
                   "%%writefile -a ./helper.py\ndef thrice(x):\n    return 3 * x\n",
                   "from helper import twice\nimport helper\n"
                   "def f(x): return twice(x) + helper.thrice(x)")
    assert asked(student, "f", 1) == 5
    student.close()


def test_what_of_the_textbook_computes_is_not_there_and_that_is_said(worker: Worker) -> None:
    ran(worker, "from d2l import torch as d2l", "def f(x): return d2l.corr2d(x, x)\n"
        "def g(x): return d2l.reduce_sum(d2l.ones(2)).item()")
    raised = call(worker, "f", X).raised
    assert raised is not None and "d2l.corr2d is not available here" in raised.message
    assert answer(worker, "g", X) == 2


def test_the_textbooks_models_keep_their_arguments_and_their_net(worker: Worker) -> None:
    ran(worker, "from d2l import torch as d2l\nclass Net(d2l.Classifier):\n"
        "    def __init__(self, n, lr=0.1):\n        super().__init__()\n"
        "        self.save_hyperparameters()\n        self.net = d2l.nn.Flatten()\n"
        "def f(x):\n    net = Net(3)\n    return net.n, net.lr, net(x)")
    n, rate, flat = answer(worker, "f", X)
    assert (n, rate) == (3, 0.1) and flat.equal(X)


def test_a_package_that_is_not_there_costs_its_statement_and_is_named(worker: Worker) -> None:
    first, second = ran(worker, "import sklearn_of_tomorrow", "def f(): return 1")
    assert first is not None and first.type == "ModuleNotFoundError"
    assert "sklearn_of_tomorrow" in first.message
    assert second is None


# ---------------------------------------------------------------- a whole notebook


def sits(
    zygote: Zygote, *cells: str, graded: tuple[str, ...] = ("f",), limits: Limits = LIMITS
) -> Student:
    return Student(zygote, "none", limits, divided(read(submitted(cells))), graded,
                   Allowance(limits.submission_seconds))


def asked(student: Student, name: str, *arguments: Any) -> Any:
    reply = student.request(CallFunction(name, arguments), seconds=PATIENCE)
    assert reply.raised is None, reply.raised
    return reply.answer


IMPATIENT = LIMITS.model_copy(update={"cell_seconds": 0.4})


def errors(student: Student) -> list[tuple[int, str]]:
    return [(error.cell, error.type) for error in student.load.errors]


def test_a_cell_that_hangs_or_crashes_is_skipped_and_the_others_run(zygote: Zygote) -> None:
    student = sits(zygote, "def f(x): return 1", "while True: pass", "import os; os._exit(1)",
                   "def f(x): return 2", "1 / 0", "def f(:", "x = 3", limits=IMPATIENT)
    assert asked(student, "f", 0) == 2
    assert errors(student) == [(1, "Timeout"), (2, "Crashed"), (4, "ZeroDivisionError"),
                               (5, "SyntaxError")]
    student.close()


def test_what_was_stopped_is_told_from_exceptions_that_are_called_so(zygote: Zygote) -> None:
    student = sits(zygote, "while True: pass", "import os; os._exit(1)", *(
        f"class {name}(Exception): ...\nraise {name}('mine')" for name in ("Timeout", "Crashed")),
        "def f(x): return 1", limits=IMPATIENT)
    assert [(error.type, error.stopped, exception_text(error)) for error in student.load.errors] \
        == [("Timeout", "timeout", ""), ("Crashed", "crashed", ""),
            ("Timeout", None, "Timeout: mine"), ("Crashed", None, "Crashed: mine")]
    student.close()


def test_a_statement_that_hangs_or_crashes_costs_no_other_of_its_cell(zygote: Zygote) -> None:
    student = sits(zygote, "def f(x): return 1\nwhile True: pass\ndef f(x): return 2",
                   "import os; os._exit(1)\n@staticmethod\ndef f(x): return 3", limits=IMPATIENT)
    assert asked(student, "f", 0) == 2
    assert [(error.cell, error.line, error.type) for error in student.load.errors] == [
        (0, 2, "Timeout"), (1, 1, "Crashed")]
    student.close()


def test_lines_and_sources_are_the_cells(zygote: Zygote) -> None:
    """Whatever runs by itself: in tracebacks, and where code asks for its own source."""
    student = sits(zygote, "x = 1\n\n# comment\ndef g(x):\n    return 1 / 0\n\nimport inspect\n"
                   "def f(x):\n    return inspect.getsource(g)", graded=("f", "g"))
    assert asked(student, "f", 0) == "def g(x):\n    return 1 / 0\n"
    raised = student.request(CallFunction("g", (0,)), seconds=PATIENCE).raised
    assert raised is not None and (raised.cell, raised.line) == (0, 5)
    student.close()


def test_chance_is_seeded_once_a_cell(zygote: Zygote) -> None:
    student = sits(zygote, "import torch\na = torch.rand(3)\nb = torch.rand(3)\n"
                   "def f(x): return bool((a == b).all())")
    assert asked(student, "f", 0) is False
    student.close()


def test_slow_cells_cost_themselves_and_not_what_ran_before(zygote: Zygote) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 0.2, "load_seconds": 0.5})
    cells = ["def f(x): return 1", *["while True: pass"] * 5, "def f(x): return 2"]
    student = sits(zygote, *cells, limits=limits)
    assert asked(student, "f", 0) == 1
    assert errors(student)[0] == (1, "Timeout")
    assert errors(student)[-1] == (6, "Timeout")
    assert "may take together was over" in str(student.load.errors[-1].reason)
    student.close()


def test_what_one_cell_was_kept_waiting_costs_no_other(
    zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that had a quarter of an hour for something else."""
    before, gone = Worker._lost, [0.0]

    def lost(self: Worker, why: Why, detail: str | None = None) -> WorkerLost:
        gone[0] += 900
        self.excused += 900
        return before(self, why, detail)

    monkeypatch.setattr(Worker, "_lost", lost)
    monkeypatch.setattr(implementation, "time", SimpleNamespace(
        monotonic=lambda: time.monotonic() + gone[0]))
    student = sits(zygote, "while True: pass", "def f(x): return 2",
                   limits=LIMITS.model_copy(update={"cell_seconds": 0.2}))
    assert asked(student, "f", 0) == 2
    assert errors(student) == [(0, "Timeout")]
    student.close()


def test_after_a_crash_a_fresh_worker_has_run_the_cells_again(zygote: Zygote) -> None:
    student = sits(zygote, "import os\ncount = [0]",
                   "def f(x):\n    if x < 0: os._exit(1)\n    count[0] += 1\n    return count[0]")
    assert [asked(student, "f", 1), asked(student, "f", 1)] == [1, 2]
    with pytest.raises(Exception, match="exit code 1"):
        asked(student, "f", -1)
    assert asked(student, "f", 1) == 1
    student.close()


def test_a_cell_that_ends_the_worker_only_later_is_a_crash(zygote: Zygote, tmp_path: Path) -> None:
    """It ran to its end when the notebook was loaded, and does not when it is loaded again."""
    mark = tmp_path / "mark"
    tmp_path.chmod(0o777)
    student = sits(zygote, f"import os\nif os.path.exists({str(mark)!r}): os._exit(3)",
                   f"def f(x):\n    open({str(mark)!r}, 'w').close()\n    os._exit(4)")
    for expected in ("exit code 4", "exit code 3", "exit code 3"):
        with pytest.raises(Exception, match=expected):
            asked(student, "f", 0)
    student.close()


def test_what_is_missing_is_known_and_what_was_printed_is_kept(zygote: Zygote) -> None:
    student = sits(zygote, "print('first')", "def f(x): print('called')", "F = 3",
                   graded=("f", "F", "g"))
    assert student.missing == {"g"}
    asked(student, "f", 0)
    assert student.close() == "first\ncalled\n"


def test_a_submissions_time_ends(zygote: Zygote) -> None:
    student = sits(zygote, "def f(x):\n    while True: pass",
                   limits=LIMITS.model_copy(update={"submission_seconds": 0.3}))
    for words in ("no answer within", "that one submission may take are over"):
        with pytest.raises(Exception, match=words):
            asked(student, "f", 0)
    student.close()


def test_cells_that_are_slow_the_second_time_end_with_the_submissions_time(
    zygote: Zygote, tmp_path: Path
) -> None:
    """None of them is slower than a cell may be, and all together they would take ten seconds."""
    mark, ran = tmp_path / "mark", tmp_path / "ran"
    tmp_path.chmod(0o777)
    slow = (f"import os, time\nif os.path.exists({str(mark)!r}):\n"
            f"    open({str(ran)!r}, 'a').write('.')\n    time.sleep(0.25)")
    student = sits(zygote, *[slow] * 40,
                   f"def f(x):\n    open({str(mark)!r}, 'w').close()\n    os._exit(4)",
                   limits=LIMITS.model_copy(update={"submission_seconds": 3}))
    with pytest.raises(WorkerLost, match="exit code 4"):
        asked(student, "f", 0)
    with pytest.raises(WorkerLost, match="may take are over") as told:
        asked(student, "f", 0)
    assert told.value.why == "timeout"
    assert len(ran.read_text()) < 40
    student.close()


def test_cells_that_hang_the_second_time_end_with_the_submissions_time(
    zygote: Zygote, tmp_path: Path
) -> None:
    """Each of them once, for the next worker goes without it."""
    mark, ran = tmp_path / "mark", tmp_path / "ran"
    tmp_path.chmod(0o777)
    hangs = (f"import os, time\nif os.path.exists({str(mark)!r}):\n"
             f"    open({str(ran)!r}, 'a').write('.')\n    while True: pass")
    limits = LIMITS.model_copy(update={"cell_seconds": 0.25, "submission_seconds": 3})
    student = sits(zygote, "def f(x): return 1", *[hangs] * 40,
                   f"open({str(mark)!r}, 'w').close()\nos._exit(4)", limits=limits)
    assert len(ran.read_text()) < 40
    assert not student.missing
    with pytest.raises(WorkerLost, match="may take are over"):
        asked(student, "f", 0)
    student.close()
