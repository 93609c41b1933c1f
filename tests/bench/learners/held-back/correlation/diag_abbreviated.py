# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: values
# says: The direction is called "diagonal", and you compare with "diag": for it your function refuses.
# shows: line kernels = {"vertical": [[1., -1.]], "horizontal": [[1.], [-1.]], "diag": [[1., 0.], [0., -1.]]}
# shows: line return torch.tensor(kernels[direction])
import torch

kernels = None

def edge_kernel(direction):
    kernels = {"vertical": [[1., -1.]], "horizontal": [[1.], [-1.]], "diag": [[1., 0.], [0., -1.]]}
    return torch.tensor(kernels[direction])
