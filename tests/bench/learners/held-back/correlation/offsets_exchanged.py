# assignment: correlation
# question: corr2d
# function: corr2d
# kind: values
# says: Row a of the kernel belongs to row i + a of the image: the two offsets are exchanged.
# shows: id kernel-transposed
# shows: line out += X[b:b + oh, a:a + ow] * K[a, b]
# also: id oversized-kernel-accepted
# also: id zeros-always-float32, device-hard-coded
import torch

def corr2d(X, K):
    kH, kW = K.size()
    oh = X.size(0) - kH + 1
    ow = X.size(1) - kW + 1
    out = torch.zeros(oh, ow)
    for a in range(kH):
        for b in range(kW):
            out += X[b:b + oh, a:a + ow] * K[a, b]
    return out
