# assignment: fast_conv
# question: col2im
# function: col2im
# kind: values
# says: The padding is cropped away at the end: rows from ph to ph + H.
# shows: id padding-not-cropped, cropped-at-the-end-only
# shows: line return canvas[:, :, :H, :W]
import torch

def pair(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def col2im(columns, size, kernel, stride=1, padding=0):
    H, W = pair(size)
    kh, kw = pair(kernel)
    sh, sw = pair(stride)
    ph, pw = pair(padding)
    oh = (H + 2 * ph - kh) // sh + 1
    ow = (W + 2 * pw - kw) // sw + 1
    N = columns.shape[0]
    C = columns.shape[1] // (kh * kw)
    blocks = columns.reshape(N, C, kh, kw, oh, ow)
    canvas = columns.new_zeros(N, C, H + 2 * ph, W + 2 * pw)
    for i in range(oh):
        for j in range(ow):
            canvas[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw] += blocks[..., i, j]
    return canvas[:, :, :H, :W]
