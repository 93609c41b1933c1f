"""Right solutions of the capstone unlike the model solution, which have to keep their points."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite import Alternatives

right = Alternatives(__file__)


# ---------------------------------------------------------------- network_macs


@right("one-class-a-kind")
def network_macs(layers, channels, size):
    class Bill:
        def __init__(self, *maps):
            self.maps, self.total = maps, 0

        def conv(self, filters, kernel, stride, padding):
            c = self.maps[0]
            self.pool(kernel, stride, padding)
            self.maps = (filters, *self.maps[1:])
            self.total += math.prod(self.maps) * c * kernel * kernel

        def pool(self, kernel, stride, padding=0):
            c, *sides = self.maps
            places = [range(0, side + 2 * padding - kernel + 1, stride) for side in sides]
            assert all(places), "the window does not fit"
            self.maps = (c, *map(len, places))

        def norm(self):
            self.total += math.prod(self.maps)

        def dense(self, units):
            self.total += math.prod(self.maps) * units
            self.maps = (units, 1, 1)

        def residual(self, *branches):
            bills = [Bill(*self.maps).of(branch) for branch in branches]
            assert len({bill.maps for bill in bills}) == 1, "these cannot be added"
            self.maps = bills[0].maps
            self.total += sum(bill.total for bill in bills) + math.prod(self.maps)

        def of(self, layers):
            for kind, *rest in layers:
                if kind == "global":
                    self.maps = (self.maps[0], 1, 1)
                else:
                    getattr(self, kind)(*rest)
            return self

    return Bill(channels, *size).of(layers).total


@right("run-on-meta")
def network_macs(layers, channels, size):
    total = 0

    def run(X, layers):
        nonlocal total
        for layer in layers:
            match layer:
                case ("conv", filters, kernel, stride, padding):
                    module = nn.Conv2d(X.shape[1], filters, kernel, stride, padding, device="meta")
                    X = module(X)
                    total += X.numel() * module.weight[0].numel()
                case ("pool", kernel, stride):
                    X = F.conv2d(X, X.new_empty(X.shape[1], 1, kernel, kernel), stride=stride,
                                 groups=X.shape[1])
                case ("norm",):
                    total += X.numel()
                case ("global",):
                    X = X.mean((2, 3), keepdim=True)
                case ("dense", units):
                    total += X.numel() * units
                    X = X.new_empty(1, units, 1, 1)
                case ("residual", body, shortcut):
                    one, other = run(X, body), run(X, shortcut)
                    if one.shape != other.shape:
                        raise RuntimeError("shapes differ")
                    X = one + other
                    total += X.numel()
        return X

    run(torch.empty(1, channels, *size, device="meta"), layers)
    return total


# ---------------------------------------------------------------- network_field


@right("backwards")
def network_field(layers):
    def before(layers, field):
        for kind, *rest in reversed(layers):
            if kind == "residual":
                field = max(before(branch, field) for branch in rest)
            elif kind in ("conv", "pool"):
                kernel, stride = rest[-3:-1] if kind == "conv" else rest
                field = (field - 1) * stride + kernel
        return field

    kinds = [layer[0] for layer in layers]
    merged = [place for place, kind in enumerate(kinds) if kind in ("global", "dense")]
    return before(layers[:merged[0]] if merged else layers, 1)


# ---------------------------------------------------------------- make_reader


@right("functions-in-forward")
class make_reader(nn.Module):  # noqa: N801
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 16, 3, 2, 1), nn.Conv2d(16, 20, 3, 1, 1)
        self.c3, self.c4 = nn.Conv2d(20, 32, 3, 1, 1), nn.Conv2d(32, 32, 3, 1, 1)
        self.widen = nn.Parameter(torch.randn(32, 20, 1, 1) / 20**0.5)
        self.norms = nn.ModuleList(nn.BatchNorm2d(count) for count in (16, 20, 32, 32))
        self.last = nn.Parameter(torch.randn(10, 32) / 32**0.5)

    def forward(self, x):
        x = (x - 0.5) / 0.25
        x = F.relu(self.norms[0](self.c1(x)), inplace=True)
        x = F.max_pool2d(torch.relu_(self.norms[1](self.c2(x))), 2)
        y = self.norms[2](self.c3(x)).relu()
        y = self.norms[3](self.c4(y))
        y += F.conv2d(x, self.widen)
        y = y.relu().flatten(2).max(dim=-1).values
        return torch.einsum("nc,kc->nk", y, self.last)


@right("a-sequential-of-its-own")
def make_reader():
    def block(c_in, c_out, stride=1):
        return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1), nn.BatchNorm2d(c_out), nn.GELU())

    class Reader(nn.Sequential):
        def forward(self, X):
            return super().forward(X * 2 - 1)

    return Reader(block(3, 16, 2), block(16, 20), nn.MaxPool2d(2), block(20, 32), block(32, 32),
                  nn.AdaptiveMaxPool2d((1, 1)), nn.Flatten(), nn.Linear(32, 10))


@right("concatenated-maps")
def make_reader():
    def layer(c_in, c_out, stride=1):
        return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False),
                             nn.BatchNorm2d(c_out), nn.LeakyReLU(0.1))

    class Dense(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = layer(3, 16, 2), layer(16, 20)
            self.third, self.fourth = layer(20, 26), layer(46, 26)
            self.head = nn.Linear(72, 10)

        def forward(self, X):
            X = F.max_pool2d(self.second(self.first(X)), 2)
            X = torch.cat([X, self.third(X)], 1)
            X = torch.cat([X, self.fourth(X)], 1)
            return self.head(X.amax((-1, -2)))

    return Dense()


# ---------------------------------------------------------------- train


@right("cosine-by-hand")
def train(model, images, labels):
    optimizer = torch.optim.Adam(model.parameters())
    epochs = 12
    model.train()
    for epoch in range(epochs):
        order = torch.randperm(len(images))
        for start in range(0, len(order), 50):
            done = (epoch + start / len(order)) / epochs
            for group in optimizer.param_groups:
                group["lr"] = 1e-4 + 2e-3 * (1 + math.cos(math.pi * done))
            chosen = order[start:start + 50]
            X = images[chosen][:, torch.randperm(3)]
            flipped = torch.rand(len(X), 1, 1, 1) < 0.5
            X = torch.where(flipped, 1 - X, X)
            loss = F.cross_entropy(model(X), labels[chosen])
            for parameter in model.parameters():
                parameter.grad = None
            loss.backward()
            optimizer.step()
    return model
