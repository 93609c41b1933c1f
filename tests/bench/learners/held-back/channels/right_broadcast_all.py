# assignment: channels
# question: corr2d_multi_in_out
# function: corr2d_multi_in_out
# kind: right
import torch

def corr2d_multi_in_out(X, K):
    C, H, W = X.shape
    O, Ck, kh, kw = K.shape
    assert C == Ck, "通道数不一致"
    oh, ow = H - kh + 1, W - kw + 1
    assert oh > 0 and ow > 0 and kh > 0 and kw > 0
    result = X.new_zeros((O, oh, ow))
    for dy in range(kh):
        for dx in range(kw):
            piece = X[None, :, dy:dy + oh, dx:dx + ow]
            result = result + (piece * K[:, :, dy, dx][..., None, None]).sum(dim=1)
    return result
