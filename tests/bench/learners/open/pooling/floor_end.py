# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: values
# says: The end is rounded down; a pixel that a section touches in part belongs to it.
# shows: id ends-rounded-down, ends-rounded-down-after-one-pixel
import torch

def adaptive_avg_pool2d(X, output_size):
    oh, ow = (output_size, output_size) if isinstance(output_size, int) else output_size
    if oh < 1 or ow < 1:
        raise ValueError
    N, C, H, W = X.shape
    rows = []
    for i in range(oh):
        row = []
        for j in range(ow):
            h0, h1 = i * H // oh, (i + 1) * H // oh
            w0, w1 = j * W // ow, (j + 1) * W // ow
            row.append(X[:, :, h0:max(h1, h0 + 1), w0:max(w1, w0 + 1)].mean((2, 3)))
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)
