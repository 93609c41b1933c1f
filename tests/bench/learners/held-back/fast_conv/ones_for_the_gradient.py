# assignment: fast_conv
# question: conv2d_backward
# function: conv2d_backward
# kind: values
# says: The gradient that arrives is not used for dW: multiply the windows by grad.
# shows: id upstream-gradient-ignored
# shows: line dW[o] += win.sum(dim=0)
import torch
import torch.nn.functional as F

def conv2d_backward(grad, X, W, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, Wd = X.shape
    O, I, kh, kw = W.shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (Wd + 2 * pw - kw) // sw + 1
    if I != C or grad.shape != (N, O, oh, ow):
        raise ValueError("grad")
    Xp = F.pad(X, (pw, pw, ph, ph))
    dXp, dW, db = torch.zeros_like(Xp), torch.zeros_like(W), grad.sum((0, 2, 3))
    for o in range(O):
        for i in range(oh):
            for j in range(ow):
                win = Xp[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw]
                g = grad[:, o, i, j].reshape(N, 1, 1, 1)
                dW[o] += win.sum(dim=0)
                dXp[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw] += g * W[o]
    return dXp[:, :, ph:ph + H, pw:pw + Wd], dW, db
