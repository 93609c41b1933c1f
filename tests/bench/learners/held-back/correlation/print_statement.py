# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: cell
# says: print is a function in Python 3: print("direction", direction).
# shows: line print "direction", direction
# shows: raises SyntaxError
# %%
import torch

# %%
def edge_kernel(direction):
    print "direction", direction
    if direction == "vertical":
        return torch.tensor([[1.0, -1.0]])
    if direction == "horizontal":
        return torch.tensor([[1.0], [-1.0]])
    if direction == "diagonal":
        return torch.tensor([[1.0, 0.0], [0.0, -1.0]])
    raise ValueError(direction)
