"""Call a forbidden operator from a compiled script.

control: naive
tiers: namespaces landlock
"""

import torch



program = torch.jit.CompilationUnit(
    """
def correlate(X, K):
    return torch.conv2d(X.unsqueeze(0).unsqueeze(0), K.unsqueeze(0).unsqueeze(0))[0][0]
"""
)


def corr2d(X, K):
    return program.correlate(X, K)
