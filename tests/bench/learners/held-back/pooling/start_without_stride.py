# assignment: pooling
# question: pool2d_full
# function: pool2d_full
# kind: values
# says: Window (i, j) starts at row i times stride; the stride is only in the size of the answer.
# shows: id stride-only-in-the-size
# shows: line block = P[:, :, i:i + kh, j:j + kw]
import torch

def pool2d_full(X, kernel, stride=None, padding=0, mode="max", count_include_pad=True):
    N, C, H, W = X.shape
    kh, kw = (kernel, kernel) if isinstance(kernel, int) else kernel
    if stride is None:
        stride = (kh, kw)
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    if sh < 1 or sw < 1 or ph < 0 or pw < 0 or mode not in ("max", "avg"):
        raise ValueError("wrong")
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    if oh < 1 or ow < 1 or kh > H + 2 * ph or kw > W + 2 * pw:
        raise ValueError("too large")
    fill = 0
    if mode == "max":
        fill = float("-inf") if X.is_floating_point() else torch.iinfo(X.dtype).min
    P = torch.full((N, C, H + 2 * ph, W + 2 * pw), fill, dtype=X.dtype, device=X.device)
    P[:, :, ph:ph + H, pw:pw + W] = X
    M = torch.zeros_like(P)
    M[:, :, ph:ph + H, pw:pw + W] = 1
    out = X.new_zeros(N, C, oh, ow)
    for i in range(oh):
        for j in range(ow):
            block = P[:, :, i:i + kh, j:j + kw]
            if mode == "max":
                out[:, :, i, j] = block.amax((2, 3))
            elif count_include_pad:
                out[:, :, i, j] = block.sum((2, 3)) / (kh * kw)
            else:
                out[:, :, i, j] = block.sum((2, 3)) / M[:, :, i:i + kh, j:j + kw].sum((2, 3))
    return out
