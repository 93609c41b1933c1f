"""Which submissions share more code than what everybody was given explains (``compare``).

For people to look at: nothing here reaches a score.
"""

from autograder.similarity.pairs import Passage, Side, Similarities, SimilarPair, Span, compare

__all__ = ["Passage", "Side", "SimilarPair", "Similarities", "Span", "compare"]
