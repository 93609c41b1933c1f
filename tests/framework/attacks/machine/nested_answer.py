"""Answer with lists inside lists without end.

control: row
tiers: namespaces landlock
"""

def corr2d(X, K):
    nest = []
    nest.append(nest)
    return nest


def conv2d_true(X, K):
    nest = []
    for _ in range(20_000):
        nest = [nest]
    return nest
