# assignment: correlation
# question: edge_kernel
# function: edge_kernel
# kind: values
# says: That compares upper right and lower left; the other diagonal is asked for.
# shows: id edge-other-diagonal
# shows: line k = [[0., 1.], [-1., 0.]]
import torch

def edge_kernel(direction):
    # TODO check the signs again!!
    if direction == 'vertical':
        k = [[1., -1.]]
    elif direction == 'horizontal':
        k = [[1.], [-1.]]
    elif direction == 'diagonal':
        k = [[0., 1.], [-1., 0.]]
    else:
        raise ValueError('unknown direction %s' % direction)
    return torch.tensor(k)
