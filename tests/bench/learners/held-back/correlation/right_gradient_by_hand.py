# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: right
import torch

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    try:
        kh, kw = kernel_size
    except TypeError:
        kh = kw = kernel_size
    if X.dim() != 2 or Y.dim() != 2 or kh > X.shape[0] or kw > X.shape[1]:
        raise ValueError("nothing to learn here")
    windows = X.detach().unfold(0, kh, 1).unfold(1, kw, 1)
    K = torch.zeros(kh, kw, dtype=X.dtype)
    lossHistory = []
    for _ in range(epochs):
        diff = torch.einsum("ijab,ab->ij", windows, K) - Y
        lossHistory.append(float((diff * diff).sum()))
        K = K - lr * 2 * torch.einsum("ij,ijab->ab", diff, windows)
    return K, lossHistory
