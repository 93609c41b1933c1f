"""Weights in print: wrong ideas, as students would write them."""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("all-digits", "Two digits after the point are enough: {weight:.2f}.")
def show_weights(words, weights):
    for word, weight in zip(words, weights):
        print(f"{word}: {weight}")


@wrong("returned-not-printed", "What is returned is not printed: call print.")
def show_weights(words, weights):
    return "\n".join(f"{word}: {weight:.2f}" for word, weight in zip(words, weights))


@wrong("all-in-one-line", "Each word has a line of its own.")
def show_weights(words, weights):
    print(*(f"{word}: {weight:.2f}" for word, weight in zip(words, weights)))
