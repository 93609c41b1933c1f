# %% Broken: a file of one's own that is not there, a name that is misspelt, a loop without end.
import numpy as np

data = np.loadtxt("C:/Users/eko/Desktop/weather.csv", delimiter=",", skiprows=1)
p95 = np.percentile(data[:, 1], 95)


# %%
def row_share(X):
    return X / X.sum(axis=1, keepdims=True)


# %%
def vocabulary(words):
    numbers = {}
    while len(numbers) < len(words):
        numbers[words[0]] = 0
    return numbers
