"""A vocabulary: wrong ideas, as students would write them."""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("last-place-counts", "A word that comes again keeps the number it has.")
def vocabulary(words):
    return {word: number for number, word in enumerate(words)}


@wrong("in-alphabetical-order", "Numbers go by when a word comes first, not by the alphabet.")
def vocabulary(words):
    return {word: number for number, word in enumerate(sorted(set(words)))}


@wrong("counted-from-one", "The first word has the number 0.")
def vocabulary(words):
    return {word: number for number, word in enumerate(dict.fromkeys(words), 1)}


@wrong("numbers-to-words", "Keys are the words, values their numbers.")
def vocabulary(words):
    return dict(enumerate(dict.fromkeys(words)))
