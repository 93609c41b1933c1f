"""A figure: wrong ideas, as students would write them."""

import matplotlib.pyplot as plt

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def labelled():
    plt.xlabel("month")
    plt.ylabel("temperature in °C")
    plt.title("A year")


@wrong("no-labels", "A figure says by its labels and its title what it shows.")
def plot_temperatures(months, temperatures):
    plt.plot(months, temperatures)


@wrong("axes-exchanged", "Months go along, temperatures go up.")
def plot_temperatures(months, temperatures):
    plt.plot(temperatures, months)
    labelled()


@wrong("points-for-a-line", "A line is asked for: plt.plot.")
def plot_temperatures(months, temperatures):
    plt.scatter(months, temperatures)
    labelled()
