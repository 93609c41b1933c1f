# assignment: fast_conv
# question: conv2d_fast
# function: conv2d_fast
# kind: cell
# says: The colon behind def is missing.
# shows: line def conv2d_fast(X, W, b=None, stride=1, padding=0)
# shows: raises SyntaxError
# %%
import torch

# %%
def conv2d_fast(X, W, b=None, stride=1, padding=0)
    cols = torch.nn.functional.unfold(X, W.shape[2:], stride=stride, padding=padding)
    Y = W.reshape(len(W), -1) @ cols
    return Y
