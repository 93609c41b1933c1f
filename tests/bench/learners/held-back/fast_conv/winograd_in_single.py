# assignment: fast_conv
# question: conv2d_winograd
# function: conv2d_winograd
# kind: contract
# says: The matrices of the transforms are float32: make them with X's dtype and on its device.
# shows: id transforms-in-float32, winograd-on-a-fixed-device
# shows: line BT = torch.tensor([[1., 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
# shows: line V = BT @ tiles @ BT.T
# shows: line U = G @ W @ G.T
# shows: raises RuntimeError
import torch
import torch.nn.functional as F

BT = torch.tensor([[1., 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
G = torch.tensor([[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]])
AT = torch.tensor([[1., 1, 1, 0], [0, 1, -1, -1]])

def conv2d_winograd(X, W, b=None, padding=0):
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if min(ph, pw) < 0 or W.shape[1] != X.shape[1] or W.shape[2:] != (3, 3):
        raise ValueError("arguments")
    oh, ow = X.shape[2] + 2 * ph - 2, X.shape[3] + 2 * pw - 2
    if oh < 1 or ow < 1:
        raise ValueError("image too small")
    X = F.pad(X, (pw, pw + ow % 2, ph, ph + oh % 2))
    tiles = X.unfold(2, 4, 2).unfold(3, 4, 2)
    U = G @ W @ G.T
    V = BT @ tiles @ BT.T
    M = torch.einsum("ocab,nchwab->nohwab", U, V)
    Y = (AT @ M @ AT.T).permute(0, 1, 2, 4, 3, 5)
    Y = Y.reshape(X.shape[0], W.shape[0], Y.shape[2] * 2, Y.shape[4] * 2)[:, :, :oh, :ow]
    return Y if b is None else Y + b.reshape(-1, 1, 1)
