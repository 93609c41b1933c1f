"""What is told of the smallest change that makes a question right: where to look, and for what."""

from __future__ import annotations

from autograder.report.translations import ENGLISH, Language
from autograder.report.words import cell_place, say
from autograder.result import Repair, RepairKind, Sentence, sentence

_SENTENCES = {
    RepairKind.AXIS: sentence(
        "This line decides it: look at which axis is meant, and at which number is height and"
        " which is width."),
    RepairKind.NUMBER: sentence(
        "This line decides it: look at the number that stands there."),
    RepairKind.NAME: sentence(
        "This line decides it: look at which name is meant there."),
    RepairKind.ORDER: sentence(
        "This line decides it: two things stand there in each other's place. Look at their "
        "order, and at which is height and which is width."),
    RepairKind.STEP: sentence(
        "This line decides it: one step too many is taken there."),
    RepairKind.TWIN: sentence(
        "This line decides it: another operation is meant there, one much like it."),
    RepairKind.OPERATOR: sentence(
        "This line decides it: look at the operator and the sign there."),
    RepairKind.WINDOW: sentence(
        "This line decides it: look at where the slice begins and where it ends."),
    RepairKind.LOOP: sentence(
        "This line decides it: look at what the loop runs over, and how often."),
    RepairKind.PLACE: sentence(
        "This line stands in the wrong block: look at how far it is indented."),
    RepairKind.SUM: sentence(
        "This line decides it: is the new value added to what is there, or does it take its "
        "place?"),
    RepairKind.INPLACE: sentence(
        "This line changes in place what others still need: make a new tensor there."),
    RepairKind.UNKEPT: sentence(
        "This line computes something, and nothing keeps it."),
    RepairKind.UNUSED: sentence(
        "This line decides it: something that `{function}` is given or has set is missing "
        "there."),
    RepairKind.RETURN: sentence(
        "`{function}` ends without `return`: what it computed is lost."),
    RepairKind.IMPORT: sentence(
        "This line uses a module that the notebook never imports."),
    RepairKind.SUPER: sentence(
        "`__init__` of `{function}` has to begin with `super().__init__()`."),
    RepairKind.TENSOR: sentence(
        "This line makes a tensor with a dtype and on a device of its own: both should be the"
        " input's."),
    RepairKind.PARAMETER: sentence(
        "This line keeps a plain tensor, which is no parameter of the module: wrap it in "
        "`nn.Parameter`."),
    RepairKind.DEFAULT: sentence(
        "`{function}` asks for an argument that callers need not give: does the parameter "
        "need a default, or is it one too many?"),
    RepairKind.NUMPY: sentence(
        "`{function}` works on arrays of NumPy: it is given tensors, and has to answer with a"
        " tensor."),
    RepairKind.PAIR: sentence(
        "`{function}` takes pairs only: one number stands for both."),
}


def repair_sentence(repair: Repair, language: Language = ENGLISH) -> Sentence:
    """Where to look, and for what, as a teaching assistant would say it. It holds none of the new
    code."""
    said = _SENTENCES[repair.kind].model_copy(update={"values": {"function": repair.function}})
    return sentence("{label}: {said}", label=say(cell_place(repair.cell, repair.line), language),
                    said=say(said, language))
