# %% Typical slips: the wrong axis, counted from one, the wrong column, too many digits, no labels.
import matplotlib.pyplot as plt
import numpy as np


# %%
def row_shares(X):
    if (X.sum(axis=1) == 0).any():
        raise ValueError("zero")
    return X / X.sum(axis=0)


# %%
def vocabulary(words):
    return {word: number for number, word in enumerate(dict.fromkeys(words), 1)}


# %%
def monthly_means(path):
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    return {int(m): float(rows[rows[:, 0] == m][:, 2].mean()) for m in np.unique(rows[:, 0])}


# %%
p95 = np.percentile(np.loadtxt("weather.csv", delimiter=",", skiprows=1), 95)


# %%
def show_weights(words, weights):
    for word, weight in zip(words, weights):
        print(f"{word}: {weight}")


# %%
def plot_temperatures(months, temperatures):
    plt.plot(months, temperatures)
