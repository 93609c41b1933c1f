"""What a teaching assistant says of an exception: by its type, its text, and Python's own wording.

Precise before complete: what is not of a common kind gets no advice, and its text stands alone.
"""

from __future__ import annotations

import re

from autograder.result import Sentence, sentence

_LONGEST = 1_000  # characters of a text that is looked into


def advice(bases: tuple[str, ...], text: str) -> Sentence | None:
    """What to do about an exception of the student's code; None where there is nothing to say
    beyond its text.

    Args:
        bases: names of the exception classes that it is of.
    """
    for kinds, pattern, says in _KNOWN:
        if kinds & set(bases) and (found := pattern.search(text[:_LONGEST])):
            values = found.groupdict()
            if "." in values.get("function", "") and "takes" in values:  # self is counted
                values |= {name: str(int(values[name]) - 1) for name in ("takes", "given")}
            return says.model_copy(update={"values": values})
    return None


def stood_in(text: str) -> Sentence | None:
    """What to do where a stand-in for a package is the answer that ``text`` shows."""
    found = _STAND_IN.search(text[:_LONGEST])
    return found and _STOOD_IN.model_copy(update={"values": found.groupdict()})


_STAND_IN = re.compile(r"\bstand_in_for_(?P<name>\w+)")
_NONE = sentence("A value here is None. Look for a function that ends without `return`.")
_NO_SUPER = sentence("`super().__init__()` is missing: it has to be the first line of `__init__`.")
_NOT_HERE = sentence(
    "d2l.{name} is not available here: write it yourself, or define {name} in this notebook.")
_SINGLE = sentence(
    "This is a single number here, and no pair: make a pair of it first, for a pair may be given "
    "as well as a number.")

_STOOD_IN = sentence(
    "The package {name} is not there when your notebook is graded: what stands in for it does "
    "nothing, and what is to be graded cannot be made of it. Work without it.")

