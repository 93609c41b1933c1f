# Oskar, channels
import sys
import torch
import torch.nn.functional as F


def corr2d(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K).sum((2, 3))


def corr2d_multi_in(X, K):
    if len(X) != len(K) or X.dim() != 3 or K.dim() != 3:
        print("wrong channels!")
        sys.exit(1)
    return sum(corr2d(x, k) for x, k in zip(X, K))


def corr2d_multi_in_out(X, K):
    return torch.stack([corr2d_multi_in(X, k) for k in K])


def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    return (K.reshape(c_o, c_i) @ X.reshape(c_i, h * w)).reshape(c_o, h, w)


def conv2d(X, W, b=None, stride=1, padding=0):
    if X.dim() != 4:
        exit()
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    X = F.pad(X, (pw, pw, ph, ph))
    Y = torch.stack([corr2d_multi_in_out(x, W) for x in X])[:, :, ::sh, ::sw]
    if b is not None:
        for o in range(len(b)):
            Y[:, o] += b[o]
    return Y


if __name__ == "__main__":
    X = torch.arange(18.0).reshape(2, 3, 3)
    if corr2d_multi_in(X, X[:, :2, :2]).shape != (2, 2):
        sys.exit("failed")
    print("all good")
    sys.exit(0)
