# %% [markdown]
# # NumPy before attention
#
# Arrays, a dict, a file, what is printed and what is drawn: all that attention is made of and
# looked at with. `weather.csv` lies beside this notebook.

# %%
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown]
# ## 1 Shares of a row (3 points)


# %%
def row_shares(X):
    """Each row divided by its sum.

    Arguments:
        X: array of floats of shape (N, D). It stays as it is.
    Returns:
        Array of the same shape and dtype.

    Also graded:
        * No Python loop runs over the rows.
        * Refused: a row that adds up to 0. Raise ValueError.
    """
    ### BEGIN SOLUTION
    sums = X.sum(axis=1, keepdims=True)
    if (sums == 0).any():
        raise ValueError("a row adds up to nothing")
    return X / sums
    ### END SOLUTION


# %%
assert np.allclose(row_shares(np.array([[1.0, 3.0], [2.0, 2.0]])), [[0.25, 0.75], [0.5, 0.5]])

# %% [markdown]
# ## 2 A vocabulary (2 points)


# %%
def vocabulary(words):
    """The number of each word, by when it comes first.

    Arguments:
        words: a list of texts. It stays as it is.
    Returns:
        A dict, word -> number, counted from 0 without gaps.
    """
    ### BEGIN SOLUTION
    numbers = {}
    for word in words:
        if word not in numbers:
            numbers[word] = len(numbers)
    return numbers
    ### END SOLUTION


# %%
assert vocabulary(["a", "rose", "is", "a", "rose"]) == {"a": 0, "rose": 1, "is": 2}

# %% [markdown]
# ## 3 Means of a file (3 points)


# %%
def monthly_means(path):
    """The mean temperature of each month in a file such as weather.csv.

    Arguments:
        path: name of a file whose columns are month, temperature and rain, with a line of names.
    Returns:
        A dict, number of a month (an int) -> mean temperature (a float). Months that the file does
        not have are not in it.
    """
    ### BEGIN SOLUTION
    rows = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    months = rows[:, 0].astype(int)
    return {int(month): float(rows[months == month, 1].mean()) for month in np.unique(months)}
    ### END SOLUTION


# %%
assert len(monthly_means("weather.csv")) == 12

# %% [markdown]
# ## 4 A percentile (1 point)
#
# Let `p95` be the 95th percentile of all temperatures in weather.csv.

# %%
### BEGIN SOLUTION
temperatures = np.loadtxt("weather.csv", delimiter=",", skiprows=1, usecols=1)
p95 = np.percentile(temperatures, 95)
### END SOLUTION

# %% [markdown]
# ## 5 Weights in print (2 points)


# %%
def show_weights(words, weights):
    """Print a line for each word, such as ``rose: 0.25``: two digits after the point.

    Arguments:
        words: a list of texts.
        weights: as many numbers.
    """
    ### BEGIN SOLUTION
    for word, weight in zip(words, weights):
        print(f"{word}: {weight:.2f}")
    ### END SOLUTION


# %%
show_weights(["a", "rose"], [0.75, 0.25])

# %% [markdown]
# ## 6 A figure (2 points)


# %%
def plot_temperatures(months, temperatures):
    """Draw the temperatures as a line over the months.

    The axes are called "month" and "temperature in °C", and the title is "A year". Colours, styles
    and sizes are yours to choose.
    """
    ### BEGIN SOLUTION
    plt.plot(months, temperatures)
    plt.xlabel("month")
    plt.ylabel("temperature in °C")
    plt.title("A year")
    ### END SOLUTION


# %%
plot_temperatures([1, 2, 3], [0.5, 2.0, 6.5])

# %% [markdown]
# ## 7 Why not shares? (2 points)
#
# Attention makes weights of scores, which may be negative. Why does it not use the shares of
# question 1 for that?

# %% [markdown] autograder={"text": "why_softmax"}
# *Your answer, in place of this line.*
