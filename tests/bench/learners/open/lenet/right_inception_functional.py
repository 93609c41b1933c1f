# assignment: lenet
# question: Inception
# function: Inception
# kind: right
import torch
from torch import nn
import torch.nn.functional as F

class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super(Inception, self).__init__()
        shapes = [(c1, c_in, 1), (c2[0], c_in, 1), (c2[1], c2[0], 3),
                  (c3[0], c_in, 1), (c3[1], c3[0], 5), (c4, c_in, 1)]
        self.w = nn.ParameterList([nn.Parameter(torch.randn(o, i, k, k) * 0.05) for o, i, k in shapes])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(o)) for o, _, _ in shapes])

    def _c(self, n, X):
        return torch.clamp(F.conv2d(X, self.w[n], self.b[n], padding=self.w[n].shape[-1] // 2), min=0)

    def forward(self, X):
        pooled = F.max_pool2d(X, kernel_size=3, stride=1, padding=1)
        answers = self._c(0, X), self._c(2, self._c(1, X)), self._c(4, self._c(3, X)), self._c(5, pooled)
        return torch.cat(answers, 1)
