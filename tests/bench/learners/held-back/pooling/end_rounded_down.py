# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: values
# says: The end of a window is rounded up, and yours is rounded down.
# shows: id ends-rounded-down
# shows: line r1 = max(r0 + 1, (i + 1) * H // oh)
# shows: line c1 = max(c0 + 1, (j + 1) * W // ow)
# also: id adaptive-only-pairs
# also: line oh, ow = output_size
# also: id empty-output-accepted, adaptive-plane-accepted
# also: id adaptive-always-float32, adaptive-device-hard-coded
import torch

def adaptive_avg_pool2d(X, output_size):
    oh, ow = output_size
    N, C, H, W = X.shape
    Y = torch.zeros((N, C, oh, ow))
    for i in range(oh):
        for j in range(ow):
            r0, c0 = i * H // oh, j * W // ow
            r1 = max(r0 + 1, (i + 1) * H // oh)
            c1 = max(c0 + 1, (j + 1) * W // ow)
            Y[:, :, i, j] = X[:, :, r0:r1, c0:c1].mean(dim=(2, 3))
    return Y
