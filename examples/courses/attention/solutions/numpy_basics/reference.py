"""Trusted implementations of the numpy_basics assignment."""

import matplotlib.pyplot as plt
import numpy as np


def row_shares(X):
    """X (N, D) with each row divided by its sum; a row that adds up to nothing is refused."""
    sums = X.sum(axis=1, keepdims=True)
    if (sums == 0).any():
        raise ValueError("a row adds up to nothing")
    return X / sums


def vocabulary(words):
    """Word -> its number, in the order in which they first come."""
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def monthly_means(path):
    """Month -> mean temperature, of a file with the columns month, temperature, rain."""
    rows = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    return {int(month): float(rows[rows[:, 0] == month, 1].mean())
            for month in np.unique(rows[:, 0])}


p95 = np.percentile(np.loadtxt("weather.csv", delimiter=",", skiprows=1)[:, 1], 95)


def show_weights(words, weights):
    """A line for each word: the word, a colon, its weight with two digits."""
    for word, weight in zip(words, weights, strict=True):
        print(f"{word}: {weight:.2f}")


def plot_temperatures(months, temperatures):
    """A line over the months, with labels and a title."""
    plt.plot(months, temperatures)
    plt.xlabel("month")
    plt.ylabel("temperature in °C")
    plt.title("A year")
