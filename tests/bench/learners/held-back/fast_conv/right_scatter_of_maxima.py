# assignment: fast_conv
# question: maxpool_backward
# function: maxpool_backward
# kind: right
import torch

def maxpool_backward(grad, X, kernel, stride=None):
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    sh, sw = (kh, kw) if stride is None else ((stride, stride) if isinstance(stride, int) else stride)
    N, C, H, W = X.shape
    if kh > H or kw > W:
        raise ValueError("window")
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    if tuple(grad.shape) != (N, C, oh, ow):
        raise ValueError("grad")
    best = X[:, :, 0:(oh - 1) * sh + 1:sh, 0:(ow - 1) * sw + 1:sw]
    where = torch.zeros(best.shape, dtype=torch.long, device=X.device)
    for t in range(1, kh * kw):
        a, e = t // kw, t % kw
        pixel = X[:, :, a:a + (oh - 1) * sh + 1:sh, e:e + (ow - 1) * sw + 1:sw]
        wins = pixel > best
        best = torch.where(wins, pixel, best)
        where = torch.where(wins, torch.full_like(where, t), where)
    dX = X.new_zeros(X.shape)
    for t in range(kh * kw):
        a, e = t // kw, t % kw
        dX[:, :, a:a + (oh - 1) * sh + 1:sh, e:e + (ow - 1) * sw + 1:sw] += grad * (where == t)
    return dX
