"""An Inception block: wrong ideas, as students would write them.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill. Above those of a
question stands what is right in all of them, so that each one shows nothing but its mistake.
"""

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


class Branches(nn.Module):
    """A right Inception block, for the misconceptions to get one thing wrong."""

    def __init__(self, c_in, c1, c2, c3, c4, bias=True):
        super().__init__()
        self.one = nn.Conv2d(c_in, c1, 1, bias=bias)
        self.two = nn.Conv2d(c_in, c2[0], 1, bias=bias)
        self.two_after = nn.Conv2d(c2[0], c2[1], 3, padding=1, bias=bias)
        self.three = nn.Conv2d(c_in, c3[0], 1, bias=bias)
        self.three_after = nn.Conv2d(c3[0], c3[1], 5, padding=2, bias=bias)
        self.four = nn.Conv2d(c_in, c4, 1, bias=bias)

    def first(self, X):
        return F.relu(self.one(X))

    def second(self, X):
        return F.relu(self.two_after(F.relu(self.two(X))))

    def third(self, X):
        return F.relu(self.three_after(F.relu(self.three(X))))

    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(X, 3, stride=1, padding=1)))

    def forward(self, X):
        return torch.cat([self.first(X), self.second(X), self.third(X), self.fourth(X)], dim=1)


@wrong("stacked-along-the-width",
       "The branches are put side by side along an axis of the image. Stack their channels: "
       "dim=1.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.first(X), self.second(X), self.third(X), self.fourth(X)], dim=-1)


@wrong("pooling-branch-first",
       "The pooling branch comes first. The order is: 1×1, 3×3, 5×5, pooling.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.fourth(X), self.first(X), self.second(X), self.third(X)], dim=1)


@wrong("middle-branches-swapped",
       "The 5×5 branch comes before the 3×3 branch. The order is: 1×1, 3×3, 5×5, pooling.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([self.first(X), self.third(X), self.second(X), self.fourth(X)], dim=1)


@wrong("no-bottlenecks",
       "The 3×3 and 5×5 convolutions work on the input itself. A 1×1 convolution comes before "
       "each.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, (c_in, c2[1]), (c_in, c3[1]), c4)
        del self.two, self.three

    def second(self, X):
        return F.relu(self.two_after(X))

    def third(self, X):
        return F.relu(self.three_after(X))


@wrong("bottlenecks-swapped",
       "The pairs c2 and c3 are mixed up: c2 belongs to the 3×3 branch, c3 to the 5×5 branch.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c3, c2, c4)


@wrong("pairs-reversed",
       "The pairs are read backwards: c2[0] channels come out of the 1×1 convolution, c2[1] out "
       "of the branch.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2[::-1], c3[::-1], c4)


@wrong("five-by-five-is-three-by-three", "Branch 3 has 3×3 kernels. They should be 5×5.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.three_after = nn.Conv2d(c3[0], c3[1], 3, padding=1)


@wrong("large-windows-not-padded",
       "The 3×3 and 5×5 convolutions have no padding, so that their answers are smaller and "
       "cannot be stacked.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.two_after.padding = self.three_after.padding = (0, 0)


@wrong("pooling-takes-steps",
       "Pooling moves by the size of its window, which is the default. Here it moves by one "
       "pixel: stride=1.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(X, 3, padding=1)))


@wrong("no-activations", "There is no ReLU. One follows each of the six convolutions.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X), self.two_after(self.two(X)), self.three_after(self.three(X)),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)),
        ], dim=1)


@wrong("bottlenecks-not-activated",
       "No ReLU follows the first convolutions of branches 2 and 3. One follows each of the six.")
class Inception(Branches):
    def second(self, X):
        return F.relu(self.two_after(self.two(X)))

    def third(self, X):
        return F.relu(self.three_after(self.three(X)))


@wrong("only-bottlenecks-activated",
       "The last convolutions of the branches have no ReLU. One follows each of the six.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X), self.two_after(F.relu(self.two(X))),
            self.three_after(F.relu(self.three(X))),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)),
        ], dim=1)


@wrong("sigmoids-in-the-block", "The activations are sigmoids. Here they are ReLUs.")
class Inception(Branches):
    def forward(self, X):
        return torch.cat([
            self.one(X).sigmoid(), self.two_after(self.two(X).sigmoid()).sigmoid(),
            self.three_after(self.three(X).sigmoid()).sigmoid(),
            self.four(F.max_pool2d(X, 3, stride=1, padding=1)).sigmoid(),
        ], dim=1)


@wrong("averages-pooled", "Branch 4 pools averages. It takes the maximum.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.avg_pool2d(X, 3, stride=1, padding=1)))


@wrong("pooling-forgotten", "Branch 4 does not pool: it is a second branch 1.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(X))


@wrong("pooled-after-the-convolution", "Branch 4 pools after its convolution. It pools first.")
class Inception(Branches):
    def fourth(self, X):
        return F.max_pool2d(F.relu(self.four(X)), 3, stride=1, padding=1)


@wrong("maximum-over-zeros",
       "The padding of branch 4 holds zeros, which win wherever the image is negative. Pad with "
       "−∞, as nn.MaxPool2d does.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.max_pool2d(F.pad(X, (1, 1, 1, 1)), 3, stride=1)))


@wrong("pooling-branch-without-convolution",
       "Branch 4 has no convolution, so that all channels of the input come out of it.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        del self.four

    def fourth(self, X):
        return F.max_pool2d(X, 3, stride=1, padding=1)


@wrong("one-bottleneck-for-both", "Branches 2 and 3 share a 1×1 convolution. Each has its own.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, (c2[0], c3[1]), c4)
        self.three = self.two


@wrong("block-without-biases", "The convolutions have no biases. Each of the six has one.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4, bias=False)


@wrong("block-with-batch-normalisation",
       "Batch normalisation is from later versions of the block. Here, convolutions are all "
       "that has parameters.")
class Inception(Branches):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__(c_in, c1, c2, c3, c4)
        self.norm = nn.BatchNorm2d(c1 + c2[1] + c3[1] + c4)

    def forward(self, X):
        return self.norm(super().forward(X))


@wrong("branches-in-a-list",
       "The branches stand in a Python list, where torch does not see them: nothing is "
       "registered. Use nn.ModuleList, or attributes.")
class Inception(nn.Module):
    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        self.hidden = [Branches(c_in, c1, c2, c3, c4)]

    def forward(self, X):
        return self.hidden[0](X)


@wrong("block-cuts-the-graph",
       "No gradient comes through one of the branches: .data, .detach() or numpy in forward cut "
       "the graph.")
class Inception(Branches):
    def third(self, X):
        return F.relu(self.three_after(F.relu(self.three(X)))).detach()


@wrong("block-changes-its-input",
       "The block changes the images it is given. An in-place ReLU on X does that, for example.")
class Inception(Branches):
    def forward(self, X):
        answer = super().forward(X)
        if not X.requires_grad:
            X.relu_()
        return answer


@wrong("relu-behind-the-pooling",
       "A ReLU stands behind the pooling, too. What is pooled goes into the 1×1 convolution as it "
       "is, negative numbers and all.")
class Inception(Branches):
    def fourth(self, X):
        return F.relu(self.four(F.relu(F.max_pool2d(X, 3, stride=1, padding=1))))
