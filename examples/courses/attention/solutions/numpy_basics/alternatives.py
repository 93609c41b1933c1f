"""Right solutions of the numpy_basics assignment unlike the model solution."""

import csv

import matplotlib.pyplot as plt
import numpy as np

from autograder.suite import Alternatives

right = Alternatives(__file__)


@right("transposed")
def row_shares(X):
    sums = np.einsum("nd->n", X)
    if not sums.all():
        raise ValueError("empty row")
    return (X.T / sums).T


@right("setdefault")
def vocabulary(words):
    numbers = {}
    for word in words:
        numbers.setdefault(word, len(numbers))
    return numbers


@right("csv-module")
def monthly_means(path):
    found = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            found.setdefault(int(row["month"]), []).append(float(row["temperature"]))
    return {month: sum(values) / len(values) for month, values in found.items()}


@right("sorted-by-hand")
def p95():
    with open("weather.csv") as file:
        numbers = sorted(float(line.split(",")[1]) for line in list(file)[1:])
    place = 0.95 * (len(numbers) - 1)
    below = int(place)
    return numbers[below] + (place - below) * (numbers[below + 1] - numbers[below])


@right("one-text")
def show_weights(words, weights):
    print("\n".join("%s: %.2f" % pair for pair in zip(words, weights)))


@right("axes-of-their-own")
def plot_temperatures(months, temperatures):
    figure, axes = plt.subplots(figsize=(9, 3))
    axes.set(title="A year", xlabel="month", ylabel="temperature in °C")
    axes.plot(months, temperatures, "r--o")
