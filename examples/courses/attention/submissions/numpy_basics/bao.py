# %% Right, but with a loop over rows where none may be.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd


# %%
def row_shares(X):
    Y = np.empty_like(X)
    for i in range(len(X)):
        if X[i].sum() == 0:
            raise ValueError
        Y[i] = X[i] / X[i].sum()
    return Y


# %%
def vocabulary(words):
    known = []
    for word in words:
        if word not in known:
            known.append(word)
    return dict(zip(known, range(len(known))))


# %%
def monthly_means(path):
    table = np.genfromtxt(path, delimiter=",", names=True)
    return {int(m): float(table["temperature"][table["month"] == m].mean())
            for m in set(table["month"])}


# %%
table = np.genfromtxt("weather.csv", delimiter=",", names=True)
p95 = float(np.percentile(table["temperature"], 95))


# %%
def show_weights(words, weights):
    print("\n".join(f"{word}: {round(weight, 2):.2f}" for word, weight in zip(words, weights)))


# %%
def plot_temperatures(months, temperatures):
    plt.plot(months, temperatures, marker="o")
    plt.gca().set(xlabel="month", ylabel="temperature in °C", title="A year")
