# assignment: fast_conv
# question: conv2d_backward
# function: conv2d_backward
# kind: right
import torch
import torch.nn.functional as F

def conv2d_backward(grad, X, W, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, Wd = X.shape
    O, I, kh, kw = W.shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (Wd + 2 * pw - kw) // sw + 1
    if I != C or tuple(grad.shape) != (N, O, oh, ow):
        raise ValueError("grad does not fit")
    win = F.pad(X, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
    dW = torch.einsum("nohw,nchwij->ocij", grad, win)
    db = grad.sum(dim=(0, 2, 3))
    pieces = torch.einsum("nohw,ocij->nchwij", grad, W)
    dP = X.new_zeros(N, C, H + 2 * ph, Wd + 2 * pw)
    for i in range(oh):
        for j in range(ow):
            dP[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw] += pieces[:, :, i, j]
    dX = dP[:, :, ph:ph + H, pw:pw + Wd]
    return [dX, dW, db]
