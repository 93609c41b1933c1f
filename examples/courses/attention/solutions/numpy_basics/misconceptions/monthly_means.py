"""Means of a file: wrong ideas, as students would write them."""

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def read(path):
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)


@wrong("means-of-rain", "That is the rain; the temperature is the second column.")
def monthly_means(path):
    rows = read(path)
    return {int(month): float(rows[rows[:, 0] == month, 2].mean())
            for month in np.unique(rows[:, 0])}


@wrong("first-row-lost", "Only the line of names is skipped.")
def monthly_means(path):
    rows = read(path)[1:]
    return {int(month): float(rows[rows[:, 0] == month, 1].mean())
            for month in np.unique(rows[:, 0])}


@wrong("sums-of-months", "These are sums: divide by how many there are.")
def monthly_means(path):
    rows = read(path)
    return {int(month): float(rows[rows[:, 0] == month, 1].sum())
            for month in np.unique(rows[:, 0])}


@wrong("always-the-same-file", "Read the file that was named, not always weather.csv.")
def monthly_means(path):
    rows = read("weather.csv")
    return {int(month): float(rows[rows[:, 0] == month, 1].mean())
            for month in np.unique(rows[:, 0])}
