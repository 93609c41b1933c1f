"""Right implementations of conv2d_winograd that are unlike the model solution.

All must get all points. Those marked ``at_least`` are the textbook's own: they forget a dtype or
accept a kernel that does not fit, and must keep most of the points.
"""

import torch
import torch.nn.functional as F

from autograder.suite import Alternatives

right = Alternatives(__file__)


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def laid_out(X, kernel, stride=1, padding=0, dilation=1):
    """Padded X, and (kh, kw), (sh, sw), (dh, dw), (H', W'); refuses what has no place."""
    kernel, stride, padding, dilation = two(kernel), two(stride), two(padding), two(dilation)
    if X.dim() != 4 or min(*kernel, *stride, *dilation) < 1 or min(padding) < 0:
        raise ValueError("not (N, C, H, W), or a window that makes no sense")
    X = F.pad(X, (padding[1], padding[1], padding[0], padding[0]))
    size = tuple((n - d * (k - 1) - 1) // s + 1
                 for n, k, s, d in zip(X.shape[2:], kernel, stride, dilation, strict=True))
    if min(size) < 1:
        raise ValueError("the window does not fit")
    return X, kernel, stride, dilation, size


def same_channels(X, W):
    if X.dim() != 4 or W.dim() != 4 or X.shape[1] != W.shape[1]:
        raise ValueError("channels differ")


def with_bias(Y, b):
    return Y if b is None else Y + b.reshape(1, -1, 1, 1)


def ready(X, W, padding, outputs=2):
    """X padded so that tiles of ``outputs`` × ``outputs`` outputs cover it, and the size."""
    same_channels(X, W)
    if W.shape[2:] != (3, 3):
        raise ValueError("kernels are 3×3")
    X, *_, (height, width) = laid_out(X, 3, 1, padding)
    return F.pad(X, (0, -width % outputs, 0, -height % outputs)), (height, width)


def matrices(of, like):
    return [torch.tensor(rows, dtype=like.dtype, device=like.device) for rows in of]


F23 = ([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
       [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
       [[1, 1, 1, 0], [0, 1, -1, -1]])
F43 = ([[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]],
       [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
       [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])


@right("tile-by-tile")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    kernels = G @ W @ G.T
    Y = X.new_zeros(len(X), len(W), X.shape[2] - 2, X.shape[3] - 2)
    for i in range(0, Y.shape[2], 2):
        for j in range(0, Y.shape[3], 2):
            tile = BT @ X[:, :, i : i + 4, j : j + 4] @ BT.T
            product = (tile[:, None] * kernels).sum(2)
            Y[:, :, i : i + 2, j : j + 2] = AT @ product @ AT.T
    return with_bias(Y[:, :, :height, :width], b)


@right("sixteen-matrix-products")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    N, C, H, full = X.shape
    rows, columns = (H - 2) // 2, (full - 2) // 2
    tiles = BT @ X.unfold(2, 4, 2).unfold(3, 4, 2) @ BT.T
    tiles = tiles.permute(4, 5, 1, 0, 2, 3).reshape(16, C, N * rows * columns)
    kernels = (G @ W @ G.T).permute(2, 3, 0, 1).reshape(16, len(W), C)
    product = (kernels @ tiles).reshape(4, 4, len(W), N, rows, columns)
    Y = torch.einsum("ix,jy,xyonrc->noricj", AT, AT, product)
    return with_bias(Y.reshape(N, len(W), 2 * rows, 2 * columns)[:, :, :height, :width], b)


@right("kronecker-products")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = (torch.kron(matrix, matrix) for matrix in matrices(F23, X))
    tiles = X.unfold(2, 4, 2).unfold(3, 4, 2).flatten(4) @ BT.T
    product = torch.einsum("ncijk,ock->noijk", tiles, W.flatten(2) @ G.T)
    Y = (product @ AT.T).unflatten(4, (2, 2)).transpose(3, 4).flatten(4, 5).flatten(2, 3)
    return with_bias(Y[:, :, :height, :width], b)


@right("larger-tiles")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding, outputs=4)
    BT, G, AT = matrices(F43, X)
    tiles = BT @ X.unfold(2, 6, 4).unfold(3, 6, 4) @ BT.T
    product = torch.einsum("ncijxy,ocxy->noijxy", tiles, G @ W @ G.T)
    Y = (AT @ product @ AT.T).transpose(3, 4).flatten(4, 5).flatten(2, 3)
    return with_bias(Y[:, :, :height, :width], b)


@right("written-out-by-hand")
def conv2d_winograd(X, W, b=None, padding=0):
    def of_input(d):
        d0, d1, d2, d3 = d
        return d0 - d2, d1 + d2, d2 - d1, d1 - d3

    def of_kernel(g):
        g0, g1, g2 = g
        return g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2

    def of_output(m):
        m0, m1, m2, m3 = m
        return m0 + m1 + m2, m1 - m2 - m3

    def on_both_axes(step, grid):
        down = zip(*[step(column) for column in zip(*grid, strict=True)], strict=True)
        return [step(row) for row in down]

    X, (height, width) = ready(X, W, padding)
    tiles = X.unfold(2, 4, 2).unfold(3, 4, 2)
    d = on_both_axes(of_input, [[tiles[..., a, c] for c in range(4)] for a in range(4)])
    g = on_both_axes(of_kernel, [[W[..., a, c] for c in range(3)] for a in range(3)])
    m = [[torch.einsum("ncij,oc->noij", d[x][y], g[x][y]) for y in range(4)] for x in range(4)]
    Y = X.new_zeros(len(X), len(W), X.shape[2] - 2, X.shape[3] - 2)
    for a, row in enumerate(on_both_axes(of_output, m)):
        for c, part in enumerate(row):
            Y[:, :, a::2, c::2] = part
    return with_bias(Y[:, :, :height, :width], b)


@right("rows-by-winograd-in-one-dimension")
def conv2d_winograd(X, W, b=None, padding=0):
    X, (height, width) = ready(X, W, padding)
    BT, G, AT = matrices(F23, X)
    Y = 0
    for a in range(3):  # F(2, 3) along the width, for each row of the kernel
        tiles = X[:, :, a : a + height].unfold(3, 4, 2) @ BT.T
        product = torch.einsum("nchjx,ocx->nohjx", tiles, W[:, :, a] @ G.T)
        Y = Y + (product @ AT.T).flatten(3)
    return with_bias(Y[..., :width], b)


@right("textbook-tiles", at_least=0.75)
def conv2d_winograd(X, W, b=None, padding=0):
    ph, pw = two(padding)
    X = F.pad(X, (pw, pw, ph, ph))
    height, width = X.shape[2] - 2, X.shape[3] - 2
    X = F.pad(X, (0, width % 2, 0, height % 2))
    BT, G, AT = (torch.tensor(rows, dtype=X.dtype) for rows in F23)
    Y = torch.zeros((X.shape[0], W.shape[0], X.shape[2] - 2, X.shape[3] - 2))
    U = G @ W @ G.T
    for i in range(0, Y.shape[2], 2):
        for j in range(0, Y.shape[3], 2):
            V = BT @ X[:, :, i : i + 4, j : j + 4] @ BT.T
            M = torch.einsum("ncxy,ocxy->noxy", V, U)
            Y[:, :, i : i + 2, j : j + 2] = AT @ M @ AT.T
    Y = Y[:, :, :height, :width]
    return Y if b is None else Y + b.view(1, -1, 1, 1)
