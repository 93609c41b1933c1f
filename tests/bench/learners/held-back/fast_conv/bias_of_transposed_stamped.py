# assignment: fast_conv
# question: conv2d_transposed
# function: conv2d_transposed
# kind: values
# says: The bias is added with every stamp; it is added once to every pixel.
# shows: id bias-with-every-stamp
# shows: line stamp = stamp + b.reshape(1, -1, 1, 1)
# also: id everything-cropped-silently, transposed-channel-broadcast, negative-padding-enlarges
import torch

def conv2d_transposed(X, W, b=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, Wd = X.shape
    I, O, kh, kw = W.shape
    fullH, fullW = (H - 1) * sh + kh, (Wd - 1) * sw + kw
    Y = X.new_zeros(N, O, fullH, fullW)
    for i in range(H):
        for j in range(Wd):
            stamp = (X[:, :, i, j].reshape(N, C, 1, 1, 1) * W).sum(dim=1)
            if b is not None:
                stamp = stamp + b.reshape(1, -1, 1, 1)
            Y[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw] += stamp
    return Y[:, :, ph:fullH - ph, pw:fullW - pw]
