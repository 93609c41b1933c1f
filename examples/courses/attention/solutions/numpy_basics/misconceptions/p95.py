"""A percentile: wrong ideas. Of a variable, a function answers the value that they find."""

import numpy as np

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("of-all-columns", "Of the temperatures alone.")
def p95():
    return np.percentile(np.loadtxt("weather.csv", delimiter=",", skiprows=1), 95)


@wrong("a-share-for-percent", "np.percentile takes percent: 95, not 0.95.")
def p95():
    return np.percentile(np.loadtxt("weather.csv", delimiter=",", skiprows=1)[:, 1], 0.95)
