# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: raises
# says: After the step the kernel is a new tensor that requires no gradient: step in place, or call requires_grad_() again.
# shows: line K = K - lr * K.grad
# shows: line loss.backward()
# shows: raises RuntimeError
import torch

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    kh, kw = kernel_size
    if X.dim() != 2 or Y.dim() != 2 or kh > X.shape[0] or kw > X.shape[1]:
        raise ValueError("shapes")
    K = torch.zeros(kh, kw, dtype=X.dtype, requires_grad=True)
    history = []
    for epoch in range(epochs):
        windows = X.unfold(0, kh, 1).unfold(1, kw, 1)
        pred = (windows * K).sum((2, 3))
        loss = ((pred - Y) ** 2).sum()
        loss.backward()
        history.append(loss.item())
        with torch.no_grad():
            K = K - lr * K.grad
    return K, history
