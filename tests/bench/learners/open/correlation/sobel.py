# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: values
# says: Those are Sobel kernels of 3×3; the smallest ones are asked for.
# shows: id edges-by-sobel
import torch

def edge_kernel(direction):
    if direction == "vertical":
        return torch.tensor([[1., 0., -1.], [2., 0., -2.], [1., 0., -1.]])
    if direction == "horizontal":
        return torch.tensor([[1., 2., 1.], [0., 0., 0.], [-1., -2., -1.]])
    if direction == "diagonal":
        return torch.tensor([[2., 1., 0.], [1., 0., -1.], [0., -1., -2.]])
    raise ValueError(direction)
