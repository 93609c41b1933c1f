"""Which submissions share more code than what everybody was given explains (``compare``).

For people to look at: nothing here reaches a score.
"""

from autograder.similarity.pairs import Pair, Passage, Side, Similarities, Span, compare

__all__ = ["Pair", "Passage", "Side", "Similarities", "Span", "compare"]
