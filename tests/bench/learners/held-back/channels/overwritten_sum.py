# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: values
# says: Every channel overwrites the sum of the ones before: += instead of =.
# shows: id last-channel-only
# shows: line acc = corr2d(X[ch], K[ch])
# also: id channels-zipped, one-channel-stretched, oversized-kernel-accepted
import torch

def corr2d(img, ker):
    kh, kw = ker.shape
    oh, ow = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    acc = torch.zeros(oh, ow, dtype=img.dtype, device=img.device)
    for i in range(kh):
        for j in range(kw):
            acc = acc + img[i:i + oh, j:j + ow] * ker[i, j]
    return acc

def corr2d_multi_in(X, K):
    acc = 0
    for ch in range(len(X)):
        acc = corr2d(X[ch], K[ch])
    return acc
