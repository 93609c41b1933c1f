# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: right
import torch

def edge_kernel(direction):
    names = ["vertical", "horizontal", "diagonal"]
    n = names.index(direction)
    k = torch.zeros(1 + (n > 0), 1 + (n != 1))
    k[0, 0] = 1
    k[-1, -1] = -1
    return k
