"""What is told of the smallest change that makes a question right: where to look, and for what."""

from __future__ import annotations

from autograder.result import Repair, RepairKind, Sentence, sentence

_SENTENCES = {
    RepairKind.AXIS: sentence(
        "Line {line} of code cell {cell} decides it: look at which axis is meant, and at which "
        "number is height and which is width."),
    RepairKind.NUMBER: sentence(
        "Line {line} of code cell {cell} decides it: look at the number that stands there."),
    RepairKind.NAME: sentence(
        "Line {line} of code cell {cell} decides it: look at which name is meant there."),
    RepairKind.ORDER: sentence(
        "Line {line} of code cell {cell} decides it: two things stand there in each other's place. "
        "Look at their order, and at which is height and which is width."),
    RepairKind.STEP: sentence(
        "Line {line} of code cell {cell} decides it: one step too many is taken there."),
    RepairKind.TWIN: sentence(
        "Line {line} of code cell {cell} decides it: another operation is meant there, one much "
        "like it."),
    RepairKind.OPERATOR: sentence(
        "Line {line} of code cell {cell} decides it: look at the operator and the sign there."),
    RepairKind.WINDOW: sentence(
        "Line {line} of code cell {cell} decides it: look at where the slice begins and where it "
        "ends."),
    RepairKind.LOOP: sentence(
        "Line {line} of code cell {cell} decides it: look at what the loop runs over, and how "
        "often."),
    RepairKind.PLACE: sentence(
        "Line {line} of code cell {cell} stands in the wrong block: look at how far it is "
        "indented."),
    RepairKind.SUM: sentence(
        "Line {line} of code cell {cell} decides it: is the new value added to what is there, or "
        "does it take its place?"),
    RepairKind.INPLACE: sentence(
        "Line {line} of code cell {cell} changes in place what others still need: make a new "
        "tensor there."),
    RepairKind.UNKEPT: sentence(
        "Line {line} of code cell {cell} computes something, and nothing keeps it."),
    RepairKind.UNUSED: sentence(
        "Line {line} of code cell {cell} decides it: something that `{function}` is given or has "
        "set is missing there."),
    RepairKind.RETURN: sentence(
        "`{function}` ends without `return`, in line {line} of code cell {cell}: what it computed "
        "is lost."),
    RepairKind.IMPORT: sentence(
        "Line {line} of code cell {cell} uses a module that the notebook never imports."),
    RepairKind.SUPER: sentence(
        "`__init__` of `{function}`, in line {line} of code cell {cell}, has to begin with "
        "`super().__init__()`."),
    RepairKind.TENSOR: sentence(
        "Line {line} of code cell {cell} makes a tensor with a dtype and on a device of its own: "
        "both should be the input's."),
    RepairKind.PARAMETER: sentence(
        "Line {line} of code cell {cell} keeps a plain tensor, which is no parameter of the "
        "module: wrap it in `nn.Parameter`."),
    RepairKind.DEFAULT: sentence(
        "`{function}`, in line {line} of code cell {cell}, asks for an argument that callers need "
        "not give: does the parameter need a default, or is it one too many?"),
    RepairKind.NUMPY: sentence(
        "`{function}`, in line {line} of code cell {cell}, works on arrays of NumPy: it is given "
        "tensors, and has to answer with a tensor."),
    RepairKind.PAIR: sentence(
        "`{function}` takes pairs only, from line {line} of code cell {cell} on: one number stands "
        "for both."),
}


def repair_sentence(repair: Repair) -> Sentence:
    """Where to look, and for what, as a teaching assistant would say it. It holds none of the new
    code."""
    return _SENTENCES[repair.kind].model_copy(update={"values": {
        "function": repair.function, "line": repair.line, "cell": repair.cell + 1}})
