"""Functions of packages that a question forbids: whatever a student calls them, and however they
come by them, their own call is refused and told by name; a package's own is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from workers import LIMITS, call, load

from autograder.rules import Rule
from autograder.sandbox.client import Worker, Zygote

INVERSE = Rule(calls=("numpy.linalg.*", "!numpy.linalg.norm", "numpy.mean", "numpy.add"))
SORTED = Rule(calls=("builtins.sorted",))
HEAD = """
import functools, importlib, sys
import numpy, numpy as np
import numpy.linalg as other
from numpy import linalg
from numpy.linalg import inv as kept, inv
A = np.array([[2.0, 0.0], [1.0, 1.0]])
box = {"f": np.linalg.inv}

def decorated(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)
    return inner

mine = decorated(np.linalg.inv)

class Solver:
    solve = staticmethod(np.linalg.solve)

def reloaded():
    for name in ("numpy.linalg", "numpy.linalg._linalg"):
        del sys.modules[name]
    return importlib.import_module("numpy.linalg").inv(A)
"""
WAYS = {
    "by its name": "np.linalg.inv(A)",
    "under another": "kept(A)",
    "from the module under another": "other.inv(A)",
    "imported in the call": "__import__('numpy.linalg').linalg.inv(A)",
    "by getattr": "getattr(np.linalg, 'i' + 'nv')(A)",
    "by importlib": "importlib.import_module('numpy.linalg').inv(A)",
    "from sys.modules": "sys.modules['numpy.linalg'].inv(A)",
    "from the module where it lies": "sys.modules['numpy.linalg._linalg'].inv(A)",
    "from a module's dict": "vars(np.linalg)['inv'](A)",
    "from a dict of one's own": "box['f'](A)",
    "through a decorator": "mine(A)",
    "as a method": "Solver.solve(A, A)",
    "partially": "functools.partial(inv)(A)",
    "by map": "list(map(inv, [A]))[0]",
    "by a package that is handed it": "np.vectorize(inv, signature='(n,n)->(n,n)')(A)",
    "by another package": "functools.reduce(lambda x, f: f(x), [inv], A)",
    "what it wraps": "np.linalg.inv.__wrapped__(A)",
    "by eval": "eval('np.linalg.inv(A)')",
    "by exec with a file of a package's": "(exec(compile('answer = f(A)', np.__file__, 'exec'), "
                                          "d := {'f': inv, 'A': A, '__name__': 'numpy'}), "
                                          "d['answer'])[1]",
    "after loading it anew": "reloaded()",
    "after running its code again": "importlib.reload(sys.modules['numpy.linalg._linalg']).inv(A)",
    "a method of a ufunc": "np.add.reduce(A)",
    "a ufunc": "np.add(A, A)",
}
WELCOME = {
    "what the pattern takes out": "np.linalg.norm(A)",
    "a function that calls a forbidden one itself": "np.cov(A)",
    "another that does": "np.polyfit([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], 1)",
    "an operator of the language": "A + A @ A",
    "one's own": "np.array([[A[1, 1], -A[0, 1]], [-A[1, 0], A[0, 0]]]) / (A[0, 0] * A[1, 1])",
    "its attributes": "np.add.identity + len(np.linalg.inv.__name__)",
    "what it is": "float(isinstance(np.add, np.ufunc) and callable(inv))",
}


@pytest.fixture(scope="module")
def shared(zygote: Zygote) -> Iterator[Worker]:
    """One worker for all, which knows from its start what may be denied."""
    worker = zygote.spawn("none", LIMITS, watched=(INVERSE, SORTED))
    reply = load(worker, HEAD)
    assert reply.raised is None, reply.raised
    yield worker
    worker.stop()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_call_is_refused_whatever_it_is_called(shared: Worker, way: str) -> None:
    load(shared, f"def attempt(): return {way}")
    before = call(shared, "attempt")
    assert before.raised is None, "where nothing is denied it works"
    denied = call(shared, "attempt", deny=(INVERSE,))
    assert denied.raised is not None and denied.raised.type == "ForbiddenOperator"
    assert denied.denied and denied.denied[0] in {
        "numpy.linalg.inv", "numpy.linalg.solve", "numpy.add"}
    assert call(shared, "attempt").raised is None, "it works again"


@pytest.mark.parametrize("way", WELCOME.values(), ids=WELCOME)
def test_what_no_student_called_is_welcome(shared: Worker, way: str) -> None:
    load(shared, f"def attempt(): return {way}")
    reply = call(shared, "attempt", deny=(INVERSE,))
    assert reply.raised is None and reply.denied == (), reply.raised


def test_a_graded_name_may_not_be_the_function_itself(shared: Worker) -> None:
    load(shared, "attempt = np.linalg.inv\nA2 = A.copy()", "attempt")
    load(shared, "def use(): return attempt(A)")
    assert call(shared, "use", deny=(INVERSE,)).denied == ("numpy.linalg.inv",)


def test_an_attempt_that_is_caught_is_one(shared: Worker) -> None:
    load(shared, "def attempt():\n    try: return inv(A)\n    except Exception: return A")
    assert call(shared, "attempt", deny=(INVERSE,)).denied == ("numpy.linalg.inv",)


def test_functions_of_python_itself(shared: Worker) -> None:
    load(shared, "ordered = sorted\ndef attempt(): return ordered([3, 1])")
    assert call(shared, "attempt").answer == [1, 3]
    assert call(shared, "attempt", deny=(SORTED,)).denied == ("builtins.sorted",)
    load(shared, "import statistics\ndef attempt(): return statistics.median([3, 1, 2])")
    assert call(shared, "attempt", deny=(SORTED,)).answer == 2, "which sorts, and is not sorted"


def test_the_control_what_is_taken_away_later_is_called_by_who_took_it_before(
    zygote: Zygote
) -> None:
    """Where a worker is not told at its start, a name that was bound then leads around it."""
    worker = zygote.spawn("none", LIMITS)
    load(worker, HEAD + "\ndef attempt(): return box['f'](A)\ndef named(): return np.linalg.inv(A)")
    assert call(worker, "attempt", deny=(INVERSE,)).denied == ()
    assert call(worker, "named", deny=(INVERSE,)).denied == ("numpy.linalg.inv",)
    worker.stop()
