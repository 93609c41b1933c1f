# assignment: pooling
# question: adaptive_avg_pool2d
# function: adaptive_avg_pool2d
# kind: values
# says: The windows have different sizes when the sizes do not divide: from floor(i n / o) to ceil((i + 1) n / o).
# shows: id one-kernel-for-all-windows
# shows: line kh, kw = H - (oh - 1) * sh, W - (ow - 1) * sw
# shows: line sh, sw = H // oh, W // ow
# also: id adaptive-only-pairs
# also: line oh, ow = output_size
import torch

def adaptive_avg_pool2d(X, output_size):
    oh, ow = output_size
    N, C, H, W = X.shape
    if oh < 1 or ow < 1:
        raise ValueError("output")
    # stride and kernel from the PyTorch forum
    sh, sw = H // oh, W // ow
    kh, kw = H - (oh - 1) * sh, W - (ow - 1) * sw
    rows = []
    for i in range(oh):
        cols = []
        for j in range(ow):
            cols.append(X[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw].mean((2, 3)))
        rows.append(torch.stack(cols, -1))
    return torch.stack(rows, -2)
