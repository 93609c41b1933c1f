# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: int() throws the fractions away.
# shows: id integer-buffer
# shows: line s += int(X[i + p][j + q] * K[p][q])
# also: id graph-cut, zeros-always-float32, device-hard-coded
import torch

def corr2d(X, K):
    outRows = len(X) - len(K) + 1
    outCols = len(X[0]) - len(K[0]) + 1
    if outRows < 1 or outCols < 1:
        raise ValueError("kernel larger than image")
    Y = torch.zeros((outRows, outCols))
    for i in range(outRows):
        for j in range(outCols):
            s = 0
            for p in range(len(K)):
                for q in range(len(K[0])):
                    s += int(X[i + p][j + q] * K[p][q])
            Y[i][j] = s
    return Y
