# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: It pads like OpenCV's filter2D, so the output has the image's size; only whole windows count.
# shows: id output-padded-all-around
import torch
import torch.nn.functional as F

def corr2d(X, K):
    if X.dim() != 2 or K.dim() != 2 or K.numel() == 0 or X.numel() == 0:
        raise ValueError
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError
    ph, pw = K.shape[0] // 2, K.shape[1] // 2
    padded = F.pad(X, (pw, pw, ph, ph))
    out = X.new_zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            out[i, j] = (padded[i:i + K.shape[0], j:j + K.shape[1]] * K).sum()
    return out
