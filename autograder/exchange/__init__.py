"""Results in the formats of others. A format is one file here, and one entry below."""

from autograder.exchange.canvas import CANVAS
from autograder.exchange.classroom50 import CLASSROOM50
from autograder.exchange.ctrf import CTRF
from autograder.exchange.format import ExchangeError, Format
from autograder.exchange.gradescope import GRADESCOPE
from autograder.exchange.junit import JUNIT
from autograder.exchange.moodle import MOODLE
from autograder.exchange.prairielearn import PRAIRIELEARN

FORMATS: tuple[Format, ...] = (
    JUNIT, CTRF, GRADESCOPE, PRAIRIELEARN, CLASSROOM50, CANVAS, MOODLE)
"""In the order of the verb's help."""

__all__ = ["FORMATS", "ExchangeError", "Format"]
