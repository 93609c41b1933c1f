# assignment: geometry
# question: conv_output_size
# function: conv_output_size
# kind: cell
# says: The cell stopped at an import of a package that is not here, which conv_output_size does not need.
# shows: raises ModuleNotFoundError
# %%
from fastai.vision.all import untar_data
import torch

def conv_output_size(n, k, padding=0, stride=1, dilation=1):
    reach = dilation * (k - 1) + 1
    if padding < 0 or stride < 1 or dilation < 1 or reach > n + 2 * padding:
        raise ValueError("no window")
    return (n + 2 * padding - reach) // stride + 1
