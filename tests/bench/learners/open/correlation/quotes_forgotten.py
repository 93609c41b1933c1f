# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: raises
# says: The directions are strings: vertical without quotes is a variable that is not defined.
# shows: line if direction == vertical:
# shows: raises NameError
import torch

def edge_kernel(direction):
    if direction == vertical:
        return torch.tensor([[1., -1.]])
    elif direction == horizontal:
        return torch.tensor([[1.], [-1.]])
    elif direction == diagonal:
        return torch.tensor([[1., 0.], [0., -1.]])
