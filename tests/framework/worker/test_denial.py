"""What a question forbids is taken away from the worker's whole process, by whatever name it is
called, while the question is being asked; and only then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from workers import LIMITS, call, load

from autograder.protocol import rules
from autograder.rules import SHIPPED, Rule
from autograder.sandbox.client import Worker, Zygote

CONV, POOL, UNFOLD = "convolution operators", "pooling operators", "unfold operators"

HEAD = """
import sys, threading
import torch
import torch.nn.functional as F
from torch import nn
X, K = torch.ones(1, 1, 5, 5), torch.ones(1, 1, 2, 2)
M = torch.ones(3, 3, requires_grad=True)
conv_args = (X, K, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
kept = F.conv2d
layer = nn.Conv2d(1, 1, 2)
traced = torch.jit.trace(lambda x: F.conv2d(x, K), X)
scripted = torch.jit.CompilationUnit("def f(x, k):\\n    return torch.conv2d(x, k)\\n").f

def in_a_thread(function):
    answers = []
    def run():
        try: answers.append(function())
        except BaseException as error: answers.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(answers[0], BaseException): raise answers[0]
    return answers[0]

def quantized():
    from torch.ao.nn.quantized.functional import conv2d
    image = torch.quantize_per_tensor(X, 1.0, 0, torch.quint8)
    return conv2d(image, torch.quantize_per_tensor(K, 1.0, 0, torch.qint8), None).dequantize()

def autocast():
    with torch.autocast("cpu"): return F.conv2d(X, K)

def inference():
    with torch.inference_mode(): return F.conv2d(X, K)

def backward():
    m = M.detach().requires_grad_()
    (m * m).sum().backward()
    return m.grad

def through_a_module():
    linear = nn.Linear(3, 1)
    linear(M).sum().backward()
    return linear.weight.grad

def ops_backward():
    m = M.detach().requires_grad_()
    torch.ops.aten._backward((m * m).sum(), [m], None, None, False)
    return m.grad

def script_backward():
    m = M.detach().requires_grad_()
    torch.jit.CompilationUnit("def f(x):\\n    (x * x).sum().backward()\\n").f(m)
    return m.grad

def engine():
    run = torch.autograd.variable.Variable._execution_engine.run_backward
    return run(((M * M).sum(),), (torch.tensor(1.0),), False, False, (M,),
               allow_unreachable=True, accumulate_grad=False)[0]

def node_by_node():
    return (M * M).grad_fn(torch.ones(3, 3))[0]

def dual():
    from torch.autograd import forward_ad
    with forward_ad.dual_level():
        pair = forward_ad.make_dual(M.detach(), torch.ones(3, 3))
        return forward_ad.unpack_dual(pair * pair).tangent

def square(x): return (x * x).sum()
"""

WAYS = {
    CONV: {
        "F.conv2d": "F.conv2d(X, K)", "torch.conv2d": "torch.conv2d(X, K)",
        "a name kept from before": "kept(X, K)", "a layer": "nn.Conv2d(1, 1, 2)(X)",
        "a layer made before": "layer(X)", "conv1d": "F.conv1d(X[0, :, :1], K[:, :, 0])",
        "conv3d": "F.conv3d(X[None], K[None])", "transposed": "F.conv_transpose2d(X, K)",
        "same padding": "F.conv2d(X, K, padding='same')",
        "torch.convolution": "torch.convolution(*conv_args)",
        "torch._convolution": "torch._convolution(*conv_args, False, False, False, False)",
        "torch.ops": "torch.ops.aten.conv2d(X, K)",
        "torch.ops, one overload": "torch.ops.aten.convolution.default(*conv_args)",
        "its own gradient": "torch.ops.aten.convolution_backward("
                            "torch.ones(1, 1, 4, 4), *conv_args, [True, True, False])[0]",
        "a slow path": "torch._C._nn.slow_conv3d(X[None], K[None], [1, 2, 2])",
        "an old path": "torch._C._nn.thnn_conv2d(X, K, [2, 2])",
        "oneDNN": "torch.mkldnn_convolution(X, K, None, [0, 0], [1, 1], [1, 1], 1)",
        "oneDNN, fused": "torch.ops.mkldnn._convolution_pointwise("
                         "X, K, None, [0, 0], [1, 1], [1, 1], 1, 'none', [], '')",
        "oneDNN's own layout": "F.conv2d(X.to_mkldnn(), K).to_dense()",
        "quantized": "quantized()", "vmap": "torch.func.vmap(lambda x: F.conv2d(x, K))(X[None])",
        "a trace": "traced(X)", "a script": "scripted(X, K)",
        "float64": "F.conv2d(X.double(), K.double())",
        "whole numbers": "F.conv2d(X.long(), K.long())",
        "bfloat16": "F.conv2d(X.bfloat16(), K.bfloat16())", "autocast": "autocast()",
        "inference mode": "inference()",
        "with gradients": "F.conv2d(X.clone().requires_grad_(), K)",
        "another thread": "in_a_thread(lambda: F.conv2d(X, K))",
    },
    POOL: {
        "F.max_pool2d": "F.max_pool2d(X, 2)", "F.avg_pool2d": "F.avg_pool2d(X, 2)",
        "a layer": "nn.MaxPool2d(2)(X)", "adaptive": "F.adaptive_avg_pool2d(X, 2)",
        "adaptive maximum": "F.adaptive_max_pool2d(X, 2)", "power average": "F.lp_pool2d(X, 2, 2)",
        "fractional": "F.fractional_max_pool2d(X, 2, output_size=2)",
        "with indices": "F.max_pool2d(X, 2, return_indices=True)[0]",
        "interpolation by areas": "F.interpolate(X, size=(2, 2), mode='area')",
        "torch.ops": "torch.ops.aten.max_pool2d(X, [2, 2])",
        "another thread": "in_a_thread(lambda: F.max_pool2d(X, 2))",
    },
    UNFOLD: {
        "F.unfold": "F.unfold(X, 2)", "a layer": "nn.Unfold(2)(X)",
        "F.fold": "F.fold(torch.ones(1, 4, 16), (5, 5), 2)",
        "torch.ops": "torch.ops.aten.im2col(X, [2, 2], [1, 1], [0, 0], [1, 1])",
    },
    rules.AUTOGRAD: {
        "backward": "backward()", "autograd.grad": "torch.autograd.grad(square(M), M)[0]",
        "a module's": "through_a_module()",
        "jacobian": "torch.autograd.functional.jacobian(square, M)",
        "func.grad": "torch.func.grad(square)(M)",
        "func.vjp": "torch.func.vjp(square, M)[1](torch.tensor(1.0))[0]",
        "another thread": "in_a_thread(backward)",
        "torch.ops": "ops_backward()", "a script": "script_backward()", "the engine": "engine()",
        "node by node": "node_by_node()",
        "forward mode": "dual()",
        "func.jvp": "torch.func.jvp(square, (M,), (torch.ones(3, 3),))[1]",
        "func.jacfwd": "torch.func.jacfwd(square)(M)",
    },
}
CASES = [
    pytest.param(rule, way, id=f"{rule}: {name}")
    for rule, ways in WAYS.items() for name, way in ways.items()
]


@pytest.fixture(scope="module")
def shared(zygote: Zygote) -> Iterator[Worker]:
    """One worker for all of this: a denial must leave nothing behind."""
    worker = zygote.spawn("none", LIMITS)
    reply = load(worker, HEAD)
    assert reply.raised is None, reply.raised
    yield worker
    worker.stop()


@pytest.mark.parametrize(("rule", "way"), CASES)
def test_a_denied_operator_is_denied_by_every_name_and_back_afterwards(
    shared: Worker, rule: str, way: str
) -> None:
    load(shared, f"def attempt(): return {way}")
    before = call(shared, "attempt", seed=1)
    denied = call(shared, "attempt", seed=1, deny=(rule,))
    after = call(shared, "attempt", seed=1)
    assert isinstance(before.answer, torch.Tensor), before.raised
    assert denied.raised is not None
    assert denied.denied
    assert before.answer.equal(after.answer), "it works again"


@pytest.mark.parametrize(("rules", "way"), [
    ((CONV,), "F.max_pool2d(X, 2)"), ((CONV,), "F.unfold(X, 2)"), ((POOL,), "F.conv2d(X, K)"),
    ((UNFOLD,), "X.unfold(2, 2, 1).unfold(3, 2, 1)"), ((CONV, UNFOLD, POOL), "X @ X + X.amax(3)"),
    ((CONV,), "torch.fft.irfft2(torch.fft.rfft2(X))"), ((CONV,), "X.to(torch.float64)"),
    ((CONV,), "torch.einsum('nchw,ochw->no', X, X)"), ((CONV,), "backward()"),
    ((rules.AUTOGRAD,), "F.conv2d(X, K)"), ((rules.AUTOGRAD,), "X * X"), ((), "F.conv2d(X, K)"),
])
def test_what_no_rule_names_is_welcome(shared: Worker, rules: tuple[str, ...], way: str) -> None:
    load(shared, f"def attempt(): return {way}")
    reply = call(shared, "attempt", deny=rules)
    assert reply.raised is None
    assert reply.denied == ()


SOFTMAX = Rule(operators=("*softmax*", "*attention*"))


@pytest.mark.parametrize("way", [
    "torch.softmax(X, -1)", "X.softmax(-1)", "F.softmax(M, 0)", "nn.Softmax(-1)(X)",
    "torch.ops.aten._softmax(X, -1, False)", "F.log_softmax(X, -1)",
    "F.scaled_dot_product_attention(X, X, X)", "F.cross_entropy(X[0, 0], X[0, 0].argmax(-1))"])
def test_a_rule_of_the_courses_own_holds_as_those_do_that_are_shipped(
    shared: Worker, way: str
) -> None:
    load(shared, f"def attempt(): return {way}")
    assert call(shared, "attempt").raised is None
    assert call(shared, "attempt", deny=(SOFTMAX,)).denied
    load(shared, "def attempt(): e = X.exp(); return e / e.sum(-1, keepdim=True)")
    assert call(shared, "attempt", deny=(SOFTMAX,)).raised is None


def test_an_attempt_that_is_caught_is_an_attempt(shared: Worker) -> None:
    load(shared, "def attempt():\n    try: return F.conv2d(X, K)\n    except Exception: return X")
    assert call(shared, "attempt", deny=(CONV,)).denied == ("aten::conv2d",)
    assert call(shared, "attempt", deny=(CONV, POOL)).denied == ("aten::conv2d",)
    assert call(shared, "attempt").denied == ()


def test_cells_may_use_what_functions_may_not(worker: Worker) -> None:
    """Nothing is denied while the notebook loads: to compare oneself with torch is good."""
    assert load(worker, f"{HEAD}\nexpected = F.conv2d(X, K)").raised is None


# ---------------------------------------------------------------- loops

LOOPS = {
    "def by_pixels(X):\n    for i in range(X.shape[0]):\n        for j in range(X.shape[1]):\n"
    "            X[i, j]\n    return X": True,
    "def by_pixels(X):\n    return [X[i, j] for i in range(len(X)) for j in range(len(X))]": True,
    "def by_pixels(X):\n    i = 0\n    while i < X.numel(): i += 1": True,
    "def by_pixels(X):\n    list(map(lambda x: x + 1, range(X.numel())))": True,
    "def by_pixels(X):\n    return sum(x for x in range(X.numel()))": True,
    "def by_pixels(X, n=None):\n    n = X.numel() if n is None else n\n"
    "    return X if n <= 0 else by_pixels(X, n - 1)": True,
    "import threading\ndef by_pixels(X):\n"
    "    def run():\n        for i in range(X.numel()): pass\n"
    "    thread = threading.Thread(target=run); thread.start(); thread.join()": True,
    "def by_pixels(X):\n    return sum(X.roll(a, 0) for a in range(3))": False,
    "def by_pixels(X):\n    return X.unfold(0, 2, 1).unfold(1, 2, 1).sum((2, 3))": False,
    "import numpy as np, torch\ndef by_pixels(X):\n"
    "    return torch.from_numpy(np.pad(X.numpy(), 1).cumsum(0))": False,
}


@pytest.mark.parametrize(("source", "grows"), LOOPS.items(), ids=lambda value: str(value)[:70])
def test_steps_grow_with_the_image_where_a_loop_runs_over_pixels(
    shared: Worker, source: str, grows: bool
) -> None:
    load(shared, source)
    small, large = (call(shared, "by_pixels", torch.ones(n, n), deny=("loops",))
                    for n in (5, 25))
    assert small.raised is None and large.raised is None
    assert (large.steps > 1.5 * small.steps + 20) is grows
    assert call(shared, "by_pixels", torch.ones(5, 5)).steps == 0, "counted only where asked"


UNCOUNTED = {
    "import sys\ndef by_pixels(X):\n    sys.settrace(None)\n    for i in range(X.numel()): pass":
        "sys.settrace",
    "import sys\nkept = sys.settrace\ndef by_pixels(X):\n    kept(lambda *given: None)":
        "sys.settrace",
    "import sys, threading\ndef by_pixels(X):\n"
    "    def run():\n        sys.settrace(None)\n        for i in range(X.numel()): pass\n"
    "    thread = threading.Thread(target=run); thread.start(); thread.join()": "sys.settrace",
    "import _thread, threading\ndef by_pixels(X):\n    done = threading.Lock()\n"
    "    done.acquire()\n    def run():\n        for i in range(X.numel()): pass\n"
    "        done.release()\n    _thread.start_new_thread(run, ())\n    done.acquire()":
        "_thread.start_new_thread",
    "import threading\nclass Quiet(threading.Thread):\n    def _bootstrap_inner(self): pass\n"
    "def by_pixels(X):\n    Quiet().start()": "_thread.start_new_thread",
}


@pytest.mark.parametrize(("source", "said"), UNCOUNTED.items(), ids=lambda value: str(value)[:70])
def test_who_has_lines_run_uncounted_is_refused(shared: Worker, source: str, said: str) -> None:
    load(shared, source)
    reply = call(shared, "by_pixels", torch.ones(5, 5), deny=("loops",))
    assert reply.denied == (said,)


@pytest.mark.parametrize("source", [
    "import threading\ndef by_pixels(X):\n    threading.settrace(None)\n"
    "    def run():\n        for i in range(X.numel()): pass\n"
    "    thread = threading.Thread(target=run); thread.start(); thread.join()",
    "import sys\nexec(compile('def by_pixels(X):\\n    for i in range(X.numel()): pass\\n',\n"
    "             sys.prefix + '/lib/fast.py', 'exec'))",
])
def test_lines_are_counted_all_the_same(shared: Worker, source: str) -> None:
    load(shared, source)
    small, large = (call(shared, "by_pixels", torch.ones(n, n), deny=("loops",))
                    for n in (5, 25))
    assert large.steps > small.steps + 500


def test_where_nothing_is_counted_anybody_may_trace(shared: Worker) -> None:
    load(shared, "import sys\ndef traced():\n    sys.settrace(None)\n    return 1")
    assert call(shared, "traced").answer == 1
    assert call(shared, "traced", deny=(CONV,)).answer == 1


def test_no_step_is_counted_inside_installed_packages(shared: Worker) -> None:
    load(shared, "def quiet(n): return nn.Sequential(*[nn.Identity()] * n)(X)")
    few, many = (call(shared, "quiet", n, deny=("loops",)) for n in (5, 500))
    assert few.steps == many.steps


# ---------------------------------------------------------------- out of reach


@pytest.mark.parametrize("name", ["autograder", "autograder.worker.denial", "autograder.protocol"])
def test_nothing_of_ours_can_be_imported(tiered: Worker, name: str) -> None:
    """And it goes on working: what is denied is denied."""
    raised = load(tiered, f"import {name}").raised
    assert raised is not None and raised.type == "ModuleNotFoundError"
    load(tiered, "import sys\ndef ours(): return [n for n in sys.modules if 'autograder' in n]")
    assert call(tiered, "ours").answer == ["autograder"], "which is None"
    load(tiered, HEAD + "def attempt(): return F.conv2d(X, K)")
    assert call(tiered, "attempt", deny=(CONV,)).denied == ("aten::conv2d",)


# ---------------------------------------------------------------- the list of operators


@pytest.mark.parametrize(("operator", "called"), [
    ("aten::conv2d.padding", "torch.conv2d"), ("aten::im2col", "torch.nn.functional.unfold"),
    ("aten::avg_pool2d", "torch.nn.functional.avg_pool2d"), ("aten::view", "torch.Tensor.view"),
    ("aten::linalg_inv", "torch.linalg.inv"), ("aten::_convolution", "aten::_convolution"),
    ("autograd", "autograd"), ("numpy.linalg.inv", "numpy.linalg.inv")])
def test_what_was_called_is_said_as_students_write_it(operator: str, called: str) -> None:
    assert rules.as_called(operator) == called


def test_operators_are_read_from_torch_and_name_what_the_rule_means() -> None:
    convolution = rules.operators(SHIPPED[CONV])
    assert {"aten::conv2d", "aten::conv2d.padding", "aten::_convolution",
            "aten::conv_transpose2d.input", "aten::convolution_backward",
            "aten::mkldnn_convolution"} <= set(convolution)
    assert not [name for name in convolution if "convert" in name or "unfold" in name]
    assert "aten::max_pool2d" in rules.operators(SHIPPED[POOL])
    assert {"aten::im2col", "aten::col2im"} <= set(rules.operators(SHIPPED[UNFOLD]))
    assert "aten::unfold" not in rules.operators(SHIPPED[UNFOLD])


UNCOVERED = """
import torch
def uncovered(names, key):
    tables = {name: torch._C._dispatch_dump_table(name).splitlines() for name in names}
    return [name for name, lines in tables.items() for line in lines
            if line.startswith(key + ":") and "denial.py" not in line]
"""


def test_forbidden_operators_are_refused_on_a_gpu_too(worker: Worker) -> None:
    """By torch's own table of what answers for which device: a build without CUDA has it, too."""
    load(worker, UNCOVERED)
    names = [name for rule in (CONV, POOL, UNFOLD) for name in rules.operators(SHIPPED[rule])]
    for key in ("CPU", "CUDA"):
        assert call(worker, "uncovered", names, key, deny=(CONV, POOL, UNFOLD)).answer == []
        assert len(call(worker, "uncovered", names, key).answer) > 50, "the control"
    dual = call(worker, "uncovered", ["aten::_make_dual"], "AutogradCUDA", deny=("autograd",))
    assert dual.answer == []