_TABLE: tuple[tuple[str, str, Sentence], ...] = (
    ("Exception", _STAND_IN.pattern, _STOOD_IN),
    ("NameError", r"^name '(?P<name>torch|nn|np|F|math|d2l|plt)' is not defined", sentence(
        "{name} is not imported: import it in a cell above.")),
    ("NameError", r"^name '(?P<name>\w+)' is not defined", sentence(
        "Nothing called {name} is defined where this line runs: look at its spelling, and whether "
        "what defines it runs before.")),
    ("UnboundLocalError", r"variable '(?P<name>\w+)'", sentence(
        "{name} gets its value on another path through this function, or below this line: set it "
        "before.")),
    ("ImportError", r"^No module named '(?P<name>\w+)", sentence(
        "The package {name} is not there when your notebook is graded. Work without it; what does "
        "not use it counts all the same.")),
    ("AttributeError", r"^d2l\.(?P<name>\w+) is not available here", _NOT_HERE),
    ("ImportError", r"^cannot import name '(?P<name>\w+)' from 'd2l", _NOT_HERE),
    ("AttributeError", r"cannot assign (?:module|parameter)s? before Module\.__init__", _NO_SUPER),
    ("AttributeError", r"has no attribute '_(?:modules|parameters|buffers|\w*_hooks)'", _NO_SUPER),
    ("AttributeError TypeError", r"'NoneType'|not NoneType", _NONE),
    ("TypeError", r"^(?P<function>[\w.<>]+)\(\) missing \d+ required (?:positional|keyword-only) "
                  r"arguments?: (?P<names>.+)$", sentence(
        "{function} asks for {names}, which the call does not give: give the parameter a default "
        "value, or leave it out.")),
    ("TypeError", r"^(?P<function>[\w.<>]+)\(\) takes (?:from \d+ to )?(?P<takes>\d+) positional "
                  r"arguments? but (?P<given>\d+)", sentence(
        "Number of arguments: {function} takes {takes}, and the call gives {given}. Compare its "
        "parameters with the task's.")),
    ("TypeError", r"^(?P<function>[\w.<>]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'",
     sentence("{function} has no parameter called {name}.")),
    ("TypeError", r"^cannot unpack non-iterable (?:int|float) object", _SINGLE),
    ("TypeError", r"^'int' object is not (?:subscriptable|iterable)", _SINGLE),
    ("TypeError", r"^object of type 'int' has no len", _SINGLE),
    ("ValueError", r"^not enough values to unpack \(expected (?P<wanted>\d+), got (?P<given>\d+)\)",
     sentence("Names that wait for values: {wanted}; values that there are: {given}. Has what is "
              "unpacked as many axes as you think?")),
    ("ValueError", r"^too many values to unpack \(expected (?P<wanted>\d+)\)", sentence(
        "More values are there than names that wait for them ({wanted}). Has what is unpacked as "
        "many axes as you think?")),
    ("AttributeError", r"^'(?:list|tuple)' object has no attribute '(?P<name>\w+)'", sentence(
        "A list has no `{name}`: make a tensor of it by `torch.stack` or `torch.tensor`.")),
    ("AttributeError", r"^'(?:int|float)' object has no attribute '(?P<name>\w+)'", sentence(
        "This is a plain number, and no tensor: it has no `{name}`.")),
    ("TypeError", r"'(?:Tensor|Size|torch\.Size|int|float|tuple|list)' object is not callable",
     sentence("Brackets like `( )` call a function, and this is none: use `[ ]` for an element, or "
              "look for a name that you gave to something else.")),
    ("TypeError", r"'(?:builtin_function_or_method|method)'", sentence(
        "This is a method that is not called: write `( )` behind it.")),
    ("RuntimeError", r"^The size of tensor a \((?P<one>\d+)\) must match the size of tensor b "
                     r"\((?P<other>\d+)\) at non-singleton dimension (?P<axis>\d+)", sentence(
        "Two tensors meet here whose shapes do not fit: {one} elements against {other} along axis "
        "{axis}. Print both shapes before this line.")),
    ("RuntimeError", r"^The expanded size of the tensor \((?P<one>\d+)\) must match the existing "
                     r"size \((?P<other>\d+)\) at non-singleton dimension (?P<axis>\d+)", sentence(
        "What is assigned here does not fit where it is put: along axis {axis} there is room for "
        "{one}, and {other} come.")),
    ("RuntimeError", r"shapes cannot be multiplied \((?P<one>\w+) and (?P<other>\w+)\)", sentence(
        "Matrices of {one} and {other} cannot be multiplied: the first must have as many columns "
        "as the second has rows.")),
    ("RuntimeError", r"^shape '(?P<shape>\[[\d, -]*\])' is invalid for input of size "
                     r"(?P<count>\d+)", sentence(
        "This cannot be arranged as {shape}: the product of a shape must be the number of "
        "elements, which is {count}.")),
    ("RuntimeError", r"expected input\[.*\] to have (?P<wanted>\d+) channels, but got "
                     r"(?P<given>\d+)", sentence(
        "Number of input channels: the layer waits for {wanted}, and what comes has {given}.")),
    ("RuntimeError", r"scalar type \w+ but found|to have the same dtype|should be the same",
     sentence("Two tensors meet here that have different dtypes: make new tensors with "
              "`dtype=X.dtype`, or by `X.new_zeros(…)`.")),
    ("RuntimeError", r"Can't call numpy\(\) on Tensor that requires grad", sentence(
        "What passes through numpy has no gradient: stay with torch's own functions.")),
    ("RuntimeError", r"leaf Variable that requires grad|modified by an inplace operation", sentence(
        "A tensor was changed in place that the gradient needs as it was: make a new one.")),
    ("TypeError", r"cannot assign '.*' as parameter '(?P<name>\w+)'", sentence(
        "`self.{name}` is a parameter, and a plain tensor cannot take its place: wrap it in "
        "`nn.Parameter`.")),
    ("IndexError", r"^index (?P<index>-?\d+) is out of bounds for (?:dimension|axis) (?P<axis>\d+) "
                   r"with size (?P<size>\d+)", sentence(
        "Index {index} is past the end: axis {axis} has the length {size}, counted from 0.")),
    ("IndexError", r"^too many indices for tensor of dimension (?P<axes>\d+)", sentence(
        "Here are more indices than the tensor has axes ({axes}).")),
    ("IndexError", r"^(?:list|tuple) index out of range|^Dimension out of range", sentence(
        "There is no such element: count from 0, and look how many there are.")),
    ("TypeError IndexError", r"interpreted as an integer|slice indices must be integers|only "
                             r"integers?, slices", sentence(
        "A whole number is needed here. `/` gives a fraction: use `//`.")),
    ("RecursionError", "", sentence("The function calls itself without an end.")),
    ("AssertionError RuntimeError", r"not compiled with CUDA|No CUDA GPUs|no NVIDIA", sentence(
        "There is no GPU here. Make tensors where the input is: `device=X.device`.")),
    ("OSError", r"No such file or directory", sentence(
        "This file is not there when your notebook is graded. What does not need it counts all the "
        "same.")),
)
_KNOWN = [(set(kinds.split()), re.compile(pattern), says) for kinds, pattern, says in _TABLE]
