# assignment: correlation
# question: learn_kernel
# function: learn_kernel
# kind: values
# says: mse_loss is a mean; the loss is the sum of the squared errors.
# shows: id mean-instead-of-sum
# shows: line loss = F.mse_loss(out, Y)
import torch
import torch.nn.functional as F

def learn_kernel(X, Y, kernel_size, lr=3e-2, epochs=10):
    kernel_size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
    if X.dim() != 2 or Y.dim() != 2:
        raise ValueError("2d")
    weight = torch.zeros(kernel_size, dtype=X.dtype, requires_grad=True)
    losses = []
    for _ in range(epochs):
        out = F.conv2d(X[None, None], weight[None, None])[0, 0]
        loss = F.mse_loss(out, Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weight -= lr * weight.grad
        weight.grad.zero_()
    return weight.detach(), losses
