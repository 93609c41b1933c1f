# assignment: channels
# question: corr2d_multi_in
# function: corr2d_multi_in
# kind: raises
# says: d2l is not imported here, and d2l.corr2d is not available: write corr2d in this notebook.
# shows: line return sum(d2l.corr2d(x, k) for x, k in zip(X, K))
# shows: raises NameError
# also: id channels-zipped
import torch

def corr2d_multi_in(X, K):
    # 先遍历X和K的第0个维度（通道维度），再把它们加在一起
    return sum(d2l.corr2d(x, k) for x, k in zip(X, K))
