# assignment: fast_conv
# question: maxpool_backward
# function: maxpool_backward
# kind: raises
# says: argmax gives one number in the flattened window; split it with divmod by the window's width.
# shows: line r, c2 = torch.argmax(win)
# shows: raises TypeError
# also: id misfitting-pooled-gradient-accepted
import torch

def maxpool_backward(grad, X, kernel, stride=None):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    dX = torch.zeros_like(X)
    for n in range(grad.shape[0]):
        for c in range(grad.shape[1]):
            for i in range(grad.shape[2]):
                for j in range(grad.shape[3]):
                    win = X[n, c, i * sh:i * sh + kh, j * sw:j * sw + kw]
                    r, c2 = torch.argmax(win)
                    dX[n, c, i * sh + r, j * sw + c2] += grad[n, c, i, j]
    return dX
