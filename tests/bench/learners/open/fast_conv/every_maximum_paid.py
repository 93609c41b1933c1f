# assignment: fast_conv
# question: maxpool_backward
# function: maxpool_backward
# kind: values
# says: Only the first of several equal maxima gets the gradient; your mask pays all of them.
# shows: id every-tie-paid
# shows: line mask = (win == win.max())
import torch

def maxpool_backward(grad, X, kernel, stride=None):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    if stride is None:
        stride = (kh, kw)
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    N, C, H, W = X.shape
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    if kh > H or kw > W or grad.shape != (N, C, oh, ow):
        raise ValueError("grad")
    dX = torch.zeros_like(X)
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    win = X[n, c, i * sh:i * sh + kh, j * sw:j * sw + kw]
                    mask = (win == win.max())
                    dX[n, c, i * sh:i * sh + kh, j * sw:j * sw + kw] += mask * grad[n, c, i, j]
    return dX
