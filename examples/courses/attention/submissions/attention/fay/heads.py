"""Beside the notebook: what it imports."""


def split(X, heads):
    N, T, features = X.shape
    return X.reshape(N, T, heads, features // heads).permute(0, 2, 1, 3)


def joined(Y):
    N, heads, T, size = Y.shape
    return Y.permute(0, 2, 1, 3).reshape(N, T, heads * size)
